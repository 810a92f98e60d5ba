"""Schedule expressions, as EventBridge reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import pytest

import app
from local.background import scheduled_functions
from local.schedules import ScheduleError, read_schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGAN = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)


def times(expression: str) -> Iterator[datetime]:
    schedule, instant = read_schedule(expression), BEGAN
    while True:
        instant = schedule.next_after(instant, BEGAN)
        yield instant


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 minute)", ["11-21 06:31", "11-21 06:32"]),
        ("rate(5 hours)", ["11-21 11:30", "11-21 16:30"]),
        ("cron(0 10 * * ? *)", ["11-21 10:00", "11-22 10:00"]),
        ("cron(15 12 ? * MON-FRI *)", ["11-23 12:15", "11-24 12:15"]),
        ("cron(0 8 ? * 2 *)", ["11-23 08:00", "11-30 08:00"]),
        ("cron(0 8 ? * 1,7 *)", ["11-21 08:00", "11-22 08:00"]),
        ("cron(0/10 * * * ? *)", ["11-21 06:40", "11-21 06:50"]),
        ("cron(0 0 L * ? *)", ["11-30 00:00", "12-31 00:00"]),
        ("cron(0 0 ? * 6#3 *)", ["12-18 00:00"]),
        ("cron(0 0 ? * 6L *)", ["11-27 00:00", "12-25 00:00"]),
        ("cron(30 6 1 JAN ? *)", []),
    ],
)
def test_an_expression_is_due_when_eventbridge_says(expression: str, expected: list[str]) -> None:
    found = [f"{instant:%m-%d %H:%M}" for instant in islice(times(expression), len(expected) or 1)]
    assert found == (expected or ["01-01 06:30"])


@pytest.mark.parametrize(
    "expression",
    [
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(5 seconds)",
        "cron(* * * * *)",
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(0 10 * * ? 2027)",
        "cron(0 10 15W * ? *)",
        "cron(61 10 * * ? *)",
        "cron(0 10 ? * 8 *)",
        "every minute",
        "",
    ],
)
def test_what_cannot_be_followed_is_refused_by_name(expression: str) -> None:
    with pytest.raises(ScheduleError, match=r"\(|:"):
        read_schedule(expression)


def test_every_schedule_of_the_app_can_be_followed() -> None:
    found = scheduled_functions(app)
    assert len(found) >= 9
    for one in found:
        assert one.schedule.next_after(BEGAN, BEGAN) <= BEGAN + timedelta(days=1)
