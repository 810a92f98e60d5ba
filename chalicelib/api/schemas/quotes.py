"""Price estimates as requests and answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel, Field

from chalicelib.api.schemas.prices import Price, price_of
from chalicelib.api.schemas.problems import ViolationBody, violation_of
from chalicelib.api.schemas.times import Count, WantedTimes

if TYPE_CHECKING:
    from chalicelib.services.quote_reservation import Offer


EXAMPLE = {
    "resource_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11",
    "check_in_on": "2027-05-14",
    "check_out_on": "2027-05-16",
    "party_size": 2,
}


class QuoteWanted(WantedTimes, extra="forbid", json_schema_extra={"examples": [EXAMPLE]}):
    """What the price is asked of."""

    resource_id: UUID
    quantity: Count = 1
    party_size: Count = 1


class QuoteBody(BaseModel):
    """What it would cost, and whether it could be reserved now.

    The price is that of the policy's present version. A reservation is priced when it is made: within `valid_until` as
    here, unless the tenant has published another version (compare `policy_version`).
    """

    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
    timezone: str
    check_in_on: date | None
    check_out_on: date | None
    quantity: int
    party_size: int
    price: Price
    policy_version: int
    valid_until: datetime
    bookable: bool
    remaining: int = Field(description="Units that are free for the whole time.")
    violations: list[ViolationBody] = Field(description="Every rule that would refuse it.")
    blocked_by: list[str] = Field(description="What takes the units that are missing; never whose it is.")


def body_of(offer: Offer) -> QuoteBody:
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
        policy_version=offer.policy_version,
        valid_until=offer.valid_until,
        bookable=offer.judgement.bookable,
        remaining=offer.judgement.remaining,
        violations=[violation_of(violation) for violation in offer.judgement.violations],
        blocked_by=list(offer.judgement.blocked_by),
    )
