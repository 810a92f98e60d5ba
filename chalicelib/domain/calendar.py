"""The calendar: what is taken on each local day. Days last 23 or 25 hours where clocks change."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.domain.closures import Closure, Drawn, blocked_parts, unavailable
from chalicelib.domain.reservations import State
from chalicelib.domain.time_ranges import Stay, TimeRange, wall_clock_instant
from chalicelib.domain.units import UnitSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

PRESENT_STATES = frozenset({State.HELD, State.CONFIRMED, State.CHECKED_IN, State.COMPLETED})
"""Whose guests are expected, there, or were there."""
NO_SHARES: Mapping[UUID, Drawn] = {}
Weighted = tuple[TimeRange, int]
"""So many units during a range."""


@dataclass(frozen=True, slots=True)
class Use:
    """The units that one reservation takes of a resource, without buffers; `stay` where nights are reserved.

    `left_at`: its guest was checked out then, before the end.
    """

    resource_id: UUID
    during: TimeRange
    stay: Stay | None
    units: int
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResourceDay:
    """A resource on a day: the most units that are occupied, and closed, at one instant; who comes and who goes."""

    resource_id: UUID
    capacity: int
    occupied: int
    closed: int
    arrivals: int
    departures: int


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A local day with every resource."""

    on: date
    during: TimeRange
    resources: tuple[ResourceDay, ...]


def calendar_days(
    days: Sequence[date],
    zone: ZoneInfo,
    capacities: Mapping[UUID, int],
    uses: Iterable[Use],
    closures: Iterable[Closure],
    *,
    shares: Mapping[UUID, Drawn] = NO_SHARES,
) -> Iterator[CalendarDay]:
    """Yield what is taken on each of the days, ascending, for the resources whose capacities are given.

    `shares` are what they draw of units that are not their own.
    """
    uses_of: defaultdict[UUID, list[Use]] = defaultdict(list)
    for use in uses:
        uses_of[use.resource_id].append(use)
    closures_of: defaultdict[UUID, list[Closure]] = defaultdict(list)
    for closure in closures:
        closures_of[closure.resource_id].append(closure)
    closed_of = {
        resource_id: [
            (part.during, unavailable(shares.get(resource_id) or Drawn(UnitSet.span(1, capacity + 1)), part.units))
            for part in blocked_parts(closures_of[resource_id])
        ]
        for resource_id, capacity in capacities.items()
    }
    for on in days:
        if not _exists(on, zone):
            continue
        during = day_range(on, zone)
        resources = tuple(
            _resource_day(resource_id, capacity, on, during, uses_of[resource_id], closed_of[resource_id])
            for resource_id, capacity in capacities.items()
        )
        yield CalendarDay(on, during, resources)


def day_range(on: date, zone: ZoneInfo) -> TimeRange:
    """Return the instants of a local day.

    Raises `InvalidRangeError` outside of the years that are kept, and for a date that the zone left out.
    """
    return TimeRange(wall_clock_instant(on, time.min, zone), wall_clock_instant(on + timedelta(days=1), time.min, zone))


def _exists(on: date, zone: ZoneInfo) -> bool:
    """Zones that changed sides of the date line left a date out: Apia had no 30 December 2011."""
    return wall_clock_instant(on, time.min, zone) < wall_clock_instant(on + timedelta(days=1), time.min, zone)


def arrives(during: TimeRange, stay: Stay | None, on: date, day: TimeRange) -> bool:
    """Tell whether a use begins on a day."""
    return day.covers(during.starts_at) if stay is None else stay.check_in_on == on


def departs(during: TimeRange, stay: Stay | None, on: date, day: TimeRange, left_at: datetime | None = None) -> bool:
    """Tell whether a use ends on a day; what ends at midnight ends on the day before. `left_at` as that of a use."""
    if left_at is not None:
        return day.covers(left_at)
    return day.starts_at < during.ends_at <= day.ends_at if stay is None else stay.check_out_on == on


def most_at_once(ranges: Iterable[Weighted], within: TimeRange) -> int:
    """Return the most units that the ranges have together at one instant within a range."""
    steps: list[tuple[datetime, int]] = []
    for during, units in ranges:
        if during.overlaps(within):
            steps += ((max(during.starts_at, within.starts_at), units), (during.ends_at, -units))
    most = used = 0
    for _, change in sorted(steps):  # at one instant the leaving come first
        used += change
        most = max(most, used)
    return most


def _resource_day(
    resource_id: UUID, capacity: int, on: date, day: TimeRange, uses: Sequence[Use], closed: Sequence[Weighted]
) -> ResourceDay:
    # A night belongs to the day on which it begins, whenever guests come and go; who left on that day is not there.
    nights = sum(
        use.units
        for use in uses
        if use.stay
        and use.stay.check_in_on <= on < use.stay.check_out_on
        and (use.left_at is None or use.left_at >= day.ends_at)
    )
    by_time = most_at_once(_times_taken(uses), day)
    return ResourceDay(
        resource_id=resource_id,
        capacity=capacity,
        occupied=nights + by_time,
        closed=most_at_once(closed, day),
        arrivals=sum(arrives(use.during, use.stay, on, day) for use in uses),
        departures=sum(departs(use.during, use.stay, on, day, use.left_at) for use in uses),
    )


def _times_taken(uses: Iterable[Use]) -> Iterator[Weighted]:
    for use in uses:
        if use.stay is None and (use.left_at is None or use.left_at > use.during.starts_at):
            yield TimeRange(use.during.starts_at, use.left_at or use.during.ends_at), use.units
