"""Waiting for something that is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.reservations.model.reservations import Guest


class EntryState(StrEnum):
    """Where a waitlist entry stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    """A reservation is held for them."""
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    """The offer was not confirmed in time."""
    LEFT = "left"
    OVER = "over"
    """What they waited for has begun."""


@dataclass(frozen=True, slots=True)
class WaitlistEntry:
    """What somebody waits for. `place` counts from 1 among those who wait for the resource, None when they do not.

    The reservation that is offered to them has the same id.
    """

    id: UUID
    resource_id: UUID
    guest: Guest
    state: EntryState
    during: TimeRange
    stay: Stay | None
    quantity: int
    party_size: int
    notes: str
    joined_at: datetime
    decided_at: datetime | None
    place: int | None


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries to find; None means all. The range is one they reach into; `after` is when the last one joined."""

    id: UUID | None = None
    resource_id: UUID | None = None
    guest_ids: Sequence[UUID] | None = None
    states: Sequence[EntryState] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    after: tuple[datetime, UUID] | None = None
