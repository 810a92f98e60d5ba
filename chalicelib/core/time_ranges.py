"""Instants, half-open ranges of them, nights, and the way between a tenant's wall clock and UTC.

Inside Berth an instant is an aware datetime in UTC. The tenant's zone appears where a wall clock is meant: in what a
person typed (`to_instant`, which refuses a time that the zone skips and asks about one that happens twice) and in a
policy's times of day (`wall_clock_instant`, which always answers).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeVar
from zoneinfo import ZoneInfo

from chalicelib.core.errors import (
    InvalidRangeError,
    LocalTimeFoldError,
    LocalTimeGapError,
    UnknownZoneError,
)
from chalicelib.core.memories import Memory
from chalicelib.core.parameters import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


EARLIEST_AT = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_AT = datetime(2200, 1, 1, tzinfo=UTC)
EARLIEST_ON = EARLIEST_AT.date()
LATEST_ON = LATEST_AT.date()
MINUTES_PER_DAY = 1440
MOST_REMEMBERED = 20_000
"""Times of day on dates of a zone."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `date.weekday()`."""

ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}", re.ASCII)
NOT_ZONES = frozenset({"Factory", "localtime", "posix", "posixrules", "right"})
"""Beside the zones in a zoneinfo directory lie this machine's choice, and copies of all zones with leap seconds."""


@dataclass(frozen=True, order=True, slots=True)
class TimeRange:
    """From `starts_at` until just before `ends_at`: aware datetimes, kept in UTC. Ordered by start, then end.

    Raises `InvalidRangeError` when the range is empty, reversed or not within the years 2000 to 2199, and `TypeError`
    for naive datetimes, which are a mistake of the program.
    """

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is not UTC:
            object.__setattr__(self, "starts_at", _utc(self.starts_at, "starts_at"))
        if self.ends_at.tzinfo is not UTC:
            object.__setattr__(self, "ends_at", _utc(self.ends_at, "ends_at"))
        if self.starts_at < EARLIEST_AT:
            raise _outside("starts_at", instant_text(self.starts_at))
        if self.ends_at > LATEST_AT:
            raise _outside("ends_at", instant_text(self.ends_at))
        if self.starts_at >= self.ends_at:
            given = f"{instant_text(self.ends_at)} is not later than {instant_text(self.starts_at)}"
            message = f"The end must be later than the start; {given}."
            raise InvalidRangeError("ends_at", message)

    @property
    def duration(self) -> timedelta:
        """How much time passes, whatever the wall clock does meanwhile."""
        return self.ends_at - self.starts_at

    def overlaps(self, other: TimeRange) -> bool:
        """Whether the two share an instant; touching is not sharing."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def contains(self, other: TimeRange) -> bool:
        """Whether all of `other` lies in this range."""
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at

    def covers(self, instant: datetime) -> bool:
        """Whether the instant lies in this range."""
        return self.starts_at <= instant < self.ends_at

    def widened(self, before: timedelta, after: timedelta) -> TimeRange:
        """This range and some time around it, as far as Berth's years reach. Neither may be negative."""
        if not before and not after:
            return self
        return TimeRange(max(EARLIEST_AT, self.starts_at - before), min(LATEST_AT, self.ends_at + after))

    def intersection(self, other: TimeRange) -> TimeRange | None:
        """What both share, or None."""
        if not self.overlaps(other):
            return None
        return TimeRange(max(self.starts_at, other.starts_at), min(self.ends_at, other.ends_at))


@dataclass(frozen=True, order=True, slots=True)
class Stay:
    """The nights from `check_in_on` until the morning of `check_out_on`; local dates. Raises `InvalidRangeError`."""

    check_in_on: date
    check_out_on: date

    def __post_init__(self) -> None:
        if self.check_in_on < EARLIEST_ON:
            raise _outside("check_in_on", self.check_in_on.isoformat())
        if self.check_out_on >= LATEST_ON:
            raise _outside("check_out_on", self.check_out_on.isoformat())
        if self.check_in_on >= self.check_out_on:
            message = f"check_out_on ({self.check_out_on}) must be later than check_in_on ({self.check_in_on})."
            raise InvalidRangeError("check_out_on", message)

    @property
    def nights(self) -> int:
        """How many nights, at least one."""
        return (self.check_out_on - self.check_in_on).days

    def dates(self) -> tuple[date, ...]:
        """The date of each night's evening."""
        return tuple(days(self.check_in_on, self.check_out_on))


@dataclass(frozen=True, slots=True)
class DateRange:
    """The local dates from `from_on` until before `until_on`, as policies name them. Raises `ParameterError`."""

    from_on: date
    until_on: date

    def __post_init__(self) -> None:
        if self.from_on >= self.until_on:
            expectation = f"must be later than from_on ({self.from_on}); it is the first day that is not meant"
            raise ParameterError("until_on", expectation)

    def covers(self, on: date) -> bool:
        """Whether the date is one of these."""
        return self.from_on <= on < self.until_on


