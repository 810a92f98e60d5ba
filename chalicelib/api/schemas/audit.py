"""The audit log, as queries and answers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.api.schemas.lists import PageQuery, counted
from chalicelib.api.schemas.reservation_search import EventBody
from chalicelib.api.schemas.times import Instant
from chalicelib.domain.events import EventType

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


class AuditQuery(PageQuery, extra="forbid", json_schema_extra={"examples": [{"type": ["reservation.cancelled"]}]}):
    """Which events: by whom, what, of what, when."""

    type: Types | None = None
    entity_kind: Word | None = None
    entity_id: UUID | None = None
    actor_kind: Word | None = None
    actor_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    occurred_from: Instant | None = None
    occurred_until: Instant | None = None


class AuditExportQuery(AuditQuery, extra="forbid"):
    """Which events to export."""

    limit: Annotated[
        int,
        counted(MOST_EXPORTED),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_EXPORTED, "default": MOST_EXPORTED}),
    ] = MOST_EXPORTED


class AuditPage(BaseModel):
    """Events, the latest first."""

    items: list[EventBody]
    next_cursor: str | None
