"""What is listed against what is accepted: both must be the same, whatever the policy and whatever is taken."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.availability.model.availability import (
    FreeRange,
    Night,
    Profile,
    Slot,
    free_ranges,
    nights,
    offered_slots,
    slots,
)
from chalicelib.availability.model.inquiries import Inquiry
from chalicelib.core.errors import InvalidRangeError
from chalicelib.core.time_ranges import LATEST_AT, Stay, TimeRange, grid_instants
from chalicelib.policies.model.modes import IntervalMode, StayMode
from chalicelib.policies.model.policies import evaluate
from chalicelib.policies.model.rules.active_per_guest import ActivePerGuest
from chalicelib.policies.model.rules.arrival_weekdays import ArrivalWeekdays
from chalicelib.policies.model.rules.blackout_dates import Blackout, BlackoutDates
from chalicelib.policies.model.rules.buffers import Buffers
from chalicelib.policies.model.rules.expression import Expression
from chalicelib.policies.model.rules.grid import Grid
from chalicelib.policies.model.rules.lead_time import LeadTime
from chalicelib.policies.model.rules.length import Length, LengthSeason
from chalicelib.policies.model.rules.opening_hours import Opening, OpeningHours, Week
from chalicelib.policies.model.rules.party_size import PartySize
from chalicelib.policies.model.rules.per_day_limit import PerDayLimit
from chalicelib.policies.model.wanted import Wanted
from tests.subjects import HALF_HOURS, HOURS, LISBON, NIGHTS, at, between, facts, policy, resource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.policies.model.policies import Policy
    from chalicelib.policies.model.rules import Rule
    from chalicelib.policies.model.wanted import Facts

CAPACITY = 4
KAYAKS = resource(CAPACITY)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)


def fitting(profile: Profile) -> Callable[[TimeRange, int], bool]:
    """What fits where counting decides."""
    return lambda blocked, units: profile.remaining(blocked) >= units


def one_kayak(terms: Policy) -> Inquiry:
    """One of them, where nothing is taken."""
    return Inquiry(terms, KAYAKS, NOTHING_TAKEN, 1, 1, fitting(NOTHING_TAKEN))


def taken(*uses: tuple[TimeRange, int]) -> Profile:
    """The profile of some uses."""
    instants = sorted({instant for during, _ in uses for instant in (during.starts_at, during.ends_at)})
    return Profile(CAPACITY, tuple((at, sum(units for during, units in uses if during.covers(at))) for at in instants))


NOTHING_TAKEN = taken()


# The profile


def test_remaining_is_what_is_free_at_every_instant_of_a_range() -> None:
    profile = taken(
        (between("2026-11-25 10:00", "2026-11-25 12:00"), 1), (between("2026-11-25 11:00", "2026-11-25 13:00"), 2)
    )
    for starts, ends, remaining in (
        ("09:00", "10:00", 4),
        ("09:00", "10:01", 3),
        ("10:00", "11:00", 3),
        ("09:00", "14:00", 1),
        ("11:59", "12:01", 1),
        ("12:00", "13:00", 2),
        ("13:00", "14:00", 4),
    ):
        assert profile.remaining(between(f"2026-11-25 {starts}", f"2026-11-25 {ends}")) == remaining


def test_nothing_remains_where_more_is_used_than_there_is() -> None:
    crowded = Profile(2, ((at("2026-11-25 10:00"), 5),))
    assert crowded.remaining(between("2026-11-25 10:00", "2026-11-25 12:00")) == 0
    assert list(crowded.busy(1)) == [TimeRange(at("2026-11-25 10:00"), LATEST_AT)]


hours = st.integers(0, 23).map(lambda hour: at("2026-11-25 00:00") + timedelta(hours=hour))
pieces = st.tuples(hours, st.integers(1, 8)).map(lambda pair: TimeRange(pair[0], pair[0] + timedelta(hours=pair[1])))
profiles = st.lists(st.tuples(pieces, st.integers(1, 2)), max_size=6).map(lambda uses: taken(*uses))


@given(profiles, pieces, st.integers(1, CAPACITY))
def test_a_range_is_busy_exactly_where_too_few_remain(profile: Profile, during: TimeRange, units: int) -> None:
    busy = list(profile.busy(units))
    assert any(part.overlaps(during) for part in busy) == (profile.remaining(during) < units)
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(busy))


# Slots


def listed(found: list[Slot]) -> list[tuple[str, int]]:
    return [(f"{slot.starts_at:%d %H:%M}", slot.remaining) for slot in found]


def test_slots_say_how_many_units_remain_and_full_ones_are_there_with_none() -> None:
    windows = (between("2026-11-25 09:00", "2026-11-25 11:00"),)
    profile = taken(
        (between("2026-11-25 09:30", "2026-11-25 10:30"), 3), (between("2026-11-25 10:00", "2026-11-25 10:30"), 1)
    )
    for quantity, expected in (
        (1, [("25 09:00", 4), ("25 09:30", 1), ("25 10:00", 0), ("25 10:30", 4)]),
        (2, [("25 09:00", 4), ("25 09:30", 0), ("25 10:00", 0), ("25 10:30", 4)]),
        (5, []),
    ):
        found = slots(
            Inquiry(policy(HALF_HOURS), KAYAKS, profile, quantity, 1, fitting(profile)),
            facts(windows=windows),
            between("2026-11-25 00:00", "2026-11-26 00:00"),
        )
        assert listed(found) == expected


def test_slots_that_are_over_or_too_near_are_not_listed() -> None:
    today = between("2026-11-20 00:00", "2026-11-21 00:00")
    windows = (between("2026-11-20 09:00", "2026-11-20 11:30"),)

    def found(*rules: Rule, within: TimeRange = today) -> list[str]:
        terms = policy(HALF_HOURS, *rules)
        free = slots(one_kayak(terms), facts(windows=windows), within)
        return [text.removeprefix("20 ") for text, _ in listed(free)]

    assert found() == ["10:00", "10:30", "11:00"]
    assert found(LeadTime(45)) == ["11:00"]
    assert found(LeadTime(45), LeadTime(1440)) == []
    assert found(within=between("2026-11-20 00:00", "2026-11-20 10:00")) == []


def test_days_on_which_too_many_begin_already_are_not_offered() -> None:
    windows = (between("2026-11-25 23:00", "2026-11-26 01:00"),)
    terms = policy(HALF_HOURS, PerDayLimit(2, "resource"))
    found = slots(
        one_kayak(terms),
        facts(windows=windows),
        between("2026-11-25 00:00", "2026-11-27 00:00"),
        resource_on={date(2026, 11, 25): 2, date(2026, 11, 26): 1},
    )
    assert [text for text, _ in listed(found)] == ["26 00:00", "26 00:30"]


def test_units_that_count_but_do_not_fit_are_not_offered() -> None:
    windows = (between("2026-11-25 09:00", "2026-11-25 10:00"),)
    found = slots(
        Inquiry(
            policy(HALF_HOURS, Buffers(15, 15)),
            KAYAKS,
            NOTHING_TAKEN,
            2,
            1,
            lambda blocked, units: units == 2 and blocked.starts_at == at("2026-11-25 08:45"),
        ),
        facts(windows=windows),
        windows[0],
    )
    assert listed(found) == [("25 09:00", 4), ("25 09:30", 0)]


# Nights


def on_nights(found: list[Night]) -> list[tuple[int, int, bool]]:
    return [(night.on.day, night.remaining, night.can_check_in) for night in found]


def test_nights_say_how_many_units_remain_and_where_a_stay_may_begin() -> None:
    mode = StayMode(time(15), time(11), min_nights=2)
    first, second = (NIGHTS.during(Stay(date(2026, 11, on), date(2026, 11, on + 1)), LISBON) for on in (26, 28))
    profile = taken((first, 1), (second, 4))
    found = nights(
        Inquiry(policy(mode), KAYAKS, profile, 1, 1, fitting(profile)), facts(), date(2026, 11, 25), date(2026, 11, 30)
    )
    assert on_nights(found) == [(25, 4, True), (26, 3, True), (27, 4, False), (28, 0, False), (29, 4, True)]


def test_tonight_is_listed_this_evening_and_last_night_is_not_free() -> None:
    world = facts(at("2026-11-25 22:00"))
    found = nights(one_kayak(policy(NIGHTS)), world, date(2026, 11, 24), date(2026, 11, 26))
    assert on_nights(found) == [(24, 0, False), (25, 4, True)]


def test_nights_that_no_stay_may_include_have_nothing_left() -> None:
    christmas = BlackoutDates((Blackout(date(2026, 12, 24), date(2026, 12, 25), "Christmas."),))
    fridays = ArrivalWeekdays(("fri",))
    first, last = date(2026, 12, 23), date(2026, 12, 26)

    def found(*rules: Rule, quantity: int = 1, party_size: int = 2) -> list[tuple[int, int, bool]]:
        terms = policy(NIGHTS, *rules)
        return on_nights(
            nights(
                Inquiry(terms, KAYAKS, NOTHING_TAKEN, quantity, party_size, fitting(NOTHING_TAKEN)),
                facts(guest_active=1),
                first,
                last,
            )
        )

    none = [(23, 0, False), (24, 0, False), (25, 0, False)]
    assert found(christmas, fridays) == [(23, 4, False), (24, 0, False), (25, 4, True)]
    assert found(quantity=5) == found(party_size=7) == found(PartySize(maximum=1)) == none
    assert found(ActivePerGuest(1)) == none


def test_a_stay_begins_where_the_shortest_that_is_permitted_fits() -> None:
    winter = LengthSeason(date(2026, 12, 1), date(2027, 1, 1), minimum=3)
    blackout = BlackoutDates((Blackout(date(2026, 12, 3), date(2026, 12, 4), "Closed."),))
    found = nights(
        Inquiry(
            policy(NIGHTS, Length(seasons=(winter,)), blackout), KAYAKS, NOTHING_TAKEN, 1, 1, fitting(NOTHING_TAKEN)
        ),
        facts(),
        date(2026, 11, 29),
        date(2026, 12, 3),
    )
    assert on_nights(found) == [(29, 4, True), (30, 4, True), (1, 4, False), (2, 4, False)]


def test_days_on_which_too_many_check_in_already_are_only_for_staying_on() -> None:
    terms = policy(NIGHTS, PerDayLimit(1, "resource"))
    found = nights(
        one_kayak(terms), facts(), date(2026, 11, 25), date(2026, 11, 27), resource_on={date(2026, 11, 25): 1}
    )
    assert on_nights(found) == [(25, 4, False), (26, 4, True)]


def test_the_last_nights_of_berths_years_are_too_few_for_long_stays() -> None:
    found = nights(one_kayak(policy(NIGHTS, Length(minimum=3))), facts(), date(2199, 12, 27), date(2199, 12, 31))
    assert on_nights(found) == [(27, 4, True), (28, 4, True), (29, 4, False), (30, 4, False)]
    with pytest.raises(InvalidRangeError):
        nights(one_kayak(policy(NIGHTS)), facts(), date(2026, 11, 25), date.max)


# Free ranges


def in_hours(found: list[FreeRange]) -> list[tuple[str, str, int]]:
    return [(f"{free.starts_at:%H:%M}", f"{free.ends_at:%d %H:%M}", free.remaining) for free in found]


DAY = between("2026-11-25 00:00", "2026-11-26 00:00")


def free_of(
    terms: Policy, profile: Profile = NOTHING_TAKEN, *, world: Facts | None = None, quantity: int = 1
) -> list[tuple[str, str, int]]:
    return in_hours(free_ranges(Inquiry(terms, KAYAKS, profile, quantity, 1, fitting(profile)), world or facts(), DAY))


def test_free_ranges_are_what_uses_and_their_buffers_leave() -> None:
    profile = taken(
        (between("2026-11-25 10:00", "2026-11-25 12:00"), 1),
        (between("2026-11-25 11:00", "2026-11-25 12:00"), 3),
    )
    assert free_of(policy(HOURS), profile) == [("00:00", "25 11:00", 3), ("12:00", "26 00:00", 4)]
    assert free_of(policy(HOURS), profile, quantity=4) == [("00:00", "25 10:00", 4), ("12:00", "26 00:00", 4)]
    assert free_of(policy(HOURS), profile, quantity=5) == []
    buffered = policy(HOURS, Buffers(before_minutes=10, after_minutes=20))
    assert free_of(buffered, profile) == [("00:00", "25 10:30", 3), ("12:15", "26 00:00", 4)]


def test_gaps_that_are_too_short_for_anything_are_not_listed() -> None:
    profile = taken(
        (between("2026-11-25 00:00", "2026-11-25 11:00"), 4), (between("2026-11-25 11:20", "2026-11-26 00:00"), 4)
    )
    assert free_of(policy(HOURS), profile) == []


def test_free_ranges_lie_in_openings_whether_those_are_offered_or_only_a_rule() -> None:
    hours = OpeningHours(
        Week(wed=(Opening(time(9), time(12)), Opening(time(12), time(14)), Opening(time(15), time(17))))
    )
    expected = [("09:00", "25 14:00", 4), ("15:00", "25 17:00", 4)]
    assert free_of(policy(HOURS, hours)) == expected
    assert free_of(policy(IntervalMode(15, 30, 480, "opening_hours"), hours)) == expected
    windows = (between("2026-11-25 08:00", "2026-11-25 10:00"), between("2026-11-25 16:10", "2026-11-25 18:00"))
    in_windows = policy(IntervalMode(15, 30, 480, "windows"), hours)
    assert free_of(in_windows, world=facts(windows=windows)) == [("09:00", "25 10:00", 4), ("16:15", "25 17:00", 4)]


def test_free_ranges_begin_after_the_lead_time() -> None:
    assert free_of(policy(HOURS, LeadTime(60)), world=facts(at("2026-11-25 20:05"))) == [("21:15", "26 00:00", 4)]
    assert free_of(policy(HOURS, LeadTime(240)), world=facts(at("2026-11-25 20:05"))) == []
    assert free_of(policy(HOURS), world=facts(at("2026-11-26 00:00"))) == []


def test_a_coarser_grid_is_for_starts_only() -> None:
    within, terms = between("2026-11-25 20:05", "2026-11-26 00:00"), policy(HOURS, Grid(60))
    [free] = free_ranges(one_kayak(terms), facts(), within)
    assert (free.starts_at, free.ends_at) == (at("2026-11-25 21:00"), at("2026-11-26 00:00"))
    assert free.latest_start_at == at("2026-11-25 23:00")


def test_what_begins_before_a_day_on_which_nothing_may_begin_lasts_into_it() -> None:
    two_days = between("2026-11-25 20:00", "2026-11-26 12:00")
    terms = policy(HOURS, PerDayLimit(1, "resource"))
    found = free_ranges(one_kayak(terms), facts(), two_days, resource_on={date(2026, 11, 26): 1})
    assert in_hours(found) == [("20:00", "26 07:45", 4)]
    assert found[0].latest_start_at == at("2026-11-25 23:45")


def test_free_ranges_overlap_where_promised_units_are_free_at_different_times() -> None:
    free_units = (between("2026-11-25 08:00", "2026-11-25 12:00"), between("2026-11-25 11:00", "2026-11-25 15:00"))

    def fits(blocked: TimeRange, _units: int) -> bool:
        return any(free.contains(blocked) for free in free_units)

    found = free_ranges(Inquiry(policy(HOURS), KAYAKS, NOTHING_TAKEN, 1, 1, fits), facts(), DAY)
    assert in_hours(found) == [("08:00", "25 12:00", 4), ("11:00", "25 15:00", 4)]


@pytest.mark.parametrize(("least", "most", "listed"), [(0, 60, True), (120, 480, False)])
def test_of_intervals_an_expression_about_the_length_is_asked_of_the_shortest(
    least: int, most: int, *, listed: bool
) -> None:
    """The limit that POLICIES tells of: what is listed says nothing of longer uses; `length` does."""

    def answer(_expression: str, given: Mapping[str, object]) -> bool:
        return least <= int(str(given["minutes"])) <= most

    world = facts(at("2026-10-01 00:00"), evaluate_expression=answer)
    within = TimeRange(at("2026-10-02 00:00"), at("2026-10-03 00:00"))
    terms = policy(IntervalMode(60, 60, 480, "always"), Expression("minutes …", "No.", "ends_at"))
    found = free_ranges(one_kayak(terms), world, within)
    assert bool(found) is listed
    starts_at = at("2026-10-02 12:00")
    longer = TimeRange(starts_at, starts_at + 2 * HOUR)
    refused = evaluate(terms, Wanted(KAYAKS, longer, None, 1, 1), world)
    assert bool(refused) is listed
    bounds = policy(IntervalMode(60, 60, 480, "always"), Length(minimum=max(60, least), maximum=most))
    [free, *_] = free_ranges(one_kayak(bounds), world, within)
    assert not evaluate(
        bounds, Wanted(KAYAKS, TimeRange(starts_at, starts_at + max(HOUR, least * HOUR / 60)), None, 1, 1), world
    )
    assert free.remaining == CAPACITY


def test_what_begins_before_a_start_that_is_not_permitted_lasts_over_it() -> None:
    """Clocks skip half an hour at 15:30 UTC, so that the grid of hours is 13:30, 14:30, 16:00.

    From two of its starts the shortest use of 75 minutes ends at 16:00, and from the later of them nothing may begin.
    """

    def refused(_expression: str, given: Mapping[str, object]) -> bool:
        return given["starts_time"] != "01:00"

    terms = policy(
        *(IntervalMode(60, 60, 480, "always"), Length(minimum=75), Expression("some expression", "No.", "starts_at"))
    )
    world = facts(at("2026-10-01 00:00"), ZoneInfo("Australia/Lord_Howe"), evaluate_expression=refused)
    within = between("2026-10-03 12:00", "2026-10-03 19:00")
    found = free_ranges(one_kayak(terms), world, within)
    assert in_hours(found) == [("12:30", "03 19:00", 4), ("16:00", "03 19:00", 4)]
    assert [f"{free.latest_start_at:%H:%M}" for free in found] == ["13:30", "17:00"]


# The wrong mode


def test_each_listing_is_of_its_own_mode() -> None:
    world, first, last = facts(), date(2026, 11, 25), date(2026, 11, 26)
    with pytest.raises(TypeError):
        nights(one_kayak(policy(HOURS)), world, first, last)
    with pytest.raises(TypeError):
        slots(one_kayak(policy(NIGHTS)), world, DAY)
    with pytest.raises(TypeError):
        free_ranges(one_kayak(policy(HALF_HOURS)), world, DAY)
    assert list(offered_slots(policy(NIGHTS), (), DAY, LISBON)) == []


@given(st.data())
def test_free_ranges_of_particular_units_are_the_largest_that_one_unit_has(data: st.DataObject) -> None:
    """Labelled units that are all promised: a range is free if one unit is free throughout."""
    units = data.draw(st.lists(st.lists(pieces, max_size=3), min_size=1, max_size=3))

    def fits(blocked: TimeRange, _units: int) -> bool:
        return any(not any(busy.overlaps(blocked) for busy in unit) for unit in units)

    found = free_ranges(Inquiry(policy(HOURS), KAYAKS, NOTHING_TAKEN, 1, 1, fits), facts(), DAY)
    grid = grid_instants(DAY, 15, LISBON)
    for starts_at in grid:
        for ends_at in grid:
            if starts_at + 2 * QUARTER <= ends_at:
                inside = any(free.starts_at <= starts_at and ends_at <= free.ends_at for free in found)
                assert inside == fits(TimeRange(starts_at, ends_at), 1)
    assert all(one.starts_at < other.starts_at and one.ends_at < other.ends_at for one, other in pairwise(found))
