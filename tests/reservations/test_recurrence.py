"""Recurrence rules: the dates that RFC 5545 says, and nothing that takes long."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import InvalidInputError
from chalicelib.reservations.model import recurrence
from chalicelib.reservations.model.recurrence import HORIZON, MOST, occurrences, split_rule

FIRST = date(2027, 5, 3)  # a Monday
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def on(*days: str) -> list[date]:
    return [date.fromisoformat(day) for day in days]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;COUNT=3", on("2027-05-03", "2027-05-04", "2027-05-05")),
        ("FREQ=DAILY;INTERVAL=10;UNTIL=20270525", on("2027-05-03", "2027-05-13", "2027-05-23")),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", on("2027-05-03", "2027-05-05", "2027-05-10")),
        ("freq=weekly;interval=2;count=2", on("2027-05-03", "2027-05-17")),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", on("2027-05-31", "2027-07-31", "2027-08-31")),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", on("2027-05-31", "2027-06-30")),
        ("FREQ=MONTHLY;BYDAY=2MO;COUNT=2", on("2027-05-10", "2027-06-14")),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", on("2027-05-28", "2027-06-25")),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", on("2027-05-31", "2027-06-30")),
        ("FREQ=WEEKLY;BYDAY=MO,WE;WKST=SU;BYSETPOS=-1;COUNT=2", on("2027-05-05", "2027-05-12")),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=29;COUNT=1", on("2028-02-29")),
        ("FREQ=DAILY;UNTIL=20270504T090000Z", on("2027-05-03", "2027-05-04")),
        ("FREQ=MONTHLY;BYDAY=MO,1TU;COUNT=3", on("2027-05-03", "2027-05-04", "2027-05-10")),
    ],
)
def test_the_dates_are_those_of_rfc_5545(rule: str, expected: list[date]) -> None:
    assert occurrences(rule, FIRST) == expected


def test_exceptions_are_left_out_and_have_to_be_dates_of_the_rule() -> None:
    assert occurrences("FREQ=DAILY;COUNT=3", FIRST, on("2027-05-04")) == on("2027-05-03", "2027-05-05")
    with pytest.raises(InvalidInputError) as refused:
        occurrences("FREQ=DAILY;COUNT=3", FIRST, on("2027-06-04"))
    assert refused.value.field == "except_on"


@pytest.mark.parametrize(
    ("until", "zone", "last"),
    [
        ("20270506", "America/New_York", "2027-05-06"),
        ("20270506T010000Z", "America/New_York", "2027-05-05"),  # nine in the evening of the day before
        ("20270506T005959Z", "America/New_York", "2027-05-04"),
        ("20270505T090000Z", "Pacific/Auckland", "2027-05-05"),  # nine in the evening
        ("20270505T085959Z", "Pacific/Auckland", "2027-05-04"),
        ("20270505T210000", "Pacific/Auckland", "2027-05-05"),
        ("20270505T205959", "America/New_York", "2027-05-04"),
    ],
)
def test_the_last_instant_is_compared_by_the_tenants_clock(until: str, zone: str, last: str) -> None:
    found = occurrences(f"FREQ=DAILY;UNTIL={until}", FIRST, at=time(21), zone=ZoneInfo(zone))
    assert found[-1].isoformat() == last


@given(st.data(), st.integers(2, 30))
def test_a_rule_that_is_split_has_the_same_dates(data: st.DataObject, count: int) -> None:
    rule = data.draw(rules())
    for end in (f"COUNT={count}", f"UNTIL={FIRST + timedelta(days=199):%Y%m%d}"):
        try:
            dates = occurrences(f"{rule};{end}", FIRST)
        except InvalidInputError:
            continue
        if len(dates) > 1:
            from_on = data.draw(st.sampled_from(dates[1:]))
            before, after = split_rule(f"{rule};{end}", FIRST, from_on)
            assert occurrences(before, FIRST) + occurrences(after, from_on) == dates


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=SECONDLY;COUNT=5",
        "FREQ=MINUTELY;COUNT=5",
        "FREQ=HOURLY;COUNT=5",
        "FREQ=YEARLY;COUNT=2",
        "FREQ=DAILY",
        "FREQ=DAILY;COUNT=2;UNTIL=20270601",
        "FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2;COUNT=1",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4,6,9,11;UNTIL=20280101",
        "FREQ=DAILY;INTERVAL=1000000000;COUNT=2",
        "FREQ=DAILY;INTERVAL=0;COUNT=2",
        "FREQ=MONTHLY;INTERVAL=999;COUNT=2",
        "FREQ=DAILY;UNTIL=20990101",
        "FREQ=DAILY;UNTIL=20271301",
        "FREQ=DAILY;UNTIL=20270604T250000Z",
        "FREQ=DAILY;UNTIL=20270604T",
        "FREQ=DAILY;UNTIL=20280101",
        "FREQ=WEEKLY;BYDAY=XX;COUNT=2",
        "FREQ=WEEKLY;BYDAY=9MO;COUNT=2",
        "FREQ=DAILY;COUNT=2;COUNT=3",
        "FREQ=DAILY;BYHOUR=1;COUNT=2",
        "FREQ=DAILY;BYEASTER=0;COUNT=2",
        "COUNT=2",
        "",
        ";;;",
        "FREQ",
        "x" * 301,
        "DTSTART:20270101\nRRULE:FREQ=DAILY;COUNT=2",
        "FREQ=DAILY;COUNT=٣",
    ],
)
def test_what_has_no_end_no_dates_or_too_many_is_refused_with_words(rule: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        occurrences(rule, FIRST)
    assert refused.value.field == "rule"
    assert refused.value.detail.startswith("The rule ")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2;COUNT=5",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=9",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=2",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2;COUNT=2",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=31;COUNT=1",
    ],
)
def test_rules_that_never_match_end_with_the_horizon(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[date] = []
    length = recurrence._length  # pyright: ignore[reportPrivateUsage] # noqa: SLF001 - counts the steps

    def counted(on: date) -> int:
        looked.append(on)
        return length(on)

    monkeypatch.setattr(recurrence, "_length", counted)
    with pytest.raises(InvalidInputError):
        occurrences(rule, FIRST)
    assert len(looked) <= HORIZON.days + 1
    assert all(on <= FIRST + HORIZON for on in looked)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules of all three frequencies with everything that they may have."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 4))}"]
    weekday = st.sampled_from(DAYS)
    if frequency == "MONTHLY" and draw(st.booleans()):
        # Not beside weekdays without a number: the other one takes what both name, RFC 5545 what either does.
        weekday = st.builds("{}{}".format, st.sampled_from(["1", "2", "-1", "-2", "5"]), weekday)
    by_day = draw(st.lists(weekday, max_size=3, unique=True))
    by_month_day = [] if frequency == "WEEKLY" else draw(st.lists(st.sampled_from([1, 13, 29, 31, -1, -5]), max_size=2))
    by_month = draw(st.lists(st.integers(1, 12), max_size=4, unique=True))
    for name, texts in (("BYDAY", by_day), ("BYMONTHDAY", by_month_day), ("BYMONTH", by_month)):
        if texts:
            parts.append(f"{name}={','.join(map(str, texts))}")
    # Not in weeks: the other one chooses among what is left of the first week, RFC 5545 among all of it.
    if frequency == "MONTHLY" and (by_day or by_month_day) and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1]))}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(DAYS))}")
    return ";".join(parts)


@given(rules(), st.dates(date(2027, 1, 1), date(2028, 12, 31)), st.integers(1, 700))
def test_dates_agree_with_another_implementation(rule: str, first_on: date, length: int) -> None:
    until = first_on + timedelta(days=length)
    bounded = f"{rule};UNTIL={until:%Y%m%d}T000000"
    # The other one goes on until 9999 where nothing matches any more: a few years later it is told to stop.
    monkeypatch = pytest.MonkeyPatch()
    with monkeypatch.context() as patched:
        patched.setattr("dateutil.rrule.datetime.MAXYEAR", first_on.year + 4)
        dates = rrule.rrulestr(bounded, dtstart=datetime.combine(first_on, time.min))
        expected = [at.date() for at in islice(dates, MOST + 1)]
    if 0 < len(expected) <= MOST:
        assert occurrences(f"{rule};UNTIL={until:%Y%m%d}", first_on) == expected
    else:
        with pytest.raises(InvalidInputError):
            occurrences(f"{rule};UNTIL={until:%Y%m%d}", first_on)
