"""Waiting for what is taken, as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.http.lists import PageQuery
from chalicelib.http.periods import InstantPeriod
from chalicelib.http.schema import Schema
from chalicelib.http.texts import Id, NextCursor, ResourceId
from chalicelib.http.times import (
    CheckInOn,
    CheckOutOn,
    EndsAt,
    PartySize,
    PartySizeWanted,
    Quantity,
    QuantityWanted,
    StartsAt,
    WantedTimes,
)
from chalicelib.reservations.schemas.reservations import ADA, NIGHTS, GuestBody, GuestShown, Notes
from chalicelib.waiting.model.waitlist import EntryState

if TYPE_CHECKING:
    from chalicelib.waiting.model.waitlist import WaitlistEntry


def _states(value: object) -> tuple[EntryState, ...]:
    try:
        return tuple(EntryState(name) for name in str(value).split(","))
    except ValueError as error:
        known = ", ".join(EntryState)
        raise PydanticCustomError(
            "invalid_list", "Must be states separated by commas: {known}.", {"known": known}
        ) from error


EntryStates = Annotated[
    tuple[EntryState, ...],
    PlainValidator(_states),
    WithJsonSchema(
        {"type": "array", "items": {"type": "string", "enum": list(EntryState)}, "minItems": 1, "maxItems": 7}
    ),
]


class JoinWaitlist(
    WantedTimes,
    extra="forbid",
    json_schema_extra={
        "examples": [{"resource_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11", **NIGHTS, "party_size": 2, "guest": ADA}]
    },
):
    """What to wait for, and for whom."""

    resource_id: UUID = Field(description="The resource to wait for, by id.")
    quantity: QuantityWanted = 1
    party_size: PartySizeWanted = 1
    guest: GuestBody = Field(description="Who waits; gets an email when it comes free.")
    notes: Notes = Field(
        default="", description="Wishes or remarks for the staff; the reservation that is offered has them."
    )


class EntryBody(Schema):
    """A waitlist entry. When it is offered, a held reservation has the same id: confirm or cancel that."""

    id: Id
    resource_id: ResourceId
    state: EntryState = Field(
        description="`waiting`, then `offered` while a reservation is held. `accepted`, `declined`, `expired`, `left` "
        "and `over` (what was wanted has begun) are final.",
        examples=["waiting"],
    )
    place: int | None = Field(
        description="Place in the queue for the resource, from 1; null where it does not wait any more.", examples=[1]
    )
    starts_at: StartsAt
    ends_at: EndsAt
    check_in_on: CheckInOn
    check_out_on: CheckOutOn
    quantity: Quantity
    party_size: PartySize
    guest: GuestShown = Field(description="The guest who waits.")
    notes: str = Field(description="Wishes or remarks for the staff; empty where there are none.", examples=[""])
    joined_at: datetime = Field(description="When the guest joined the waitlist (UTC).")
    decided_at: datetime | None = Field(
        description="When it reached a final state (UTC); null before.", examples=[None]
    )


class JoinedEntry(EntryBody):
    """A waitlist entry that was just made, with the guest's manage token."""

    manage_token: str = Field(
        description="Manage token of the entry, and of the reservation that it may be offered: send it as "
        "`Authorization: Bearer …`.",
        examples=["eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJtYW5hZ2UifQ.c2ln"],
    )


class EntryQuery(PageQuery, InstantPeriod, extra="forbid", json_schema_extra={"examples": [{"state": ["waiting"]}]}):
    """Which waitlist entries to list: those for a time in the period."""

    resource_id: UUID | None = Field(default=None, description="Only entries for this resource.")
    state: EntryStates | None = Field(
        default=None, description="Only entries in these states, with commas between them."
    )


class EntryPage(Schema):
    """A page of the waitlist."""

    items: list[EntryBody] = Field(description="The entries of this page, the oldest first.")
    next_cursor: NextCursor


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
