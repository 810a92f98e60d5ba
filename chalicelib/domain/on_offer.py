"""How much of a resource is on offer on a day: what a policy offers at all, to anyone.

A night counts as a day of 24 hours; hours and slots count as long as it is open. What a blackout takes away is not on
offer, and what restricts who may arrive when still is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.domain.modes import ONE_DAY, StayMode, openings
from chalicelib.domain.policies import Policy
from chalicelib.domain.rules.blackout_dates import BlackoutDates
from chalicelib.domain.time_ranges import MINUTES_PER_DAY, Stay, TimeRange, merged

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


def minutes_on_offer(
    policy: Policy, day: LocalDay, pieces: Sequence[Piece], windows: Sequence[TimeRange], zone: ZoneInfo
) -> int:
    """Return the minutes of units that could be reserved on a day, reservations left aside. The pieces have no gaps."""
    if isinstance(policy.mode, StayMode):
        if _blacked_out(policy, day.on):
            return 0
        night = policy.mode.during(Stay(day.on, day.on + ONE_DAY), zone)
        return MINUTES_PER_DAY * min((piece.units for piece in pieces if piece.during.overlaps(night)), default=0)
    days = policy.days(zone)
    offered = openings(policy.mode.offered_in, policy.opening_hours, windows, day.during, zone)
    inside = (
        TimeRange(max(opening.starts_at, day.during.starts_at), min(opening.ends_at, day.during.ends_at))
        for opening in offered
        if opening.overlaps(day.during)
    )
    open_for = merged(part for part in inside if not _blacked_out(policy, days.day_of(part.starts_at)))
    return sum(
        piece.units * _shared_minutes(part, piece.during)
        for part in open_for
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
