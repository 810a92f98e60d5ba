"""EventBridge's schedule expressions: `rate(...)` and `cron(...)` with all their fields, in UTC.

Source: "Setting a schedule pattern for scheduled rules" in the EventBridge user guide. What it does not define is
refused. Own code, as the one Python library for them (pyawscron) takes `cron(0 9 * * * *)`, which AWS refuses, and
fails on `LW`, on `L` as a weekday and on days that do not exist; parsers of Unix crontabs have neither W nor years.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from local.errors import CommandError

Days = Callable[[int, int], set[int]]
"""Which days of a month are meant, given year and month."""
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
SATURDAY = 6
LAST_YEAR = 2199
RATE = re.compile(r"rate\(([1-9]\d{0,5}) (minute|hour|day)(s?)\)")
CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")


class ScheduleError(CommandError):
    """Not an expression that EventBridge takes; says what is wrong with it."""


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

    minutes: Sequence[int]
    hours: Sequence[int]
    days: Days
    months: Sequence[int]
    years: Sequence[int]

    def next_after(self, instant: datetime) -> datetime | None:
        """The first minute after an instant."""
        earliest = instant.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        for year in self.years:
            for month in self.months:
                if (year, month) < (earliest.year, earliest.month):
                    continue
                for day in sorted(self.days(year, month)):
                    at = self._first_on(date(year, month, day), earliest)
                    if at is not None:
                        return at
        return None

    def _first_on(self, day: date, earliest: datetime) -> datetime | None:
        if day < earliest.date():
            return None
        for hour in self.hours:
            for minute in self.minutes:
                at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                if at >= earliest:
                    return at
        return None


def read_schedule(expression: str) -> Schedule:
    """Read an expression. Raises `ScheduleError`."""
    if expression.startswith("rate("):
        return _rate(expression)
    found = CRON.fullmatch(expression)
    if found is None:
        message = f"{expression!r} is neither rate(NUMBER UNIT) nor cron(MINUTES HOURS DAY MONTH WEEKDAY YEAR)."
        raise ScheduleError(message)
    minutes, hours, day, month, weekday, year = found.groups()
    if (day == "?") == (weekday == "?"):
        message = f"{expression!r}: exactly one of the day of the month and the day of the week is '?'."
        raise ScheduleError(message)
    try:
        return Cron(
            minutes=_numbers(minutes, 0, 59),
            hours=_numbers(hours, 0, 23),
            days=_of_month(day) if weekday == "?" else _of_week(weekday),
            months=_numbers(month, 1, 12, MONTHS),
            years=_numbers(year, 1970, LAST_YEAR),
        )
    except ScheduleError as error:
        message = f"{expression!r}: {error}"
        raise ScheduleError(message) from None


def _rate(expression: str) -> Rate:
    found = RATE.fullmatch(expression)
    if found is None or (found[1] == "1") == bool(found[3]):
        message = f"{expression!r} is not like rate(1 minute) or rate(5 hours): minutes, hours or days, as many as one."
        raise ScheduleError(message)
    return Rate(timedelta(**{f"{found[2]}s": int(found[1])}))


def _numbers(text: str, lowest: int, highest: int, names: Sequence[str] = (), *, steps: bool = True) -> list[int]:
    """What `*`, `7`, `3-5`, `*/10`, `2/3`, `JAN` and lists of them mean, in order."""
    numbers: set[int] = set()
    for part in text.split(","):
        span, slash, step_text = part.partition("/")
        if slash and not (steps and step_text.isascii() and step_text.isdigit() and int(step_text) >= 1):
            message = f"{part!r} has no step that is known here."
            raise ScheduleError(message)
        first_text, dash, last_text = span.partition("-")
        if span == "*":
            first, last = lowest, highest
        else:
            first = _number(first_text, lowest, highest, names)
            last = _number(last_text, lowest, highest, names) if dash else highest if slash else first
        if first > last:
            message = f"{part!r} ends before it begins."
            raise ScheduleError(message)
        numbers.update(range(first, last + 1, int(step_text) if slash else 1))
    return sorted(numbers)


def _number(text: str, lowest: int, highest: int, names: Sequence[str]) -> int:
    if text.upper() in names:
        return lowest + names.index(text.upper())
    if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
        message = (
            f"{text!r} is not a number from {lowest} to {highest}{' or one of ' if names else ''}{', '.join(names)}."
        )
        raise ScheduleError(message)
    return int(text)


def _of_month(text: str) -> Days:
    if text == "L":
        return lambda year, month: {monthrange(year, month)[1]}
    if text == "LW":
        return lambda year, month: {_nearest_workday(year, month, 31)}
    if text.endswith("W"):
        wanted = _number(text[:-1], 1, 31, ())
        return lambda year, month: {_nearest_workday(year, month, wanted)} if wanted <= _length(year, month) else set()
    numbers = set(_numbers(text, 1, 31))
    return lambda year, month: {day for day in numbers if day <= _length(year, month)}


def _of_week(text: str) -> Days:
    """Weekdays are 1 (Sunday) to 7; `5L` is the last Thursday, `5#2` the second, `L` every Saturday."""
    if text == "L":
        return lambda year, month: set(_weekdays(year, month, SATURDAY))
    if text.upper().endswith("L"):
        last = _number(text[:-1], 1, 7, WEEKDAYS) - 1
        return lambda year, month: {_weekdays(year, month, last)[-1]}
    if "#" in text:
        weekday_text, _, place_text = text.partition("#")
        weekday, place = _number(weekday_text, 1, 7, WEEKDAYS) - 1, _number(place_text, 1, 5, ())
        return lambda year, month: set(_weekdays(year, month, weekday)[place - 1 : place])
    numbers = _numbers(text, 1, 7, WEEKDAYS, steps=False)
    return lambda year, month: {day for number in numbers for day in _weekdays(year, month, number - 1)}


def _weekdays(year: int, month: int, weekday: int) -> list[int]:
    """The days of a month that fall on a weekday, 0 being Sunday."""
    first = (weekday - (date(year, month, 1).weekday() + 1)) % 7 + 1
    return list(range(first, _length(year, month) + 1, 7))


def _nearest_workday(year: int, month: int, day: int) -> int:
    """The day from Monday to Friday that is closest, in the same month."""
    last = _length(year, month)
    day = min(day, last)
    weekday = date(year, month, day).weekday()
    if weekday == 5:  # Saturday
        return day - 1 if day > 1 else day + 2
    if weekday == 6:  # Sunday
        return day + 1 if day < last else day - 2
    return day


def _length(year: int, month: int) -> int:
    return monthrange(year, month)[1]
