"""Recurrence rules of RFC 5545, as far as reservations recur: by days, weeks and months, for two years at most.

Expanded here and not by a library, since those go on until the year 9999 where a rule has no further date, which takes
seconds: here nothing looks further than two years, whatever the rule says.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from chalicelib.core.errors import InvalidInputError, InvalidRecurrenceError

MOST = 200
"""Occurrences of a series."""
HORIZON = timedelta(days=2 * 366)
LONGEST = 300
ONE_DAY = timedelta(days=1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY")
WEEKDAY = r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)"
NUMBER = r"[+-]?([1-9]|[12]\d|3[01])"
PARTS = {
    "FREQ": "|".join(FREQUENCIES),
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,9}",
    "UNTIL": r"\d{8}(T\d{6}Z?)?",
    "BYDAY": f"{WEEKDAY}(,{WEEKDAY}){{0,34}}",
    "BYMONTHDAY": f"{NUMBER}(,{NUMBER}){{0,61}}",
    "BYMONTH": r"(1[0-2]|[1-9])(,(1[0-2]|[1-9])){0,11}",
    "BYSETPOS": f"{NUMBER}(,{NUMBER}){{0,61}}",
    "WKST": "|".join(WEEKDAYS),
}
"""What each part of a rule may look like."""
UNTIL_FORMS = {8: "%Y%m%d", 15: "%Y%m%dT%H%M%S", 16: "%Y%m%dT%H%M%SZ"}
"""By the length of the text."""
FOREIGN = {"DAILY": ("BYSETPOS",), "WEEKLY": ("BYMONTHDAY",), "MONTHLY": ()}
"""Parts that RFC 5545 or good sense does not let stand beside a frequency."""


@dataclass(frozen=True, slots=True)
class _Rule:
    frequency: str
    interval: int
    days: Sequence[tuple[int, int]]
    """Which one of the month (0: each) and which weekday (0: Monday)."""
    month_days: frozenset[int]
    months: frozenset[int]
    places: Sequence[int]
    week_begins: int


def occurrences(
    rule: str, first_on: date, except_on: Sequence[date] = (), at: time | None = None, zone: tzinfo = UTC
) -> list[date]:
    """Return the dates of a series, ascending, without the exceptions; it begins with the first date that the rule has.

    `at` is the local time of day, which an UNTIL that is an instant is compared with; None where nights recur.
    Raises `InvalidRecurrenceError` for a rule that is not understood, has no end, has none or too many dates.
    """
    parts = _parts(rule)
    found = _all_dates(parts, first_on, at, zone)
    unknown = sorted(set(except_on) - set(found))
    if unknown:
        message = f"{unknown[0]:%Y-%m-%d} is not a date of the rule."
        raise InvalidInputError("except_on", message)
    kept = [on for on in found if on not in set(except_on)]
    if not kept:
        what = "has no dates"
        raise _refused(what)
    return kept


def split_rule(rule: str, first_on: date, from_on: date) -> tuple[str, str]:
    """Return the rule of the dates before `from_on`, and that of those from there on, which it is one of."""
    parts = _parts(rule)
    rest = dict(parts)
    if "COUNT" in parts:
        passed = sum(on < from_on for on in _all_dates(parts, first_on, None, UTC))
        rest["COUNT"] = str(int(parts["COUNT"]) - passed)
    before = {name: text for name, text in parts.items() if name not in {"COUNT", "UNTIL"}}
    before["UNTIL"] = f"{from_on - ONE_DAY:%Y%m%d}"
    return _text(before), _text(rest)


def _text(parts: Mapping[str, str]) -> str:
    return ";".join(f"{name}={text}" for name, text in parts.items())


def _all_dates(parts: Mapping[str, str], first_on: date, at: time | None, zone: tzinfo) -> list[date]:
    latest_on = first_on + HORIZON
    until = _until(parts, latest_on, at, zone)
    read = _Rule(
        frequency=parts["FREQ"],
        interval=int(parts.get("INTERVAL", 1)),
        days=[(int(text[:-2] or 0), WEEKDAYS.index(text[-2:])) for text in _listed(parts, "BYDAY")],
        month_days=frozenset(map(int, _listed(parts, "BYMONTHDAY"))),
        months=frozenset(map(int, _listed(parts, "BYMONTH"))),
        places=[int(text) for text in _listed(parts, "BYSETPOS")],
        week_begins=WEEKDAYS.index(parts.get("WKST", "MO")),
    )
    wanted = int(parts.get("COUNT", MOST + 1))
    found: list[date] = []
    for on in _dates(read, first_on, until):
        found.append(on)
        if len(found) == wanted:
            break
    if "COUNT" in parts and len(found) < wanted:
        what = f"has {len(found)} dates until {latest_on:%Y-%m-%d}: two years are the most"
        raise _refused(what)
    if len(found) > MOST:
        what = f"has more than {MOST} dates"
        raise _refused(what)
    return found


def _dates(rule: _Rule, first_on: date, until: date) -> Iterator[date]:
    """Period by period; within one, in order."""
    for period in _PERIODS[rule.frequency](rule, first_on, until):
        chosen = sorted(set(period))
        if rule.places:
            places = {place - 1 if place > 0 else len(chosen) + place for place in rule.places}
            chosen = [on for number, on in enumerate(chosen) if number in places]
        yield from (on for on in chosen if first_on <= on <= until)


def _daily(rule: _Rule, first_on: date, until: date) -> Iterator[Iterable[date]]:
    on = first_on
    weekdays = {weekday for _, weekday in rule.days}
    while on <= until:
        in_month = not rule.month_days or bool(rule.month_days & {on.day, on.day - _length(on) - 1})
        if in_month and (not rule.months or on.month in rule.months) and (not weekdays or on.weekday() in weekdays):
            yield [on]
        on += rule.interval * ONE_DAY


def _weekly(rule: _Rule, first_on: date, until: date) -> Iterator[Iterable[date]]:
    week = first_on - (first_on.weekday() - rule.week_begins) % 7 * ONE_DAY
    weekdays = {weekday for _, weekday in rule.days} or {first_on.weekday()}
    while week <= until:
        days = (week + number * ONE_DAY for number in range(7))
        yield [on for on in days if on.weekday() in weekdays and (not rule.months or on.month in rule.months)]
        week += 7 * rule.interval * ONE_DAY


def _monthly(rule: _Rule, first_on: date, until: date) -> Iterator[Iterable[date]]:
    month = first_on.replace(day=1)
    while month <= until:
        if not rule.months or month.month in rule.months:
            yield _of_month(rule, month, first_on.day)
        number = month.month - 1 + rule.interval
        month = month.replace(year=month.year + number // 12, month=number % 12 + 1)


_PERIODS: Mapping[str, Callable[[_Rule, date, date], Iterator[Iterable[date]]]] = {
    "DAILY": _daily,
    "WEEKLY": _weekly,
    "MONTHLY": _monthly,
}


def _of_month(rule: _Rule, month: date, usual_day: int) -> list[date]:
    length = _length(month)
    month_days = rule.month_days or (frozenset() if rule.days else frozenset({usual_day}))
    chosen = {day for day in range(1, length + 1) if not month_days or month_days & {day, day - length - 1}}
    if rule.days:
        named = set[int]()
        for which, weekday in rule.days:
            all_of_them = [day for day in range(1, length + 1) if month.replace(day=day).weekday() == weekday]
            if which == 0:
                named |= set(all_of_them)
            elif abs(which) <= len(all_of_them):
                named.add(all_of_them[which - 1 if which > 0 else which])
        chosen &= named
    return [month.replace(day=day) for day in chosen]


def _length(on: date) -> int:
    return calendar.monthrange(on.year, on.month)[1]


def _listed(parts: Mapping[str, str], name: str) -> list[str]:
    return [text for text in parts.get(name, "").split(",") if text]


def _parts(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule[: LONGEST + 1].upper().removeprefix("RRULE:").split(";"):
        name, _, text = part.partition("=")
        what = None
        if name not in PARTS:
            what = f"has {name[:20] or 'nothing'!r} among its parts; known are {', '.join(PARTS)}"
        elif name in parts:
            what = f"says {name} twice"
        elif not re.fullmatch(PARTS[name], text, re.ASCII):
            what = f"has {name}={text[:20]}" + (f"; expected {', '.join(FREQUENCIES)}" if name == "FREQ" else "")
        if what is not None:
            raise _refused(what)
        parts[name] = text
    what = _contradiction(parts)
    if what is not None:
        raise _refused(what)
    return parts


def _contradiction(parts: Mapping[str, str]) -> str | None:
    if "FREQ" not in parts:
        return "has no FREQ"
    if ("COUNT" in parts) == ("UNTIL" in parts):
        return "needs an end: COUNT or UNTIL, one of them"
    if int(parts.get("COUNT", 1)) > MOST:
        return f"counts to {parts['COUNT']}; {MOST} are the most"
    frequency = parts["FREQ"]
    foreign = [name for name in FOREIGN[frequency] if name in parts]
    if foreign:
        return f"has {foreign[0]}, which does not go with {frequency}"
    if frequency != "MONTHLY" and any(len(text) > 2 for text in _listed(parts, "BYDAY")):
        return f"numbers weekdays, which does not go with {frequency}"
    if "BYSETPOS" in parts and not {"BYDAY", "BYMONTHDAY"} & parts.keys():
        return "has BYSETPOS and nothing to choose from"
    return None


def _until(parts: Mapping[str, str], latest_on: date, at: time | None, zone: tzinfo) -> date:
    """The last date that may be. An instant is one in UTC, or without a Z by the tenant's clock (RFC 5545, 3.3.5)."""
    if "UNTIL" not in parts:
        return latest_on
    text = parts["UNTIL"]
    try:
        until = datetime.strptime(text, UNTIL_FORMS[len(text)])  # noqa: DTZ007 - the zone follows
    except ValueError as error:
        what = f"has UNTIL={text}, which is no date"
        raise _refused(what) from error
    if text.endswith("Z"):
        until = until.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    last_on = until.date()
    if at is not None and "T" in text and at > until.time():
        last_on -= ONE_DAY
    if last_on > latest_on:
        what = f"reaches beyond {latest_on:%Y-%m-%d}: two years are the most"
        raise _refused(what)
    return last_on


def _refused(what: str) -> InvalidRecurrenceError:
    message = f"The rule {what}."
    return InvalidRecurrenceError("rule", message)
