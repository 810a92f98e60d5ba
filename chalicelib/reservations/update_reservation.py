"""Correct a reservation's details: notes and how the guest is reached. Takes no units, so nothing is admitted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.database.identifiers import new_id
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks_of
from chalicelib.events.model import EventType
from chalicelib.reservations import reservation_events
from chalicelib.reservations.model.reservations import Action, Guest, Reservation, State, next_state
from chalicelib.reservations.read_reservation import find_reservation
from chalicelib.reservations.storage import reservations

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.reservations.create_reservation import GuestDetails


def update_reservation(
    context: Context,
    reservation_id: UUID,
    *,
    guest: GuestDetails | None,
    notes: str | None,
) -> Reservation:
    """Return the corrected reservation.

    Raises `NotFoundError`, `VersionMismatchError`, and `InvalidTransitionError` for a finished one.
    """

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, context.expected_version)
        next_state(before.state, Action.UPDATE)
        known = before.guest
        if guest is not None and (guest.name, guest.email, guest.phone) != (known.name, known.email, known.phone):
            # Other reservations may share the guest as it was known; theirs stays as they gave it.
            known = Guest(new_id(), guest.name, guest.email, guest.phone)
            reservations.add_guest(transaction, known, transaction.now)
        after = replace(
            before,
            guest=known,
            notes=before.notes if notes is None else notes,
            version=before.version + 1,
            # While it is pending, that is its place in the queue, which only a change of what is wanted costs.
            updated_at=before.updated_at if before.state is State.PENDING else transaction.now,
        )
        respect_edit_locks_of(transaction, context.actor, before, after)
        reservations.change_reservation(transaction, before, after)
        reservation_events.append_changed(transaction, context.actor, EventType.RESERVATION_UPDATED, before, after)
        return after

    return context.run(work)
