"""The timeline: what lies on each resource, unit by unit, and when its policy offers nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.core.time_ranges import TimeRange, subtracted, wall_clock_instant
from chalicelib.core.units import UnitSet
from chalicelib.policies.model.rules.blackout_dates import BlackoutDates
from chalicelib.reporting.model.on_offer import open_time
from chalicelib.reservations.model.reservations import Reservation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from chalicelib.policies.model.policies import Policy
    from chalicelib.reporting.model.on_offer import LocalDay


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time that a guest spends in a resource, and the units that they have there, or had last; none of what waits."""

    reservation: Reservation
    during: TimeRange
    units: UnitSet


@dataclass(frozen=True, slots=True)
class NotOffered:
    """A time in which a policy offers nothing; `reason` is that of a blackout, None outside of what is open."""

    during: TimeRange
    reason: str | None


@dataclass(frozen=True, slots=True)
class NotOfferedOf:
    """When some resources are not offered, by start: those of one policy, of which each is open at the same times."""

    resource_ids: Sequence[UUID]
    ranges: Sequence[NotOffered]


def stretches(reservation: Reservation, resource_id: UUID, within: TimeRange, last_units: UnitSet) -> Iterator[Stretch]:
    """Yield the times within a range that a guest spends in a resource, which they may leave and come back to.

    `last_units` are those of a reservation that has none any more.
    """
    for room in reservation.earlier_rooms:
        if room.resource_id == resource_id and room.during.overlaps(within):
            yield Stretch(reservation, room.during, room.units)
    here = _present(reservation)
    if reservation.resource_id == resource_id and here.overlaps(within):
        yield Stretch(reservation, here, reservation.units or last_units)


def _present(reservation: Reservation) -> TimeRange:
    """From when until when a guest has the present room; all of it where they left before it began."""
    here_from, left_at = reservation.here_from, reservation.left_at
    return TimeRange(here_from, left_at if left_at > here_from else reservation.during.ends_at)


def not_offered(
    policy: Policy, days: Sequence[LocalDay], windows: Sequence[TimeRange], zone: ZoneInfo
) -> list[NotOffered]:
    """Return when a policy offers nothing on some days in a row, by start: blackouts, and what is not open."""
    within = TimeRange(days[0].during.starts_at, days[-1].during.ends_at)
    black = list(_blackouts(policy, within, zone))
    open_times = [open_time(policy, day, windows, zone) for day in days]
    shut: Sequence[TimeRange] = ()
    if not open_times[0].by_night:  # nights are offered on every day that is not blacked out
        offered = (part for one in open_times for part in one.parts)
        shut = subtracted([within], (*offered, *(one.during for one in black)))
    return sorted((*black, *(NotOffered(one, None) for one in shut)), key=_start)


def _start(one: NotOffered) -> datetime:
    return one.during.starts_at


def _blackouts(policy: Policy, within: TimeRange, zone: ZoneInfo) -> Iterator[NotOffered]:
    for rule in policy.rules:
        if isinstance(rule, BlackoutDates):
            for blackout in rule.ranges:
                starts_at = wall_clock_instant(blackout.from_on, time.min, zone)
                ends_at = wall_clock_instant(blackout.until_on, time.min, zone)
                if starts_at < within.ends_at and within.starts_at < ends_at:
                    during = TimeRange(max(starts_at, within.starts_at), min(ends_at, within.ends_at))
                    yield NotOffered(during, blackout.reason)
