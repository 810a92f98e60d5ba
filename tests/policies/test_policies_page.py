"""docs/POLICIES.md describes what there is: modes, rules, kinds of confirmation, settings, and an example."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any, cast, get_args, get_type_hints

import pytest

from chalicelib.core.parameters import ParameterError
from chalicelib.core.time_ranges import WEEKDAYS, Stay, TimeRange
from chalicelib.policies.manage_policies import findings_of
from chalicelib.policies.model.modes import IntervalMode, SlotMode, StayMode
from chalicelib.policies.model.policies import USUAL_GRACE_MINUTES, Confirmation, Policy, evaluate, impossibilities
from chalicelib.policies.model.policy_documents import parse
from chalicelib.policies.model.pricing import quote
from chalicelib.policies.model.rates import MOST_EXACT, Base, Rates, Season
from chalicelib.policies.model.rules import RULES
from chalicelib.policies.model.rules.length import Length, LengthSeason
from chalicelib.policies.model.rules.opening_hours import Opening, OpeningHours, Week
from chalicelib.reservations.model.reservations import check_in_from
from chalicelib.tenants.model.settings import Settings
from local.gateway.serve import ROOT
from tests.reservations.test_reservations import reservation
from tests.subjects import HALF_HOURS, HOURS, LISBON, NIGHTS, at, between, facts, policy, present_of, stay

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


def table(heading: str) -> list[list[str]]:
    """The cells of the rows under a heading, from the first table there on."""
    _, _, after = PAGE.partition(heading)
    lines = after[: after.find("\n## ")].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return rows[1:]


@pytest.mark.parametrize(("instant", "day"), table("## Days"))
def test_days_are_as_described(instant: str, day: str) -> None:
    evenings = OpeningHours(Week(**dict.fromkeys(WEEKDAYS, (Opening(time(18), time(2)),))))
    assert policy(HOURS, evenings).days(LISBON).day_of(at(instant)) == date.fromisoformat(day)


@pytest.mark.parametrize(("on", "least"), table("## Seasons"))
def test_seasons_of_lengths_and_of_rates_are_as_described(on: str, least: str) -> None:
    named = re.findall(r"(Winter|New Year) \(([\d-]+) until ([\d-]+),\s+minimum (\d)\)", PAGE)
    spans = [(date.fromisoformat(first), date.fromisoformat(end), int(number)) for _, first, end, number in named]
    assert len(spans) == 2
    lengths = Length(1, seasons=tuple(LengthSeason(*span) for span in spans))
    assert lengths.bounds(date.fromisoformat(on))[0] == int(least)
    seasons = tuple(Season(from_on, until_on, name="S", amount=number) for from_on, until_on, number in spans)
    night = quote(policy(NIGHTS, rates=Rates(Base("night", 1), seasons)), "EUR", stay(on, 1), LISBON)
    assert night.total == int(least)


def test_slots_in_windows_that_touch_are_as_described() -> None:
    clock = r"(\d\d:\d\d)"
    said = rf"windows from {clock} to {clock} and from {clock} to {clock}, the slots begin at ([\d:, ]+)\."
    found = re.search(said, PAGE)
    assert found is not None
    first, first_end, second, second_end, starts = (found[number] for number in range(1, 6))
    windows = (
        between(f"2026-11-25 {first}", f"2026-11-25 {first_end}"),
        between(f"2026-11-25 {second}", f"2026-11-25 {second_end}"),
    )
    day = between("2026-11-25 00:00", "2026-11-26 00:00")
    offered = SlotMode(60, 60, "windows").offered(None, windows, day, LISBON)
    assert [f"{slot.starts_at:%H:%M}" for slot in offered] == starts.split(", ")


@pytest.mark.parametrize(("begins", "from_at"), table("With `check_in_early_minutes` 30:"))
def test_check_in_is_as_early_as_described(begins: str, from_at: str) -> None:
    on, _, clock = begins.removeprefix("the stay of ").replace(",", "").partition(" ")
    starts_at = at(f"{on} {clock}")
    first_night = Stay(date.fromisoformat(on), date.fromisoformat(on) + timedelta(days=1))
    one = reservation(TimeRange(starts_at, starts_at + timedelta(hours=2)))
    one = replace(one, stay=first_night) if begins.startswith("the stay") else one
    assert check_in_from(one, 30, LISBON) == at(from_at)


@pytest.mark.parametrize(("per", "by_stay", "by_slot", "by_interval"), table("publishes a version with other rates."))
def test_rates_fit_modes_as_described(per: str, by_stay: str, by_slot: str, by_interval: str) -> None:
    for mode, said in ((NIGHTS, by_stay), (HALF_HOURS, by_slot), (HOURS, by_interval)):
        base = Base(cast("Any", per), 100)
        assert bool(list(impossibilities(policy(mode, rates=Rates(base))))) == (said == "refused")


def test_the_greatest_amount_is_the_one_described() -> None:
    assert str(MOST_EXACT) in PAGE


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
