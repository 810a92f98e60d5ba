"""What something would cost, and whether it could be reserved now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.domain.policies import Wanted
from chalicelib.domain.pricing import Quote, quote
from chalicelib.domain.resources import Tenant
from chalicelib.services.availability_facts import NOBODY_IN_PARTICULAR, Judgement, Seeker, read_outlooks, with_reasons
from chalicelib.services.list_availability import find_terms
from chalicelib.services.wanted_times import TimesWanted, resolve
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from chalicelib.storage.transaction import Database, Transaction

GOOD_FOR = timedelta(minutes=15)
"""How long a quote may be shown before it should be asked for again."""


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What the price is asked of."""

    resource_id: UUID
    times: TimesWanted
    quantity: int
    party_size: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What exactly would be reserved, its price, until when that may be shown, and how the use is judged."""

    tenant: Tenant
    wanted: Wanted
    price: Quote
    policy_version: int
    valid_until: datetime
    judgement: Judgement


def quote_reservation(
    database: Database, tenant: str, request: QuoteRequest, *, seeker: Seeker = NOBODY_IN_PARTICULAR
) -> Offer:
    """Price a use that may or may not be possible for a seeker.

    Raises `NotFoundError`, and what `wanted_times.resolve` raises.
    """

    def work(transaction: Transaction) -> Offer:
        terms = find_terms(transaction, str(request.resource_id))
        during, stay = resolve(request.times, terms.policy, terms.tenant.zone)
        wanted = Wanted(terms.resource, during, stay, request.quantity, request.party_size)
        within = terms.policy.blocked(during)
        outlooks = read_outlooks(transaction, [terms], within, seeker=seeker)
        judgement = outlooks[0].judge(wanted)
        if judgement.blocked_by:
            judgement = with_reasons(transaction, outlooks, within)[0].judge(wanted)
        return Offer(
            tenant=terms.tenant,
            wanted=wanted,
            price=quote(terms.policy, terms.tenant.currency, wanted, terms.tenant.zone),
            policy_version=terms.policy_version,
            valid_until=transaction.now + GOOD_FOR,
            judgement=judgement,
        )

    return database.run(tenant, work, isolation=Isolation.SNAPSHOT)
