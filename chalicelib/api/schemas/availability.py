"""Availability as queries and answers."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, PlainValidator, RootModel, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.api.schemas.lists import PageQuery, QueryCount
from chalicelib.api.schemas.prices import Money, total_of
from chalicelib.api.schemas.problems import ViolationBody, violation_of
from chalicelib.api.schemas.resources import Amenities, Kind, ModeName
from chalicelib.api.schemas.times import CLOCK, DAY, OFFSET, FoldChoice, WantedTimes, ZoneName
from chalicelib.services.list_availability import MOST_DAYS, USUAL_DAYS, PeriodWanted

if TYPE_CHECKING:
    from chalicelib.services.list_availability import Listing
    from chalicelib.services.search_availability import Match

_DAY_OR_MOMENT = re.compile(rf"{DAY}(T{CLOCK}{OFFSET}?)?", re.ASCII)


def _day_or_moment(value: object) -> date | datetime:
    if isinstance(value, str) and _DAY_OR_MOMENT.fullmatch(value):
        try:
            return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError:  # 30 February
            pass
    raise PydanticCustomError(
        "invalid_time", "Must be a date such as 2027-05-14 or a time such as 2027-05-14T15:00:00Z, from 2000 to 2199."
    )


def _bound(description: str, example: str) -> WithJsonSchema:
    pattern = f"^{_DAY_OR_MOMENT.pattern}$"
    return WithJsonSchema({"type": "string", "pattern": pattern, "description": description, "examples": [example]})


From = Annotated[
    date | datetime,
    PlainValidator(_day_or_moment),
    _bound(
        "From this date or time on; where left out from now on, for staff from the running night on. What is past is "
        "never listed.",
        "2027-05-14",
    ),
]
To = Annotated[
    date | datetime,
    PlainValidator(_day_or_moment),
    _bound(
        f"Until before this date or time: {MOST_DAYS} days at most, {USUAL_DAYS} where it is left out.", "2027-06-14"
    ),
]


class PeriodQuery(
    BaseModel,
    extra="forbid",
    json_schema_extra={"examples": [{"from": "2027-05-14", "to": "2027-06-14", "party_size": 2}]},
):
    """Which time to look at, and for how many."""

    from_: From | None = Field(None, alias="from")
    to: To | None = None
    quantity: QueryCount = 1
    party_size: QueryCount = 1
    fold: FoldChoice | None = None
    timezone: ZoneName | None = None

    def period(self) -> PeriodWanted:
        """The time as the use case takes it."""
        return PeriodWanted(from_=self.from_, until=self.to, fold=self.fold, timezone=self.timezone)


class NightBody(BaseModel):
    """One night, by the date on which it begins."""

    on: date
    remaining: int = Field(description="Units that are still free.")
    can_check_in: bool = Field(description="Whether a stay may begin on this date.")
    min_nights: int | None = Field(description="The shortest stay that may begin on this date; null where none may.")
    max_nights: int | None = Field(
        description="The longest stay that may begin on this date, as far as the nights listed reach."
    )
    price: Money = Field(description="Of this night, before discounts, fees and taxes, which belong to a whole stay.")


class SlotBody(BaseModel):
    """One slot."""

    starts_at: datetime
    ends_at: datetime
    remaining: int = Field(description="Units that are still free.")
    price: Money


class RangeBody(BaseModel):
    """A time throughout which that many units are free."""

    starts_at: datetime
    ends_at: datetime
    latest_start_at: datetime = Field(
        description="Nothing begins later; what begins by then may last until `ends_at`, if its length is permitted."
    )
    remaining: int


class _Availability(BaseModel):
    resource_id: UUID
    slug: str
    timezone: str
    quantity: int
    party_size: int


class NightAvailability(_Availability):
    """Nights of a resource that is reserved by the night."""

    mode: Literal["stay"] = "stay"
    nights: list[NightBody]


class SlotAvailability(_Availability):
    """Slots of a resource that is reserved by fixed slots."""

    mode: Literal["slot"] = "slot"
    slots: list[SlotBody]


class RangeAvailability(_Availability):
    """Free ranges of a resource that is reserved from any start to any end on a grid."""

    mode: Literal["interval"] = "interval"
    ranges: list[RangeBody]


class Availability(
    RootModel[Annotated[NightAvailability | SlotAvailability | RangeAvailability, Field(discriminator="mode")]]
):
    """What is free of one resource: nights, slots or ranges, as it is reserved."""


class SearchQuery(
    PageQuery,
    WantedTimes,
    extra="forbid",
    json_schema_extra={"examples": [{"check_in_on": "2027-05-14", "check_out_on": "2027-05-16", "party_size": 2}]},
):
    """What exactly is looked for: nights by dates, slots and intervals by times."""

    quantity: QueryCount = 1
    party_size: QueryCount = 1
    kind: Kind | None = None
    amenity: Amenities | None = None


class MatchBody(BaseModel):
    """Whether one resource can take it."""

    resource_id: UUID
    slug: str
    name: str
    kind: str
    mode: ModeName
    bookable: bool
    remaining: int = Field(description="Units that are free for the whole time.")
    price: Money
    starts_at: datetime
    ends_at: datetime
    check_in_on: date | None
    check_out_on: date | None
    violations: list[ViolationBody] = Field(description="Every rule that would refuse it.")
    blocked_by: list[str] = Field(description="What takes the units that are missing; never whose it is.")


class MatchList(BaseModel):
    """The resources that are reserved in this way, in the tenant's order: also those that cannot take it, and why."""

    items: list[MatchBody]
    next_cursor: str | None


