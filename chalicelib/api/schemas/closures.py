"""Closures as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from chalicelib.api.schemas.lists import PageQuery
from chalicelib.api.schemas.problems import InTheWay
from chalicelib.api.schemas.texts import ONE_LINE
from chalicelib.api.schemas.times import Instant
from chalicelib.domain.closures import Closure, ClosureKind
from chalicelib.domain.units import UNBOUNDED

UnitNumber = Annotated[int, Field(ge=1, le=100_000)]

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), ONE_LINE]


class CloseUnits(
    BaseModel,
    extra="forbid",
    json_schema_extra={
        "examples": [
            {
                "resource_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11",
                "starts_at": "2027-11-02T08:00:00Z",
                "ends_at": "2027-11-30T16:00:00Z",
                "reason": "New roof",
            }
        ]
    },
):
    """Close a resource (neither `units` nor `lowered_to`), some units, or all units above a lowered capacity."""

    resource_id: UUID
    starts_at: Instant
    ends_at: Instant | None = Field(None, description="Left out: until it is opened again.")
    reason: Reason
    units: list[UnitNumber] = Field(default_factory=list[int], max_length=1000)
    lowered_to: Annotated[int, Field(ge=0, le=100_000)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> CloseUnits:
        if self.units and self.lowered_to is not None:
            message = "give either units or lowered_to"
            raise ValueError(message)
        return self


class ChangeClosure(BaseModel, extra="forbid", json_schema_extra={"examples": [{"ends_at": "2027-12-10T16:00:00Z"}]}):
    """What should be different; what is left out stays as it is."""

    starts_at: Instant | None = None
    ends_at: Instant | None = None
    reason: Reason | None = None
    units: Annotated[list[UnitNumber], Field(max_length=1000, description="None of them: all.")] | None = None


class ClosurePreview(BaseModel):
    """Up to a hundred reservations that would be in the way; nothing: it can be closed."""

    reservations: list[InTheWay]


class ClosureBody(BaseModel):
    """A closure; `units` is null when the whole resource is closed."""

    id: UUID
    resource_id: UUID
    kind: ClosureKind
    starts_at: datetime
    ends_at: datetime
    units: list[int] | None
    reason: str
    version: int


class ClosureList(BaseModel):
    """Closures, by start."""

    items: list[ClosureBody]
    next_cursor: str | None


class ClosureQuery(PageQuery, extra="forbid"):
    """Which closures to list: those that reach into a time, or those that have not ended."""

    resource_id: UUID | None = None
    starts_at: Instant | None = Field(None, description="Left out: now.")
    ends_at: Instant | None = None


def body_of(closure: Closure) -> ClosureBody:
    """The public form of a closure."""
    return ClosureBody(
        id=closure.id,
        resource_id=closure.resource_id,
        kind=closure.kind,
        starts_at=closure.during.starts_at,
        ends_at=closure.during.ends_at,
        units=None if closure.units.runs[-1][1] == UNBOUNDED else list(closure.units),
        reason=closure.reason,
        version=closure.version,
    )
