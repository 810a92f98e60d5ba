"""What a guest owes: the one arithmetic behind `due`, `refund` and `retained` of every step and every change.

A reservation owes its price from when it is confirmed on (`OWING_STATES`). Beyond the price it owes what was `retained`
of what was given up: when it was made smaller, moved, cancelled, or missed. `nonrefundable` is what a cancellation
retains at least: what one would have retained where the reservation stood before it was moved.

    due = price (in one of the owing states) + retained
    given back for a part of the price = its percentage of the cancellation tier that counts, half a unit up

Amounts are minor units of the reservation's currency.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from chalicelib.core.time_ranges import Stay
from chalicelib.policies.model.policies import StayMode
from chalicelib.policies.model.pricing import quote
from chalicelib.policies.model.wanted import Wanted
from chalicelib.reservations.model.reservations import State

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from chalicelib.core.money import Quote
    from chalicelib.core.resources import Resource
    from chalicelib.policies.model.policies import CancellationTier, Policy
    from chalicelib.reservations.model.reservations import Reservation

OWING_STATES = frozenset({State.CONFIRMED, State.CHECKED_IN, State.COMPLETED})
"""Those in which the price is owed. Before, nothing was agreed; after the other ends, only what was retained is."""

ENDED_STATES = frozenset({State.CANCELLED, State.REJECTED, State.EXPIRED, State.NO_SHOW})
"""Those in which nothing is to come of it."""


@dataclass(frozen=True, slots=True)
class RefundStep:
    """What a cancellation gives back and retains until an instant, that one included; None: ever after.

    Amounts are minor units. `current`: it is the step that counts now.
    """

    until: datetime | None
    percent: int
    refund: int
    retained: int
    current: bool


def due(reservation: Reservation) -> int:
    """Return what is owed of a reservation now."""
    price = reservation.price.total if reservation.state in OWING_STATES else 0
    return price + reservation.retained


def refund_of(before: Reservation, after: Reservation) -> int:
    """Return what a step or a change gave back: by how much less is owed now."""
    return max(0, due(before) - due(after))


def dues_of(reservations: Collection[Reservation]) -> dict[str, int]:
    """Return what is owed of several together, what their last step gave back, and what of it is retained."""
    return {
        "due": sum(map(due, reservations)),
        "refund": sum(one.refund or 0 for one in reservations),
        "retained": sum(one.retained for one in reservations),
    }


def refund_percent(tiers: Sequence[CancellationTier], starts_at: datetime, now: datetime) -> int:
    """Return how much a cancellation at `now` gives back of what begins at `starts_at`.

    A tier counts until its minutes before the start, that instant included; of several the most generous one does, so
    that waiting never pays. Nothing is given back where none counts.
    """
    percents = (
        tier.refund_percent for tier in tiers if now <= starts_at - timedelta(minutes=tier.until_minutes_before)
    )
    return max(percents, default=0)


def refund(tiers: Sequence[CancellationTier], amount: int, starts_at: datetime, now: datetime) -> int:
    """Return what is given back of an amount when it is given up at `now`: half a unit rounded up."""
    return _share(amount, refund_percent(tiers, starts_at, now))


def refund_steps(
    tiers: Sequence[CancellationTier],
    starts_at: datetime,
    now: datetime,
    *,
    price: int,
    retained: int = 0,
    nonrefundable: int = 0,
) -> tuple[RefundStep, ...]:
    """Return what cancelling gives back of what is agreed for so much, as steps in time, those that are over as well.

    From step to step less is given back; the last one has no end, and gives nothing. `retained` and `nonrefundable` are
    those of a reservation.
    """
    ends = sorted({starts_at - timedelta(minutes=tier.until_minutes_before) for tier in tiers})
    until_of = {percent: end for end in ends if (percent := refund_percent(tiers, starts_at, end))}
    steps: list[RefundStep] = []
    for percent, until in (*until_of.items(), (0, None)):
        owed = price + retained
        kept = _kept(price, owed, nonrefundable, percent)
        is_over = until is not None and until < now
        current = not is_over and not any(step.current for step in steps)
        steps.append(RefundStep(until, percent, max(0, owed - kept), kept, current))
    return tuple(steps)


def refund_steps_of(reservation: Reservation, policy: Policy, now: datetime) -> tuple[RefundStep, ...]:
    """Return the steps of a reservation under the policy it was made under: once it is confirmed, where it is not."""
    agreed = reservation
    if reservation.state not in OWING_STATES:
        agreed = _owing(replace(reservation, state=State.CONFIRMED), due(reservation))
    return refund_steps(
        policy.cancellation,
        agreed.during.starts_at,
        now,
        price=agreed.price.total,
        retained=agreed.retained,
        nonrefundable=agreed.nonrefundable,
    )


def settled(before: Reservation, after: Reservation, policy: Policy, now: datetime) -> Reservation:
    """Return `after`, which has another state than `before` or takes something else, with what it retains and refunds.

    `policy` is the one that `before` was made under: its tiers say what giving up gives back, by the start that was
    given up. What is owed already counts towards what is taken instead.
    """
    after = _settled(before, after, policy, now)
    return replace(after, refund=refund_of(before, after))


def _settled(before: Reservation, after: Reservation, policy: Policy, now: datetime) -> Reservation:
    owed = due(before)
    if before.state not in OWING_STATES:
        return _owing(after, owed)
    percent = 0 if after.state is State.NO_SHOW else refund_percent(policy.cancellation, before.during.starts_at, now)
    kept = _kept(before.price.total, owed, before.nonrefundable, percent)
    if after.state in ENDED_STATES:
        return replace(after, retained=kept)
    moved = (after.resource_id, after.during.starts_at) != (before.resource_id, before.during.starts_at)
    if moved and not policy.guest_changes.renews_cancellation:
        after = replace(after, nonrefundable=kept)
    if after.state not in OWING_STATES:  # moved to where it is held, or waits, before it is agreed again
        return _owing(after, 0)
    cheaper = max(0, before.price.total - after.price.total)
    return _owing(after, owed - _share(cheaper, percent))


def left_early(
    before: Reservation, after: Reservation, policy: Policy, resource: Resource, currency: str, now: datetime
) -> Reservation:
    """Return who left before the end with what is owed: the whole price, or by the tiers where the policy says so.

    By the tiers each night that has not begun is given up like a reservation by itself, by its own start; the night
    that is running is not, and neither is time that is not counted in nights.
    """
    stay, mode = before.stay, policy.mode
    if policy.early_check_out == "keep_price" or stay is None or not isinstance(mode, StayMode):
        return after

    def price(nights: int) -> Quote:
        part = Stay(stay.check_in_on, stay.check_in_on + timedelta(days=nights))
        wanted = Wanted(resource, mode.during(part, before.zone), part, before.quantity, before.party_size)
        return quote(policy, currency, wanted, before.zone)

    begins = [mode.during(Stay(on, on + timedelta(days=1)), before.zone).starts_at for on in stay.dates()]
    used = max(1, sum(starts_at <= now for starts_at in begins))
    prices = [price(nights) for nights in range(used, stay.nights + 1)]
    given_back = sum(
        refund(policy.cancellation, max(0, longer.total - shorter.total), starts_at, now)
        for starts_at, (shorter, longer) in zip(begins[used:], pairwise(prices), strict=True)
    )
    least = due(before) - min(given_back, before.price.total - prices[0].total)
    after = _owing(replace(after, price=prices[0]), least)
    return replace(after, refund=refund_of(before, after))


def _owing(after: Reservation, least: int) -> Reservation:
    """Return the reservation owing its price, where that is owed, and at least so much and what cannot be refunded."""
    price = after.price.total if after.state in OWING_STATES else 0
    return replace(after, retained=max(least, after.nonrefundable, price) - price)


def _kept(price: int, owed: int, nonrefundable: int, percent: int) -> int:
    """Return what of the whole that is owed stays owed where a percentage of the price is given back."""
    return max(nonrefundable, owed - _share(price, percent))


def _share(amount: int, percent: int) -> int:
    return (amount * percent + 50) // 100
