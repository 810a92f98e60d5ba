"""How much of a resource is on offer on a day: what a policy offers at all, to anyone.

A night counts as a day of 24 hours; hours and slots count as long as it is open. What a blackout takes away is not on
offer, and what restricts who may arrive when still is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.core.time_ranges import MINUTES_PER_DAY, Stay, TimeRange, merged
from chalicelib.policies.model.modes import ONE_DAY, StayMode, openings
from chalicelib.policies.model.policies import Policy
from chalicelib.policies.model.rules.blackout_dates import BlackoutDates

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Piece:
    """So many units that were not closed during a time."""

    during: TimeRange
    units: int


@dataclass(frozen=True, slots=True)
class LocalDay:
    """A date of a zone, and the instants from its midnight until the next."""

    on: date
    during: TimeRange


@dataclass(frozen=True, slots=True)
class InForce:
    """A policy, and from when on it was the one of a resource."""

    from_at: datetime
    policy_id: UUID
    policy: Policy


@dataclass(frozen=True, slots=True)
class OpenTime:
    """When a policy offers something on a day: hours and slots in parts, of which none overlap; a night whole.

    `minutes` are what counts where nothing is closed: of a night those of a day.
    """

    parts: tuple[TimeRange, ...]
    minutes: int
    by_night: bool = False


def open_time(policy: Policy, day: LocalDay, windows: Sequence[TimeRange], zone: ZoneInfo) -> OpenTime:
    """Return when a policy offers something on a day, whatever is closed or reserved."""
    if isinstance(policy.mode, StayMode):
        if _blacked_out(policy, day.on):
            return OpenTime((), 0, by_night=True)
        night = policy.mode.during(Stay(day.on, day.on + ONE_DAY), zone)
        return OpenTime((night,), MINUTES_PER_DAY, by_night=True)
    days = policy.days(zone)
    offered = openings(policy.mode.offered_in, policy.opening_hours, windows, day.during, zone)
    inside = (
        TimeRange(max(opening.starts_at, day.during.starts_at), min(opening.ends_at, day.during.ends_at))
        for opening in offered
        if opening.overlaps(day.during)
    )
    parts = merged(part for part in inside if not _blacked_out(policy, days.day_of(part.starts_at)))
    return OpenTime(parts, sum(_shared_minutes(part, part) for part in parts))


def minutes_on_offer(open_for: OpenTime, pieces: Sequence[Piece]) -> int:
    """Return the minutes of units that could be reserved on a day, reservations left aside.

    The pieces cover all of what is open, without gaps.
    """
    if len(pieces) == 1:
        return pieces[0].units * open_for.minutes
    if open_for.by_night:
        units = (piece.units for night in open_for.parts for piece in pieces if piece.during.overlaps(night))
        return open_for.minutes * min(units, default=0)
    return sum(
        piece.units * _shared_minutes(part, piece.during)
        for part in open_for.parts
        for piece in pieces
        if piece.during.overlaps(part)
    )


def _blacked_out(policy: Policy, on: date) -> bool:
    return any(
        blackout.from_on <= on < blackout.until_on
        for rule in policy.rules
        if isinstance(rule, BlackoutDates)
        for blackout in rule.ranges
    )


def _shared_minutes(one: TimeRange, other: TimeRange) -> int:
    return int((min(one.ends_at, other.ends_at) - max(one.starts_at, other.starts_at)).total_seconds()) // 60
