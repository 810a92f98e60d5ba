"""Calendars that others read, as requests and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from chalicelib.calendars.model.feeds import FeedSubject
from chalicelib.http.schema import Schema
from chalicelib.http.texts import EXAMPLE_ID, Id, NextCursor
from chalicelib.http.times import CreatedAt

if TYPE_CHECKING:
    from chalicelib.calendars.model.feeds import Feed

DIRECTION = "Always `out`: other calendars read it."


class CreateCalendar(
    Schema,
    extra="forbid",
    json_schema_extra={"examples": [{"direction": "out", "resource_id": EXAMPLE_ID, "unit": 1}]},
):
    """A calendar to create: of a resource, one of its units, or all that a member works with."""

    direction: Literal["out"] = Field(description=DIRECTION)
    resource_id: UUID | None = Field(default=None, description="Resource that it is of; this or `member_id`.")
    unit: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        default=None, description="Number of the one unit that it is of. Left out: all units of the resource."
    )
    member_id: UUID | None = Field(
        default=None, description="Member whose resources it is of: a host's own, all resources of any other."
    )
    detailed: bool = Field(
        default=False,
        description="Whether guests, resources and codes are named. Left out: it says when something is taken alone, "
        "which is what other channels need.",
    )

    @model_validator(mode="after")
    def _one_subject(self) -> CreateCalendar:
        if (self.resource_id is None) == (self.member_id is None):
            message = "name either a resource_id or a member_id"
            raise ValueError(message)
        if self.unit is not None and self.resource_id is None:
            message = "a unit needs a resource_id"
            raise ValueError(message)
        return self

    def subject(self) -> FeedSubject:
        """What the use case takes."""
        return FeedSubject(self.resource_id, self.unit, self.member_id)


class CalendarFeedBody(Schema):
    """A calendar that others read."""

    id: Id
    direction: Literal["out"] = Field(description=DIRECTION)
    resource_id: UUID | None = Field(description="Resource that it is of; null where it is a member's.")
    unit: int | None = Field(description="Number of the unit that it is of; null: all.", examples=[1])
    member_id: UUID | None = Field(
        description="Member whose resources it is of; null where it is of a resource.", examples=[None]
    )
    detailed: bool = Field(description="Whether guests, resources and codes are named.", examples=[False])
    created_by: UUID = Field(description="Id of the member who created it; it ends with their membership.")
    created_by_name: str | None = Field(
        description="Name of that member; null where they do not work for the tenant any more.",
        examples=["Grace Hopper"],
    )
    created_at: CreatedAt


class CalendarWithAddress(CalendarFeedBody):
    """A calendar and its secret address."""

    url: str | None = Field(
        description="Address to give to the other calendar, shown in this answer alone: whoever has it reads the "
        "calendar. Null where the answer is repeated under its Idempotency-Key; if the first answer was lost, renew "
        "the address.",
        examples=["https://book.example.com/api/v1/tenants/pine-cabins/calendars/0192f0c4/feed.ics?key=4fK9xQ2m"],
    )


class CalendarList(Schema):
    """A page of calendars."""

    items: list[CalendarFeedBody] = Field(description="The calendars of this page, the oldest first.")
    next_cursor: NextCursor


class FeedQuery(Schema, extra="forbid", json_schema_extra={"examples": [{"key": "4fK9xQ2mW7tYb3"}]}):
    """The secret of the address."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        description="The secret, as it stands in the `url` that was given."
    )


def feed_body(feed: Feed) -> CalendarFeedBody:
    """The public form of a feed."""
    return CalendarFeedBody(
        id=feed.id,
        direction="out",
        resource_id=feed.subject.resource_id,
        unit=feed.subject.unit,
        member_id=feed.subject.member_id,
        detailed=feed.detailed,
        created_by=feed.created_by,
        created_by_name=feed.created_by_name,
        created_at=feed.created_at,
    )


def calendar_with_address(feed: Feed, url: str | None) -> CalendarWithAddress:
    """The public form of a feed with its address."""
    return CalendarWithAddress(**feed_body(feed).model_dump(), url=url)
