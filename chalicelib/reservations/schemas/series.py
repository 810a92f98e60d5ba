"""Recurring reservations as requests and answers."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.http.lists import PageQuery
from chalicelib.http.prices import ExpectedPriceMembers, Money, money
from chalicelib.http.problem_bodies import AlternativeBody, ViolationBody
from chalicelib.http.problems import alternative_body, members_of, violation_body
from chalicelib.http.schema import Schema
from chalicelib.http.texts import Id, ManageToken, NextCursor, ResourceId, Version
from chalicelib.http.times import Count, CreatedAt, Day, PartySize, PartySizeWanted, Quantity, QuantityWanted
from chalicelib.reservations.model.reservations import State
from chalicelib.reservations.model.series import Occurrence, Pattern, SeriesRefusedError
from chalicelib.reservations.schemas.reservations import ADA, GuestBody, GuestShown, Notes

if TYPE_CHECKING:
    from chalicelib.reservations.model.series import Series


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
    """What to reserve on every date of a rule: `nights`, or `starts_at_time` and `minutes`."""

    resource_id: UUID = Field(description="The resource to reserve on every date, by id.")
    rule: Rule
    first_on: Day = Field(description="First date from which the rule counts, in the tenant's time zone.")
    except_on: Annotated[list[Day], Field(max_length=200, description="Dates of the rule to leave out.")] = Field([])
    starts_at_time: ClockTime | None = Field(
        None,
        description="Local time at which each use begins, where slots or intervals are reserved; goes with `minutes`.",
    )
    minutes: Minutes | None = Field(
        None, description="Length of each use in minutes, where slots or intervals are reserved."
    )
    nights: Nights | None = Field(default=None, description="Nights of each stay, where nights are reserved.")
    quantity: QuantityWanted = 1
    party_size: PartySizeWanted = 1
    guest: GuestBody = Field(description="Who reserves; gets emails about the series and a link to it.")
    notes: Notes = Field(default="", description="Wishes or remarks for the staff; each reservation gets them.")
    mode: Literal["all", "fitting"] = Field(
        default="all",
        description="`all`: nothing is reserved unless every date can be. `fitting`: the dates that can be are "
        "reserved.",
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
    """What to change about the dates of a series that are still to come; members that are left out stay as they are."""

    from_on: Day | None = Field(
        None, description="Only this date and those that follow; all that are still to come where it is left out."
    )
    starts_at_time: ClockTime | None = Field(default=None, description="The new local time at which each use begins.")
    minutes: Minutes | None = Field(default=None, description="The new length of each use in minutes.")
    nights: Nights | None = Field(default=None, description="The new number of nights of each stay.")
    quantity: Count | None = Field(default=None, description="Units to take on each date instead.")
    party_size: Count | None = Field(default=None, description="How many people come on each date instead.")


class AddDate(Schema, extra="forbid", json_schema_extra={"examples": [{"on": "2027-05-17"}]}):
    """The date of a series to reserve."""

    on: Day = Field(description="Date of the series to reserve, in the tenant's time zone.")


class CancelSeries(Schema, extra="forbid", json_schema_extra={"examples": [{"from_on": "2027-06-07"}]}):
    """Which dates of a series to cancel."""

    from_on: Day | None = Field(
        None, description="Only this date and those that follow; all that are still to come where it is left out."
    )


class OccurrenceBody(Schema):
    """A date of a series, with its reservation or the reason why there is none."""

    on: date = Field(description="Date of the series, in the tenant's time zone.", examples=["2027-05-03"])
    refusal: str | None = Field(
        description="Error code of why the date has no reservation; null where it has one.", examples=[None]
    )
    detail: str | None = Field(
        description="The reason as a sentence, where it was refused just now; null otherwise.", examples=[None]
    )
    violations: list[ViolationBody] = Field(description="Rules of the policy that refuse the date.", examples=[[]])
    alternatives: list[AlternativeBody] = Field(
        description="What can be reserved instead; only for the first few dates that are refused.", examples=[[]]
    )
    reservation_id: UUID | None = Field(description="The reservation of the date; null where it has none.")
    code: str | None = Field(description="Code of the reservation; null where there is none.", examples=["K7MX2QPD"])
    state: State | None = Field(
        description="State of the reservation; null where there is none.", examples=["confirmed"]
    )
    starts_at: datetime | None = Field(
        description="When the reservation begins (UTC); null where there is none.", examples=["2027-05-03T16:00:00Z"]
    )
    ends_at: datetime | None = Field(
        description="When the reservation ends (UTC), which is not part of it; null where there is none.",
        examples=["2027-05-03T17:00:00Z"],
    )
    due: Money | None = Field(
        description="Amount that its cancellation just left owed; null otherwise.", examples=[None]
    )
    refund: Money | None = Field(
        description="Amount that its cancellation just gave back; null otherwise.", examples=[None]
    )
    retained: Money | None = Field(
        description="Amount that its cancellation just retained; null otherwise.", examples=[None]
    )
    manage_token: str | None = Field(
        None, description="Manage token of this reservation, shown when it is made; null otherwise.", examples=[None]
    )


class SeriesSummary(Schema):
    """A series without its dates."""

    id: Id
    resource_id: ResourceId
    rule: str = Field(
        description="Recurrence rule that the dates follow (RFC 5545).", examples=["FREQ=WEEKLY;BYDAY=MO;COUNT=8"]
    )
    first_on: date = Field(description="First date from which the rule counts.", examples=["2027-05-03"])
    except_on: list[date] = Field(description="Dates of the rule that are left out.", examples=[[]])
    starts_at_time: str | None = Field(
        description="Local time at which each use begins; null where nights are reserved.", examples=["09:00"]
    )
    minutes: int | None = Field(
        description="Length of each use in minutes; null where nights are reserved.", examples=[60]
    )
    nights: int | None = Field(
        description="Nights of each stay; null where slots or intervals are reserved.", examples=[None]
    )
    quantity: Quantity
    party_size: PartySize
    guest: GuestShown = Field(description="The guest who reserved.")
    notes: str = Field(
        description="Wishes or remarks for the staff; empty where there are none.", examples=["Weekly rehearsal"]
    )
    version: Version
    created_at: CreatedAt


class SeriesBody(SeriesSummary):
    """A series with its dates."""

    occurrences: list[OccurrenceBody] = Field(
        description="The dates of the rule, each with its reservation or the reason why there is none."
    )


class CreatedSeries(SeriesBody):
    """A series that was just made, with the guest's manage token."""

    manage_token: ManageToken


