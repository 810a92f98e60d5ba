"""Looking for reservations and into what became of them, as requests and answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.events.as_sent import as_sent
from chalicelib.http.lists import PageQuery
from chalicelib.http.periods import InstantPeriod
from chalicelib.http.schema import Schema
from chalicelib.http.texts import Id, NextCursor
from chalicelib.http.times import Instant
from chalicelib.reservations.model.reservations import State
from chalicelib.reservations.model.search import ReservationOrder
from chalicelib.reservations.schemas.reservations import ReservationBody

if TYPE_CHECKING:
    from chalicelib.events.event_log import RecordedEvent


def _states(value: object) -> tuple[State, ...]:
    try:
        return tuple(State(name) for name in str(value).split(","))
    except ValueError as error:
        known = ", ".join(State)
        raise PydanticCustomError(
            "invalid_list", "Must be states separated by commas: {known}.", {"known": known}
        ) from error


States = Annotated[
    tuple[State, ...],
    PlainValidator(_states),
    WithJsonSchema({"type": "array", "items": {"type": "string", "enum": list(State)}, "minItems": 1, "maxItems": 9}),
]
SearchText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    Field(description="Part of the guest's name or email address, or the whole code."),
]


class ReservationQuery(
    PageQuery, InstantPeriod, extra="forbid", json_schema_extra={"examples": [{"state": ["confirmed"], "limit": 20}]}
):
    """Which reservations to find: those that reach into the period, or were made in `created_…`."""

    text: SearchText | None = None
    resource_id: UUID | None = Field(default=None, description="Only reservations of this resource.")
    guest_id: UUID | None = Field(default=None, description="Only reservations of this guest.")
    state: States | None = Field(
        default=None, description="Only reservations in these states, with commas between them."
    )
    created_from: Instant | None = Field(
        default=None, description="Only reservations that were made at this instant or later."
    )
    created_until: Instant | None = Field(
        default=None, description="Only reservations that were made before this instant."
    )
    updated_since: Instant | None = Field(
        None,
        description="Only reservations that were made or changed at this instant or later, in the order of their "
        "changes; not with `sort`.",
    )
    sort: ReservationOrder = Field(
        default=ReservationOrder.BY_START, description="Order of the answer; with a minus the latest comes first."
    )


class ReservationPage(Schema):
    """A page of reservations."""

    items: list[ReservationBody] = Field(description="The reservations of this page.")
    next_cursor: NextCursor
    resume_cursor: str | None = Field(
        None,
        description="With `updated_since`: the cursor to ask with later, for what has changed after this page. Null "
        "without it.",
        examples=[None],
    )


class EventBody(Schema):
    """Something that happened."""

    id: Id
    type: str = Field(description="What happened.", examples=["reservation.confirmed"])
    entity_kind: str = Field(description="What kind of thing it happened to.", examples=["reservation"])
    entity_id: UUID = Field(description="Id of the thing that it happened to.")
    actor_kind: str = Field(
        description="Who did it: `guest`, `staff`, `api_key`, `operator`, `job` or `system`.", examples=["staff"]
    )
    actor_id: str | None = Field(
        description="Id of the user or API key, or name of the job; null where there is none.",
        examples=["0192f0c4-9d30-7d51-b6a2-51c07f6e2d13"],
    )
    actor_name: str | None = Field(
        description="Name of the user, while they work for the tenant; null otherwise.", examples=["Grace Hopper"]
    )
    request_id: str | None = Field(
        description="`X-Request-Id` of the request that did it; null for jobs.",
        examples=["3f0c2a7e-8a4e-4a51-9e0e-7a3c6f2b9d10"],
    )
    before: dict[str, Any] | None = Field(
        description="Values before; null where it was created.", examples=[{"state": "held"}]
    )
    after: dict[str, Any] | None = Field(
        description="Values afterwards; null where it was deleted.", examples=[{"state": "confirmed"}]
    )
    occurred_at: datetime = Field(description="When it happened (UTC).")


class EventList(Schema):
    """What happened to a reservation."""

    items: list[EventBody] = Field(description="The events, the latest first.")
    next_cursor: NextCursor = None
    kept_from: datetime | None = Field(
        None,
        description="Events before this instant are archived and not in the list. Null: the list is complete.",
        examples=[None],
    )


class AsOfQuery(Schema, extra="forbid", json_schema_extra={"examples": [{"at": "2027-05-14T10:00:00Z"}]}):
    """At which instant."""

    at: Instant = Field(description="The instant to look at.")


class AsOfBody(Schema):
    """A reservation as it was at an instant, without the guest's details."""

    id: Id
    at: datetime = Field(description="The instant that was asked for (UTC).")
    facts: dict[str, Any] = Field(
        description="Members of the reservation as they were then, under the names that events use.",
        examples=[{"state": "confirmed", "quantity": 1}],
    )


def event_body(event: RecordedEvent) -> EventBody:
    """The public form of an event."""
    sent = replace(event, before=as_sent(event.before), after=as_sent(event.after))
    return EventBody.model_validate(sent, from_attributes=True)
