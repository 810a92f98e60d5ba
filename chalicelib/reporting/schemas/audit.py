"""The audit log, as queries and answers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.events.model import EventType
from chalicelib.http.lists import PageQuery, counted
from chalicelib.http.periods import InstantPeriod
from chalicelib.http.schema import Schema
from chalicelib.http.texts import NextCursor
from chalicelib.http.times import Instant
from chalicelib.reservations.schemas.reservation_search import EventBody

MOST_EXPORTED = 50_000


def _types(value: object) -> tuple[EventType, ...]:
    try:
        return tuple(EventType(name) for name in str(value).split(","))
    except ValueError as error:
        raise PydanticCustomError("invalid_list", "Must be types of events separated by commas.") from error


Types = Annotated[
    tuple[EventType, ...],
    PlainValidator(_types),
    WithJsonSchema({"type": "array", "items": {"type": "string", "enum": list(EventType)}, "minItems": 1}),
]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z_]+$", max_length=40)]


class AuditQuery(
    PageQuery, InstantPeriod, extra="forbid", json_schema_extra={"examples": [{"type": ["reservation.cancelled"]}]}
):
    """Which events: by whom, what, of what, when."""

    type: Types | None = Field(default=None, description="Only events of these types, with commas between them.")
    entity_kind: Word | None = Field(
        None, description="Only events of this kind of thing, such as `reservation` or `policy`."
    )
    entity_id: UUID | None = Field(default=None, description="Only events of this one thing, by id.")
    actor_kind: Word | None = Field(
        None, description="Only events by `guest`, `staff`, `api_key`, `operator`, `job` or `system`."
    )
    actor_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        None, description="Only events by this user, API key or job."
    )
    from_: Instant | None = Field(None, alias="from", description="Only events at this instant or later.")
    until: Instant | None = Field(default=None, description="Only events before this instant.")


class AuditExportQuery(AuditQuery, extra="forbid"):
    """Which events to export."""

    limit: Annotated[
        int,
        counted(MOST_EXPORTED),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_EXPORTED, "default": MOST_EXPORTED}),
    ] = Field(default=MOST_EXPORTED, description="How many events the table has at most.")


class AuditPage(Schema):
    """A page of the audit log."""

    items: list[EventBody] = Field(description="The events of this page, the latest first.")
    next_cursor: NextCursor
