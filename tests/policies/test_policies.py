"""Modes, and the one judgement."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import InvalidInputError
from chalicelib.core.parameters import ParameterError
from chalicelib.core.time_ranges import LATEST_AT, Stay, TimeRange, wall_clock_instant
from chalicelib.policies.model.modes import IntervalMode, SlotMode, StayMode
from chalicelib.policies.model.policies import CancellationTier, Confirmation, ContradictionError, evaluate
from chalicelib.policies.model.rules.active_per_guest import ActivePerGuest
from chalicelib.policies.model.rules.arrival_weekdays import ArrivalWeekdays
from chalicelib.policies.model.rules.blackout_dates import Blackout, BlackoutDates
from chalicelib.policies.model.rules.buffers import Buffers
from chalicelib.policies.model.rules.daily_cutoff import DailyCutoff
from chalicelib.policies.model.rules.expression import Expression
from chalicelib.policies.model.rules.grid import Grid
from chalicelib.policies.model.rules.horizon import Horizon
from chalicelib.policies.model.rules.lead_time import LeadTime
from chalicelib.policies.model.rules.length import Length, LengthSeason
from chalicelib.policies.model.rules.opening_hours import Opening, OpeningHours, Week
from chalicelib.policies.model.rules.party_size import PartySize
from chalicelib.policies.model.rules.per_day_limit import PerDayLimit
from chalicelib.policies.model.wanted import Wanted
from tests.subjects import (
    HALF_HOURS,
    HOURS,
    LISBON,
    NIGHTS,
    NOW,
    at,
    between,
    facts,
    policy,
    present_of,
    resource,
    stay,
    told,
    use,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NINE_TO_FIVE = OpeningHours(Week(wed=(Opening(time(9), time(17)),)))
WEDNESDAY = "2026-11-25"


# Nights


def test_a_stay_lasts_from_check_in_time_to_check_out_time_by_the_wall_clock() -> None:
    over_the_change = Stay(date(2026, 10, 24), date(2026, 10, 25))
    assert policy(NIGHTS).during(over_the_change, LISBON) == between("2026-10-24 14:00", "2026-10-25 11:00")


def test_nights_that_follow_each_other_do_not_overlap_in_any_zone() -> None:
    zone = ZoneInfo("Pacific/Apia")
    before, skipped = (NIGHTS.during(Stay(date(2011, 12, on), date(2011, 12, on + 1)), zone) for on in (29, 30))
    assert before.ends_at == skipped.starts_at


def test_nights_are_asked_for_where_nights_are_reserved() -> None:
    assert told(evaluate(policy(NIGHTS), use("2026-11-25 15:00", "2026-11-26 11:00"), facts())) == [
        ("stay", "nights_expected", "check_in_on")
    ]


@pytest.mark.parametrize("mode", [HALF_HOURS, HOURS])
def test_times_are_asked_for_where_times_are_reserved(mode: SlotMode | IntervalMode) -> None:
    assert told(evaluate(policy(mode), stay(WEDNESDAY, 1), facts())) == [(mode.mode, "times_expected", "starts_at")]
    with pytest.raises(InvalidInputError) as refusal:
        policy(mode).during(Stay(date(2026, 11, 25), date(2026, 11, 26)), LISBON)
    assert refusal.value.field == "check_in_on"


def test_tonight_may_still_be_reserved_this_evening() -> None:
    this_evening = facts(at("2026-11-25 23:59"))
    assert not evaluate(policy(NIGHTS), stay(WEDNESDAY, 1), this_evening)
    assert told(evaluate(policy(NIGHTS), stay("2026-11-24", 2), this_evening)) == [
        ("stay", "in_the_past", "check_in_on")
    ]


def test_what_is_today_is_said_by_the_tenants_calendar() -> None:
    auckland = ZoneInfo("Pacific/Auckland")
    wanted = stay(WEDNESDAY, 1)
    assert not evaluate(policy(NIGHTS), wanted, facts(at("2026-11-25 10:59"), auckland))
    [violation] = evaluate(policy(NIGHTS), wanted, facts(at("2026-11-25 11:00"), auckland))
    assert violation.message == "Wed 25 Nov 2026 is in the past; choose Thu 26 Nov 2026 or later."


def test_a_stay_that_is_running_may_end_today_and_not_yesterday() -> None:
    running = facts(at("2026-11-25 09:00"))
    present = present_of(stay("2026-11-20", 7))
    assert not evaluate(policy(NIGHTS), stay("2026-11-20", 5, present=present), running)
    assert told(evaluate(policy(NIGHTS), stay("2026-11-20", 4, present=present), running)) == [
        ("stay", "in_the_past", "check_out_on")
    ]


@pytest.mark.parametrize(
    ("now", "by_staff", "refused"),
    [
        ("2026-11-26 00:40", False, True),
        ("2026-11-26 00:40", True, False),
        ("2026-11-26 10:59", True, False),
        ("2026-11-26 11:00", True, True),
    ],
)
def test_the_running_night_is_sold_by_staff_until_it_is_over(now: str, *, by_staff: bool, refused: bool) -> None:
    world = facts(at(now), by_staff=by_staff)
    expected = [("stay", "in_the_past", "check_in_on")] if refused else []
    assert told(evaluate(policy(NIGHTS), stay("2026-11-25", 2), world)) == expected


@pytest.mark.parametrize(("nights", "code"), [(1, "too_short"), (2, None), (4, None), (5, "too_long")])
def test_the_number_of_nights_has_bounds(nights: int, code: str | None) -> None:
    mode = StayMode(time(15), time(11), min_nights=2, max_nights=4)
    expected = [("stay", code, "check_out_on")] if code else []
    assert told(evaluate(policy(mode), stay(WEDNESDAY, nights), facts())) == expected


# Slots


def test_slots_are_counted_from_the_start_of_each_window_and_last_into_one_that_touches() -> None:
    mode = SlotMode(slot_minutes=60, step_minutes=30, offered_in="windows")
    windows = (
        between("2026-11-25 09:00", "2026-11-25 10:45"),
        between("2026-11-25 10:45", "2026-11-25 11:45"),
        between("2026-11-25 14:00", "2026-11-25 14:59"),
    )
    whole_day = between("2026-11-25 00:00", "2026-11-26 00:00")
    assert [f"{slot.starts_at:%H:%M}" for slot in mode.offered(None, windows, whole_day, LISBON)] == [
        "09:00",
        "09:30",
        "10:00",
        "10:30",
        "10:45",
    ]


def test_slots_are_derived_from_opening_hours_by_the_wall_clock() -> None:
    mode = SlotMode(slot_minutes=240, step_minutes=240, offered_in="opening_hours")
    opening_hours = OpeningHours(Week(sat=(Opening(time(20), time(8)),), sun=(Opening(time(9), time(17)),)))
    clocks_put_back = TimeRange(at("2026-10-24 00:00"), at("2026-10-26 00:00"))
    # Saturday's twelve hours are thirteen; the last slot leaves the thirteenth over.
    assert list(mode.offered(opening_hours, (), clocks_put_back, LISBON)) == [
        between("2026-10-24 19:00", "2026-10-24 23:00"),
        between("2026-10-24 23:00", "2026-10-25 03:00"),
        between("2026-10-25 03:00", "2026-10-25 07:00"),
        between("2026-10-25 09:00", "2026-10-25 13:00"),
        between("2026-10-25 13:00", "2026-10-25 17:00"),
    ]


def test_windows_that_overlap_offer_each_slot_once_and_in_order() -> None:
    windows = (between("2026-11-25 09:00", "2026-11-25 12:00"), between("2026-11-25 09:45", "2026-11-25 11:00"))
    found = list(HALF_HOURS.offered(None, windows, windows[0], LISBON))
    assert [f"{slot.starts_at:%H:%M}" for slot in found] == [
        *("09:00", "09:30", "09:45", "10:00", "10:15", "10:30", "10:45", "11:00", "11:30")
    ]


def test_only_slots_that_are_offered_are_accepted_and_the_nearest_are_named() -> None:
    windows = (between("2026-11-25 09:00", "2026-11-25 12:00"),)
    assert not evaluate(policy(HALF_HOURS), use("2026-11-25 09:30", "2026-11-25 10:00"), facts(windows=windows))
    for start, end in (("09:40", "10:10"), ("09:30", "10:30"), ("09:30", "09:45"), ("11:45", "12:15")):
        [violation] = evaluate(
            policy(HALF_HOURS), use(f"2026-11-25 {start}", f"2026-11-25 {end}"), facts(windows=windows)
        )
        assert (violation.code, violation.field) == ("not_offered", "starts_at")
    [violation] = evaluate(policy(HALF_HOURS), use("2026-11-25 09:40", "2026-11-25 10:10"), facts(windows=windows))
    assert violation.message == (
        "No slot is offered from Wed 25 Nov 2026, 09:40 (Europe/Lisbon) for 30 minutes. "
        "Slots here are 30 minutes long; "
        "the nearest start at Wed 25 Nov 2026, 09:30 (Europe/Lisbon) or Wed 25 Nov 2026, 10:00 (Europe/Lisbon)."
    )
    assert violation.parameters["nearest"] == ["2026-11-25T09:30:00Z", "2026-11-25T10:00:00Z"]


def test_where_no_slot_is_near_availability_is_pointed_to() -> None:
    [violation] = evaluate(policy(HALF_HOURS), use("2026-11-25 09:30", "2026-11-25 10:00"), facts())
    assert violation.message.endswith("Slots here are 30 minutes long; availability lists them.")


# Intervals


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("10:00", "10:30", []),
        ("10:15", "18:15", []),
        ("10:10", "11:00", [("interval", "off_grid", "starts_at")]),
        ("10:00", "11:10", [("interval", "off_grid", "ends_at")]),
        ("10:00", "10:15", [("interval", "too_short", "ends_at")]),
        ("10:00", "18:15", [("interval", "too_long", "ends_at")]),
        (
            *("10:01", "10:02"),
            [
                ("interval", "off_grid", "starts_at"),
                ("interval", "off_grid", "ends_at"),
                ("interval", "too_short", "ends_at"),
            ],
        ),
    ],
)
def test_intervals_are_on_the_grid_and_of_permitted_length(starts: str, ends: str, expected: list[Any]) -> None:
    assert told(evaluate(policy(HOURS), use(f"2026-11-25 {starts}", f"2026-11-25 {ends}"), facts())) == expected


def test_a_length_of_seconds_is_a_begun_minute() -> None:
    during = TimeRange(at("2026-11-25 10:00"), at("2026-11-25 10:29") + timedelta(seconds=1))
    assert Wanted(resource(), during, None, 1, 1).length == 30


def test_messages_say_lengths_and_times_as_people_do() -> None:
    too_long, too_short = (
        evaluate(policy(mode), use("2027-07-14 10:00", "2027-07-14 18:15"), facts())[0].message
        for mode in (HOURS, IntervalMode(15, 24 * 60, 2 * 24 * 60, "always"))
    )
    assert too_long == "8 hours 15 minutes is too long; expected 30 minutes to 8 hours."
    assert too_short == "8 hours 15 minutes is too short; expected 1 day to 2 days."
    [off_grid] = evaluate(policy(HOURS), use("2027-07-14 10:10", "2027-07-14 11:00"), facts())
    assert off_grid.message == (
        "Wed 14 Jul 2027, 11:10 (Europe/Lisbon) does not fit: times here are whole steps of 15 minutes from midnight."
    )


def test_an_interval_may_last_through_windows_that_touch() -> None:
    mode = IntervalMode(15, 30, 480, "windows")
    windows = (
        between("2026-11-25 10:00", "2026-11-25 12:00"),
        between("2026-11-25 09:00", "2026-11-25 10:00"),
        between("2026-11-25 13:00", "2026-11-25 14:00"),
    )
    through, over_the_gap = use("2026-11-25 09:00", "2026-11-25 12:00"), use("2026-11-25 11:00", "2026-11-25 13:30")
    assert not evaluate(policy(mode), through, facts(windows=windows))
    assert told(evaluate(policy(mode), over_the_gap, facts(windows=windows))) == [
        ("interval", "not_offered", "starts_at")
    ]


@pytest.mark.parametrize("mode", [HALF_HOURS, HOURS])
def test_a_start_in_the_past_is_refused(mode: SlotMode | IntervalMode) -> None:
    wanted = use("2026-11-20 10:00", "2026-11-20 10:30")
    windows = (between("2026-11-20 09:00", "2026-11-20 12:00"),)
    assert not evaluate(policy(mode), wanted, facts(windows=windows))
    late = facts(NOW + timedelta(seconds=1), windows=windows)
    [violation] = evaluate(policy(mode), wanted, late)
    assert told([violation]) == [(mode.mode, "in_the_past", "starts_at")]
    assert violation.message.startswith("Fri 20 Nov 2026, 10:00 (Europe/Lisbon) is in the past; ")


def test_a_use_that_is_running_may_end_now_and_not_earlier() -> None:
    running = use(
        "2026-11-20 09:00", "2026-11-20 10:00", present=present_of(use("2026-11-20 09:00", "2026-11-20 11:00"))
    )
    assert not evaluate(policy(HOURS), running, facts())
    assert told(evaluate(policy(HOURS), running, facts(NOW + timedelta(minutes=1)))) == [
        ("interval", "in_the_past", "ends_at")
    ]


# Sizes


@pytest.mark.parametrize(
    ("quantity", "party_size", "expected"),
    [
        (5, 30, []),
        (6, 1, [("capacity", "over_capacity", "quantity")]),
        (1, 7, [("capacity", "party_too_large", "party_size")]),
        (2, 13, [("capacity", "party_too_large", "party_size")]),
        (2**31, 2**34, [("capacity", "party_too_large", "party_size"), ("capacity", "over_capacity", "quantity")]),
    ],
)
def test_no_more_than_there_is_can_be_had(quantity: int, party_size: int, expected: list[Any]) -> None:
    wanted = use("2026-11-25 10:00", "2026-11-25 11:00", quantity, party_size)
    assert told(evaluate(policy(HOURS), wanted, facts())) == expected


@pytest.mark.parametrize(
    ("quantity", "party_size", "expected"),
    [
        (1, 5, []),
        (1, 6, [("capacity", "over_capacity", "party_size")]),
        (2, 5, [("capacity", "people_are_counted", "quantity")]),
    ],
)
def test_where_people_are_counted_each_of_them_takes_a_unit(
    quantity: int, party_size: int, expected: list[Any]
) -> None:
    by_people = policy(HOURS, capacity_counts="people")
    wanted = use("2026-11-25 10:00", "2026-11-25 11:00", quantity, party_size)
    assert by_people.units_taken(quantity, party_size) == party_size
    assert policy(HOURS).units_taken(quantity, party_size) == quantity
    assert told(evaluate(by_people, wanted, facts())) == expected


@pytest.mark.parametrize(("quantity", "party_size", "field"), [(0, 1, "quantity"), (1, 0, "party_size")])
def test_nothing_and_nobody_cannot_be_wanted(quantity: int, party_size: int, field: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        use("2026-11-25 10:00", "2026-11-25 11:00", quantity, party_size)
    assert refusal.value.field == field


# What is blocked


def test_buffers_are_blocked_around_a_use() -> None:
    terms = policy(HOURS, Buffers(before_minutes=10, after_minutes=20))
    during = between("2026-11-25 10:00", "2026-11-25 11:00")
    assert terms.blocked(during) == between("2026-11-25 09:50", "2026-11-25 11:20")
    assert policy(HOURS).blocked(during) is during


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 300))
def test_a_use_is_out_of_reach_exactly_if_what_it_blocks_touches_what_is_busy(
    before: int, after: int, starts: int
) -> None:
    terms = policy(HOURS, Buffers(before, after))
    busy = between("2026-11-25 12:00", "2026-11-25 13:00")
    starts_at = at("2026-11-25 10:00") + timedelta(minutes=starts)
    during = TimeRange(starts_at, starts_at + timedelta(minutes=30))
    assert terms.out_of_reach(busy).overlaps(during) == terms.blocked(during).overlaps(busy)


def test_buffers_end_where_time_does() -> None:
    last = TimeRange(LATEST_AT - timedelta(hours=1), LATEST_AT)
    assert policy(HOURS, Buffers(0, 60)).blocked(last) == last


# All together


def never_true(_expression: str, _variables: Mapping[str, Any]) -> bool:
    return False


def test_every_violation_is_reported_and_not_the_first_only() -> None:
    """Each rule that can refuse does, and so do the mode and the sizes."""
    rules = (
        LeadTime(minimum_minutes=24 * 60),
        Horizon(maximum_days=0),
        DailyCutoff(at=time(9), within_days=None),
        DailyCutoff(at=time(10), within_days=1),
        ArrivalWeekdays(weekdays=("mon",)),
        Length(minimum=60),
        PartySize(maximum=6),
        NINE_TO_FIVE,
        Buffers(before_minutes=5, after_minutes=5),
        ActivePerGuest(limit=1),
        PerDayLimit(limit=1, scope="guest"),
        PerDayLimit(limit=1, scope="resource"),
        Grid(step_minutes=60),
        BlackoutDates((Blackout(date(2026, 11, 21), date(2026, 11, 22), "Stocktaking."),)),
        Expression("false", "Not like this.", "notes"),
    )
    terms = policy(IntervalMode(15, 30, 480, "windows"), *rules)
    wanted = use("2026-11-21 08:10", "2026-11-21 08:25", quantity=6, party_size=37)
    world = facts(guest_active=1, guest_on_day=1, resource_on_day=1, evaluate_expression=never_true)
    assert told(evaluate(terms, wanted, world)) == [
        ("capacity", "party_too_large", "party_size"),
        ("capacity", "over_capacity", "quantity"),
        ("interval", "off_grid", "starts_at"),
        ("interval", "off_grid", "ends_at"),
        ("interval", "too_short", "ends_at"),
        ("interval", "not_offered", "starts_at"),
        ("lead_time", "too_soon", "starts_at"),
        ("horizon", "too_far_ahead", "starts_at"),
        ("daily_cutoff", "after_cutoff", "starts_at"),
        ("daily_cutoff", "after_cutoff", "starts_at"),
        ("arrival_weekdays", "arrival_weekday", "starts_at"),
        ("length", "too_short", "ends_at"),
        ("party_size", "party_too_large", "party_size"),
        ("opening_hours", "closed", "starts_at"),
        ("active_per_guest", "too_many_active", "guest.email"),
        ("per_day_limit", "day_is_full", "starts_at"),
        ("per_day_limit", "day_is_full", "starts_at"),
        ("grid", "off_grid", "starts_at"),
        ("blackout_dates", "blacked_out", "starts_at"),
        ("expression", "not_met", "notes"),
    ]


@given(st.sets(st.integers(0, 6)))
def test_the_violations_of_a_policy_are_those_of_its_rules_one_by_one(chosen: set[int]) -> None:
    rules = (
        LeadTime(24 * 60),
        Horizon(0),
        ArrivalWeekdays(("mon",)),
        PartySize(maximum=1),
        Grid(60),
        Length(minimum=45),
        ActivePerGuest(5),
    )
    wanted = use("2026-11-21 08:15", "2026-11-21 08:45", party_size=2)
    one_by_one = [evaluate(policy(HOURS, rules[number]), wanted, facts()) for number in sorted(chosen)]
    together = evaluate(policy(HOURS, *(rules[number] for number in sorted(chosen))), wanted, facts())
    assert together == [violation for violations in one_by_one for violation in violations]


def test_a_policy_reads_reservations_if_one_of_its_rules_does() -> None:
    assert not policy(HOURS, LeadTime(10), PartySize()).reads_reservations
    assert policy(HOURS, LeadTime(10), ActivePerGuest(2)).reads_reservations
    assert policy(HOURS, PerDayLimit(2, "resource"), LeadTime(10)).reads_reservations


def test_the_shortest_use_is_what_the_mode_and_every_length_permit() -> None:
    summer = LengthSeason(date(2026, 6, 1), date(2026, 9, 1), minimum=90, maximum=None)
    terms = policy(HOURS, Length(minimum=None, maximum=240, seasons=(summer,)), Length(minimum=45))
    assert [terms.shortest(on) for on in (date(2026, 5, 31), date(2026, 6, 1))] == [45, 90]
    assert policy(HALF_HOURS).shortest(date(2026, 5, 31)) == 30
    assert policy(StayMode(time(15), time(11), min_nights=3)).shortest(date(2026, 5, 31)) == 3


def test_the_longest_use_is_what_the_mode_and_every_length_permit_and_no_longer_than_asked() -> None:
    summer = LengthSeason(date(2026, 6, 1), date(2026, 9, 1), minimum=None, maximum=90)
    terms = policy(HOURS, Length(minimum=30, maximum=240, seasons=(summer,)), Length(minimum=30))
    asked = [terms.longest(on, 1000) for on in (date(2026, 5, 31), date(2026, 6, 1))]
    assert asked == [240, 90]
    assert terms.longest(date(2026, 5, 31), 120) == 120
    assert policy(HOURS, Length(minimum=30)).longest(date(2026, 5, 31), 10_000) == HOURS.longest


# Parameters and contradictions


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: StayMode(time(15, tzinfo=UTC), time(11)), "check_in_time"),
        (lambda: StayMode(time(15), time(11, 0, 30)), "check_out_time"),
        (lambda: StayMode(time(11), time(12)), "check_out_time"),
        (lambda: StayMode(time(15), time(11), min_nights=0), "min_nights"),
        (lambda: StayMode(time(15), time(11), min_nights=3, max_nights=2), "max_nights"),
        (lambda: StayMode(time(15), time(11), max_nights=10**30), "max_nights"),
        (lambda: SlotMode(0, 30, "windows"), "slot_minutes"),
        (lambda: SlotMode(30, 10**30, "windows"), "step_minutes"),
        (lambda: IntervalMode(7, 30, 60, "always"), "step_minutes"),
        (lambda: IntervalMode(0, 30, 60, "always"), "step_minutes"),
        (lambda: IntervalMode(15, 20, 60, "always"), "min_minutes"),
        (lambda: IntervalMode(15, 30, 15, "always"), "max_minutes"),
        (lambda: IntervalMode(15, 30, 70, "always"), "max_minutes"),
        (lambda: Confirmation("hold"), "hold_minutes"),
        (lambda: Confirmation("instant", hold_minutes=5), "hold_minutes"),
        (lambda: Confirmation("hold", hold_minutes=0), "hold_minutes"),
        (lambda: Confirmation("hold", hold_minutes=5, grace_minutes=5), "grace_minutes"),
        (lambda: Confirmation("instant", grace_minutes=5), "grace_minutes"),
        (lambda: Confirmation("pending", grace_minutes=0), "grace_minutes"),
        (lambda: Confirmation("pending", rivals="keep"), "rivals"),
        (lambda: CancellationTier(-1, 50), "until_minutes_before"),
        (lambda: CancellationTier(0, 101), "refund_percent"),
    ],
)
def test_parameters_that_cannot_be_meant_are_refused_by_name(make: Callable[[], object], field: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        make()
    assert refusal.value.field == field


def test_each_confirmation_has_the_minutes_that_belong_to_it() -> None:
    assert Confirmation("hold", hold_minutes=15).hold_minutes == 15
    assert Confirmation("pending", grace_minutes=60).grace_minutes == 60
    assert Confirmation("pending").grace_minutes == 15
    assert Confirmation("approval").grace_minutes is None


@pytest.mark.parametrize(
    ("make", "paths"),
    [
        (lambda: policy(HOURS, NINE_TO_FIVE, LeadTime(1), NINE_TO_FIVE), [("rules", 2)]),
        (lambda: policy(HOURS, Buffers(1, 1), Buffers(2, 2), Buffers(3, 3)), [("rules", 1), ("rules", 2)]),
        (lambda: policy(NIGHTS, LeadTime(1), NINE_TO_FIVE, Grid(15)), [("rules", 1), ("rules", 2)]),
        (lambda: policy(SlotMode(30, 30, "opening_hours")), [("mode", "offered_in")]),
        (lambda: policy(IntervalMode(15, 30, 60, "opening_hours")), [("mode", "offered_in")]),
        (lambda: policy(HOURS, no_show_after_minutes=-1), [("no_show_after_minutes",)]),
        (
            lambda: policy(HOURS, cancellation=(CancellationTier(60, 50), CancellationTier(60, 100))),
            [("cancellation", 1, "until_minutes_before"), ("cancellation", 1, "refund_percent")],
        ),
        (
            lambda: policy(NIGHTS, NINE_TO_FIVE, no_show_after_minutes=10**30),
            [("no_show_after_minutes",), ("rules", 0)],
        ),
    ],
)
def test_parts_that_do_not_go_together_are_refused_all_at_once(
    make: Callable[[], object], paths: list[tuple[str | int, ...]]
) -> None:
    with pytest.raises(ContradictionError) as refusal:
        make()
    assert [path for path, _ in refusal.value.findings] == paths
    assert str(paths[0][0]) in str(refusal.value)


def test_a_policy_whose_parts_go_together_is_one() -> None:
    tiers = (CancellationTier(1440, 100), CancellationTier(60, 50), CancellationTier(0, 50))
    assert policy(HOURS, NINE_TO_FIVE, Buffers(1, 1), cancellation=tiers, no_show_after_minutes=0).cancellation == tiers


@given(
    st.datetimes(datetime(2026, 3, 20), datetime(2026, 4, 10)),
    st.sampled_from(["Europe/Lisbon", "Australia/Lord_Howe", "America/St_Johns"]),
    st.integers(5, 240),
    st.integers(5, 240),
)
def test_every_slot_that_is_offered_is_accepted(around: datetime, name: str, length: int, step: int) -> None:
    zone = ZoneInfo(name)
    every_night = OpeningHours(Week(*([(Opening(time(9), time(12)), Opening(time(20), time(5)))] * 7)))
    terms = policy(SlotMode(length, step, "opening_hours"), every_night)
    starts_at = wall_clock_instant(around.date(), around.time(), zone)
    within = TimeRange(starts_at, starts_at + timedelta(days=1, hours=7))
    world = facts(starts_at, zone)
    for slot in SlotMode(length, step, "opening_hours").offered(every_night, (), within, zone):
        assert not evaluate(terms, Wanted(resource(), slot, None, 1, 1), world)
