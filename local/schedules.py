"""EventBridge's schedule expressions: when a function is due next.

`rate(5 minutes)` and `cron(0 12 * * ? *)`, as AWS reads them: six fields, always UTC, weekdays from 1 (Sunday), and a
question mark in one of the two fields for days. What is not understood is refused when the expression is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronsim import CronSim, CronSimError

from local.errors import CommandError

RATE = re.compile(r"rate\((?P<number>[1-9]\d*) (?P<unit>minute|hour|day)(?P<plural>s?)\)")
CRON = re.compile(r"cron\((?P<fields>[^()]+)\)")
FIELDS = ("minutes", "hours", "day-of-month", "month", "day-of-week", "year")
WEEKDAY = re.compile(r"(?<![#\d])[1-7](?=$|[-,#L])")


class ScheduleError(CommandError):
    """An expression that EventBridge would refuse, or that this clock cannot follow; says which."""


@dataclass(frozen=True, slots=True)
class Every:
    """At a fixed distance from the start of the clock, as `rate` is."""

    interval: timedelta

    def next_after(self, instant: datetime, began_at: datetime) -> datetime:
        """The first time after an instant."""
        return began_at + ((instant - began_at) // self.interval + 1) * self.interval


@dataclass(frozen=True, slots=True)
class At:
    """At instants of the calendar, as `cron` is; in the form that cronsim reads."""

    expression: str

    def next_after(self, instant: datetime, began_at: datetime) -> datetime:
        """The first time after an instant."""
        del began_at
        return next(CronSim(self.expression, instant.astimezone(UTC)))


Schedule = Every | At


def read_schedule(expression: str) -> Schedule:
    """Read an expression. Raises `ScheduleError`."""
    rate, cron = RATE.fullmatch(expression), CRON.fullmatch(expression)
    if rate is not None:
        number, unit = int(rate["number"]), rate["unit"]
        if (number == 1) != (rate["plural"] == ""):
            message = f"{expression}: EventBridge wants the singular for 1 and the plural for more."
            raise ScheduleError(message)
        return Every(timedelta(**{f"{unit}s": number}))
    if cron is not None:
        return _cron(expression, cron["fields"].split())
    message = f"{expression}: expected rate(number unit) or cron(six fields)."
    raise ScheduleError(message)


def _cron(expression: str, fields: list[str]) -> At:
    if len(fields) != len(FIELDS):
        message = f"{expression}: {len(fields)} fields; expected {', '.join(FIELDS)}."
        raise ScheduleError(message)
    minutes, hours, day, month, weekday, year = (field.upper() for field in fields)
    if (day == "?") == (weekday == "?"):
        message = f"{expression}: exactly one of day-of-month and day-of-week is a question mark."
        raise ScheduleError(message)
    if year != "*":
        message = f"{expression}: this clock knows no years; expected * as the last field."
        raise ScheduleError(message)
    if "W" in day.replace("WED", ""):
        message = f"{expression}: this clock knows no nearest weekday (W)."
        raise ScheduleError(message)
    # cronsim counts weekdays from 0, and names are the same.
    weekday = WEEKDAY.sub(lambda match: str(int(match[0]) - 1), weekday)
    plain = " ".join((minutes, hours, day.replace("?", "*"), month, weekday.replace("?", "*")))
    try:
        CronSim(plain, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        message = f"{expression}: {error}"
        raise ScheduleError(message) from error
    return At(plain)
