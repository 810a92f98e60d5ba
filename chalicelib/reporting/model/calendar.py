"""The calendar: what is taken on each local day. Days last 23 or 25 hours where clocks change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from chalicelib.availability.model.closures import Closure, blocked_parts, joined, unavailable
from chalicelib.availability.model.profiles import Weighted, most_at_once
from chalicelib.core.time_ranges import Stay, TimeRange, local_date, wall_clock_instant
from chalicelib.core.time_ranges import days as days_between
from chalicelib.core.units import Drawn, UnitSet
from chalicelib.reporting.model.taken_elsewhere import TakenElsewhere
from chalicelib.reservations.model.reservations import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from chalicelib.core.units import Part

PRESENT_STATES = frozenset({State.HELD, State.CONFIRMED, State.CHECKED_IN, State.COMPLETED})
"""Whose guests are expected, there, or were there."""
Kind = TypeVar("Kind", "ReservedUse", Closure, TakenElsewhere)


@dataclass(frozen=True, slots=True)
class ReservedUse:
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
    """A resource on a day: the most units that are occupied, and closed, at one instant; who comes and who goes.

    `taken_elsewhere` are the most that neither are closed nor can be had, because other resources have their units.
    """

    resource_id: UUID
    capacity: int
    occupied: int
    closed: int
    taken_elsewhere: int
    arrivals: int
    departures: int


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A local day with every resource."""

    on: date
    during: TimeRange
    resources: tuple[ResourceDay, ...]


@dataclass(frozen=True, slots=True)
class Offering:
    """A resource as far as the calendar counts it; `by_night` if nights of it are reserved."""

    capacity: int
    share: Drawn | None = None
    by_night: bool = False

    @property
    def drawn(self) -> Drawn:
        """Its units."""
        return self.share or Drawn(UnitSet.span(1, self.capacity + 1))


def calendar_days(
    days: Sequence[date],
    zone: ZoneInfo,
    offerings: Mapping[UUID, Offering],
    uses: Iterable[ReservedUse],
    closures: Iterable[Closure],
    taken: Iterable[TakenElsewhere] = (),
) -> Iterator[CalendarDay]:
    """Yield what is taken on each of the days, ascending, for these resources; `taken` is what they lack."""
    uses_of = {resource_id: _by_day(of_one, days, zone) for resource_id, of_one in _by_resource(uses).items()}
    closures_of = _by_resource(closures)
    taken_of = _by_resource(taken)
    closed_of = {resource_id: blocked_parts(closures_of[resource_id]) for resource_id in offerings}
    kept_from = {
        resource_id: _Kept(
            closed=list(_weighted(offering, closed_of[resource_id])),
            elsewhere=list(_elsewhere(offering, closed_of[resource_id], taken_of[resource_id], zone)),
        )
        for resource_id, offering in offerings.items()
    }
    for on in days:
        if not _exists(on, zone):
            continue
        during = day_range(on, zone)
        resources = tuple(
            _resource_day(
                resource_id,
                offering.capacity,
                on,
                during,
                uses_of.get(resource_id, {}).get(on, ()),
                kept_from[resource_id],
            )
            for resource_id, offering in offerings.items()
        )
        yield CalendarDay(on, during, resources)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What cannot be had of a resource without its own uses."""

    closed: Sequence[Weighted]
    elsewhere: Sequence[Weighted]


def _by_resource(found: Iterable[Kind]) -> defaultdict[UUID, list[Kind]]:
    by_resource: defaultdict[UUID, list[Kind]] = defaultdict(list)
    for one in found:
        by_resource[one.resource_id].append(one)
    return by_resource


def _by_day(uses: Iterable[ReservedUse], days: Sequence[date], zone: ZoneInfo) -> dict[date, list[ReservedUse]]:
    """The uses that may matter to a day, so that not each day has to look at all of them."""
    by_day: dict[date, list[ReservedUse]] = {on: [] for on in days}
    for use in uses:
        first_on, last_on = local_date(use.during.starts_at, zone), local_date(use.during.ends_at, zone)
        if use.stay is not None:
            first_on, last_on = min(first_on, use.stay.check_in_on), max(last_on, use.stay.check_out_on)
        for on in days_between(max(first_on, days[0]), min(last_on, days[-1]) + timedelta(days=1)):
            if on in by_day:
                by_day[on].append(use)
    return by_day


def _weighted(offering: Offering, parts: Iterable[Part], sign: int = 1) -> Iterator[Weighted]:
    return ((part.during, sign * unavailable(offering.drawn, part.units)) for part in parts)


def _elsewhere(
    offering: Offering, closed: Sequence[Part], taken: Iterable[TakenElsewhere], zone: ZoneInfo
) -> Iterator[Weighted]:
    """What is taken or closed, less what is closed: a table whose one seat is closed is not lost once more."""
    parts = [part for one in taken if (part := one.by_night(zone) if offering.by_night else one.part) is not None]
    if parts:
        yield from _weighted(offering, joined((*closed, *parts)))
        yield from _weighted(offering, closed, -1)


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


def _resource_day(
    resource_id: UUID, capacity: int, on: date, day: TimeRange, uses: Sequence[ReservedUse], kept: _Kept
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
        closed=most_at_once(kept.closed, day),
        taken_elsewhere=most_at_once(kept.elsewhere, day),
        arrivals=sum(arrives(use.during, use.stay, on, day) for use in uses),
        departures=sum(departs(use.during, use.stay, on, day, use.left_at) for use in uses),
    )


def _times_taken(uses: Iterable[ReservedUse]) -> Iterator[Weighted]:
    for use in uses:
        if use.stay is None and (use.left_at is None or use.left_at > use.during.starts_at):
            yield TimeRange(use.during.starts_at, use.left_at or use.during.ends_at), use.units
