"""Availability windows of the coming weeks, from what a resource says week by week."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from chalicelib.core.time_ranges import TimeRange, wall_clock_instant
from demo.content import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from demo.content import Window

DAYS_AHEAD = 90


def windows_from(first: date, weekly: Sequence[Window], zone: ZoneInfo) -> list[TimeRange]:
    """Return the windows of `DAYS_AHEAD` days from a day on, in order."""
    days = [first + timedelta(days=days) for days in range(DAYS_AHEAD)]
    return sorted(
        TimeRange(_instant(on, window.opens, zone), _instant(on, window.closes, zone))
        for on in days
        for window in weekly
        if WEEKDAYS[on.weekday()] in window.weekdays and on.month in window.months
    )


def _instant(on: date, at: str, zone: ZoneInfo) -> datetime:
    return wall_clock_instant(on, time.fromisoformat(at), zone)
