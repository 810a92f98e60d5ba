"""Days belong to the opening that began on them, for every rule and every price alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.days import Days
from chalicelib.core.time_ranges import WEEKDAYS, TimeRange, local_date
from chalicelib.policies.model.policies import evaluate
from chalicelib.policies.model.pricing import quote
from chalicelib.policies.model.rates import Base, Rates, Season, WeekdayRate
from chalicelib.policies.model.rules.arrival_weekdays import ArrivalWeekdays
from chalicelib.policies.model.rules.blackout_dates import Blackout, BlackoutDates
from chalicelib.policies.model.rules.daily_cutoff import DailyCutoff
from chalicelib.policies.model.rules.expression import Expression, variables
from chalicelib.policies.model.rules.horizon import Horizon
from chalicelib.policies.model.rules.length import Length, LengthSeason
from chalicelib.policies.model.rules.opening_hours import Opening, OpeningHours, Week
from chalicelib.policies.model.rules.per_day_limit import PerDayLimit
from chalicelib.policies.model.wanted import Wanted
from tests.subjects import HOURS, LISBON, at, between, facts, policy, resource

if TYPE_CHECKING:
    from chalicelib.policies.model.policies import Policy
    from chalicelib.policies.model.rules import Rule

EVENING = (Opening(time(18), time(2)),)
BAR = OpeningHours(Week(**dict.fromkeys(WEEKDAYS, EVENING)))
WEDNESDAY = date(2026, 11, 25)
ZONES = (
    *("Europe/Lisbon", "America/Santiago", "Africa/Cairo", "Australia/Lord_Howe", "America/St_Johns"),
    *("Asia/Kathmandu", "America/Havana", "Pacific/Apia"),
)
INSTANTS = st.datetimes(datetime(2009, 1, 1), datetime(2040, 1, 1))
DAY_LEFT_OUT = st.datetimes(datetime(2011, 12, 28), datetime(2012, 1, 2))


def codes(rule: Rule, starts: str, ends: str, now: str = "2026-11-20 10:00", *, on_day: int = 0) -> set[str]:
    terms = policy(HOURS, BAR, rule)
    world = facts(at(now), days=terms.days(LISBON), resource_on_day=on_day)
    return {one.code for one in evaluate(terms, Wanted(resource(), between(starts, ends), None, 1, 1), world)}


def price(rates: Rates, starts: str, ends: str) -> int:
    terms: Policy = policy(HOURS, BAR, rates=rates)
    return quote(terms, "EUR", Wanted(resource(), between(starts, ends), None, 1, 1), LISBON).total


# Which day it is


def test_after_midnight_it_is_still_the_evening_on_which_the_place_opened() -> None:
    there = policy(HOURS, BAR).days(LISBON)
    assert there.day_of(at("2026-11-25 18:00")) == WEDNESDAY
    assert there.day_of(at("2026-11-26 01:59")) == WEDNESDAY
    assert there.day_of(at("2026-11-26 02:00")) == date(2026, 11, 26)
    assert there.during(WEDNESDAY) == between("2026-11-25 02:00", "2026-11-26 02:00")


def test_only_what_is_open_past_midnight_makes_a_day_longer() -> None:
    hours = OpeningHours(Week(wed=(Opening(time(0), time(0)),), thu=(Opening(time(8), time(12)), *EVENING)))
    there = policy(HOURS, hours).days(LISBON)
    assert there.during(WEDNESDAY) == between("2026-11-25 00:00", "2026-11-26 00:00")
    assert there.during(date(2026, 11, 26)) == between("2026-11-26 00:00", "2026-11-27 02:00")
    assert there.during(date(2026, 11, 27)) == between("2026-11-27 02:00", "2026-11-28 00:00")
    assert policy(HOURS).days(LISBON).during(WEDNESDAY) == between("2026-11-25 00:00", "2026-11-26 00:00")


openings = st.sampled_from([(), EVENING, (Opening(time(2), time(2)),), (Opening(time(2), time(0)),)])


@given(
    st.sampled_from(ZONES),
    st.lists(openings, min_size=6, max_size=6),
    INSTANTS | DAY_LEFT_OUT,
)
def test_every_instant_has_one_day_which_is_that_of_its_opening(
    name: str, week: list[tuple[Opening, ...]], naive: datetime
) -> None:
    zone, instant = ZoneInfo(name), naive.replace(tzinfo=UTC)
    hours = OpeningHours(Week(EVENING, *week))
    there = Days(zone, hours.closes_past_midnight())
    on = there.day_of(instant)
    assert there.during(on).covers(instant)
    moment = TimeRange(instant, instant + timedelta.resolution)
    for opening in hours.openings(moment, zone):
        assert there.day_of(opening.starts_at) == on
    if not any(hours.openings(moment, zone)) and instant.year > 2011:
        assert on == local_date(instant, zone)


# What counts by day


def test_a_blackout_closes_the_evening_that_begins_on_its_date_and_not_the_one_before() -> None:
    closed = BlackoutDates((Blackout(WEDNESDAY, date(2026, 11, 26), "Private party."),))
    assert codes(closed, "2026-11-26 00:30", "2026-11-26 01:30") == {"blacked_out"}
    assert codes(closed, "2026-11-25 23:00", "2026-11-26 01:00") == {"blacked_out"}
    assert codes(closed, "2026-11-25 00:30", "2026-11-25 01:30") == set()
    assert codes(closed, "2026-11-24 23:00", "2026-11-25 02:00") == set()


def test_a_weekday_of_arrival_is_that_of_the_evening() -> None:
    rule = ArrivalWeekdays(("wed",))
    assert codes(rule, "2026-11-26 00:30", "2026-11-26 01:30") == set()
    assert codes(rule, "2026-11-25 00:30", "2026-11-25 01:30") == {"arrival_weekday"}


def test_a_limit_by_day_counts_the_night_with_its_evening() -> None:
    assert codes(PerDayLimit(1, "resource"), "2026-11-26 00:30", "2026-11-26 01:30", on_day=1) == {"day_is_full"}


def test_lengths_of_a_season_are_those_of_the_evening() -> None:
    rule = Length(seasons=(LengthSeason(WEDNESDAY, date(2026, 11, 26), minimum=90),))
    assert codes(rule, "2026-11-26 00:30", "2026-11-26 01:30") == {"too_short"}
    assert codes(rule, "2026-11-25 00:30", "2026-11-25 01:30") == set()


@pytest.mark.parametrize(
    ("now", "starts", "ends", "refused"),
    [
        ("2026-11-25 16:59", "2026-11-26 00:30", "2026-11-26 01:30", False),
        ("2026-11-25 17:00", "2026-11-26 00:30", "2026-11-26 01:30", True),
        ("2026-11-26 00:15", "2026-11-26 00:30", "2026-11-26 01:30", True),
        ("2026-11-26 00:15", "2026-11-26 18:00", "2026-11-26 19:00", False),
        ("2026-11-26 02:00", "2026-11-26 18:00", "2026-11-26 19:00", False),
    ],
)
def test_a_cutoff_for_the_same_day_lasts_until_the_place_closes(
    now: str, starts: str, ends: str, *, refused: bool
) -> None:
    assert codes(DailyCutoff(time(17), 0), starts, ends, now) == ({"after_cutoff"} if refused else set())


def test_a_cutoff_after_midnight_is_that_of_the_evening_before() -> None:
    rule = DailyCutoff(time(1), 0)
    for now, refused in (("2026-11-25 23:00", False), ("2026-11-26 00:59", False), ("2026-11-26 01:00", True)):
        assert codes(rule, "2026-11-26 01:15", "2026-11-26 01:45", now) == ({"after_cutoff"} if refused else set())


def test_the_horizon_counts_days_from_the_evening_that_is_running() -> None:
    assert codes(Horizon(0), "2026-11-26 00:30", "2026-11-26 01:30", "2026-11-25 12:00") == set()
    assert codes(Horizon(0), "2026-11-26 18:00", "2026-11-26 19:00", "2026-11-26 00:15") == {"too_far_ahead"}


def test_an_expression_speaks_of_the_evening() -> None:
    terms = policy(HOURS, BAR, Expression("true", "No.", "starts_at"))
    wanted = Wanted(resource(), between("2026-11-26 00:30", "2026-11-26 01:30"), None, 1, 1)
    seen = variables(wanted, facts(days=terms.days(LISBON)))
    assert (seen["weekday"], seen["starts_on"], seen["starts_time"]) == ("wed", "2026-11-25", "00:30")


def test_hours_and_seasons_are_charged_at_the_rates_of_the_evening() -> None:
    weekday = Rates(Base("hour", 1000), weekdays=(WeekdayRate(("wed",), 150),))
    season = Rates(Base("slot", 1000), seasons=(Season(WEDNESDAY, date(2026, 11, 26), name="Party", amount=7000),))
    assert price(weekday, "2026-11-25 22:00", "2026-11-26 02:00") == 6000
    assert price(weekday, "2026-11-25 00:00", "2026-11-25 01:00") == 1000
    assert price(season, "2026-11-26 00:30", "2026-11-26 01:30") == 7000
    assert price(season, "2026-11-25 00:30", "2026-11-25 01:30") == 1000
    assert price(Rates(Base("night", 500)), "2026-11-25 22:00", "2026-11-26 02:00") == 500
