"""docs/POLICIES.md describes what there is: modes, rules, kinds of confirmation, settings, and an example."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest

from chalicelib.domain.modes import IntervalMode, SlotMode, StayMode
from chalicelib.domain.parameters import ParameterError
from chalicelib.domain.policies import USUAL_GRACE_MINUTES, Confirmation, Policy, evaluate
from chalicelib.domain.rules import RULES
from chalicelib.domain.settings import Settings
from chalicelib.services.manage_policies import findings_of
from chalicelib.storage.policy_documents import parse
from local.gateway.serve import ROOT
from tests.domain.subjects import facts, present_of, stay

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = (ROOT / "docs" / "POLICIES.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \|(.*)$", PAGE, re.MULTILINE))
PARTS: Mapping[str, Any] = {**RULES, "stay": StayMode, "slot": SlotMode, "interval": IntervalMode}
KINDS = get_args(get_type_hints(Confirmation)["kind"])
PARAMETERS: Mapping[str, Any] = {"hold_minutes": 20, "grace_minutes": 20, "rivals": "keep"}


LAWS = re.findall(
    r"^  \| (\d+) to (\d+) May, (\d) people \| (\d+) to (\d+) May, (\d) people \| `(\{.*\})` \| `?(\w+)`? \|$",
    PAGE,
    re.MULTILINE,
)


def takes(kind: Any, **parameters: Any) -> bool:  # noqa: ANN401 - any kind, and what it may have
    try:
        Confirmation(kind, **parameters)
    except ParameterError:
        return False
    return True


@pytest.mark.parametrize("name", PARTS)
def test_every_mode_and_rule_is_described_with_its_parameters(name: str) -> None:
    parameters = {one.name for one in fields(PARTS[name])} - {"rule", "mode"}
    assert {parameter for parameter in parameters if f"`{parameter}`" not in ROWS[name]} == set()


def test_nothing_is_described_that_is_not_there() -> None:
    assert ROWS.keys() == {*PARTS, *KINDS, *(one.name for one in fields(Settings))}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_confirmation_is_described_with_the_parameters_that_it_takes(kind: str) -> None:
    assert {one.name for one in fields(Confirmation)} == {"kind", *PARAMETERS}
    needed = {} if takes(kind) else {"hold_minutes": 20}
    taken = {name for name, value in PARAMETERS.items() if takes(kind, **{**needed, name: value})}
    assert {name for name in PARAMETERS if f"`{name}`" in ROWS[kind]} == taken


def test_the_usual_grace_is_said() -> None:
    assert Confirmation("pending").grace_minutes == USUAL_GRACE_MINUTES
    assert f"{USUAL_GRACE_MINUTES} where nothing is said" in ROWS["pending"]


@pytest.mark.parametrize("setting", [one.name for one in fields(Settings)])
def test_every_setting_is_described_with_what_it_is_at_first(setting: str) -> None:
    assert ROWS[setting].split("|")[-2].strip() == json.dumps(getattr(Settings(), setting))


def test_every_part_of_a_policy_is_described() -> None:
    assert {one.name for one in fields(Policy) if f"`{one.name}" not in PAGE and f'"{one.name}"' not in PAGE} == set()


def test_the_example_can_be_published() -> None:
    found = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    assert findings_of(json.loads(found[1])) == ()


@pytest.mark.parametrize("law", LAWS)
def test_only_what_is_newly_taken_is_checked_as_the_examples_say(law: tuple[str, ...]) -> None:
    *numbers, rule, answer = law
    first, end, people, wanted_first, wanted_end, wanted_people = map(int, numbers)
    document = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0]) | {"rules": [json.loads(rule)]}
    has = stay(f"2027-05-{first}", end - first, party_size=people)
    wanted = stay(f"2027-05-{wanted_first}", wanted_end - wanted_first, party_size=wanted_people)
    found = evaluate(parse(document), replace(wanted, present=present_of(has)), facts())
    assert [violation.code for violation in found] == ([] if answer == "accepted" else [answer])


def test_there_is_an_example_of_each_answer() -> None:
    assert {answer for *_, answer in LAWS} >= {"accepted", "blacked_out", "after_cutoff", "too_short"}
