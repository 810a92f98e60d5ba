"""Recurring reservations as requests and answers."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.api import problems
from chalicelib.api.schemas.lists import PageQuery
from chalicelib.api.schemas.prices import ExpectedPriceMembers
from chalicelib.api.schemas.problems import AlternativeBody, ViolationBody
from chalicelib.api.schemas.reservations import ADA, GuestBody, GuestShown, Notes
from chalicelib.api.schemas.times import Count, Day
from chalicelib.domain.reservations import State
from chalicelib.domain.series import Pattern

if TYPE_CHECKING:
    from chalicelib.domain.series import Occurrence, Series


def _clock(value: object) -> time:
    if isinstance(value, str) and len(value) == 5:
        try:
            return time.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("invalid_time", "Must be a local time of day such as 09:00.")


ClockTime = Annotated[
    time,
    PlainValidator(_clock),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["09:00"]}),
]
Minutes = Annotated[int, Field(ge=1, le=100_000)]
Nights = Annotated[int, Field(ge=1, le=1000)]
Rule = Annotated[
    str,
    Field(
        min_length=1,
        max_length=300,
        description="A recurrence rule of RFC 5545: DAILY, WEEKLY or MONTHLY with COUNT or UNTIL; up to 200 dates in "
        "two years.",
        examples=["FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10"],
    ),
]


class CreateSeries(
    ExpectedPriceMembers,
    extra="forbid",
    json_schema_extra={
        "examples": [
            {
                "resource_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11",
                "rule": "FREQ=WEEKLY;BYDAY=MO;COUNT=8",
                "first_on": "2027-05-03",
                "starts_at_time": "09:00",
                "minutes": 60,
                "guest": ADA,
            }
        ]
    },
):
    """What recurs, from when on, and for whom: `nights`, or a time of day and `minutes`."""

    resource_id: UUID
    rule: Rule
    first_on: Day
    except_on: Annotated[list[Day], Field(max_length=200, description="Dates of the rule to leave out.")] = Field([])
    starts_at_time: ClockTime | None = None
    minutes: Minutes | None = None
    nights: Nights | None = None
    quantity: Count = 1
    party_size: Count = 1
    guest: GuestBody
    notes: Notes = ""
    mode: Literal["all", "fitting"] = Field(
        "all", description="`all`: nothing is reserved unless every date can be had. `fitting`: those that can."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> CreateSeries:
        if (self.nights is None) == (self.minutes is None) or (self.minutes is None) != (self.starts_at_time is None):
            message = "give either nights, or starts_at_time and minutes"
            raise ValueError(message)
        return self

    def pattern(self) -> Pattern:
        """What recurs."""
        return Pattern(self.starts_at_time, self.minutes, self.nights, self.quantity, self.party_size)


class ChangeSeries(ExpectedPriceMembers, extra="forbid", json_schema_extra={"examples": [{"starts_at_time": "10:00"}]}):
    """What should be different about what is still to come; what is left out stays as it is."""

    from_on: Day | None = Field(None, description="This date and what follows; left out: all that is to come.")
    starts_at_time: ClockTime | None = None
    minutes: Minutes | None = None
    nights: Nights | None = None
    quantity: Count | None = None
    party_size: Count | None = None


class AddDate(BaseModel, extra="forbid", json_schema_extra={"examples": [{"on": "2027-05-17"}]}):
    """A date of the series that could not be had when it was made."""

    on: Day


class CancelSeries(BaseModel, extra="forbid", json_schema_extra={"examples": [{"from_on": "2027-06-07"}]}):
    """From when on; all that is to come where nothing is said."""

    from_on: Day | None = None


class OccurrenceBody(BaseModel):
    """A date of a series: its reservation, or the code of why there is none."""

    on: date
    refusal: str | None
    detail: str | None = Field(description="Why not, told when it was refused.")
    violations: list[ViolationBody]
    alternatives: list[AlternativeBody] = Field(description="For the first few dates that cannot be had.")
    reservation_id: UUID | None
    code: str | None = Field(description="Of the reservation.")
    state: State | None
    starts_at: datetime | None
    ends_at: datetime | None
    due: int | None = Field(description="What is owed of it after its cancellation just now, in minor units.")
    refund: int | None = Field(description="What its cancellation just gave back, in minor units.")
    retained: int | None = Field(description="What its cancellation just retained, in minor units.")
    manage_token: str | None = Field(None, description="For the guest, once: at creation.")


class SeriesSummary(BaseModel):
    """A series without its dates."""

    id: UUID
    resource_id: UUID
    rule: str
    first_on: date
    except_on: list[date]
    starts_at_time: str | None
    minutes: int | None
    nights: int | None
    quantity: int
    party_size: int
    guest: GuestShown
    notes: str
    version: int
    created_at: datetime


class SeriesBody(SeriesSummary):
    """A series with its dates."""

    occurrences: list[OccurrenceBody]


class CreatedSeries(SeriesBody):
    """With the token that lets its guest come back to it."""

    manage_token: str


class ChangedSeries(SeriesBody):
    """What follows from a date on is a new series; its guest comes back to it with another token."""

    manage_token: str | None


class CancelledSeries(SeriesBody):
    """With what is owed, given back and retained altogether of what was just cancelled, in minor units."""

    due: int
    refund: int
    retained: int


class SeriesPreview(BaseModel):
    """What would come of each date."""

    occurrences: list[OccurrenceBody]


class SeriesQuery(PageQuery, extra="forbid", json_schema_extra={"examples": [{"limit": 20}]}):
    """Which series to list."""

    resource_id: UUID | None = None


class SeriesPage(BaseModel):
    """Series, the latest first."""

    items: list[SeriesSummary]
    next_cursor: str | None


def occurrence_body(one: Occurrence, manage_token: str | None = None) -> OccurrenceBody:
    """The public form of an occurrence."""
    return OccurrenceBody.model_validate(
        {
            **problems.occurrence_body(one),
            "reservation_id": one.reservation_id,
            "code": one.code,
            "state": one.state,
            "starts_at": None if one.during is None else one.during.starts_at,
            "ends_at": None if one.during is None else one.during.ends_at,
            "due": one.due,
            "refund": one.refund,
            "retained": one.retained,
            "manage_token": manage_token,
        }
    )


def series_members(series: Series, occurrences: list[OccurrenceBody] | None = None) -> dict[str, Any]:
    """The members that every answer about a series has, with its dates."""
    shown = [occurrence_body(one) for one in series.occurrences] if occurrences is None else occurrences
    return {**summary_members(series), "occurrences": shown}


def summary_members(series: Series) -> dict[str, Any]:
    """The members of a series in lists."""
    guest, pattern = series.guest, series.pattern
    at = pattern.starts_at_time
    return {
        "id": series.id,
        "resource_id": series.resource_id,
        "rule": series.rule,
        "first_on": series.first_on,
        "except_on": list(series.except_on),
        "starts_at_time": None if at is None else at.isoformat("minutes"),
        "minutes": pattern.minutes,
        "nights": pattern.nights,
        "quantity": pattern.quantity,
        "party_size": pattern.party_size,
        "guest": GuestShown.model_construct(name=guest.name, email=guest.email, phone=guest.phone),
        "notes": series.notes,
        "version": series.version,
        "created_at": series.created_at,
    }
