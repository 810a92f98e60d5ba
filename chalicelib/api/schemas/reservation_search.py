"""Looking for reservations and into what became of them, as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.api.schemas.lists import PageQuery
from chalicelib.api.schemas.reservations import ReservationBody
from chalicelib.api.schemas.times import Instant
from chalicelib.domain.reservations import State
from chalicelib.storage.reservations import ReservationOrder

if TYPE_CHECKING:
    from chalicelib.storage.events import RecordedEvent


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
    Field(description="Part of the guest's name or e-mail address, or the whole code."),
]


class ReservationQuery(
    PageQuery, extra="forbid", json_schema_extra={"examples": [{"state": ["confirmed"], "limit": 20}]}
):
    """Which reservations to find: those that reach into the range, made in the other."""

    text: SearchText | None = None
    resource_id: UUID | None = None
    guest_id: UUID | None = None
    state: States | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    created_from: Instant | None = None
    created_until: Instant | None = None
    updated_since: Instant | None = Field(
        None,
        description="Those that were made or changed then or later, in the order of their changes; not with `sort`.",
    )
    sort: ReservationOrder = Field(ReservationOrder.BY_START, description="With a minus the last come first.")


class ReservationPage(BaseModel):
    """Reservations in the order asked for."""

    items: list[ReservationBody]
    next_cursor: str | None
    resume_cursor: str | None = Field(
        None,
        description="With `updated_since`: the cursor to ask with again later, for what has changed after this page.",
    )


class EventBody(BaseModel):
    """Something that happened: who did it, by which request, and what was different afterwards."""

    id: UUID
    type: str
    entity_kind: str
    entity_id: UUID
    actor_kind: str
    actor_id: str | None
    actor_name: str | None = Field(description="Of those who work for the tenant.")
    request_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    occurred_at: datetime


class EventList(BaseModel):
    """What happened, the latest first."""

    items: list[EventBody]
    next_cursor: str | None = None
    kept_from: datetime | None = Field(
        None, description="What happened to it before is archived. Null: this is everything."
    )


class AsOfQuery(BaseModel, extra="forbid", json_schema_extra={"examples": [{"at": "2027-05-14T10:00:00Z"}]}):
    """At which instant."""

    at: Instant


class AsOfBody(BaseModel):
    """A reservation as it stood, told from its events; guests' details are not in them."""

    id: UUID
    at: datetime
    facts: dict[str, Any]


def event_body(event: RecordedEvent) -> EventBody:
    """The public form of an event."""
    return EventBody.model_validate(event, from_attributes=True)
