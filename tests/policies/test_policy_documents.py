"""The JSON form of policies: what is read, what is refused and where."""

from __future__ import annotations

import dataclasses
import json
from copy import deepcopy
from datetime import date, time
from typing import TYPE_CHECKING, Any, cast

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.time_ranges import WEEKDAYS
from chalicelib.policies.model.policies import CancellationTier, Confirmation, IntervalMode, Policy, SlotMode, StayMode
from chalicelib.policies.model.policy_documents import InvalidPolicyError, json_path, json_schema, parse, parse_text
from chalicelib.policies.model.rates import Base, Rates
from chalicelib.policies.model.rules import RULES
from chalicelib.policies.model.rules.opening_hours import Opening, OpeningHours, Week

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
SCHEMA = json_schema()
VALIDATOR: Any = jsonschema.Draft202012Validator(SCHEMA)
PLAIN: Json = {
    "mode": {"mode": "stay", "check_in_time": "15:00", "check_out_time": "11:00"},
    "confirmation": {"kind": "instant"},
    "rates": {"base": {"per": "night", "amount": 12000}},
}
SPAN = {"from_on": "2026-06-01", "until_on": "2026-09-01"}
WEEKLY = {"mon": [{"opens": "09:00", "closes": "17:00"}], "sat": [{"opens": "20:00", "closes": "02:00"}]}
OPENING_HOURS = {"rule": "opening_hours", "weekly": WEEKLY}
RULE_DOCUMENTS: tuple[Json, ...] = (
    {"rule": "active_per_guest", "limit": 3},
    {"rule": "arrival_weekdays", "weekdays": ["fri", "sat"], "seasons": [SPAN]},
    {"rule": "blackout_dates", "ranges": [{**SPAN, "reason": "Closed in summer."}]},
    {"rule": "buffers", "before_minutes": 0, "after_minutes": 30},
    {"rule": "daily_cutoff", "at": "17:00", "within_days": None},
    {"rule": "expression", "expression": "party_size <= 2", "message": "Two at most.", "field": "party_size"},
    {"rule": "grid", "step_minutes": 30},
    {"rule": "horizon", "maximum_days": 365},
    {"rule": "lead_time", "minimum_minutes": 60},
    {"rule": "length", "minimum": 30, "maximum": None, "seasons": [{**SPAN, "minimum": None, "maximum": 120}]},
    OPENING_HOURS,
    {"rule": "party_size", "minimum": 1, "maximum": None},
    {"rule": "per_day_limit", "limit": 2, "scope": "guest"},
)
GRID, BUFFERS = (next(one for one in RULE_DOCUMENTS if one["rule"] == name) for name in ("grid", "buffers"))
MODES: tuple[Json, ...] = (
    {"mode": "stay", "check_in_time": "15:00", "check_out_time": "11:00", "min_nights": 2, "max_nights": None},
    {"mode": "slot", "slot_minutes": 30, "step_minutes": 15, "offered_in": "windows"},
    {"mode": "slot", "slot_minutes": 30, "step_minutes": 15, "offered_in": "opening_hours"},
    {"mode": "interval", "step_minutes": 15, "min_minutes": 30, "max_minutes": 480, "offered_in": "always"},
)
CONFIRMATIONS: tuple[Json, ...] = (
    {"kind": "instant", "hold_minutes": None, "grace_minutes": None, "rivals": None},
    {"kind": "hold", "hold_minutes": 15, "grace_minutes": None, "rivals": None},
    {"kind": "pending", "hold_minutes": None, "grace_minutes": 60, "rivals": None},
    {"kind": "approval", "hold_minutes": None, "grace_minutes": None, "rivals": "reject"},
)
RATES: Json = {
    "base": {"per": "hour", "amount": 1500},
    "seasons": [{"name": "Summer", **SPAN, "percent": 120, "amount": None}],
    "weekdays": [{"weekdays": ["fri", "sat"], "percent": 115}],
    "extra_guests": {"included": 2, "amount": 500},
    "length_of_stay": [{"minimum": 7, "percent_off": 10}],
    "fees": [{"name": "Cleaning", "amount": 4000, "per": "reservation"}],
    "taxes": [{"name": "VAT", "basis_points": 600, "included": True}],
    "includes": ["Breakfast"],
    "excludes": ["Parking"],
}
TIERS = [
    {"until_minutes_before": 10080, "refund_percent": 100},
    {"until_minutes_before": 60, "refund_percent": 50},
]


