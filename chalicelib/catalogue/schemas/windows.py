"""Availability windows as requests and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import Field

from chalicelib.http.lists import PageQuery
from chalicelib.http.periods import InstantPeriod
from chalicelib.http.schema import Schema
from chalicelib.http.texts import Id, NextCursor, ResourceId
from chalicelib.http.times import EndsAt, Instant, StartsAt

if TYPE_CHECKING:
    from chalicelib.catalogue.model.windows import Window


class AddWindow(
    Schema,
    extra="forbid",
    json_schema_extra={
        "examples": [
            {
                "resource_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11",
                "starts_at": "2027-11-02T08:00:00Z",
                "ends_at": "2027-11-02T16:00:00Z",
            }
        ]
    },
):
    """A time for which to offer a resource."""

    resource_id: UUID = Field(description="The resource to offer, by id.")
    starts_at: Instant = Field(description="From when on it is offered.")
    ends_at: Instant = Field(description="Until when it is offered; this instant is not part of it.")
    slot_minutes: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="Slot length that you expect, in minutes; refused if the policy has another one."
    )


class WindowBody(Schema):
    """A time for which a resource is offered."""

    id: Id
    resource_id: ResourceId
    starts_at: StartsAt
    ends_at: EndsAt


class WindowList(Schema):
    """A page of availability windows."""

    items: list[WindowBody] = Field(description="The windows of this page, by start.")
    next_cursor: NextCursor


class WindowQuery(PageQuery, InstantPeriod, extra="forbid"):
    """Which windows to list: those that reach into the period."""

    resource_id: UUID | None = Field(default=None, description="Only windows of this resource.")


class RemoveWindowQuery(Schema, extra="forbid"):
    """What becomes of its reservations."""

    keep_reservations: bool = Field(
        default=False, description="Delete the window although reservations reach into it; they stay as they are."
    )


def window_body(window: Window) -> WindowBody:
    """The public form of a window."""
    during = window.during
    return WindowBody(id=window.id, resource_id=window.resource_id, starts_at=during.starts_at, ends_at=during.ends_at)
