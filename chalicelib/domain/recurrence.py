"""On which dates something recurs: the part of RFC 5545's recurrence rules (section 3.3.10) that reservations need.

FREQ DAILY, WEEKLY or MONTHLY, with INTERVAL, BYDAY (in months also 2MO and -1FR), BYMONTHDAY, BYSETPOS, WKST, and one
of COUNT and UNTIL. Dates are looked for day by day within two years: a rule that never matches costs 800 steps, where
the usual libraries go on to the year 9999. The tests compare the dates with those of python-dateutil.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from chalicelib.domain.errors import InvalidRecurrenceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_OCCURRENCES = 200
LONGEST = timedelta(days=731)
"""From the first date to the last."""
LONGEST_RULE = 500
ONE_DAY = timedelta(days=1)
DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""In the order of `date.weekday()`."""
WHOLE = re.compile(r"[+-]?\d{1,3}", re.ASCII)
BY_DAY = re.compile(r"([+-]?\d)?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
UNTIL = re.compile(r"(\d{8})(?:T(\d{6})Z)?", re.ASCII)


PARTS = ("FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "WKST", "COUNT", "UNTIL")
T = TypeVar("T")


class Frequency(StrEnum):
    """What an interval is counted in."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurrence rule.

    `weekdays` are pairs of which one in the month (None: every; negative: from the end) and `date.weekday()`; weeks
    begin with `week_start`. `until` is the last date, or the last instant (UTC). One of `count` and `until` is set.
    """

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[tuple[int | None, int], ...] = ()
    month_days: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0
    count: int | None = None
    until: date | datetime | None = None

    @property
    def until_on(self) -> date | None:
        """The last date that can be meant in any zone; an instant is compared where the zone is known."""
        return self.until.date() + ONE_DAY if isinstance(self.until, datetime) else self.until

    def ending_on(self, last_on: date) -> Recurrence:
        """The same, with another last date."""
        return replace(self, count=None, until=last_on)

    def __str__(self) -> str:
        """The rule as RFC 5545 writes it."""
        parts: dict[str, str] = {"FREQ": self.frequency}
        if self.interval != 1:
            parts["INTERVAL"] = str(self.interval)
        if self.weekdays:
            parts["BYDAY"] = ",".join(f"{nth or ''}{DAY_CODES[weekday]}" for nth, weekday in self.weekdays)
        if self.month_days:
            parts["BYMONTHDAY"] = ",".join(map(str, self.month_days))
        if self.positions:
            parts["BYSETPOS"] = ",".join(map(str, self.positions))
        if self.week_start:
            parts["WKST"] = DAY_CODES[self.week_start]
        if self.count is not None:
            parts["COUNT"] = str(self.count)
        if self.until is not None:
            form = "%Y%m%dT%H%M%SZ" if isinstance(self.until, datetime) else "%Y%m%d"
            parts["UNTIL"] = self.until.strftime(form)
        return ";".join(f"{name}={value}" for name, value in parts.items())


def parse_recurrence(text: str) -> Recurrence:
    """Read a rule such as `FREQ=WEEKLY;BYDAY=TU;COUNT=10`. Raises `InvalidRecurrenceError`, which names the part."""
    given = _parts(text)

    def read(name: str, parse: Callable[[str], T], default: T) -> T:
        return parse(given[name]) if name in given else default

    rule = Recurrence(
        read("FREQ", _frequency, None) or _frequency(""),
        interval=read("INTERVAL", lambda value: _number("INTERVAL", value, LONGEST.days), 1),
        weekdays=read("BYDAY", _weekdays, ()),
        month_days=read("BYMONTHDAY", lambda value: _numbers("BYMONTHDAY", value), ()),
        positions=read("BYSETPOS", lambda value: _numbers("BYSETPOS", value), ()),
        week_start=read("WKST", _week_start, 0),
        count=read("COUNT", lambda value: _number("COUNT", value, MOST_OCCURRENCES), None),
        until=read("UNTIL", _until, None),
    )
    _check(rule)
    return rule


def dates_of(rule: Recurrence, first_on: date) -> list[date]:
    """Return the dates of a rule, ascending, beginning with the first that matches on or after `first_on`.

    What the rule leaves open is as in `first_on`: its weekday in weeks, its day in months. A month without such a day
    is passed over. Raises `InvalidRecurrenceError` where none matches, or more than Berth keeps in one series.
    """
    last_on = first_on + LONGEST
    said = rule.until.date() if isinstance(rule.until, datetime) else rule.until
    if said is not None and said > last_on:
        raise _refused("UNTIL", f"is later than {last_on}; a series lasts two years at most")
    until = min(last_on, rule.until_on or last_on)
    rule = _completed(rule, first_on)
    found: list[date] = []
    for on in _matches(rule, first_on, until):
        found.append(on)
        if len(found) == rule.count:
            return found
        if len(found) > MOST_OCCURRENCES:
            raise _refused("UNTIL", f"leaves more than {MOST_OCCURRENCES} dates, which is the most in one series")
    if not found:
        raise _refused("FREQ", f"matches no date from {first_on} until {until}")
    if rule.count is not None:
        raise _refused("COUNT", f"is {rule.count}, but there are {len(found)} such dates within two years")
    return found


def _matches(rule: Recurrence, first_on: date, until: date) -> Iterator[date]:
    for days in _periods(rule, first_on, until):
        matching = [on for on in days if _fits(rule, on)]
        if rule.positions:
            places = {(place - 1) if place > 0 else len(matching) + place for place in rule.positions}
            matching = [on for place, on in enumerate(matching) if place in places]
        yield from (on for on in matching if first_on <= on <= until)


def _periods(rule: Recurrence, first_on: date, until: date) -> Iterator[list[date]]:
    """The days of every period that counts: a day, a week or a month, each `interval` after the one before."""
    if rule.frequency is Frequency.MONTHLY:
        month = first_on.year * 12 + first_on.month - 1
        while (first := date(month // 12, month % 12 + 1, 1)) <= until:
            yield [first + number * ONE_DAY for number in range((_month_end(first) - first).days + 1)]
            month += rule.interval
        return
    weekly = rule.frequency is Frequency.WEEKLY
    length = 7 if weekly else 1
    first = first_on - ((first_on.weekday() - rule.week_start) % 7) * ONE_DAY if weekly else first_on
    while first <= until:
        yield [first + number * ONE_DAY for number in range(length)]
        first += length * rule.interval * ONE_DAY


def _fits(rule: Recurrence, on: date) -> bool:
    end = _month_end(on)
    if rule.month_days and not {on.day, on.day - end.day - 1} & {*rule.month_days}:
        return False
    if not rule.weekdays:
        return True
    from_start, from_end = (on.day - 1) // 7 + 1, -((end.day - on.day) // 7 + 1)
    return any(weekday == on.weekday() and nth in {None, from_start, from_end} for nth, weekday in rule.weekdays)


def _month_end(on: date) -> date:
    return (on.replace(day=28) + 4 * ONE_DAY).replace(day=1) - ONE_DAY


def _completed(rule: Recurrence, first_on: date) -> Recurrence:
    if rule.weekdays or rule.month_days:
        return rule
    if rule.frequency is Frequency.WEEKLY:
        return replace(rule, weekdays=((None, first_on.weekday()),))
    return replace(rule, month_days=(first_on.day,)) if rule.frequency is Frequency.MONTHLY else rule


def _parts(text: str) -> dict[str, str]:
    """The parts by name. Names and values are the same in small letters (RFC 5545, section 2)."""
    found: dict[str, str] = {}
    for part in text.upper().split(";"):
        name, equals, value = part.partition("=")
        if name not in PARTS:
            raise _refused(None, f"has a part {ascii(part)[:40]}; expected {', '.join(PARTS)}, each with a value")
        if name in found:
            raise _refused(name, "is given twice")
        if not equals or not value:
            raise _refused(name, "needs a value")
        found[name] = value
    return found


def _frequency(value: str) -> Frequency:
    if value not in Frequency.__members__:
        raise _refused("FREQ", f"must be one of {', '.join(Frequency)}")
    return Frequency(value)


def _check(rule: Recurrence) -> None:
    """Refuse what RFC 5545 does not allow together."""
    if (rule.count is None) == (rule.until is None):
        raise _refused("COUNT", "or UNTIL is needed, and not both: a series has an end")
    if rule.frequency is not Frequency.MONTHLY and any(nth is not None for nth, _ in rule.weekdays):
        raise _refused("BYDAY", "may count weekdays, as in 2MO, only in months")
    if rule.frequency is Frequency.WEEKLY and rule.month_days:
        raise _refused("BYMONTHDAY", "has no meaning in weeks")
    if rule.positions and not (rule.weekdays or rule.month_days):
        raise _refused("BYSETPOS", "chooses among the dates of BYDAY or BYMONTHDAY, of which there are none")


def _number(name: str, text: str, most: int, *, negative: bool = False) -> int:
    number = int(text) if WHOLE.fullmatch(text) else 0
    if not 1 <= abs(number) <= most or (number < 0 and not negative):
        expected = f"1 to {most}" + (f" or -{most} to -1" if negative else "")
        raise _refused(name, f"must be a whole number from {expected}, not {ascii(text)[:20]}")
    return number


def _numbers(name: str, text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(_number(name, one, 31, negative=True) for one in text.split(",")))


def _weekdays(text: str) -> tuple[tuple[int | None, int], ...]:
    found: dict[tuple[int | None, int], None] = {}
    for one in text.split(","):
        matched = BY_DAY.fullmatch(one)
        if matched is None or (matched[1] is not None and not 1 <= abs(int(matched[1])) <= 5):
            raise _refused("BYDAY", f"must name weekdays such as MO, 2TU or -1FR, not {ascii(one)[:20]}")
        found[None if matched[1] is None else int(matched[1]), DAY_CODES.index(matched[2])] = None
    return tuple(found)


def _week_start(text: str) -> int:
    if text not in DAY_CODES:
        raise _refused("WKST", f"must be one of {', '.join(DAY_CODES)}")
    return DAY_CODES.index(text)


def _until(text: str) -> date | datetime:
    matched = UNTIL.fullmatch(text)
    try:
        if matched is not None and matched[2] is None:
            return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
        if matched is not None:
            return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:  # 30 February
        pass
    raise _refused("UNTIL", "must be a date such as 20271231, or an instant in UTC such as 20271231T225959Z")


def _refused(part: str | None, expectation: str) -> InvalidRecurrenceError:
    subject = "The rule" if part is None else part
    return InvalidRecurrenceError("rrule" if part is None else f"rrule.{part}", f"{subject} {expectation}.")
