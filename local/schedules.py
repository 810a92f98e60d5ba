"""EventBridge's schedule expressions, in UTC: `rate(...)`, and `cron(...)` as aws-croniter reads it.

Source: "Setting a schedule pattern for scheduled rules" in the EventBridge user guide. What the library cannot follow
is refused; ADR 20 names it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from aws_croniter import AwsCroniter  # pyright: ignore[reportMissingTypeStubs]

from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

RATE = re.compile(r"rate\(([1-9]\d{0,5}) (minute|hour|day)(s?)\)")
CRON = re.compile(r"cron\((\S+ \S+ \S+ \S+ (\S+) \S+)\)")


class ScheduleError(CommandError):
    """Not an expression that can be followed; says what is wrong with it."""


class Schedule(Protocol):
    """When something runs."""

    def next_after(self, instant: datetime) -> datetime | None:
        """The first time after an instant (UTC); None: never again."""
        ...


@dataclass(frozen=True, slots=True)
class Rate:
    """At equal distances."""

    period: timedelta

    def next_after(self, instant: datetime) -> datetime | None:
        """One period later."""
        return instant + self.period


@dataclass(frozen=True, slots=True)
class Cron:
    """At the minutes that all fields name."""

    fields: AwsCroniter

    def next_after(self, instant: datetime) -> datetime | None:
        """The first minute after an instant."""
        found: Sequence[datetime | None] = self.fields.get_next(  # pyright: ignore[reportUnknownMemberType]
            instant.astimezone(UTC)
        )
        return found[0]


def read_schedule(expression: str) -> Schedule:
    """Read an expression. Raises `ScheduleError`."""
    if expression.startswith("rate("):
        return _rate(expression)
    found = CRON.fullmatch(expression)
    if found is None:
        message = f"{expression!r} is neither rate(NUMBER UNIT) nor cron(MINUTES HOURS DAY MONTH WEEKDAY YEAR)."
        raise ScheduleError(message)
    fields, weekday = found.groups()
    if weekday == "L":  # the library would never find one
        message = f"{expression!r}: the last day of the week is written SAT."
        raise ScheduleError(message)
    try:
        return Cron(AwsCroniter(fields))
    except ValueError as error:  # its own, and those of what it does not expect, as LW and steps of 0
        message = f"{expression!r} cannot be followed: {error}"
        raise ScheduleError(message) from error


def _rate(expression: str) -> Rate:
    found = RATE.fullmatch(expression)
    if found is None or (found[1] == "1") == bool(found[3]):
        message = f"{expression!r} is not like rate(1 minute) or rate(5 hours): minutes, hours or days, as many as one."
        raise ScheduleError(message)
    return Rate(timedelta(**{f"{found[2]}s": int(found[1])}))
