"""Ranges of instants and the wall clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import InvalidRangeError, LocalTimeFoldError, LocalTimeGapError, UnknownZoneError
from chalicelib.core.parameters import ParameterError
from chalicelib.core.time_ranges import (
    EARLIEST_AT,
    LATEST_AT,
    DateRange,
    Fold,
    Stay,
    TimeRange,
    days,
    grid_instants,
    is_on_grid,
    local_date,
    merged,
    subtracted,
    to_instant,
    wall_clock_instant,
    zone_named,
)
from tests.subjects import LISBON, at, between

HOUR = timedelta(hours=1)
ZONES = [
    ZoneInfo(name)
    for name in (
        "Africa/Casablanca",  # put back for every Ramadan
        "America/Havana",  # changes at midnight
        "America/Sao_Paulo",  # until 2019, at midnight
        "America/St_Johns",  # until 2011, one minute after midnight
        "Antarctica/Troll",  # two hours
        "Asia/Kathmandu",  # never
        "Australia/Lord_Howe",  # half an hour
        "Europe/Dublin",  # daylight saving counts backwards
        "Europe/Lisbon",
        "Pacific/Apia",  # had no 30 December 2011
        "UTC",
    )
]
zones = st.sampled_from(ZONES)
by_zone = pytest.mark.parametrize("zone", ZONES, ids=lambda zone: zone.key)


def offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    found = instant.astimezone(zone).utcoffset()
    assert found is not None
    return found


def wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


@cache
def transitions(zone: ZoneInfo) -> list[datetime]:
    """Every instant from 2000 to 2040 at which the zone's offset becomes another one."""
    found: list[datetime] = []
    for number in range(40 * 366):
        low, high = at("2000-01-02 00:00") + timedelta(days=number), at("2000-01-03 00:00") + timedelta(days=number)
        if offset(low, zone) == offset(high, zone):
            continue
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
            low, high = (middle, high) if offset(middle, zone) == offset(low, zone) else (low, middle)
        found.append(high)
    return found


@st.composite
def instants(draw: st.DrawFn, zone: ZoneInfo) -> datetime:
    """Any time from 2000 on, and often one around a change of clocks."""
    changes = transitions(zone)
    if changes and draw(st.booleans()):
        return draw(st.sampled_from(changes)) + draw(st.timedeltas(timedelta(hours=-26), timedelta(hours=26)))
    return draw(st.datetimes(datetime(2000, 1, 3), datetime(2199, 12, 28), timezones=st.just(UTC)))


hours = st.integers(0, 30)
ranges = (
    st.tuples(hours, hours)
    .filter(lambda pair: pair[0] < pair[1])
    .map(lambda pair: TimeRange(at("2026-01-01 00:00") + pair[0] * HOUR, at("2026-01-01 00:00") + pair[1] * HOUR))
)


def covered(*parts: TimeRange) -> set[datetime]:
    """The hours that are in any of the ranges: what sets say, ranges must say too."""
    first = at("2026-01-01 00:00")
    return {first + n * HOUR for n in range(-5, 40) if any(part.covers(first + n * HOUR) for part in parts)}


# Ranges


def test_a_range_keeps_its_instants_in_utc() -> None:
    summer = timezone(timedelta(hours=2))
    during = TimeRange(datetime(2026, 7, 1, 12, tzinfo=summer), datetime(2026, 7, 1, 14, tzinfo=summer))
    assert during == between("2026-07-01 10:00", "2026-07-01 12:00")
    assert (during.starts_at.tzinfo, during.ends_at.tzinfo) == (UTC, UTC)
    assert during.duration == 2 * HOUR


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "field"),
    [
        (at("2026-01-01 10:00"), at("2026-01-01 10:00"), "ends_at"),
        (at("2026-01-01 10:00"), at("2026-01-01 09:00"), "ends_at"),
        (at("1999-12-31 23:59"), at("2026-01-01 09:00"), "starts_at"),
        (at("2026-01-01 10:00"), at("2200-01-01 00:01"), "ends_at"),
        (datetime(1, 1, 1, tzinfo=timezone(HOUR)), at("2026-01-01 09:00"), "starts_at"),
        (at("2026-01-01 10:00"), datetime.max.replace(tzinfo=timezone(-HOUR)), "ends_at"),
    ],
)
def test_empty_reversed_and_faraway_ranges_are_refused(starts_at: datetime, ends_at: datetime, field: str) -> None:
    with pytest.raises(InvalidRangeError) as refusal:
        TimeRange(starts_at, ends_at)
    assert refusal.value.field == field


