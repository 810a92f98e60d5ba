"""Schedule expressions mean what the EventBridge user guide says; what cannot be followed is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
from local.background import scheduled_functions
from local.schedules import ScheduleError, read_schedule

START = datetime(2026, 11, 21, 8, 3, 30, tzinfo=UTC)  # a Saturday

NEXT = {
    "rate(1 minute)": ["2026-11-21 08:04:30", "2026-11-21 08:05:30"],
    "rate(5 hours)": ["2026-11-21 13:03:30", "2026-11-21 18:03:30"],
    "rate(7 days)": ["2026-11-28 08:03:30", "2026-12-05 08:03:30"],
    "cron(0 10 * * ? *)": ["2026-11-21 10:00:00", "2026-11-22 10:00:00"],
    "cron(15 12 * * ? *)": ["2026-11-21 12:15:00", "2026-11-22 12:15:00"],
    "cron(0 18 ? * MON-FRI *)": ["2026-11-23 18:00:00", "2026-11-24 18:00:00"],
    "cron(0 8 1 * ? *)": ["2026-12-01 08:00:00", "2027-01-01 08:00:00"],
    "cron(0/15 * * * ? *)": ["2026-11-21 08:15:00", "2026-11-21 08:30:00"],
    "cron(*/25 * * * ? *)": ["2026-11-21 08:25:00", "2026-11-21 08:50:00"],
    "cron(5-9/2 8 * * ? *)": ["2026-11-21 08:05:00", "2026-11-21 08:07:00"],
    "cron(0/10 * ? * 2-6 *)": ["2026-11-23 00:00:00", "2026-11-23 00:10:00"],
    "cron(0 9 ? * 2#1 *)": ["2026-12-07 09:00:00", "2027-01-04 09:00:00"],
    "cron(0 9 ? * FRI#5 *)": ["2027-01-29 09:00:00", "2027-04-30 09:00:00"],
    "cron(0 9 ? * 5L *)": ["2026-11-26 09:00:00", "2026-12-31 09:00:00"],
    "cron(0 9 L * ? *)": ["2026-11-30 09:00:00", "2026-12-31 09:00:00"],
    "cron(0 9 L-3 * ? *)": ["2026-11-27 09:00:00", "2026-12-28 09:00:00"],
    "cron(0 22-2 * * ? *)": ["2026-11-21 22:00:00", "2026-11-21 23:00:00", "2026-11-22 00:00:00"],
    "cron(0 9 ? * FRI-MON *)": ["2026-11-21 09:00:00", "2026-11-22 09:00:00", "2026-11-23 09:00:00"],
    "cron(0 9 1W * ? *)": ["2026-12-01 09:00:00", "2027-01-01 09:00:00", "2027-02-01 09:00:00"],
    "cron(0 9 15W 8 ? *)": ["2027-08-16 09:00:00", "2028-08-15 09:00:00"],
    "cron(0 9 1W 5 ? 2027)": ["2027-05-03 09:00:00"],
    "cron(0 9 31W 1 ? 2027)": ["2027-01-29 09:00:00"],
    "cron(0 0 29 2 ? *)": ["2028-02-29 00:00:00", "2032-02-29 00:00:00"],
    "cron(30 9 ? JAN,jul sun 2027-2029)": ["2027-01-03 09:30:00", "2027-01-10 09:30:00"],
    "cron(0 0 31 2 ? *)": [],
    "cron(0 10 * * ? 2025)": [],
}
REFUSED = (
    *("rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "rate(-1 minutes)", "rate(1.5 hours)", "rate(1 week)"),
    *("", "* * * * *", "cron(* * * * *)", "cron(0 10 * * ? * *)", "at(2027-01-01T00:00:00)", "rate (1 minute)"),
    *("cron(0 9 * * * *)", "cron(0 9 ? * ? *)", "cron(60 9 * * ? *)", "cron(0 24 * * ? *)", "cron(0 9 32 * ? *)"),
    *("cron(0 9 0 * ? *)", "cron(0 9 ? 13 * *)", "cron(0 9 ? * 0 *)", "cron(0 9 ? * 8 *)", "cron(0 9 ? * 6#6 *)"),
    *("cron(0 9 ? * 2#1,3#1 *)", "cron(0 9 LW * ? *)", "cron(0 9 ? * L *)", "cron(0 9 * * ? 2027/2)"),
    *("cron(0 9 ? * MON/2 *)", "cron(0/0 9 * * ? *)", "cron(0 9 * * ? 1969)", "cron(, 9 * * ? *)", "cron(0 9 W * ? *)"),
    *("cron(² 9 * * ? *)", "cron(0 9 1,LW * ? *)", "cron(0 9 ? * * * )", "cron(0 ? * * ? *)"),
)


@pytest.mark.parametrize("expression", NEXT)
def test_it_runs_next_at(expression: str) -> None:
    schedule, at = read_schedule(expression), START
    found: list[str] = []
    for _ in NEXT[expression]:
        following = schedule.next_after(at)
        assert following is not None
        at = following
        found.append(f"{at:%Y-%m-%d %H:%M:%S}")
    assert found == NEXT[expression]
    if not found:
        assert schedule.next_after(START) is None


@pytest.mark.parametrize("expression", REFUSED)
def test_what_cannot_be_followed_is_refused_by_name(expression: str) -> None:
    with pytest.raises(ScheduleError) as refusal:
        read_schedule(expression)
    assert expression in str(refusal.value)


@given(
    minutes=st.sets(st.integers(0, 59), min_size=1),
    hours=st.sets(st.integers(0, 23), min_size=1),
    after=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
)
def test_the_next_time_is_the_first_minute_that_all_fields_name(
    minutes: set[int], hours: set[int], after: datetime
) -> None:
    after = after.replace(tzinfo=UTC)
    listed = (",".join(map(str, sorted(one))) for one in (minutes, hours))
    found = read_schedule("cron({} {} * * ? *)".format(*listed)).next_after(after)
    minute = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while minute.minute not in minutes or minute.hour not in hours:
        minute += timedelta(minutes=1)
    assert found == minute


def test_every_schedule_of_the_app_can_be_followed() -> None:
    found = scheduled_functions(app)
    assert found
    for one in found:
        following = one.schedule.next_after(START)
        assert following is not None
        assert following <= START + timedelta(days=1)