class ChangedSeries(SeriesBody):
    """The series that holds the changed dates."""

    manage_token: str | None = Field(
        description="Manage token of the series that now holds the later dates; null where all dates were changed, and "
        "the token stays.",
        examples=[None],
    )


class CancelledSeries(SeriesBody):
    """A series, and what its cancellation gave back in all."""

    due: Money = Field(description="Sum that is still owed for the cancelled dates.")
    refund: Money = Field(description="Sum that is given back for the cancelled dates.")
    retained: Money = Field(description="Sum that is retained for the cancelled dates.")


class SeriesPreview(Schema):
    """What would come of each date of a series."""

    occurrences: list[OccurrenceBody] = Field(description="The dates of the rule, each with what would come of it.")


class SeriesQuery(PageQuery, extra="forbid", json_schema_extra={"examples": [{"limit": 20}]}):
    """Which series to list."""

    resource_id: UUID | None = Field(default=None, description="Only series of this resource.")


class SeriesPage(Schema):
    """A page of series."""

    items: list[SeriesSummary] = Field(description="The series of this page, the latest first.")
    next_cursor: NextCursor


@members_of.register
def _(error: SeriesRefusedError) -> dict[str, Any]:
    return {"occurrences": [_refused(one) for one in error.occurrences]}


def _refused(one: Occurrence) -> dict[str, Any]:
    """What came of one date of a series that was refused."""
    return {
        "on": one.on_date.isoformat(),
        "refusal": one.refusal,
        "detail": one.detail,
        "violations": [violation_body(violation) for violation in one.violations],
        "alternatives": [alternative_body(alternative) for alternative in one.alternatives],
    }


def occurrence_body(one: Occurrence, manage_token: str | None = None) -> OccurrenceBody:
    """The public form of an occurrence."""
    return OccurrenceBody.model_validate(
        {
            **_refused(one),
            "reservation_id": one.reservation_id,
            "code": one.code,
            "state": one.state,
            "starts_at": None if one.during is None else one.during.starts_at,
            "ends_at": None if one.during is None else one.during.ends_at,
            **_amounts(one),
            "manage_token": manage_token,
        }
    )


def _amounts(one: Occurrence) -> dict[str, Money | None]:
    amounts = {"due": one.due, "refund": one.refund, "retained": one.retained}
    price = one.price
    return {
        name: None if amount is None or price is None else money(amount, price.currency)
        for name, amount in amounts.items()
    }


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