def body_of(listing: Listing) -> NightAvailability | SlotAvailability | RangeAvailability:
    """The public form of what is free of one resource."""
    outlook = listing.outlook
    currency = outlook.tenant.currency
    members: dict[str, Any] = {
        "resource_id": outlook.resource.id,
        "slug": outlook.resource.slug,
        "timezone": outlook.tenant.zone.key,
        "quantity": listing.quantity,
        "party_size": listing.party_size,
    }
    if listing.nights is not None:
        nights = [
            NightBody.model_construct(
                on=night.on,
                remaining=night.remaining,
                can_check_in=night.can_check_in,
                min_nights=night.min_nights,
                max_nights=night.max_nights,
                price=Money.model_construct(currency=currency, total=listing.price_of_night(night)),
            )
            for night in listing.nights
        ]
        return NightAvailability.model_construct(**members, nights=nights)
    if listing.slots is not None:
        slots = [
            SlotBody.model_construct(
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                remaining=slot.remaining,
                price=total_of(listing.price_of_slot(slot)),
            )
            for slot in listing.slots
        ]
        return SlotAvailability.model_construct(**members, slots=slots)
    ranges = [
        RangeBody.model_construct(
            starts_at=free.starts_at,
            ends_at=free.ends_at,
            latest_start_at=free.latest_start_at,
            remaining=free.remaining,
        )
        for free in listing.ranges or ()
    ]
    return RangeAvailability.model_construct(**members, ranges=ranges)


def match_body(match: Match) -> MatchBody:
    """The public form of how one resource suits a search."""
    resource, wanted = match.entry.resource, match.wanted
    return MatchBody.model_construct(
        resource_id=resource.id,
        slug=resource.slug,
        name=resource.name,
        kind=match.entry.kind,
        mode=match.entry.policy.mode.mode,
        bookable=match.judgement.bookable,
        remaining=match.judgement.remaining,
        price=total_of(match.price),
        starts_at=wanted.during.starts_at,
        ends_at=wanted.during.ends_at,
        check_in_on=None if wanted.stay is None else wanted.stay.check_in_on,
        check_out_on=None if wanted.stay is None else wanted.stay.check_out_on,
        violations=[violation_of(violation) for violation in match.judgement.violations],
        blocked_by=list(match.judgement.blocked_by),
    )
