"""Price estimates as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import Field

from chalicelib.availability.schemas.price_parts import Excluded, Included, price_part_bodies
from chalicelib.availability.schemas.refunds import RefundStepBody, refund_step_bodies
from chalicelib.http.prices import Price, price_of
from chalicelib.http.problem_bodies import AlternativeBody, ViolationBody, violation_of
from chalicelib.http.problems import alternative_body
from chalicelib.http.schema import Schema
from chalicelib.http.texts import ResourceId
from chalicelib.http.times import (
    CheckInOn,
    CheckOutOn,
    EndsAt,
    PartySize,
    PartySizeWanted,
    Quantity,
    QuantityWanted,
    StartsAt,
    WantedTimes,
    Zone,
)

if TYPE_CHECKING:
    from chalicelib.availability.quote_reservation import Offer


EXAMPLE = {
    "resource_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11",
    "check_in_on": "2027-05-14",
    "check_out_on": "2027-05-16",
    "party_size": 2,
}


class QuoteWanted(WantedTimes, extra="forbid", json_schema_extra={"examples": [EXAMPLE]}):
    """The use whose price is asked for."""

    resource_id: UUID = Field(description="The resource to calculate a price for, by id.")
    quantity: QuantityWanted = 1
    party_size: PartySizeWanted = 1
    alternatives: bool = Field(
        default=False,
        description="Whether to look for alternatives where it cannot be reserved, which takes a little longer.",
        examples=[True],
    )


class QuoteBody(Schema):
    """What a use would cost, and whether it could be reserved now.

    The price follows the current version of the policy. A reservation made by `valid_until` costs the same, unless
    another version is published (compare `policy_version`).
    """

    resource_id: ResourceId
    starts_at: StartsAt
    ends_at: EndsAt
    timezone: Zone
    check_in_on: CheckInOn
    check_out_on: CheckOutOn
    quantity: Quantity
    party_size: PartySize
    price: Price = Field(description="What it costs, with the lines that it is made of.")
    includes: Included
    excludes: Excluded
    policy_version: int = Field(
        description="Version of the policy that the price follows; a reservation made under a later one may cost "
        "something else.",
        examples=[1],
    )
    valid_until: datetime = Field(
        description="Until when a reservation costs the same, unless another version of the policy is published."
    )
    refund_steps: list[RefundStepBody] = Field(
        description="What cancelling would refund of the price, and until when, once it is reserved and confirmed; "
        "by time, those that are over as well. Exactly one is current."
    )
    bookable: bool = Field(description="Whether exactly this can be reserved now.")
    remaining: int = Field(description="Units that are free for the whole time.", examples=[2])
    violations: list[ViolationBody] = Field(description="Every rule of the policy that would refuse it.", examples=[[]])
    blocked_by: list[str] = Field(
        description="What blocks the missing units: `reservations`, `closure` or `capacity`; never whose they are.",
        examples=[[]],
    )
    alternatives: list[AlternativeBody] = Field(
        description="What can be reserved instead, up to five, the nearest of each kind first; empty where it can be "
        "reserved, and where `alternatives` was not asked for.",
        examples=[[]],
    )
    waitlist: str | None = Field(
        description="Where to POST the same times, quantity and party size to wait for it; null where it can be "
        "reserved, where rules refuse it, where it is reserved pending, and where there is no waitlist.",
        examples=[None],
    )


def body_of(offer: Offer, waitlist: str | None) -> QuoteBody:
    """The public form of a price estimate."""
    wanted = offer.wanted
    return QuoteBody.model_construct(
        resource_id=wanted.resource.id,
        starts_at=wanted.during.starts_at,
        ends_at=wanted.during.ends_at,
        timezone=offer.tenant.zone.key,
        check_in_on=None if wanted.stay is None else wanted.stay.check_in_on,
        check_out_on=None if wanted.stay is None else wanted.stay.check_out_on,
        quantity=wanted.quantity,
        party_size=wanted.party_size,
        price=price_of(offer.price),
        includes=price_part_bodies(offer.contents.includes, offer.price.currency),
        excludes=price_part_bodies(offer.contents.excludes, offer.price.currency),
        policy_version=offer.policy_version,
        valid_until=offer.valid_until,
        refund_steps=refund_step_bodies(offer.refund_steps, offer.price.currency),
        bookable=offer.judgement.bookable,
        remaining=offer.judgement.remaining,
        violations=[violation_of(violation) for violation in offer.judgement.violations],
        blocked_by=list(offer.judgement.blocked_by),
        alternatives=[AlternativeBody.model_validate(alternative_body(one)) for one in offer.alternatives],
        waitlist=waitlist,
    )
