"""Recurrence: the dates of python-dateutil for every rule that both know, and refusals that name the part."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile

import pytest
from dateutil.rrule import rrulestr  # pyright: ignore[reportMissingModuleSource] - for tests alone
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain import recurrence
from chalicelib.domain.errors import InvalidRecurrenceError
from chalicelib.domain.recurrence import DAY_CODES, LONGEST, MOST_OCCURRENCES, dates_of, parse_recurrence

DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
WEEKDAYS = st.lists(st.sampled_from(DAY_CODES), min_size=1, max_size=4, unique=True)
COUNTED = st.lists(
    st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1, -2, -5]), st.sampled_from(DAY_CODES)), min_size=1, max_size=3
)
MONTH_DAYS = st.lists(st.sampled_from([1, 2, 13, 15, 28, 29, 30, 31, -1, -2, -31]), min_size=1, max_size=3, unique=True)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """A rule without an end."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    by = False
    if draw(st.booleans()):
        counted = frequency == "MONTHLY" and draw(st.booleans())
        named = [f"{nth}{day}" for nth, day in draw(COUNTED)] if counted else draw(WEEKDAYS)
        parts.append(f"BYDAY={','.join(named)}")
        by = True
    if frequency != "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYMONTHDAY={','.join(map(str, draw(MONTH_DAYS)))}")
        by = True
    if by and draw(st.booleans()):
        places = draw(st.lists(st.sampled_from([1, 2, 3, -1, -2]), min_size=1, max_size=2, unique=True))
        parts.append(f"BYSETPOS={','.join(map(str, places))}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(DAY_CODES))}")
    return ";".join(parts)


def oracle(rule: str, first_on: date, until: date) -> list[date]:
    """What dateutil says."""
    found = rrulestr(f"{rule};UNTIL={until:%Y%m%d}", dtstart=datetime.combine(first_on, time()))
    return [one.date() for one in takewhile(lambda one: one.date() <= until, found)]


@given(rules(), DAYS, st.integers(30, 160))
def test_dates_are_those_that_dateutil_finds(rule: str, first_on: date, length: int) -> None:
    until = first_on + timedelta(days=length)
    try:
        found = dates_of(parse_recurrence(f"{rule};UNTIL={until:%Y%m%d}"), first_on)
    except InvalidRecurrenceError as refusal:
        assert refusal.field == "rrule.FREQ"  # noqa: PT017 - both outcomes are right, each in its case
        found = []
        assume("INTERVAL=1" in rule and "BYSETPOS" not in rule)  # dateutil looks for what never matches until 9999
    assert found == oracle(rule, first_on, until)


@given(rules(), DAYS, st.integers(1, 40))
def test_so_many_dates_are_the_first_that_many(rule: str, first_on: date, count: int) -> None:
    everything = _dates(f"{rule};UNTIL={first_on + timedelta(days=199):%Y%m%d}", first_on)
    assume(len(everything) >= count)
    assert dates_of(parse_recurrence(f"{rule};COUNT={count}"), first_on) == everything[:count]


def _dates(rule: str, first_on: date) -> list[date]:
    try:
        return dates_of(parse_recurrence(rule), first_on)
    except InvalidRecurrenceError:
        return []


@given(rules(), st.integers(1, 200))
def test_what_is_written_is_read_alike(rule: str, count: int) -> None:
    read = parse_recurrence(f"{rule};COUNT={count}")
    assert parse_recurrence(str(read)) == read