def test_a_naive_instant_is_a_mistake_of_the_program() -> None:
    naive = datetime(2026, 1, 1)
    with pytest.raises(TypeError):
        TimeRange(naive, at("2026-01-02 00:00"))


def test_all_of_berths_years_are_a_range() -> None:
    assert TimeRange(EARLIEST_AT, LATEST_AT).widened(HOUR, HOUR) == TimeRange(EARLIEST_AT, LATEST_AT)


def test_ranges_that_touch_do_not_overlap() -> None:
    assert not between("2026-01-01 10:00", "2026-01-01 11:00").overlaps(between("2026-01-01 11:00", "2026-01-01 12:00"))


def test_a_range_without_anything_around_it_stays_the_same() -> None:
    during = between("2026-01-01 10:00", "2026-01-01 11:00")
    assert during.widened(timedelta(), timedelta()) is during


@given(ranges, ranges)
def test_two_ranges_relate_as_the_sets_of_their_instants_do(one: TimeRange, other: TimeRange) -> None:
    shared = covered(one) & covered(other)
    assert one.overlaps(other) == other.overlaps(one) == bool(shared)
    assert one.contains(other) == (covered(other) <= covered(one))
    intersection = one.intersection(other)
    assert (covered(intersection) if intersection else set()) == shared


@given(ranges, st.integers(0, 4), st.integers(0, 4))
def test_widening_adds_time_on_both_sides(during: TimeRange, before: int, after: int) -> None:
    wide = during.widened(before * HOUR, after * HOUR)
    assert (during.starts_at - wide.starts_at, wide.ends_at - during.ends_at) == (before * HOUR, after * HOUR)


@given(st.lists(ranges, max_size=8))
def test_merged_ranges_cover_the_same_with_gaps_between_them(parts: list[TimeRange]) -> None:
    whole = merged(parts)
    assert covered(*whole) == covered(*parts)
    assert all(one.ends_at < other.starts_at for one, other in pairwise(whole))


@given(st.lists(ranges, max_size=6), st.lists(ranges, max_size=6))
def test_subtracting_leaves_what_is_in_the_one_and_not_in_the_others(
    parts: list[TimeRange], others: list[TimeRange]
) -> None:
    left = subtracted(parts, others)
    assert covered(*left) == covered(*parts) - covered(*others)
    assert all(one.ends_at < other.starts_at for one, other in pairwise(left))


# Nights


def test_a_stay_has_a_night_for_each_date_but_the_last() -> None:
    stay = Stay(date(2026, 12, 30), date(2027, 1, 2))
    assert stay.nights == 3
    assert stay.dates() == (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("check_in_on", "check_out_on", "field"),
    [
        (date(2026, 1, 2), date(2026, 1, 2), "check_out_on"),
        (date(2026, 1, 2), date(2026, 1, 1), "check_out_on"),
        (date(1999, 12, 31), date(2026, 1, 1), "check_in_on"),
        (date(2026, 1, 2), date(2200, 1, 1), "check_out_on"),
    ],
)
def test_stays_without_a_night_or_far_away_are_refused(check_in_on: date, check_out_on: date, field: str) -> None:
    with pytest.raises(InvalidRangeError) as refusal:
        Stay(check_in_on, check_out_on)
    assert refusal.value.field == field


def test_a_range_of_dates_ends_before_its_last_date() -> None:
    season = DateRange(date(2026, 6, 1), date(2026, 9, 1))
    assert [season.covers(on) for on in (date(2026, 5, 31), date(2026, 6, 1), date(2026, 8, 31), date(2026, 9, 1))] == [
        False,
        True,
        True,
        False,
    ]
    with pytest.raises(ParameterError) as refusal:
        DateRange(date(2026, 6, 1), date(2026, 6, 1))
    assert refusal.value.field == "until_on"


# Zones


