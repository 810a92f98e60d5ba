"""Availability as queries and answers."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, RootModel

from chalicelib.availability.explain_listing import MOST_EXPLAINED
from chalicelib.availability.list_availability import MOST_DAYS, USUAL_DAYS, PeriodWanted
from chalicelib.http.lists import PageQuery, QueryPartySize, QueryQuantity
from chalicelib.http.periods import DayOrMoment, WantedPeriod
from chalicelib.http.prices import Money, money, total_of
from chalicelib.http.problem_bodies import ViolationBody, violation_of
from chalicelib.http.rendered import Rendered
from chalicelib.http.schema import Schema
from chalicelib.http.texts import KindShown, NextCursor, ResourceId, ResourceName, SlugShown
from chalicelib.http.times import CheckInOn, CheckOutOn, EndsAt, FoldChoice, StartsAt, Zone, ZoneName
from chalicelib.terms.schemas.filters import Amenities, Kind, ModeShown

if TYPE_CHECKING:
    from chalicelib.availability.explain_listing import NightReasons, Reasons
    from chalicelib.availability.listing import Listing
    from chalicelib.availability.search_availability import Match


class PeriodQuery(
    Schema,
    extra="forbid",
    json_schema_extra={"examples": [{"from": "2027-05-14", "until": "2027-06-14", "party_size": 2}]},
):
    """Which time to look at, and for how many."""

    from_: DayOrMoment | None = Field(
        None,
        alias="from",
        description="First night, or the time from which on to look; now where it is left out. What is past is not "
        "listed.",
    )
    until: DayOrMoment | None = Field(
        None,
        description=f"Until before this date or time: {MOST_DAYS} days at most, {USUAL_DAYS} where it is left out.",
        examples=["2027-06-14"],
    )
    quantity: QueryQuantity = 1
    party_size: QueryPartySize = 1
    fold: FoldChoice | None = None
    timezone: ZoneName | None = None
    reasons: bool = Field(
        default=False,
        description="Whether to say why something cannot be had, which takes longer and makes the answer larger. Slots "
        f"that rules refuse are listed then, too; of all that cannot be had the first {MOST_EXPLAINED}.",
    )

    def period(self) -> PeriodWanted:
        """The time as the use case takes it."""
        return PeriodWanted(from_=self.from_, until=self.until, fold=self.fold, timezone=self.timezone)


class NightReasonsBody(Schema):
    """Why a night, an arrival or a departure is not possible; empty where it is."""

    night: list[ViolationBody] = Field(
        description="What stands against the night, and so against arriving as well.", examples=[[]]
    )
    check_in: list[ViolationBody] = Field(
        description="What stands against the shortest stay that begins on this date, where the night itself is free.",
        examples=[[]],
    )
    check_out: list[ViolationBody] = Field(
        description="What stands against ending on this date a stay from the latest date on which one may begin.",
        examples=[[]],
    )


class NightBody(Schema):
    """A night."""

    on: date = Field(description="Date on which the night begins.")
    remaining: int = Field(description="Units that are still free.", examples=[2])
    can_check_in: bool = Field(description="Whether a stay may begin on this date.")
    min_nights: int | None = Field(
        description="Shortest stay that may begin on this date; null where none may.", examples=[1]
    )
    max_nights: int | None = Field(
        description="Longest stay that may begin on this date, as far as the listed nights reach; null where none may.",
        examples=[7],
    )
    can_check_out: bool | None = Field(
        description="Whether a stay that begins on one of the nights listed before may end on this date; null for the "
        "first one.",
        examples=[True],
    )
    price: Money = Field(
        description="Price of this night, before discounts, fees and taxes, which count for a whole stay."
    )
    reasons: NightReasonsBody | None = Field(
        description="Why not, as a reservation would be refused; null where `reasons` was not asked for.",
        examples=[None],
    )


class SlotBody(Schema):
    """A slot."""

    starts_at: StartsAt
    ends_at: EndsAt
    remaining: int = Field(description="Units that are still free.", examples=[2])
    price: Money = Field(description="Price of the slot for the quantity and party size asked for.")
    reasons: list[ViolationBody] | None = Field(
        description="Why it cannot be had, as a reservation would be refused; empty where it can, null where `reasons` "
        "was not asked for.",
        examples=[[]],
    )


class RangeBody(Schema):
    """A range in which units are free throughout."""

    starts_at: StartsAt
    ends_at: EndsAt
    latest_start_at: datetime = Field(
        description="Last instant at which a use may begin; it may then last until `ends_at`, if its length is "
        "permitted.",
    )
    remaining: int = Field(description="Units that are free for the whole range.", examples=[2])


class UnavailableBody(Schema):
    """A time in which nothing can be had, and why."""

    starts_at: StartsAt
    ends_at: EndsAt
    reasons: list[ViolationBody] = Field(
        description="What stands against the shortest use that begins with it, as a reservation would be refused.",
    )


Unavailables = Annotated[
    list[UnavailableBody] | None,
    Field(
        description=f"Days of the time asked for on which no slot begins, or times that lie in no free range, with the "
        f"reasons, {MOST_EXPLAINED} at most; null where `reasons` was not asked for.",
        examples=[None],
    ),
]


class _Availability(Schema):
    resource_id: ResourceId
    slug: SlugShown
    timezone: Zone
    quantity: int = Field(description="Units that were asked for.", examples=[1])
    party_size: int = Field(description="Party size that was asked for.", examples=[2])


class NightAvailability(_Availability):
    """The nights of a resource that is reserved by the night."""

    mode: Literal["stay"] = Field(default="stay", description="Always `stay`: nights are reserved.")
    nights: list[NightBody] = Field(
        description="The nights of the time asked for, by date; full ones have 0 remaining."
    )


class SlotAvailability(_Availability):
    """The slots of a resource that is reserved by slots of fixed length."""

    mode: Literal["slot"] = Field(default="slot", description="Always `slot`: slots of fixed length are reserved.")
    slots: list[SlotBody] = Field(
        description="The slots that begin in the time asked for, by start; full ones have 0 remaining."
    )
    unavailable: Unavailables


class RangeAvailability(_Availability):
    """The free ranges of a resource that is reserved from a free start to a free end."""

    mode: Literal["interval"] = Field(
        default="interval", description="Always `interval`: start and end are free on a grid."
    )
    ranges: list[RangeBody] = Field(description="The free ranges in the time asked for, by start.")
    unavailable: Unavailables


class Availability(
    RootModel[Annotated[NightAvailability | SlotAvailability | RangeAvailability, Field(discriminator="mode")]]
):
    """What is free of one resource: nights, slots or ranges, as it is reserved."""


class SearchQuery(
    PageQuery,
    WantedPeriod,
    extra="forbid",
    json_schema_extra={"examples": [{"from": "2027-05-14", "until": "2027-05-16", "party_size": 2}]},
):
    """What exactly is wanted: nights by two dates, slots and intervals by two times."""

    quantity: QueryQuantity = 1
    party_size: QueryPartySize = 1
    kind: Kind | None = None
    amenity: Amenities | None = None


class MatchBody(Schema):
    """Whether a resource can take what was asked for."""

    resource_id: ResourceId
    slug: SlugShown
    name: ResourceName
    kind: KindShown
    mode: ModeShown
    bookable: bool = Field(description="Whether exactly this can be reserved now.")
    remaining: int = Field(description="Units that are free for the whole time.", examples=[2])
    price: Money = Field(description="What it would cost.")
    starts_at: StartsAt
    ends_at: EndsAt
    check_in_on: CheckInOn
    check_out_on: CheckOutOn
    violations: list[ViolationBody] = Field(description="Every rule of the policy that would refuse it.", examples=[[]])
    blocked_by: list[str] = Field(
        description="What blocks the missing units: `reservations`, `closure` or `capacity`; never whose they are.",
        examples=[[]],
    )


class MatchList(Schema):
    """A page of resources with what was found for each."""

    items: list[MatchBody] = Field(
        description="The resources with this booking mode, bookable or not, in the tenant's order."
    )
    next_cursor: NextCursor


def body_of(listing: Listing) -> NightAvailability | SlotAvailability | RangeAvailability:
    """The public form of what is free of one resource."""
    outlook = listing.outlook
    currency = outlook.tenant.currency

    @cache
    def shown(total: int) -> Money:  # most cost the same
        return money(total, currency)

    members: dict[str, Any] = {
        "resource_id": outlook.resource.id,
        "slug": outlook.resource.slug,
        "timezone": outlook.tenant.zone.key,
        "quantity": listing.quantity,
        "party_size": listing.party_size,
    }
    if listing.nights is not None:
        reasons = listing.night_reasons
        nights = [
            NightBody.made_of(
                on=night.on,
                remaining=night.remaining,
                can_check_in=night.can_check_in,
                min_nights=night.min_nights,
                max_nights=night.max_nights,
                can_check_out=night.can_check_out,
                price=shown(listing.price_of_night(night)),
                reasons=None if reasons is None else _night_reasons(reasons[night.on]),
            )
            for night in listing.nights
        ]
        return NightAvailability.model_construct(**members, nights=nights)
    if listing.slots is not None:
        slots = [
            SlotBody.made_of(
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                remaining=slot.remaining,
                price=shown(listing.price_of_slot(slot)),
                reasons=None if listing.slot_reasons is None else _shown(listing.slot_reasons[slot.starts_at]),
            )
            for slot in listing.slots
        ]
        return SlotAvailability.model_construct(**members, slots=slots, unavailable=_unavailable(listing))
    ranges = [
        RangeBody.made_of(
            starts_at=free.starts_at,
            ends_at=free.ends_at,
            latest_start_at=free.latest_start_at,
            remaining=free.remaining,
        )
        for free in listing.ranges or ()
    ]
    return RangeAvailability.model_construct(**members, ranges=ranges, unavailable=_unavailable(listing))


LISTINGS: Rendered[Listing] = Rendered(body_of)


def _night_reasons(reasons: NightReasons) -> NightReasonsBody:
    return NightReasonsBody.model_construct(
        night=_shown(reasons.night), check_in=_shown(reasons.check_in), check_out=_shown(reasons.check_out)
    )


def _unavailable(listing: Listing) -> list[UnavailableBody] | None:
    if listing.unavailable is None:
        return None
    return [
        UnavailableBody.model_construct(
            starts_at=one.during.starts_at, ends_at=one.during.ends_at, reasons=_shown(one.reasons)
        )
        for one in listing.unavailable
    ]


def _shown(reasons: Reasons) -> list[ViolationBody]:
    return [violation_of(one) for one in reasons]


def match_body(match: Match) -> MatchBody:
    """The public form of how one resource suits a search."""
    resource, wanted = match.entry.resource, match.wanted
    return MatchBody.made_of(
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
