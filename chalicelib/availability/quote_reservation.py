"""What something would cost, and whether it could be reserved now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.access.model.people import THE_PUBLIC, Audience
from chalicelib.availability.availability_facts import Judgement, read_outlooks, with_reasons
from chalicelib.availability.suggest_alternatives import alternatives_to_quote
from chalicelib.availability.wanted_times import resolve
from chalicelib.core.errors import Alternative
from chalicelib.core.money import Quote
from chalicelib.core.resources import Tenant
from chalicelib.core.time_ranges import TimesWanted
from chalicelib.database.transaction import Isolation
from chalicelib.policies.model.price_contents import PriceContents, contents_of_total
from chalicelib.policies.model.pricing import quote
from chalicelib.policies.model.wanted import Wanted
from chalicelib.reservations.model.dues import RefundStep, refund_steps
from chalicelib.terms.terms import offered_terms

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.terms.model.terms import Terms

GOOD_FOR = timedelta(minutes=15)
"""How long a quote may be shown before it should be asked for again."""


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What the price is asked of; `alternatives`: and what else could be had, where it cannot be reserved."""

    resource_id: UUID
    times: TimesWanted
    quantity: int
    party_size: int
    alternatives: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What exactly would be reserved, its price, until when that may be shown, and how the use is judged.

    `contents`: what the price includes and leaves out. `refund_steps`: what cancelling would give back of it.
    `alternatives`: what could be had instead, where that was asked for. `may_wait`: whether a guest may wait for it.
    """

    tenant: Tenant
    wanted: Wanted
    price: Quote
    policy_version: int
    valid_until: datetime
    judgement: Judgement
    refund_steps: Sequence[RefundStep]
    contents: PriceContents
    alternatives: Sequence[Alternative]
    may_wait: bool


def quote_reservation(context: Context, request: QuoteRequest, *, audience: Audience = THE_PUBLIC) -> Offer:
    """Price a use that may or may not be possible for an audience.

    Raises `NotFoundError`, and what `wanted_times.resolve` raises.
    """

    def work(transaction: Transaction) -> Offer:
        terms = offered_terms(transaction, request.resource_id)
        during, stay = resolve(request.times, terms.policy, terms.tenant.zone)
        wanted = Wanted(terms.resource, during, stay, request.quantity, request.party_size)
        within = terms.policy.blocked(during)
        outlooks = read_outlooks(transaction, [terms], within, audience=audience)
        judgement = outlooks[0].judge(wanted)
        if judgement.blocked_by:
            judgement = with_reasons(transaction, outlooks, within)[0].judge(wanted)
        alternatives: Sequence[Alternative] = ()
        if request.alternatives and not judgement.bookable:
            alternatives = alternatives_to_quote(transaction, terms, wanted, audience)
        price = quote(terms.policy, terms.tenant.currency, wanted, terms.tenant.zone)
        now = transaction.now
        return Offer(
            tenant=terms.tenant,
            wanted=wanted,
            price=price,
            policy_version=terms.policy_version,
            valid_until=now + GOOD_FOR,
            judgement=judgement,
            refund_steps=refund_steps(terms.policy.cancellation, during.starts_at, now, price=price.total),
            contents=contents_of_total(terms.policy.rates),
            alternatives=alternatives,
            may_wait=_may_wait(transaction, terms, judgement),
        )

    return context.run(work, isolation=Isolation.SNAPSHOT)


def _may_wait(transaction: Transaction, terms: Terms, judgement: Judgement) -> bool:
    """Whether room is all that it wants for, and is waited for here; where it queues, one reserves what is taken."""
    wants_room = bool(judgement.blocked_by) and not judgement.violations
    return wants_room and transaction.tenant.keeps_waitlist and not terms.policy.confirmation.queues
