"""Waiting for something that is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chalicelib.domain.reservations import Guest
from chalicelib.domain.time_ranges import Stay, TimeRange


class EntryState(StrEnum):
    """Where somebody who waits stands."""

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