S = TypeVar("S", bound=DateRange)


def season_of(seasons: Sequence[S], on: date) -> S | None:
    """Return the season that counts on a date: of several that cover it the one listed last, None where none does."""
    return next((season for season in reversed(seasons) if season.covers(on)), None)


class Fold(StrEnum):
    """Which of the two is meant when clocks are put back and a wall-clock time happens twice."""

    EARLIER = "earlier"
    LATER = "later"


def zone_named(name: object, field: str) -> ZoneInfo:
    """Return the IANA time zone. Raises `UnknownZoneError` for anything else, of whatever type."""
    if isinstance(name, str) and ZONE_NAME.fullmatch(name) and name.partition("/")[0] not in NOT_ZONES:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            # Not there, a file of another kind, a directory such as `America`, or too long for the file system.
            pass
    message = f"{ascii(name)[:60]} is not an IANA time zone; expected a name such as 'Europe/Lisbon'."
    raise UnknownZoneError(field, message)


def to_instant(local: datetime, zone: ZoneInfo, fold: Fold | None, field: str) -> datetime:
    """Return the UTC instant of a wall-clock time that a person gave (naive).

    `fold` says which one is meant where the time happens twice, and is of no account elsewhere. Raises
    `LocalTimeGapError`, `LocalTimeFoldError` (fold needed and not given), `InvalidRangeError` (outside 2000 to 2199)
    and `TypeError` (not naive). See PEP 495 for how `datetime.fold` tells gaps from folds.
    """
    if local.tzinfo is not None:
        message = "a wall-clock time has no offset"
        raise TypeError(message)
    if not EARLIEST_AT.year - 1 <= local.year <= LATEST_AT.year:
        raise _outside(field, local.isoformat())
    first, second = _offsets(local, zone)
    if first < second:
        gap_at = _gap_at(local, first, second, zone)
        message = (
            f"{local:%Y-%m-%d %H:%M} does not exist in {zone.key}: clocks were put forward from "
            f"{(gap_at + first):%Y-%m-%d %H:%M} to {(gap_at + second):%Y-%m-%d %H:%M}. "
            "Choose a time before the one or not before the other."
        )
        raise LocalTimeGapError(field, message)
    if first > second and fold is None:
        message = (
            f"{local:%Y-%m-%d %H:%M} happens twice in {zone.key}, at {(local - first):%H:%M} and at "
            f"{(local - second):%H:%M} UTC. Say which one is meant: '{Fold.EARLIER}' or '{Fold.LATER}'."
        )
        raise LocalTimeFoldError(field, message)
    instant = (local - (second if fold is Fold.LATER else first)).replace(tzinfo=UTC)
    if not EARLIEST_AT <= instant <= LATEST_AT:
        raise _outside(field, local.isoformat())
    return instant


@lru_cache(MOST_REMEMBERED)
def wall_clock_instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a policy's time of day on a date.

    A time that the zone skips means the first instant after the gap, one that happens twice the earlier.
    """
    local = datetime.combine(on, at, zone)
    instant = local.astimezone(UTC)
    # Datetimes of one zone compare by what the wall clock shows, which differs on the way back only from a gap.
    if instant.astimezone(zone) == local:
        return instant
    skipped = local.replace(tzinfo=None)
    return _gap_at(skipped, *_offsets(skipped, zone), zone).replace(tzinfo=UTC)


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """Return the date on the tenant's wall calendar at that instant."""
    return instant.astimezone(zone).date()


def days(from_on: date, until_on: date) -> Iterator[date]:
    """Yield the dates from the first until before the last."""
    for ordinal in range(from_on.toordinal(), until_on.toordinal()):
        yield date.fromordinal(ordinal)


def is_on_grid(instant: datetime, step_minutes: int, zone: ZoneInfo) -> bool:
    """Whether the wall clock shows a whole number of steps since midnight. The step divides a day."""
    local = instant.astimezone(zone)
    return not (local.hour * 60 + local.minute) % step_minutes and not local.second and not local.microsecond


def grid_instants(within: TimeRange, step_minutes: int, zone: ZoneInfo) -> list[datetime]:
    """Return, ascending, the instants of a range (its end included) that are on the grid.

    A wall-clock time that the zone skips is left out; one that happens twice is there twice.
    """
    # Days do not always follow each other: in St John's, clocks were put back from 00:01 to 23:01 of the day before.
    dates = days(local_date(within.starts_at, zone), local_date(within.ends_at, zone) + timedelta(days=2))
    grid: list[datetime] = []
    for on in dates:
        of_day = _grid_of_day(on, step_minutes, zone)
        if of_day and within.starts_at <= of_day[-1] and of_day[0] <= within.ends_at:
            first, last = bisect_left(of_day, within.starts_at), bisect_right(of_day, within.ends_at)
            grid += of_day[first:last]
    grid.sort()  # in order already, but for days on which clocks are put back over midnight
    return grid


