"""A hold that has ended is free at that instant: what takes units in its place expires it in the same transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.availability.storage import sweeps
from chalicelib.availability.storage.sweeps import Due
from chalicelib.availability.waitlist_precedence import answer_offers, offer_afterwards
from chalicelib.core.units import UnitSet
from chalicelib.events.event_log import Actor
from chalicelib.events.model import EventType
from chalicelib.reservations.model.reservations import Reservation, State, has_ended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.resources import Resource
    from chalicelib.database.transaction import Transaction

ACTOR = Actor("job", "expire_holds", None)


def sweep(transaction: Transaction, due: Sequence[Due], state: State, event_type: EventType, actor: Actor) -> None:
    """Queue a step of the clock for many at once, with what follows for who waits; what they do not keep is free."""
    ids = [one.id for one in due]
    offer_afterwards(transaction, [one.id for one in due if not one.keeps])
    answer_offers(transaction, ids, state, actor)
    sweeps.sweep(transaction, due, state, event_type, actor)


def expire(transaction: Transaction, due: Sequence[Due]) -> None:
    """Queue the end of holds that are over; who changes one of them at that moment makes the work run again."""
    if due:
        sweep(transaction, due, State.EXPIRED, EventType.RESERVATION_EXPIRED, ACTOR)


def expire_ended_holds(transaction: Transaction, resource: Resource) -> None:
    """Queue the end of holds that are over, of what a resource draws from or needs, before that is given to others."""
    expire(transaction, sweeps.ended_holds(transaction, resource.inventory_ids))


def expired(transaction: Transaction, before: Reservation) -> Reservation:
    """Return the reservation, with its end queued where it is held and its hold is over."""
    if not has_ended(before, transaction.now) or before.hold_expires_at is None:
        return before
    expire(transaction, [Due(before.id, State.HELD, before.hold_expires_at, keeps=False)])
    return replace(
        before,
        state=State.EXPIRED,
        hold_expires_at=None,
        due_at=None,
        units=UnitSet.of(()),
        version=before.version + 1,
        updated_at=transaction.now,
    )
