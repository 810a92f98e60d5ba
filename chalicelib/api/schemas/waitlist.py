"""Waiting for what is taken, as requests and answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chalicelib.api.schemas.lists import PageQuery
from chalicelib.api.schemas.reservations import ADA, NIGHTS, GuestBody, GuestShown, Notes
from chalicelib.api.schemas.times import Count, Instant, WantedTimes
from chalicelib.domain.waitlist import EntryState

if TYPE_CHECKING:
    from chalicelib.domain.waitlist import WaitlistEntry


class JoinWaitlist(
    WantedTimes,
    extra="forbid",
    json_schema_extra={
        "examples": [{"resource_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11", **NIGHTS, "party_size": 2, "guest": ADA}]
    },
):
    """What somebody waits for, and who."""

    resource_id: UUID
    quantity: Count = 1
    party_size: Count = 1
    guest: GuestBody
    notes: Notes = ""


class EntryBody(BaseModel):
    """Somebody who waits. An offer is a reservation with the same id: confirm or cancel it as one."""

    id: UUID
    resource_id: UUID
    state: EntryState
    place: int | None = Field(description="In the queue for the resource, from 1; null for who does not wait.")
    starts_at: datetime
    ends_at: datetime
    check_in_on: date | None
    check_out_on: date | None
    quantity: int
    party_size: int
    guest: GuestShown
    notes: str
    joined_at: datetime
    decided_at: datetime | None


class JoinedEntry(EntryBody):
    """With the token that lets its guest come back to it, and to the reservation that is offered."""

    manage_token: str


class EntryQuery(PageQuery, extra="forbid", json_schema_extra={"examples": [{"state": "waiting"}]}):
    """Which entries to find; the range is one that they reach into."""

    resource_id: UUID | None = None
    state: EntryState | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None


class EntryPage(BaseModel):
    """Entries, the oldest first."""

    items: list[EntryBody]
    next_cursor: str | None


def entry_members(entry: WaitlistEntry) -> dict[str, Any]:
    """The members that every answer about an entry has."""
    guest = entry.guest
    return {
        "id": entry.id,
        "resource_id": entry.resource_id,
        "state": entry.state,
        "place": entry.place,
        "starts_at": entry.during.starts_at,
        "ends_at": entry.during.ends_at,
        "check_in_on": None if entry.stay is None else entry.stay.check_in_on,
        "check_out_on": None if entry.stay is None else entry.stay.check_out_on,
        "quantity": entry.quantity,
        "party_size": entry.party_size,
        "guest": GuestShown.model_construct(name=guest.name, email=guest.email, phone=guest.phone),
        "notes": entry.notes,
        "joined_at": entry.joined_at,
        "decided_at": entry.decided_at,
    }