def merged(ranges: Iterable[TimeRange]) -> tuple[TimeRange, ...]:
    """Return the fewest ranges that cover the same instants, ascending; touching ones become one."""
    whole: list[TimeRange] = []
    for piece in sorted(ranges):
        if whole and piece.starts_at <= whole[-1].ends_at:
            if piece.ends_at > whole[-1].ends_at:
                whole[-1] = TimeRange(whole[-1].starts_at, piece.ends_at)
        else:
            whole.append(piece)
    return tuple(whole)


def subtracted(ranges: Iterable[TimeRange], others: Iterable[TimeRange]) -> tuple[TimeRange, ...]:
    """Return the fewest ranges that cover what is in `ranges` and not in `others`, ascending."""
    holes = merged(others)
    left: list[TimeRange] = []
    for piece in merged(ranges):
        starts_at = piece.starts_at
        for hole in holes:
            if hole.ends_at <= starts_at:
                continue
            if hole.starts_at >= piece.ends_at:
                break
            if hole.starts_at > starts_at:
                left.append(TimeRange(starts_at, hole.starts_at))
            starts_at = hole.ends_at
        if starts_at < piece.ends_at:
            left.append(TimeRange(starts_at, piece.ends_at))
    return tuple(left)


def _grid_of_day(on: date, step_minutes: int, zone: ZoneInfo) -> Sequence[datetime]:
    """The instants of one date that are on the grid, ascending."""
    known = _grids.find((on, step_minutes, zone))
    if known is not None:
        return known
    instants = tuple(_instants_of_day(on, timedelta(minutes=step_minutes), zone))
    return _grids.keep((on, step_minutes, zone), instants, 1 + len(instants))


_grids: Memory[Sequence[datetime]] = Memory(200_000)
"""By date, step and zone: some twenty megabytes."""


def _instants_of_day(on: date, step: timedelta, zone: ZoneInfo) -> Iterable[datetime]:
    midnight = datetime.combine(on, time())
    one_day = timedelta(days=1)
    offsets = {*_offsets(midnight, zone), *_offsets(midnight + one_day, zone)}
    places = range(one_day // step)
    if len(offsets) == 1:
        # No clock is changed on this day, as on nearly every one.
        first_at = (midnight - offsets.pop()).replace(tzinfo=UTC)
        return (first_at + number * step for number in places)
    instants: set[datetime] = set()
    for number in places:
        local = midnight + number * step
        first_offset, second_offset = _offsets(local, zone)
        if first_offset >= second_offset:
            instants |= {local - first_offset, local - second_offset}
    return (naive.replace(tzinfo=UTC) for naive in sorted(instants))


def _offsets(local: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """UTC offsets of the two readings of a wall-clock time (PEP 495): they rise in a gap and fall in a fold."""
    first = zone.utcoffset(local.replace(fold=0))
    second = zone.utcoffset(local.replace(fold=1))
    return first or timedelta(), second or timedelta()


def _gap_at(local: datetime, before: timedelta, after: timedelta, zone: ZoneInfo) -> datetime:
    """The naive UTC instant at which the offset changes and the local time is skipped; found by halving."""
    whole = local.replace(microsecond=0)
    low, high = whole - after, whole - before
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.replace(tzinfo=UTC).astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _utc(instant: datetime, field: str) -> datetime:
    if instant.utcoffset() is None:
        message = f"{field} needs an offset"
        raise TypeError(message)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise _outside(field, instant.isoformat()) from None


def _outside(field: str, given: str) -> InvalidRangeError:
    message = f"{given} is outside the years that Berth keeps; expected 2000 to 2199."
    return InvalidRangeError(field, message)


def instant_text(instant: datetime) -> str:
    """An instant as models write theirs: UTC, ending in Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class TimesWanted:
    """Times as a request gives them: dates where nights are reserved, otherwise instants or wall-clock times.

    A naive `starts_at` or `ends_at` is a wall-clock time in `timezone` (the tenant's own where that is None); `fold`
    says which one is meant where the clock shows it twice.
    """

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    check_in_on: date | None = None
    check_out_on: date | None = None
    fold: Fold | None = None
    timezone: str | None = None

    @property
    def given(self) -> bool:
        """Whether any time is given at all."""
        return any(value is not None for value in (self.starts_at, self.ends_at, self.check_in_on, self.check_out_on))


ONE_MINUTE = timedelta(minutes=1)