def json_form(value: Any) -> Any:  # noqa: ANN401 - any part of a policy
    """Write what was read as the document has it."""
    match value:
        case time():
            return f"{value:%H:%M}"
        case date():
            return value.isoformat()
        case tuple():
            return [json_form(one) for one in value]  # pyright: ignore[reportUnknownVariableType] - any tuple
        case _ if dataclasses.is_dataclass(value):
            return {field.name: json_form(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case _:
            return value


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """Whole documents, with everything said that may be left out."""
    mode = draw(st.sampled_from(MODES))
    unsuitable = {"opening_hours", "grid"} if mode["mode"] == "stay" else set[str]()
    rules = draw(st.lists(st.sampled_from(RULE_DOCUMENTS), unique_by=lambda rule: rule["rule"]))
    rules = [rule for rule in rules if rule["rule"] not in unsuitable]
    if mode.get("offered_in") == "opening_hours" and OPENING_HOURS not in rules:
        rules.append(OPENING_HOURS)
    return {
        "mode": mode,
        "confirmation": draw(st.sampled_from(CONFIRMATIONS)),
        "capacity_counts": draw(st.sampled_from(["units", "people"])),
        "rules": rules,
        "no_show_after_minutes": draw(st.none() | st.integers(0, 1440)),
        "no_show_keeps_units": draw(st.booleans()),
        "cancellation": TIERS[: draw(st.integers(0, 2))],
        "guest_changes": {
            "until_minutes_before": draw(st.none() | st.integers(0, 1440)),
            "other_resources": draw(st.booleans()),
            "renews_cancellation": draw(st.booleans()),
        },
        "early_check_out": draw(st.sampled_from(["keep_price", "by_tiers"])),
        "rates": RATES,
    }


def document(**changes: Any) -> Json:  # noqa: ANN401 - JSON
    return {**deepcopy(PLAIN), **changes}


def hourly(*rules: Json, **changes: Any) -> Json:  # noqa: ANN401 - JSON
    return document(mode=MODES[3], rules=list(rules), **changes)


def findings(given: Json) -> list[str]:
    """The paths of everything that is wrong."""
    with pytest.raises(InvalidPolicyError) as refusal:
        parse(given)
    assert refusal.value.field == refusal.value.findings[0][0]
    assert all(text in refusal.value.detail for _, text in refusal.value.findings)
    return [path for path, _ in refusal.value.findings]


# Reading


def test_what_is_left_out_has_its_default() -> None:
    assert parse(PLAIN) == Policy(
        mode=StayMode(time(15), time(11), min_nights=1, max_nights=None),
        confirmation=Confirmation("instant"),
        capacity_counts="units",
        rules=(),
        no_show_after_minutes=None,
        cancellation=(),
        rates=Rates(Base("night", 12000)),
    )


def test_modes_and_rules_are_told_by_their_names() -> None:
    assert isinstance(parse(hourly()).mode, IntervalMode)
    slots = parse(document(mode=MODES[1], cancellation=TIERS))
    assert slots.mode == SlotMode(30, 15, "windows")
    assert slots.cancellation == (CancellationTier(10080, 100), CancellationTier(60, 50))
    read = parse(hourly(*RULE_DOCUMENTS)).rules
    assert [type(rule) for rule in read] == list(RULES.values())
    opening_hours = Week(mon=(Opening(time(9), time(17)),), sat=(Opening(time(20), time(2)),))
    assert OpeningHours(opening_hours) in read


@given(documents())
def test_a_document_survives_being_read_and_written(given_document: Json) -> None:
    read = parse(given_document)
    written = json_form(read)
    for rule in written["rules"]:
        if rule["rule"] == "opening_hours":
            rule["weekly"] = {day: openings for day, openings in rule["weekly"].items() if openings}
    assert written == given_document
    assert parse(written) == read


def test_the_same_text_is_read_once() -> None:
    text = json.dumps(PLAIN)
    assert parse_text(text) is parse_text(text)
    assert parse_text(text) == parse(PLAIN)


# Refusing


@pytest.mark.parametrize(
    ("given_document", "paths"),
    [
        ({}, ["$.mode", "$.confirmation", "$.rates"]),
        (document(color="blue"), ["$.color"]),
        (document(mode=None), ["$.mode"]),
        (document(mode={}), ["$.mode.mode"]),
        (document(mode={"mode": "nights"}), ["$.mode.mode"]),
        (document(mode={**PLAIN["mode"], "check_in_time": "25:00"}), ["$.mode.check_in_time"]),
        (document(mode={**PLAIN["mode"], "check_in_time": 54000}), ["$.mode.check_in_time"]),
        (document(mode={**PLAIN["mode"], "check_in_time": "15:00Z"}), ["$.mode.check_in_time"]),
        (document(mode={**PLAIN["mode"], "check_in_time": "15:00:30"}), ["$.mode.check_in_time"]),
        (document(mode={**PLAIN["mode"], "min_nights": True}), ["$.mode.min_nights"]),
        (document(mode={**PLAIN["mode"], "min_nights": "2"}), ["$.mode.min_nights"]),
        (document(mode={**PLAIN["mode"], "min_nights": 2.0}), ["$.mode.min_nights"]),
        (document(mode={**PLAIN["mode"], "min_nights": 10**30}), ["$.mode.min_nights"]),
        (document(mode={**PLAIN["mode"], "min_nights": float("nan")}), ["$.mode.min_nights"]),
        (document(mode={**PLAIN["mode"], "slot_minutes": 30}), ["$.mode.slot_minutes"]),
        (document(confirmation={"kind": "hold"}), ["$.confirmation.hold_minutes"]),
        (document(capacity_counts="seats"), ["$.capacity_counts"]),
        (document(capacity_counts="\ud800"), ["$"]),
        (document(no_show_after_minutes=-1), ["$.no_show_after_minutes"]),
        (document(rules={}), ["$.rules"]),
        (document(rules=["lead_time"]), ["$.rules[0]"]),
        (document(rules=[{}, {"rule": "unheard_of"}]), ["$.rules[0].rule", "$.rules[1].rule"]),
        (document(rules=[{"rule": "lead_time"}]), ["$.rules[0].minimum_minutes"]),
        (
            document(rules=[{"rule": "lead_time", "minimum_minutes": 1, "maximum": 2}, {"rule": "horizon"}]),
            ["$.rules[0].maximum", "$.rules[1].maximum_days"],
        ),
        (document(rules=[{"rule": "horizon", "maximum_days": -1}]), ["$.rules[0].maximum_days"]),
        (
            document(rules=[{"rule": "arrival_weekdays", "weekdays": ["monday"], "seasons": [{"from_on": 1}]}]),
            [
                "$.rules[0].weekdays[0]",
                "$.rules[0].seasons[0].from_on",
                "$.rules[0].seasons[0].until_on",
            ],
        ),
        (
            document(rules=[{"rule": "blackout_dates", "ranges": [{**SPAN, "until_on": "2026-06-01", "reason": ""}]}]),
            ["$.rules[0].ranges[0].until_on"],
        ),
        (
            hourly({"rule": "opening_hours", "weekly": {"mon": [{"opens": "9", "closes": "24:00"}], "monday": []}}),
            ["$.rules[0].weekly.mon[0].opens", "$.rules[0].weekly.mon[0].closes", "$.rules[0].weekly.monday"],
        ),
        (hourly({"rule": "opening_hours", "weekly": {}}), ["$.rules[0].weekly"]),
        (
            document(cancellation=[{"until_minutes_before": 0, "refund_percent": 101}]),
            ["$.cancellation[0].refund_percent"],
        ),
        (document(rates={"base": {"per": "week", "amount": "1"}}), ["$.rates.base.per", "$.rates.base.amount"]),
        (document(rates={**RATES, "seasons": [{"name": "S", **SPAN}]}), ["$.rates.seasons[0].percent"]),
    ],
)
def test_documents_that_cannot_be_meant_are_refused_with_the_path_of_each_mistake(
    given_document: Json, paths: list[str]
) -> None:
    assert sorted(findings(given_document)) == sorted(paths)


@pytest.mark.parametrize(
    ("given_document", "paths"),
    [
        (document(mode=MODES[2]), ["$.mode.offered_in"]),
        (document(rules=[GRID, OPENING_HOURS]), ["$.rules[0]", "$.rules[1]"]),
        (hourly(OPENING_HOURS, OPENING_HOURS), ["$.rules[1]"]),
        (hourly(BUFFERS, BUFFERS), ["$.rules[1]"]),
        (
            document(cancellation=TIERS[::-1]),
            ["$.cancellation[1].until_minutes_before", "$.cancellation[1].refund_percent"],
        ),
    ],
)
def test_documents_that_contradict_themselves_are_refused_with_the_paths(
    given_document: Json, paths: list[str]
) -> None:
    assert findings(given_document) == paths


@pytest.mark.parametrize("text", ["", "[]", "null", "7", "{", '{"mode": NaN', "[" * 100_000])
def test_what_is_no_object_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(InvalidPolicyError) as refusal:
        parse_text(text)
    assert refusal.value.field == "$"


KNOWN = ", ".join(SCHEMA["properties"])


def test_refusals_say_what_is_wrong_in_words_of_the_document() -> None:
    with pytest.raises(InvalidPolicyError) as refusal:
        parse(document(color="blue", rules=[{"rule": "horizon"}, {"rule": "horizon", "maximum_days": -1}, {}]))
    assert refusal.value.code == "invalid_policy"
    assert refusal.value.findings == (
        ("$.rules[0].maximum_days", "is missing; it must be a whole number"),
        ("$.rules[1].maximum_days", "must be between 0 and 3660"),
        ("$.rules[2].rule", "is missing; it says which kind this is"),
        ("$.color", f"is not known here; known are {KNOWN}"),
    )
    assert refusal.value.detail == (
        "$.rules[0].maximum_days is missing; it must be a whole number; "
        "$.rules[1].maximum_days must be between 0 and 3660; "
        "$.rules[2].rule is missing; it says which kind this is; "
        f"$.color is not known here; known are {KNOWN}."
    )


JUNK: list[Any] = [{}, {"rule": 1}, [[]], -1.5, 10**30, "\x00", "2026-13-45", float("inf")]


def leaves(value: object, path: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """The path of everything in a document that is not made of other things."""
    members: dict[Any, Any] = {}
    if isinstance(value, dict):
        members = cast("Json", value)
    elif isinstance(value, list):
        members = dict(enumerate(cast("list[Any]", value)))
    if not members:
        yield path
    for step, member in members.items():
        yield from leaves(member, (*path, step))


@given(documents(), st.data())
def test_junk_anywhere_in_a_document_is_refused_there_or_where_it_matters(
    given_document: Json, data: st.DataObject
) -> None:
    """Whatever stands in the place of a value, the answer is a refusal with a path and never another error."""
    broken = deepcopy(given_document)
    *way, last = data.draw(st.sampled_from(list(leaves(broken))))
    place: Any = broken
    for step in way:
        place = place[step]
    place[last] = data.draw(st.sampled_from(JUNK))
    if last in {"name", "reason", "message", "expression"} and isinstance(place[last], str):
        parse(broken)
    else:
        assert findings(broken)


def test_paths_are_json_paths() -> None:
    assert json_path(("rules", 0, "ranges", 12, "from_on")) == "$.rules[0].ranges[12].from_on"
    assert json_path(()) == "$"


# Describing


def test_the_schema_is_one_and_knows_every_rule_and_mode() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    rules = SCHEMA["properties"]["rules"]["items"]["discriminator"]["mapping"]
    assert set(rules) == set(RULES)
    assert set(SCHEMA["properties"]["mode"]["discriminator"]["mapping"]) == {"stay", "slot", "interval"}


@given(documents())
def test_the_schema_accepts_what_is_read(given_document: Json) -> None:
    assert VALIDATOR.is_valid(given_document)


@pytest.mark.parametrize(
    "given_document",
    [
        {},
        document(color="blue"),
        document(mode={name: value for name, value in PLAIN["mode"].items() if name != "mode"}),
        document(mode={**PLAIN["mode"], "check_in_time": "15:00:00Z"}),
        document(rules=[{"minimum_minutes": 60}]),
        document(rules=[{"rule": "unheard_of"}]),
        document(rules=[{"rule": "lead_time", "minimum_minutes": "60"}]),
        document(rules=[{"rule": "arrival_weekdays", "weekdays": ["monday"]}]),
    ],
)
def test_the_schema_refuses_what_has_another_form(given_document: Json) -> None:
    assert not VALIDATOR.is_valid(given_document)
    findings(given_document)


def test_days_are_named_alike_everywhere() -> None:
    assert [field.name for field in dataclasses.fields(Week)] == list(WEEKDAYS)
