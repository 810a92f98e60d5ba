"""What is published never takes longer than a listing may; what is too much is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chalicelib.policies import cost_of_listing
from chalicelib.policies.manage_policies import MOST_EXPRESSIONS, MOST_RULES, findings_of
from tests.offers import INTERVAL, SLOT, STAY, policy

if TYPE_CHECKING:
    from tests.offers import Json

COSTLY = "[" + "1," * 240 + "1].all(x, x in [" + "2," * 230 + "1])"
EVERY_FIVE_MINUTES = {**INTERVAL, "step_minutes": 5, "min_minutes": 5, "max_minutes": 60, "offered_in": "always"}


def expression(text: str = "party_size <= 4") -> Json:
    return {"rule": "expression", "expression": text, "message": "Not so many.", "field": "party_size"}


def of(mode: Json, rules: list[Json]) -> Json:
    per = {"stay": "night", "slot": "slot", "interval": "hour"}[mode["mode"]]
    return policy(mode, *rules, per=per)


def paths(document: Json) -> list[str]:
    return [path for path, _ in findings_of(document)]


@pytest.mark.parametrize("mode", [STAY, SLOT, INTERVAL])
def test_usual_policies_are_published(mode: Json) -> None:
    rules = [expression(), expression("weekday != 'sun' || minutes == 0 || nights == null"), expression("quantity < 9")]
    assert findings_of(of(mode, rules)) == ()


def test_what_a_listing_would_look_at_too_often_is_named() -> None:
    rules = [expression(), expression(COSTLY), expression("quantity < 9")]
    assert paths(of(EVERY_FIVE_MINUTES, rules)) == ["$.rules[1].expression"]
    assert paths(of(INTERVAL, [expression(COSTLY)])) in ([], ["$.rules[0].expression"])
    assert paths(of(STAY, [expression(COSTLY)])) == []


@pytest.mark.parametrize("mode", [STAY, SLOT, INTERVAL])
def test_the_worst_listing_is_asked_about_every_expression(mode: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with nothing permitted, every mode is found to be too much."""
    monkeypatch.setattr(cost_of_listing, "MOST_STEPS", 0)
    assert paths(of(mode, [expression()])) == ["$.rules[0].expression"]


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        pytest.param([expression()] * MOST_EXPRESSIONS, [], id="as many expressions as permitted"),
        pytest.param([expression()] * (MOST_EXPRESSIONS + 1), ["$.rules"], id="one more"),
        pytest.param([{"rule": "lead_time", "minimum_minutes": 1}] * (MOST_RULES + 1), ["$.rules"], id="many rules"),
        pytest.param([{"rule": "lead_time", "minimum_minutes": 1}] * 5000, ["$.rules"], id="very many rules"),
    ],
)
def test_rules_are_counted(rules: list[Json], found: list[str]) -> None:
    assert paths(of(STAY, rules)) == found
