"""Closures as requests and answers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from chalicelib.availability.model.closures import Closure, ClosureKind
from chalicelib.core.unit_sets import numbers_of
from chalicelib.http.lists import PageQuery
from chalicelib.http.periods import InstantPeriod
from chalicelib.http.problem_bodies import ConflictingReservation
from chalicelib.http.schema import Schema
from chalicelib.http.texts import ONE_LINE, Id, NextCursor, ResourceId, Version
from chalicelib.http.times import EndsAt, Instant, StartsAt

UnitNumber = Annotated[int, Field(ge=1, le=100_000)]

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), ONE_LINE]


class CloseUnits(
    Schema,
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
    """What to close: a resource (neither `units` nor `lowered_to`), some units, or all units above a lower capacity."""

    resource_id: UUID = Field(description="The resource that is closed or has the units, by id.")
    starts_at: Instant = Field(description="From when on they are closed.")
    ends_at: Instant | None = Field(
        None, description="Until when they are closed. Left out: until the closure is ended."
    )
    reason: Reason = Field(description="Why; staff read it in the calendar.")
    units: list[UnitNumber] = Field(
        default_factory=list[int],
        max_length=1000,
        description="Numbers of the units to take out of service; none of them closes the whole resource.",
    )
    lowered_to: Annotated[int, Field(ge=0, le=100_000)] | None = Field(
        None, description="Capacity that is left: all units with greater numbers are closed."
    )

    @model_validator(mode="after")
    def _one_way(self) -> CloseUnits:
        if self.units and self.lowered_to is not None:
            message = "give either units or lowered_to"
            raise ValueError(message)
        return self


class ChangeClosure(Schema, extra="forbid", json_schema_extra={"examples": [{"ends_at": "2027-12-10T16:00:00Z"}]}):
    """What to change about a closure; members that are left out stay as they are."""

    starts_at: Instant | None = Field(default=None, description="The new start.")
    ends_at: Instant | None = Field(default=None, description="The new end.")
    reason: Reason | None = Field(default=None, description="The new reason.")
    units: Annotated[list[UnitNumber], Field(max_length=1000, description="None of them: all.")] | None = Field(
        None, description="Numbers of the units that are closed instead; an empty list closes all."
    )


class ClosurePreview(Schema):
    """The reservations that a closure conflicts with."""

    reservations: list[ConflictingReservation] = Field(
        description="Up to a hundred reservations that would have to be moved or cancelled first; empty where the "
        "closure is possible.",
        examples=[[]],
    )


class ClosureBody(Schema):
    """A time when units of a resource cannot be reserved."""

    id: Id
    resource_id: ResourceId
    kind: ClosureKind = Field(
        description="`closed`: the whole resource. `out_of_service`: some units. `lowered_capacity`: all units above a "
        "number.",
        examples=["out_of_service"],
    )
    starts_at: StartsAt
    ends_at: EndsAt
    units: list[int] | None = Field(
        description="Numbers of the closed units; null where the whole resource is closed.", examples=[[2]]
    )
    reason: str = Field(description="Why it is closed.", examples=["New roof"])
    version: Version


class ClosureList(Schema):
    """A page of closures."""

    items: list[ClosureBody] = Field(description="The closures of this page, by start.")
    next_cursor: NextCursor


class ClosureQuery(PageQuery, InstantPeriod, extra="forbid"):
    """Which closures to list: those that reach into the period, or those that have not ended."""

    resource_id: UUID | None = Field(default=None, description="Only closures of this resource.")
    from_: Instant | None = Field(
        None, alias="from", description="Only closures that end after this instant; now where it is left out."
    )


def body_of(closure: Closure) -> ClosureBody:
    """The public form of a closure."""
    return ClosureBody(
        id=closure.id,
        resource_id=closure.resource_id,
        kind=closure.kind,
        starts_at=closure.during.starts_at,
        ends_at=closure.during.ends_at,
        units=numbers_of(closure.units),
        reason=closure.reason,
        version=closure.version,
    )
