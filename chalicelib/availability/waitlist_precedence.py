"""Anyone who is on the waitlist comes before newcomers (ADR 17).

Two halves of one law. Who takes units first lets those be offered theirs who wait for that time: nobody slips in
between, however units came free, a hold that ended by itself included. And what frees units makes the offers as soon as
it is committed, so that who waits hears of it at once.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chalicelib.availability.storage import admission, queues
from chalicelib.availability.waitlist_offers import offer_each
from chalicelib.database.transaction import DoFirstError
from chalicelib.reservations.model.reservations import State
from chalicelib.waiting.model.waitlist import EntryState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor

ANSWERS = {
    State.CONFIRMED: EntryState.ACCEPTED,
    State.EXPIRED: EntryState.EXPIRED,
    State.CANCELLED: EntryState.DECLINED,
    State.REJECTED: EntryState.DECLINED,
}
"""What becomes of an entry, by what becomes of the reservation that was offered."""


def free_units(transaction: Transaction, owner_ids: Sequence[UUID]) -> None:
    """Queue the removal of the owners' allocations, and offers to those who wait for such units after the COMMIT."""
    offer_afterwards(transaction, owner_ids)
    admission.release_units(transaction, owner_ids)


def offer_afterwards(transaction: Transaction, owner_ids: Sequence[UUID]) -> None:
    """Let offers follow the COMMIT where somebody waits for what the owners block now. Costs no round trip."""
    waited_for = queues.waited_for(transaction, owner_ids)
    transaction.after_commit(lambda database: offer_each(database, waited_for()))


def offer_queue_afterwards(transaction: Transaction, tenant: str, resource_id: UUID) -> None:
    """Let the queue of a resource that changed be worked off after the COMMIT."""
    transaction.after_commit(partial(offer_each, waiting=[(tenant, resource_id)]))


def respect_waitlist(transaction: Transaction, resource_id: UUID) -> None:
    """Raise `DoFirstError` unless the queues for the resource's units were worked off for this very work."""
    done = "waitlist", resource_id
    if done not in transaction.done_first:
        waiting = queues.queues_for(transaction, resource_id)
        raise DoFirstError(done, partial(offer_each, waiting=waiting))


def answer_offers(transaction: Transaction, reservation_ids: Sequence[UUID], state: State, actor: Actor) -> None:
    """Queue what becomes of entries that were offered these reservations, now that these enter a state."""
    if state in ANSWERS:
        queues.answer_offers(transaction, reservation_ids, ANSWERS[state], actor)
