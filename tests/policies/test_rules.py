"""Each rule: what it accepts, what it refuses and how it says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.core.parameters import MOST_MINUTES, ParameterError
from chalicelib.core.time_ranges import DateRange, TimeRange, local_date
from chalicelib.policies.model.policies import broken_rules
from chalicelib.policies.model.rules import RULES
from chalicelib.policies.model.rules.active_per_guest import ActivePerGuest
from chalicelib.policies.model.rules.arrival_weekdays import ArrivalWeekdays
from chalicelib.policies.model.rules.blackout_dates import Blackout, BlackoutDates
from chalicelib.policies.model.rules.buffers import Buffers
from chalicelib.policies.model.rules.daily_cutoff import DailyCutoff
from chalicelib.policies.model.rules.expression import Expression, variables
from chalicelib.policies.model.rules.grid import Grid
from chalicelib.policies.model.rules.horizon import Horizon
from chalicelib.policies.model.rules.lead_time import LeadTime
from chalicelib.policies.model.rules.length import Length, LengthSeason
from chalicelib.policies.model.rules.opening_hours import Opening, OpeningHours, Week
from chalicelib.policies.model.rules.party_size import PartySize
from chalicelib.policies.model.rules.per_day_limit import PerDayLimit
from chalicelib.policies.model.wanted import Wanted
from tests.subjects import LISBON, NOW, at, between, facts, present_of, resource, stay, told, use

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.core.errors import Violation
    from chalicelib.policies.model.rules import Rule
    from chalicelib.policies.model.wanted import Facts

NEW_YORK = ZoneInfo("America/New_York")
ONE_OF_EACH: tuple[Rule, ...] = (
    ActivePerGuest(limit=2),
    ArrivalWeekdays(weekdays=("fri", "mon")),
    BlackoutDates((Blackout(date(2026, 12, 24), date(2026, 12, 27), "Christmas"),)),
    Buffers(before_minutes=0, after_minutes=90),
    DailyCutoff(at=time(17)),
    Expression("party_size <= 2 * quantity", "Two people share a kayak.", "quantity"),
    Grid(step_minutes=30),
    Horizon(maximum_days=1),
    LeadTime(minimum_minutes=150),
    Length(minimum=2, maximum=7),
    OpeningHours(
        Week(mon=(Opening(time(9), time(12)), Opening(time(13), time(17))), sat=(Opening(time(20), time(2)),))
    ),
    PartySize(minimum=2),
    PerDayLimit(limit=1, scope="guest"),
)


def check(rule: Rule, wanted: Wanted, world: Facts | None = None) -> list[Violation]:
    return list(rule.check(wanted, world or facts()))


def codes(rule: Rule, wanted: Wanted, world: Facts | None = None) -> list[tuple[str, str]]:
    return [(violation.code, violation.field) for violation in check(rule, wanted, world)]


# All rules alike


def test_the_registry_has_every_rule_under_its_own_name() -> None:
    assert [rule.rule for rule in ONE_OF_EACH] == list(RULES)
    assert all(RULES[rule.rule] is type(rule) for rule in ONE_OF_EACH)


def test_only_rules_that_count_read_reservations() -> None:
    assert {rule.rule for rule in ONE_OF_EACH if rule.reads_reservations} == {"active_per_guest", "per_day_limit"}


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (ActivePerGuest(1), "A guest may have at most 1 active reservation."),
        (ArrivalWeekdays(("fri", "mon")), "The first day must be a Mon or Fri."),
        (
            ArrivalWeekdays(("sat",), (DateRange(date(2026, 6, 1), date(2026, 9, 1)),)),
            "The first day must be a Sat from Mon 01 Jun 2026 until Tue 01 Sep 2026 (that day not included).",
        ),
        (
            BlackoutDates(
                (
                    Blackout(date(2026, 12, 24), date(2026, 12, 27), "Feast"),
                    Blackout(date(2027, 1, 1), date(2027, 1, 2), "New Year"),
                )
            ),
            "Nothing can be reserved from Thu 24 Dec 2026 to Sat 26 Dec 2026 (Feast); on Fri 01 Jan 2027 (New Year).",
        ),
        (Buffers(0, 90), "0 minutes before and 1 hour 30 minutes after each reservation are kept free."),
        (DailyCutoff(time(17)), "From 17:00 on, no reservations are accepted."),
        (DailyCutoff(time(17), 0), "From 17:00 on, no reservations for the same day are accepted."),
        (DailyCutoff(time(17), 1), "From 17:00 on, no reservations for the same day and 1 day after it are accepted."),
        (Expression("true", "Two people share a kayak.", "quantity"), "Two people share a kayak."),
        (Grid(90), "Starts are every 1 hour 30 minutes, counted from midnight."),
        (Horizon(1), "Reservations are taken up to 1 day ahead."),
        (LeadTime(2 * 1440 + 61), "Please reserve at least 2 days 1 hour 1 minute before it begins."),
        (
            Length(
                minimum=2,
                seasons=(
                    LengthSeason(date(2026, 6, 1), date(2026, 9, 1), 7, 14),
                    LengthSeason(date(2026, 12, 1), date(2027, 1, 1), None, 3),
                    LengthSeason(date(2027, 2, 1), date(2027, 3, 1)),
                ),
            ),
            (
                "The length must be at least 2; "
                "7 to 14 when it begins from Mon 01 Jun 2026 until Tue 01 Sep 2026 (that day not included); "
                "at most 3 when it begins from Tue 01 Dec 2026 until Fri 01 Jan 2027 (that day not included); "
                "as you like when it begins from Mon 01 Feb 2027 until Mon 01 Mar 2027 (that day not included)."
            ),
        ),
        (
            OpeningHours(
                Week(mon=(Opening(time(9), time(12)), Opening(time(13), time(17))), sat=(Opening(time(20), time(2)),))
            ),
            "Open Mon 09:00 to 12:00, 13:00 to 17:00; Sat 20:00 to 02:00.",
        ),
        (PartySize(), "Parties of any size are welcome."),
        (PartySize(minimum=2), "A party is at least 2 guests."),
        (PartySize(maximum=1), "A party is at most 1 guest."),
        (PartySize(2, 4), "A party is 2 guests to 4 guests."),
        (PartySize(2, 2), "A party is exactly 2 guests."),
        (PerDayLimit(2, "guest"), "At most 2 reservations of one guest may begin on one day."),
        (PerDayLimit(1, "resource"), "At most 1 reservation may begin on one day."),
    ],
)
def test_rules_explain_themselves_to_guests(rule: Rule, sentence: str) -> None:
    assert rule.explain() == sentence


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: ActivePerGuest(0), "limit"),
        (lambda: ArrivalWeekdays(()), "weekdays"),
        (lambda: ArrivalWeekdays(("mon", "mon")), "weekdays"),
        (lambda: BlackoutDates(()), "ranges"),
        (lambda: Blackout(date(2026, 1, 2), date(2026, 1, 1), "Reversed"), "until_on"),
        (lambda: Buffers(-1, 0), "before_minutes"),
        (lambda: Buffers(0, MOST_MINUTES + 1), "after_minutes"),
        (lambda: DailyCutoff(time(17, 0, 1)), "at"),
        (lambda: DailyCutoff(time(17), -1), "within_days"),
        (lambda: Expression(" ", "No.", "notes"), "expression"),
        (lambda: Expression("x" * 1001, "No.", "notes"), "expression"),
        (lambda: Expression("true", "", "notes"), "message"),
        (lambda: Expression("true", "x" * 501, "notes"), "message"),
        (lambda: Expression("true", "No.", "guest.shoe_size"), "field"),
        (lambda: Grid(25), "step_minutes"),
        (lambda: Horizon(-1), "maximum_days"),
        (lambda: LeadTime(10**30), "minimum_minutes"),
        (lambda: Length(minimum=0), "minimum"),
        (lambda: Length(minimum=3, maximum=2), "maximum"),
        (lambda: LengthSeason(date(2026, 1, 2), date(2026, 1, 2)), "until_on"),
        (lambda: LengthSeason(date(2026, 1, 1), date(2026, 1, 2), 3, 2), "maximum"),
        (lambda: Opening(time(9, 0, 0, 1), time(17)), "opens"),
        (lambda: Opening(time(9), time(17, tzinfo=LISBON)), "closes"),
        (lambda: OpeningHours(Week()), "weekly"),
        (lambda: OpeningHours(Week(mon=(Opening(time(9), time(12)), Opening(time(11), time(13))))), "weekly"),
        (lambda: OpeningHours(Week(mon=(Opening(time(20), time(3)),), tue=(Opening(time(2), time(3)),))), "weekly"),
        (lambda: OpeningHours(Week(sun=(Opening(time(20), time(3)),), mon=(Opening(time(2), time(3)),))), "weekly"),
        (lambda: PartySize(0), "minimum"),
        (lambda: PartySize(2, 1), "maximum"),
        (lambda: PerDayLimit(0, "guest"), "limit"),
    ],
)
def test_parameters_that_contradict_themselves_are_refused_by_name(make: Callable[[], object], field: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        make()
    assert refusal.value.field == field


@given(
    st.integers(0, 40),
    st.integers(0, 95),
    st.integers(0, 95),
    st.sampled_from(["Europe/Lisbon", "Australia/Lord_Howe"]),
)
def test_rules_by_day_answer_alike_for_all_uses_of_one_length_in_one_day(
    day: int, one: int, other: int, name: str
) -> None:
    zone = ZoneInfo(name)
    world = facts(at("2026-10-20 10:00"), zone, resource_on_day=1)
    starts = [at("2026-10-20 00:00") + timedelta(days=day, minutes=15 * quarter) for quarter in (one, other)]
    uses = [Wanted(resource(), TimeRange(start, start + timedelta(minutes=15)), None, 1, 3) for start in starts]
    dates = {local_date(during, zone) for use in uses for during in (use.during.starts_at, use.during.ends_at)}
    assume(len(dates) == 1)
    for rule in (
        *ONE_OF_EACH,
        ArrivalWeekdays(("fri",), (DateRange(date(2026, 10, 25), date(2026, 11, 5)),)),
        BlackoutDates((Blackout(date(2026, 10, 25), date(2026, 10, 26), "Clocks"),)),
        DailyCutoff(time(9), 3),
        Length(seasons=(LengthSeason(date(2026, 10, 25), date(2026, 11, 5), 30),)),
        PerDayLimit(1, "resource"),
    ):
        if rule.by_day:
            assert codes(rule, uses[0], world) == codes(rule, uses[1], world)


# Lead time and horizon


def test_lead_time_is_counted_to_the_minute_and_says_the_earliest_start() -> None:
    rule = LeadTime(minimum_minutes=120)
    assert not check(rule, use("2026-11-20 12:00", "2026-11-20 13:00"))
    [violation] = check(rule, use("2026-11-20 11:59", "2026-11-20 13:00"), facts(zone=NEW_YORK))
    assert (violation.code, violation.field) == ("too_soon", "starts_at")
    assert violation.message == (
        "Please reserve at least 2 hours before it begins. "
        "Now the earliest start is Fri 20 Nov 2026, 07:00 (America/New_York)."
    )
    assert violation.parameters == {"minimum_minutes": 120, "earliest_at": "2026-11-20T12:00:00Z"}


def test_lead_time_of_a_stay_is_counted_to_its_check_in_time() -> None:
    rule = LeadTime(minimum_minutes=60)
    assert not check(rule, stay("2026-11-20", 1), facts(at("2026-11-20 14:00")))
    assert codes(rule, stay("2026-11-20", 1), facts(at("2026-11-20 14:01"))) == [("too_soon", "check_in_on")]


def test_horizon_counts_days_by_the_tenants_calendar() -> None:
    rule = Horizon(maximum_days=1)
    evening = facts(at("2026-11-21 03:00"), NEW_YORK)
    assert not check(rule, use("2026-11-22 04:59", "2026-11-22 06:00"), evening)
    [violation] = check(rule, use("2026-11-22 05:00", "2026-11-22 06:00"), evening)
    assert (violation.code, violation.field) == ("too_far_ahead", "starts_at")
    assert violation.message.endswith("Now the latest start is on Sat 21 Nov 2026.")


# The daily cutoff


@pytest.mark.parametrize(
    ("within_days", "now", "start_on", "refused"),
    [
        (None, "16:59", "2026-11-20", False),
        (None, "17:00", "2026-12-31", True),
        (0, "16:59", "2026-11-20", False),
        (0, "17:00", "2026-11-20", True),
        (0, "23:59", "2026-11-21", False),
        (1, "17:00", "2026-11-21", True),
        (1, "17:00", "2026-11-22", False),
    ],
)
def test_from_the_cutoff_on_nothing_near_is_accepted(
    *, within_days: int | None, now: str, start_on: str, refused: bool
) -> None:
    world = facts(at(f"2026-11-20 {now}"))
    expected = [("after_cutoff", "check_in_on")] if refused else []
    assert codes(DailyCutoff(time(17), within_days), stay(start_on, 1), world) == expected


def test_the_cutoff_says_what_is_possible_instead() -> None:
    late = facts(at("2026-11-20 22:30"), NEW_YORK)
    wanted = use("2026-11-21 15:00", "2026-11-21 16:00")
    [nothing] = check(DailyCutoff(time(17)), wanted, late)
    [near] = check(DailyCutoff(time(17), 2), wanted, late)
    assert nothing.message.endswith("It is 17:30 now; please come back tomorrow before 17:00.")
    assert near.message.endswith("It is 17:30 now; the earliest start is on Mon 23 Nov 2026.")
    assert near.parameters == {"at": "17:00", "within_days": 2}


# Weekdays and lengths


def test_a_use_begins_on_one_of_the_weekdays_where_it_is() -> None:
    rule = ArrivalWeekdays(weekdays=("fri",))
    friday_in_new_york = use("2026-11-28 04:30", "2026-11-28 06:00")
    assert not check(rule, friday_in_new_york, facts(zone=NEW_YORK))
    [violation] = check(rule, friday_in_new_york)
    assert (violation.code, violation.field) == ("arrival_weekday", "starts_at")
    assert violation.message == "Sat 28 Nov 2026 is not possible as the first day; expected Fri."
    assert violation.parameters == {"weekdays": ["fri"], "given": "2026-11-28"}


def test_weekdays_of_a_season_bind_only_what_begins_in_it() -> None:
    rule = ArrivalWeekdays(("sat",), (DateRange(date(2027, 6, 1), date(2027, 9, 1)),))
    assert not check(rule, stay("2027-05-31", 3))
    assert codes(rule, stay("2027-06-01", 3)) == [("arrival_weekday", "check_in_on")]
    assert not check(rule, stay("2027-06-05", 3))
    assert not check(rule, stay("2027-09-01", 3))


def test_length_is_of_nights_or_of_minutes() -> None:
    rule = Length(minimum=2, maximum=60)
    assert codes(rule, stay("2026-11-25", 1)) == [("too_short", "check_out_on")]
    assert not check(rule, stay("2026-11-25", 60))
    assert not check(rule, use("2026-11-25 10:00", "2026-11-25 11:00"))
    [violation] = check(rule, use("2026-11-25 10:00", "2026-11-25 11:01"))
    assert (violation.rule, violation.code, violation.field) == ("length", "too_long", "ends_at")
    assert violation.parameters == {"minimum": 2, "maximum": 60, "given": 61, "unit": "minutes"}


def test_messages_about_lengths_say_what_is_expected() -> None:
    one_night = stay("2026-11-25", 1)
    assert [check(rule, one_night)[0].message for rule in (Length(minimum=2), Length(2, 3), Length(7, 7))] == [
        "1 night is too short; expected at least 2 nights.",
        "1 night is too short; expected 2 nights to 3 nights.",
        "1 night is too short; expected exactly 7 nights.",
    ]
    [violation] = check(Length(maximum=2), stay("2026-11-25", 3))
    assert violation.message == "3 nights is too long; expected at most 2 nights."


def test_the_season_listed_last_in_which_a_use_begins_replaces_both_bounds() -> None:
    summer = LengthSeason(date(2027, 6, 1), date(2027, 9, 1), minimum=7)
    july = LengthSeason(date(2027, 7, 1), date(2027, 8, 1), maximum=4)
    rule = Length(minimum=2, maximum=3, seasons=(summer, july))
    assert not check(rule, stay("2027-05-31", 3))
    assert codes(rule, stay("2027-06-01", 3)) == [("too_short", "check_out_on")]
    assert not check(rule, stay("2027-07-10", 3))
    assert codes(rule, stay("2027-07-10", 7)) == [("too_long", "check_out_on")]
    assert Length(seasons=(july, summer)).bounds(date(2027, 7, 10)) == (7, None)
    assert not check(rule, stay("2027-06-01", 30))
    assert codes(rule, stay("2027-09-01", 4)) == [("too_long", "check_out_on")]


# Parties and limits


@pytest.mark.parametrize(("given_size", "code"), [(1, "party_too_small"), (2, None), (4, None), (5, "party_too_large")])
def test_a_party_has_bounds(given_size: int, code: str | None) -> None:
    expected = [(code, "party_size")] if code else []
    wanted = use("2026-11-25 10:00", "2026-11-25 11:00", party_size=given_size)
    assert codes(PartySize(2, 4), wanted) == expected
    assert not check(PartySize(), wanted)


def test_what_a_party_was_is_said() -> None:
    [violation] = check(PartySize(2, 4), use("2026-11-25 10:00", "2026-11-25 11:00", party_size=5))
    assert violation.message == "A party is 2 guests to 4 guests. You said 5."
    assert violation.parameters == {"minimum": 2, "maximum": 4, "given": 5}


def test_a_guest_has_only_so_many_active_reservations() -> None:
    wanted = use("2026-11-25 10:00", "2026-11-25 11:00")
    assert not check(ActivePerGuest(2), wanted, facts(guest_active=1))
    [violation] = check(ActivePerGuest(2), wanted, facts(guest_active=2))
    assert (violation.code, violation.field) == ("too_many_active", "guest.email")
    assert violation.parameters == {"limit": 2, "active": 2}


@pytest.mark.parametrize(
    ("scope", "full", "free"),
    [
        ("guest", {"guest_on_day": 2}, {"guest_on_day": 1, "resource_on_day": 9}),
        ("resource", {"resource_on_day": 2}, {"resource_on_day": 1, "guest_on_day": 9}),
    ],
)
def test_only_so_many_begin_on_a_day(
    scope: Literal["guest", "resource"], full: dict[str, int], free: dict[str, int]
) -> None:
    rule = PerDayLimit(2, scope)
    assert not check(rule, stay("2026-11-25", 1), replace(facts(), **free))
    [violation] = check(rule, stay("2026-11-25", 1), replace(facts(), **full))
    assert (violation.code, violation.field) == ("day_is_full", "check_in_on")
    assert violation.message.endswith("Wed 25 Nov 2026 has 2 already; choose another day.")
    assert violation.parameters == {"limit": 2, "scope": scope, "on": "2026-11-25", "present": 2}


# Hours, grid and dates


WEEK = OpeningHours(
    Week(
        wed=(Opening(time(9), time(12)), Opening(time(12), time(17))),
        thu=(Opening(time(9), time(17)),),
        sat=(Opening(time(20), time(0)),),
        sun=(Opening(time(0), time(2)), Opening(time(20), time(2))),
    )
)


@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [
        ("2026-11-25 09:00", "2026-11-25 17:00", None),
        ("2026-11-25 08:59", "2026-11-25 10:00", "starts_at"),
        ("2026-11-25 16:00", "2026-11-25 17:01", "ends_at"),
        ("2026-11-25 16:00", "2026-11-26 10:00", "ends_at"),
        ("2026-11-27 10:00", "2026-11-27 11:00", "starts_at"),
        ("2026-11-28 20:00", "2026-11-29 02:00", None),
        ("2026-11-29 01:00", "2026-11-29 02:01", "ends_at"),
        ("2026-11-29 21:00", "2026-11-30 02:00", None),
        ("2026-11-30 01:00", "2026-11-30 02:00", None),
        ("2026-11-25 17:00", "2026-11-25 18:00", "starts_at"),
    ],
)
def test_a_use_lies_in_openings_that_may_touch_each_other(starts: str, ends: str, field: str | None) -> None:
    assert codes(WEEK, use(starts, ends)) == ([("closed", field)] if field else [])


def test_opening_hours_say_when_it_is_open_on_the_day() -> None:
    [on_wednesday] = check(WEEK, use("2026-11-25 18:00", "2026-11-25 19:00"))
    [on_friday] = check(WEEK, use("2026-11-27 18:00", "2026-11-27 19:00"))
    assert on_wednesday.message == (
        "It is not open for all of that time; opening hours on Wed 25 Nov 2026: 09:00 to 12:00, 12:00 to 17:00."
    )
    assert on_friday.message.endswith("opening hours on Fri 27 Nov 2026: closed.")


def test_opening_hours_are_those_of_the_wall_clock() -> None:
    in_summer, in_winter = use("2027-07-14 08:00", "2027-07-14 16:00"), use("2026-11-25 08:00", "2026-11-25 16:00")
    assert not check(WEEK, in_summer)
    assert codes(WEEK, in_winter) == [("closed", "starts_at")]


def test_a_place_that_never_closes_is_open_through_every_change_of_clocks() -> None:
    always = OpeningHours(Week(*([(Opening(time(0), time(0)),)] * 7)))
    for zone, starts in ((LISBON, "2026-10-24 00:00"), (ZoneInfo("Pacific/Apia"), "2011-12-28 00:00")):
        during = TimeRange(at(starts), at(starts) + timedelta(days=5))
        assert not check(always, Wanted(resource(), during, None, 1, 1), facts(zone=zone))


def test_an_opening_that_the_clock_skips_is_none() -> None:
    night_shift = OpeningHours(Week(sun=(Opening(time(1, 15), time(1, 45)), Opening(time(1, 50), time(3)))))
    clocks_put_forward = between("2027-03-28 00:00", "2027-03-29 00:00")
    assert list(night_shift.openings(clocks_put_forward, LISBON)) == [between("2027-03-28 01:00", "2027-03-28 02:00")]


def test_only_openings_that_reach_into_a_range_are_given_and_those_whole() -> None:
    early = between("2026-11-25 10:00", "2026-11-25 10:30")
    assert list(WEEK.openings(early, LISBON)) == [between("2026-11-25 09:00", "2026-11-25 12:00")]


@pytest.mark.parametrize(("starts", "refused"), [("10:00", False), ("10:30", False), ("10:15", True)])
def test_a_start_is_on_the_grid(*, starts: str, refused: bool) -> None:
    expected = [("off_grid", "starts_at")] if refused else []
    wanted = use(f"2026-11-25 {starts}", "2026-11-25 11:01")
    assert codes(Grid(30), wanted) == expected
    kathmandu = facts(zone=ZoneInfo("Asia/Kathmandu"))
    assert bool(codes(Grid(30), wanted, kathmandu)) is not refused


CHRISTMAS = BlackoutDates(
    (
        Blackout(date(2026, 12, 24), date(2026, 12, 27), "Christmas."),
        Blackout(date(2027, 1, 1), date(2027, 1, 2), "New Year."),
    )
)


@pytest.mark.parametrize(
    ("check_in_on", "nights", "fields"),
    [
        ("2026-12-20", 4, []),
        ("2026-12-20", 5, ["check_out_on"]),
        ("2026-12-26", 1, ["check_in_on"]),
        ("2026-12-27", 5, []),
        ("2026-12-24", 20, ["check_in_on", "check_out_on"]),
    ],
)
def test_no_night_is_on_a_blackout_date(check_in_on: str, nights: int, fields: list[str]) -> None:
    assert codes(CHRISTMAS, stay(check_in_on, nights)) == [("blacked_out", field) for field in fields]


@pytest.mark.parametrize(
    ("starts", "ends", "fields"),
    [
        ("2026-12-23 20:00", "2026-12-24 00:00", []),
        ("2026-12-23 20:00", "2026-12-24 00:01", ["ends_at"]),
        ("2026-12-26 23:00", "2026-12-27 01:00", ["starts_at"]),
        ("2026-12-27 00:00", "2026-12-27 01:00", []),
    ],
)
def test_no_time_is_on_a_blackout_date(starts: str, ends: str, fields: list[str]) -> None:
    assert codes(CHRISTMAS, use(starts, ends)) == [("blacked_out", field) for field in fields]


def test_a_blackout_says_why() -> None:
    [violation] = check(CHRISTMAS, use("2027-01-01 10:00", "2027-01-01 11:00"))
    assert violation.message == "Nothing can be reserved on Fri 01 Jan 2027: New Year."
    assert violation.parameters == {"from_on": "2027-01-01", "until_on": "2027-01-02", "reason": "New Year."}


def test_buffers_refuse_nothing_themselves() -> None:
    assert not check(Buffers(60, 60), use("2026-11-25 10:00", "2026-11-25 11:00"))


# Expressions


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (True, None),
        (False, "not_met"),
        (None, "cannot_be_evaluated"),
        (1, "cannot_be_evaluated"),
        ("true", "cannot_be_evaluated"),
    ],
)
def test_an_expression_must_be_true_and_nothing_like_it(answer: object, code: str | None) -> None:
    rule = Expression("party_size <= 2 * quantity", "Two people share a kayak.", "quantity")
    asked: list[tuple[str, Mapping[str, Any]]] = []

    def evaluate_expression(expression: str, given: Mapping[str, Any]) -> object:
        asked.append((expression, given))
        return answer

    world = facts(evaluate_expression=evaluate_expression)
    wanted = use("2026-11-25 10:00", "2026-11-25 11:00")
    violations = check(rule, wanted, world)
    assert told(violations) == ([("expression", code, "quantity")] if code else [])
    assert all(violation.message == "Two people share a kayak." for violation in violations)
    assert asked == [("party_size <= 2 * quantity", variables(wanted, world))]


def test_an_expression_speaks_of_the_use_as_the_tenant_sees_it() -> None:
    wanted = use("2026-11-26 03:30", "2026-11-26 05:00", quantity=2, party_size=3)
    assert variables(wanted, facts(zone=NEW_YORK)) == {
        "now": NOW,
        "starts_at": at("2026-11-26 03:30"),
        "ends_at": at("2026-11-26 05:00"),
        "weekday": "wed",
        "starts_on": "2026-11-25",
        "starts_time": "22:30",
        "nights": None,
        "minutes": 90,
        "quantity": 2,
        "party_size": 3,
        "resource": {"slug": "kayaks", "name": "Kayaks", "capacity": 5, "max_party_size": 6},
    }
    assert variables(stay("2026-11-25", 3), facts())["nights"] == 3


def test_facts_that_cannot_evaluate_an_expression_are_a_mistake_of_the_program() -> None:
    with pytest.raises(LookupError):
        check(Expression("true", "No.", "notes"), use("2026-11-25 10:00", "2026-11-25 11:00"))


# What is there already

CLOSED = BlackoutDates((Blackout(date(2026, 11, 20), date(2026, 11, 30), "Closed."),))
LONG_STAYS = LengthSeason(date(2026, 11, 25), date(2026, 12, 1), minimum=7)
PRESENT = stay("2026-11-24", 3, 2, 4)
"""Tuesday to Friday, two units, four people."""
SHORTER, LATER_START = stay("2026-11-24", 2, 2, 4), stay("2026-11-25", 2, 2, 4)
LONGER, EARLIER_START = stay("2026-11-24", 4, 2, 4), stay("2026-11-23", 4, 2, 4)
OTHER_TIME = stay("2026-11-25", 3, 2, 4)
FEWER, SMALLER = stay("2026-11-24", 3, 1, 4), stay("2026-11-24", 3, 2, 3)
MORE, LARGER = stay("2026-11-24", 3, 3, 4), stay("2026-11-24", 3, 2, 5)
CHANGES = [SHORTER, LATER_START, FEWER, SMALLER, LONGER, EARLIER_START, OTHER_TIME, MORE, LARGER]
GIVING_UP = CHANGES[:4]


def never(_expression: str, _variables: Mapping[str, Any]) -> bool:
    """The answer to every expression."""
    return False


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        (LeadTime(minimum_minutes=525_600), [EARLIER_START, OTHER_TIME]),
        (Horizon(maximum_days=0), [EARLIER_START, OTHER_TIME]),
        (ArrivalWeekdays(("sun",)), [EARLIER_START, OTHER_TIME]),
        (DailyCutoff(time(9), within_days=30), [EARLIER_START, OTHER_TIME]),
        (DailyCutoff(time(9)), [LONGER, EARLIER_START, OTHER_TIME, MORE, LARGER]),
        (Expression("false", "No.", "notes"), [LONGER, EARLIER_START, OTHER_TIME, MORE, LARGER]),
        (CLOSED, [LONGER, EARLIER_START, OTHER_TIME, MORE, LARGER]),
        (Length(maximum=1), [LONGER, EARLIER_START, OTHER_TIME]),
        (Length(minimum=9), [SHORTER, LATER_START, EARLIER_START, OTHER_TIME]),
        (Length(minimum=2, seasons=(LONG_STAYS,)), [OTHER_TIME]),
        (PartySize(maximum=2), [LARGER]),
        (PartySize(minimum=9), [SMALLER]),
        (ActivePerGuest(1), []),
        (PerDayLimit(1, "guest"), [EARLIER_START, OTHER_TIME]),
    ],
)
def test_of_what_is_there_already_a_rule_is_asked_only_about_what_is_newly_taken(
    rule: Rule, refused: list[Wanted]
) -> None:
    """The rule would refuse all of these if they were new, and is new itself: what is there was made without it."""
    world = facts(guest_active=1, guest_on_day=1, evaluate_expression=never)
    judged = [replace(wanted, present=present_of(PRESENT)) for wanted in CHANGES]
    found = [replace(wanted, present=None) for wanted in judged if list(broken_rules((rule,), wanted, world))]
    assert sorted(map(CHANGES.index, found)) == sorted(map(CHANGES.index, refused))


def test_opening_hours_are_asked_about_the_time_that_is_newly_taken() -> None:
    hours = OpeningHours(Week(wed=(Opening(time(12), time(18)),)))
    present = present_of(use("2026-11-25 10:00", "2026-11-25 12:00"))
    later, earlier = use("2026-11-25 10:00", "2026-11-25 13:00"), use("2026-11-25 09:00", "2026-11-25 12:00")
    assert [
        [violation.code for violation in broken_rules((hours,), replace(one, present=present), facts())]
        for one in (later, earlier)
    ] == [[], ["closed"]]


@given(st.datetimes(datetime(2026, 11, 20), datetime(2026, 12, 20)), st.integers(0, 4000))
def test_lead_time_accepts_exactly_what_begins_no_earlier_than_it_says(starts: datetime, minimum: int) -> None:
    rule = LeadTime(minimum)
    starts_at = at(starts.isoformat())
    wanted = Wanted(resource(), TimeRange(starts_at, starts_at + timedelta(hours=1)), None, 1, 1)
    assert (starts_at >= rule.earliest_at(NOW)) is not bool(check(rule, wanted))