@pytest.mark.parametrize(
    ("rule", "first_on", "expected"),
    [
        ("FREQ=MONTHLY;COUNT=3", "2027-01-31", "2027-01-31 2027-03-31 2027-05-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "2028-01-05", "2028-01-31 2028-02-29 2028-03-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=29;INTERVAL=12;COUNT=1", "2028-02-01", "2028-02-29"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=1", "2027-01-01", "2027-08-13"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", "2027-01-01", "2027-01-29 2027-02-26"),
        ("FREQ=MONTHLY;BYDAY=1MO,-1FR;COUNT=3", "2027-06-02", "2027-06-07 2027-06-25 2027-07-05"),
        ("FREQ=MONTHLY;BYDAY=MO,1TU;COUNT=2", "2027-06-01", "2027-06-01 2027-06-07"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO;COUNT=3", "1997-08-05", "1997-08-05 1997-08-10 1997-08-19"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU;COUNT=3", "1997-08-05", "1997-08-05 1997-08-17 1997-08-19"),
        ("freq=weekly;until=20270615", "2027-06-01", "2027-06-01 2027-06-08 2027-06-15"),
    ],
)
def test_month_ends_leap_days_and_week_starts(rule: str, first_on: str, expected: str) -> None:
    found = dates_of(parse_recurrence(rule), date.fromisoformat(first_on))
    assert [on.isoformat() for on in found] == expected.split()


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("", "rrule"),
        ("FREQ=SECONDLY;COUNT=5", "rrule.FREQ"),
        ("FREQ=HOURLY;UNTIL=20270601", "rrule.FREQ"),
        ("FREQ=YEARLY;COUNT=2", "rrule.FREQ"),
        ("COUNT=2", "rrule.FREQ"),
        ("FREQ=DAILY;COUNT=1000000000", "rrule.COUNT"),
        ("FREQ=DAILY;COUNT=201", "rrule.COUNT"),
        ("FREQ=DAILY;COUNT=0", "rrule.COUNT"),
        ("FREQ=DAILY;COUNT=-1", "rrule.COUNT"),
        ("FREQ=DAILY;COUNT=\uff11", "rrule.COUNT"),
        ("FREQ=DAILY", "rrule.COUNT"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270601", "rrule.COUNT"),
        ("FREQ=DAILY;COUNT=2;COUNT=3", "rrule.COUNT"),
        ("FREQ=DAILY;COUNT=", "rrule.COUNT"),
        ("FREQ=DAILY;UNTIL=20270230", "rrule.UNTIL"),
        ("FREQ=DAILY;UNTIL=99991231T235959", "rrule.UNTIL"),
        ("FREQ=DAILY;INTERVAL=0;COUNT=2", "rrule.INTERVAL"),
        ("FREQ=DAILY;INTERVAL=1e9;COUNT=2", "rrule.INTERVAL"),
        ("FREQ=WEEKLY;BYDAY=1MO;COUNT=2", "rrule.BYDAY"),
        ("FREQ=MONTHLY;BYDAY=6MO;COUNT=2", "rrule.BYDAY"),
        ("FREQ=MONTHLY;BYDAY=XX;COUNT=2", "rrule.BYDAY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1;COUNT=2", "rrule.BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=2", "rrule.BYMONTHDAY"),
        ("FREQ=MONTHLY;BYSETPOS=1;COUNT=2", "rrule.BYSETPOS"),
        ("FREQ=DAILY;WKST=XX;COUNT=2", "rrule.WKST"),
        ("FREQ=DAILY;BYSECOND=0,1,2;COUNT=2", "rrule"),
        ("FREQ=DAILY;COUNT=2;", "rrule"),
        ("RRULE:FREQ=DAILY;COUNT=2", "rrule"),
    ],
)
def test_the_part_that_is_wrong_is_named(rule: str, field: str) -> None:
    with pytest.raises(InvalidRecurrenceError) as refused:
        parse_recurrence(rule)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("FREQ=DAILY;UNTIL=21991231", "rrule.UNTIL"),
        ("FREQ=DAILY;UNTIL=20271231", "rrule.UNTIL"),
        ("FREQ=MONTHLY;COUNT=200", "rrule.COUNT"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;COUNT=5", "rrule.FREQ"),
        ("FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=5;COUNT=5", "rrule.FREQ"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=5", "rrule.FREQ"),
        ("FREQ=DAILY;BYDAY=MO;BYSETPOS=2;COUNT=5", "rrule.FREQ"),
        ("FREQ=DAILY;UNTIL=20200101", "rrule.FREQ"),
    ],
)
def test_a_rule_without_end_or_match_is_refused_after_few_steps(
    rule: str, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[date] = []
    fits = recurrence._fits  # pyright: ignore[reportPrivateUsage] # noqa: SLF001 - steps are counted where they are made

    def counted(parsed: recurrence.Recurrence, on: date) -> bool:
        looked_at.append(on)
        return fits(parsed, on)

    monkeypatch.setattr(recurrence, "_fits", counted)
    with pytest.raises(InvalidRecurrenceError) as refused:
        dates_of(parse_recurrence(rule), date(2027, 2, 2))
    assert refused.value.field == field
    assert len(looked_at) <= LONGEST.days + 62


def test_a_series_may_have_just_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(dates_of(parse_recurrence(f"FREQ=DAILY;COUNT={MOST_OCCURRENCES}"), date(2027, 1, 1))) == MOST_OCCURRENCES
    monkeypatch.setattr(recurrence, "MOST_OCCURRENCES", 2)
    assert len(dates_of(parse_recurrence("FREQ=DAILY;UNTIL=20270102"), date(2027, 1, 1))) == 2
    with pytest.raises(InvalidRecurrenceError):
        dates_of(parse_recurrence("FREQ=DAILY;UNTIL=20270103"), date(2027, 1, 1))


def test_an_instant_leaves_open_on_which_date_it_is() -> None:
    rule = parse_recurrence("FREQ=DAILY;UNTIL=20270603T235959Z")
    assert rule.until == datetime(2027, 6, 3, 23, 59, 59, tzinfo=UTC)
    assert dates_of(rule, date(2027, 6, 1))[-1] == date(2027, 6, 4)
    assert str(rule.ending_on(date(2027, 6, 2))) == "FREQ=DAILY;UNTIL=20270602"
