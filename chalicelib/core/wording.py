"""How refusals name times and lengths to people. The tenant's wall clock, 24 hours, English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.time_ranges import MINUTES_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

MINUTES_PER_HOUR = 60


def at_text(instant: datetime, zone: ZoneInfo) -> str:
    """`Fri 20 Nov 2026, 16:30 (Europe/Lisbon)`."""
    return f"{instant.astimezone(zone):%a %d %b %Y, %H:%M} ({zone.key})"


def on_text(on: date) -> str:
    """`Fri 20 Nov 2026`."""
    return f"{on:%a %d %b %Y}"


def count_text(number: int, one: str) -> str:
    """`1 night`, `2 nights`."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def minutes_text(minutes: int) -> str:
    """`45 minutes`, `2 hours 30 minutes`, `3 days`."""
    days, rest = divmod(minutes, MINUTES_PER_DAY)
    hours, rest = divmod(rest, MINUTES_PER_HOUR)
    parts = ((days, "day"), (hours, "hour"), (rest, "minute"))
    return " ".join(count_text(number, unit) for number, unit in parts if number) or "0 minutes"


def length_text(length: int, unit: str) -> str:
    """`2 nights`; minutes are told as hours and days, too."""
    return minutes_text(length) if unit == "minute" else count_text(length, unit)


def either_text(names: Sequence[str]) -> str:
    """`Mon`, `Mon or Fri`, `Mon, Wed or Fri`."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def between_text(minimum: int | None, maximum: int | None, unit: str) -> str:
    """`at least 2 nights`, `at most 7 nights`, `2 nights to 7 nights`, `exactly 2 nights`; at least one is given."""
    least = "" if minimum is None else length_text(minimum, unit)
    most = "" if maximum is None else length_text(maximum, unit)
    if least and most:
        return f"exactly {least}" if minimum == maximum else f"{least} to {most}"
    return f"at least {least}" if least else f"at most {most}"
