"""What is taken on each local day, against a count that looks at every quarter of an hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.availability.model.closures import Closure, ClosureKind, joined
from chalicelib.availability.model.profiles import most_at_once
from chalicelib.core.errors import InvalidRangeError
from chalicelib.core.time_ranges import Stay, TimeRange, days
from chalicelib.core.units import UNBOUNDED, Part, UnitSet
from chalicelib.reporting.model.calendar import Offering, ReservedUse, calendar_days, day_range

BERLIN = ZoneInfo("Europe/Berlin")
ROOM = UUID(int=1)
QUARTER = timedelta(minutes=15)
MIDNIGHT = datetime(2027, 3, 27, tzinfo=UTC)


def quarters(start: int, length: int) -> TimeRange:
    return TimeRange(MIDNIGHT + start * QUARTER, MIDNIGHT + (start + length) * QUARTER)


ranges = st.builds(quarters, st.integers(0, 300), st.integers(1, 200))


@given(st.lists(st.tuples(ranges, st.integers(1, 5)), max_size=8), ranges)
def test_the_most_at_once_is_what_a_count_at_every_instant_finds(
    taken: list[tuple[TimeRange, int]], within: TimeRange
) -> None:
    instants = [MIDNIGHT + number * QUARTER for number in range(600)]
    counted = [
        sum(units for during, units in taken if during.covers(instant))
        for instant in instants
        if within.covers(instant)
    ]
    assert most_at_once(taken, within) == max(counted)


@given(st.lists(st.builds(Part, ranges, st.builds(UnitSet.of, st.sets(st.integers(1, 4), min_size=1))), max_size=8))
def test_parts_that_are_joined_have_the_units_that_some_of_them_have_at_every_instant(parts: list[Part]) -> None:
    found = joined(parts)
    for number in range(600):
        instant = MIDNIGHT + number * QUARTER
        counted = {unit for part in parts if part.during.covers(instant) for unit in part.units}
        assert [set(part.units) for part in found if part.during.covers(instant)] == ([counted] if counted else [])
    assert all(one.during.ends_at < two.during.starts_at or one.units != two.units for one, two in pairwise(found))


@pytest.mark.parametrize(("on", "hours"), [("2027-03-28", 23), ("2027-03-29", 24), ("2027-10-31", 25)])
def test_a_day_has_the_hours_that_the_clocks_give_it(on: str, hours: int) -> None:
    assert day_range(date.fromisoformat(on), BERLIN).duration == timedelta(hours=hours)


def test_a_date_that_the_zone_left_out_is_no_day() -> None:
    apia = ZoneInfo("Pacific/Apia")
    listed = calendar_days(list(days(date(2011, 12, 29), date(2012, 1, 1))), apia, {ROOM: Offering(1)}, [], [])
    assert [day.on.day for day in listed] == [29, 31]
    with pytest.raises(InvalidRangeError):
        day_range(date(2011, 12, 30), apia)


def test_a_night_counts_for_the_day_on_which_it_begins() -> None:
    stay = Stay(date(2027, 3, 27), date(2027, 3, 29))
    during = TimeRange(datetime(2027, 3, 27, 14, tzinfo=UTC), datetime(2027, 3, 29, 9, tzinfo=UTC))
    listed = calendar_days(
        list(days(date(2027, 3, 26), date(2027, 3, 31))),
        BERLIN,
        {ROOM: Offering(3)},
        [ReservedUse(ROOM, during, stay, 2)],
        [],
    )
    told = [(day.resources[0].occupied, day.resources[0].arrivals, day.resources[0].departures) for day in listed]
    assert told == [(0, 0, 0), (2, 1, 0), (2, 0, 0), (0, 0, 1), (0, 0, 0)]


def test_who_left_early_departs_on_that_day_and_is_not_there_after_it() -> None:
    stay = Stay(date(2027, 3, 27), date(2027, 3, 30))
    during = TimeRange(datetime(2027, 3, 27, 14, tzinfo=UTC), datetime(2027, 3, 30, 9, tzinfo=UTC))
    hours = TimeRange(datetime(2027, 3, 28, 8, tzinfo=UTC), datetime(2027, 3, 28, 12, tzinfo=UTC))
    uses = [
        ReservedUse(ROOM, during, stay, 2, left_at=datetime(2027, 3, 28, 8, tzinfo=UTC)),
        ReservedUse(ROOM, hours, None, 1, left_at=datetime(2027, 3, 28, 10, tzinfo=UTC)),
        ReservedUse(
            ROOM, hours, None, 1, left_at=datetime(2027, 3, 28, 7, tzinfo=UTC)
        ),  # checked in and out before the start
    ]
    listed = calendar_days(list(days(date(2027, 3, 27), date(2027, 3, 31))), BERLIN, {ROOM: Offering(3)}, uses, [])
    told = [(day.resources[0].occupied, day.resources[0].arrivals, day.resources[0].departures) for day in listed]
    assert told == [(2, 1, 0), (1, 2, 3), (0, 0, 0), (0, 0, 0)]


def test_what_ends_at_midnight_ends_on_the_day_before() -> None:
    during = TimeRange(datetime(2027, 3, 26, 20, tzinfo=UTC), datetime(2027, 3, 26, 23, tzinfo=UTC))
    listed = calendar_days(
        [date(2027, 3, 26), date(2027, 3, 27)], BERLIN, {ROOM: Offering(1)}, [ReservedUse(ROOM, during, None, 1)], []
    )
    told = [(day.resources[0].occupied, day.resources[0].arrivals, day.resources[0].departures) for day in listed]
    assert told == [(1, 1, 1), (0, 0, 0)]


def test_units_that_are_closed_twice_are_counted_once_and_never_more_than_there_are() -> None:
    day = day_range(date(2027, 3, 27), BERLIN)

    def closure(units: UnitSet, kind: ClosureKind = ClosureKind.OUT_OF_SERVICE) -> Closure:
        return Closure(uuid4(), ROOM, kind, day, units, "test")

    def closed(*closures: Closure) -> int:
        [listed] = calendar_days([date(2027, 3, 27)], BERLIN, {ROOM: Offering(4)}, [], closures)
        return listed.resources[0].closed

    assert closed(closure(UnitSet.of((1, 2))), closure(UnitSet.of((2, 3)))) == 3
    assert closed(closure(UnitSet.span(1, UNBOUNDED), ClosureKind.CLOSED), closure(UnitSet.of((2,)))) == 4