@by_zone
def test_zones_have_their_iana_names(zone: ZoneInfo) -> None:
    assert zone_named(zone.key, "timezone") == zone


@pytest.mark.parametrize(
    "name",
    [
        *("America", "America/", "/etc/localtime", "../Europe/Lisbon", "Europe/../UTC", "europe lisbon", "", " UTC"),
        *("Nowhere/Land", "zone.tab", "tzdata.zi", "zone1970", "Factory", "localtime", "posixrules"),
        *("posix/Europe/Lisbon", "right/Europe/Lisbon", "UTC\0", "UTC\n", "\ud800", "é", "A" * 5000, "A/" * 500),
        *(None, 1, b"UTC", ["UTC"]),
    ],
)
def test_junk_is_no_zone(name: object) -> None:
    with pytest.raises(UnknownZoneError) as refusal:
        zone_named(name, "timezone")
    assert refusal.value.field == "timezone"
    assert len(refusal.value.detail) < 200
    assert "Europe/Lisbon" in refusal.value.detail.partition(";")[2]


# From the wall clock to instants


@by_zone
def test_every_time_in_every_gap_is_refused_and_the_valid_ones_around_it_are_named(zone: ZoneInfo) -> None:
    for gap_at in transitions(zone):
        before, after = offset(gap_at - timedelta(seconds=1), zone), offset(gap_at, zone)
        if after < before:
            continue
        gap_starts, gap_ends = (gap_at + before).replace(tzinfo=None), (gap_at + after).replace(tzinfo=None)
        for skipped in (gap_starts, gap_starts + (gap_ends - gap_starts) / 2, gap_ends - timedelta(microseconds=1)):
            with pytest.raises(LocalTimeGapError) as refusal:
                to_instant(skipped, zone, Fold.LATER, "starts_at")
            assert refusal.value.field == "starts_at"
            assert f"from {gap_starts:%Y-%m-%d %H:%M} to {gap_ends:%Y-%m-%d %H:%M}" in refusal.value.detail
            assert wall_clock_instant(skipped.date(), skipped.time(), zone) == gap_at
        just_before = gap_starts - timedelta(microseconds=1)
        assert to_instant(just_before, zone, None, "starts_at") == gap_at - timedelta(microseconds=1)
        assert to_instant(gap_ends, zone, None, "starts_at") == gap_at


@by_zone
def test_every_time_in_every_fold_asks_which_one_is_meant(zone: ZoneInfo) -> None:
    for fold_at in transitions(zone):
        before, after = offset(fold_at - timedelta(seconds=1), zone), offset(fold_at, zone)
        if after > before:
            continue
        fold_starts, fold_ends = (fold_at + after).replace(tzinfo=None), (fold_at + before).replace(tzinfo=None)
        for twice in (fold_starts, fold_starts + (fold_ends - fold_starts) / 2, fold_ends - timedelta(microseconds=1)):
            with pytest.raises(LocalTimeFoldError) as refusal:
                to_instant(twice, zone, None, "ends_at")
            assert refusal.value.field == "ends_at"
            earlier, later = (twice - before).replace(tzinfo=UTC), (twice - after).replace(tzinfo=UTC)
            assert to_instant(twice, zone, Fold.EARLIER, "ends_at") == earlier
            assert to_instant(twice, zone, Fold.LATER, "ends_at") == later
            assert wall_clock_instant(twice.date(), twice.time(), zone) == earlier
        just_before = fold_starts - timedelta(microseconds=1)
        assert to_instant(just_before, zone, None, "ends_at") == (just_before - before).replace(tzinfo=UTC)
        assert to_instant(fold_ends, zone, None, "ends_at") == (fold_ends - after).replace(tzinfo=UTC)


def test_the_zones_of_these_tests_change_their_clocks_in_every_way() -> None:
    changes = {
        offset(instant, zone) - offset(instant - timedelta(seconds=1), zone)
        for zone in ZONES
        for instant in transitions(zone)
    }
    assert {HOUR, -HOUR, 2 * HOUR, -2 * HOUR, HOUR / 2, -HOUR / 2, 24 * HOUR} <= changes


@given(st.data(), zones)
def test_the_wall_clock_of_an_instant_leads_back_to_it(data: st.DataObject, zone: ZoneInfo) -> None:
    instant = data.draw(instants(zone))
    fold = Fold.LATER if instant.astimezone(zone).fold else Fold.EARLIER
    assert to_instant(wall(instant, zone), zone, fold, "starts_at") == instant


@given(st.data(), zones)
def test_a_policys_time_of_day_is_the_first_instant_that_shows_it_or_a_later_one(
    data: st.DataObject, zone: ZoneInfo
) -> None:
    local = wall(data.draw(instants(zone)), ZoneInfo("UTC")).replace(microsecond=0)
    instant = wall_clock_instant(local.date(), local.time(), zone)
    assert wall(instant, zone) >= local > wall(instant - timedelta(seconds=1), zone)
    assert instant.tzinfo is UTC


def test_the_day_that_samoa_skipped_is_over_when_it_begins() -> None:
    zone = ZoneInfo("Pacific/Apia")
    new_year = at("2011-12-30 10:00")
    assert wall_clock_instant(date(2011, 12, 30), time(15), zone) == new_year
    assert local_date(new_year, zone) == date(2011, 12, 31)
    assert local_date(new_year - timedelta(seconds=1), zone) == date(2011, 12, 29)


@pytest.mark.parametrize("year", [1, 1998, 2201, 9999])
def test_wall_clock_times_far_away_are_refused(year: int) -> None:
    with pytest.raises(InvalidRangeError) as refusal:
        to_instant(datetime(year, 6, 1), LISBON, None, "starts_at")
    assert refusal.value.field == "starts_at"


def test_the_first_and_last_moments_of_berths_years_depend_on_the_zone() -> None:
    west, east = ZoneInfo("America/Havana"), ZoneInfo("Pacific/Apia")
    assert to_instant(datetime(1999, 12, 31, 19), west, None, "starts_at") == EARLIEST_AT
    assert to_instant(datetime(2200, 1, 1, 13), east, None, "starts_at") == LATEST_AT
    with pytest.raises(InvalidRangeError):
        to_instant(datetime(1999, 12, 31, 18, 59), west, None, "starts_at")


def test_a_wall_clock_time_has_no_offset() -> None:
    with pytest.raises(TypeError):
        to_instant(at("2026-01-01 10:00"), LISBON, None, "starts_at")


# The grid


@given(st.data(), zones, st.sampled_from([1, 5, 15, 30, 45, 60, 90, 720, 1440]))
def test_the_grid_is_every_minute_at_which_the_wall_clock_is_on_it(
    data: st.DataObject, zone: ZoneInfo, step: int
) -> None:
    first = data.draw(instants(zone))
    within = TimeRange(first, first + data.draw(st.timedeltas(timedelta(minutes=1), timedelta(hours=40))))
    minute = first.replace(second=0, microsecond=0)
    expected = [
        instant
        for number in range(42 * 60)
        if within.starts_at <= (instant := minute + timedelta(minutes=number)) <= within.ends_at
        and is_on_grid(instant, step, zone)
    ]
    assert grid_instants(within, step, zone) == expected


def test_the_grid_ascends_where_clocks_were_put_back_into_the_day_before() -> None:
    """In St John's, 00:01 became 23:01 at 02:31 UTC."""
    zone = ZoneInfo("America/St_Johns")
    found = grid_instants(between("2000-10-29 02:15", "2000-10-29 03:45"), 30, zone)
    assert [f"{instant:%H:%M} is {wall(instant, zone):%d %H:%M}" for instant in found] == [
        "02:30 is 29 00:00",
        "03:00 is 28 23:30",
        "03:30 is 29 00:00",
    ]


def test_seconds_are_never_on_the_grid() -> None:
    assert is_on_grid(at("2026-01-01 10:15"), 15, LISBON)
    assert not is_on_grid(at("2026-01-01 10:16"), 15, LISBON)
    assert not is_on_grid(at("2026-01-01 10:15") + timedelta(seconds=1), 15, LISBON)
    assert not is_on_grid(at("2026-01-01 10:15") + timedelta(microseconds=1), 15, LISBON)


def test_days_are_counted_until_before_the_last() -> None:
    assert list(days(date(2026, 2, 27), date(2026, 3, 2))) == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
    assert not list(days(date(2026, 2, 27), date(2026, 2, 27)))
