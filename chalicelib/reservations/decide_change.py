"""Approve or reject a change that waits for approval. Until then the reservation keeps its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.availability.admission import Override
from chalicelib.core.errors import ConflictError
from chalicelib.database.transaction import Isolation
from chalicelib.policies.model.wanted import Present, Wanted
from chalicelib.reservations.change_reservation import (
    Change,
    ChangeAttempt,
    check_begun,
    claimant_of,
    make_change,
    promised_policy,
    turn_down_change,
    withdraw_change,
)
from chalicelib.reservations.model.guest_changes import Course
from chalicelib.reservations.model.reservations import WaitsFor, next_state
from chalicelib.reservations.read_reservation import find_reservation
from chalicelib.terms.terms import waiting_terms

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.reservations.model.reservations import Reservation, WaitingChange


def approve_change(
    context: Context,
    reservation_id: UUID,
    render: Callable[[Reservation], Answer],
) -> Outcome:
    """Make a change that waits for approval, if there is room for it.

    Raises `NotFoundError`, `VersionMismatchError`, `ConflictError` where none waits, `InvalidTransitionError`,
    `RuleViolationsError`, `NoCapacityError`.
    """

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, context.expected_version)
        waiting = _waiting(before)
        next_state(before.state, waiting.action)
        terms = waiting_terms(transaction, before, waiting)
        said = waiting.overridden
        override = None if said is None else Override(frozenset(said.rules), said.reason)
        change = Change(waiting.action, unit=waiting.unit, override=override)
        # The rules were asked when the guest was; now only room counts.
        present = Present(waiting.during, waiting.stay, waiting.quantity, waiting.party_size)
        wanted = Wanted(
            terms.resource, waiting.during, waiting.stay, waiting.quantity, waiting.party_size, present=present
        )
        check_begun(before, wanted, transaction.now, by_guest=True)
        claimant = claimant_of(before, change, terms, wanted)
        attempt = ChangeAttempt(before, terms, wanted, wanted, claimant, promised_policy(transaction, before, terms))
        return make_change(transaction, attempt, change, context.actor, Course(before.state), waiting)

    return context.run_once(work, render, isolation=Isolation.SERIALIZABLE)


def turn_down(
    context: Context,
    reservation_id: UUID,
    render: Callable[[Reservation], Answer],
) -> Outcome:
    """Reject a change that waits for approval. Raises `NotFoundError`, `VersionMismatchError`, `ConflictError`."""

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, context.expected_version)
        return turn_down_change(transaction, before, _waiting(before), context.actor)

    return context.run_once(work, render, isolation=Isolation.SERIALIZABLE)


def withdraw(
    context: Context,
    reservation_id: UUID,
    render: Callable[[Reservation], Answer],
) -> Outcome:
    """Take back a change that waits, for room or for approval. Raises as `turn_down`."""

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, context.expected_version)
        if before.change is None:
            message = "No change of this reservation waits. Read it again: it may have been decided meanwhile."
            raise ConflictError(message)
        return withdraw_change(transaction, before, before.change, context.actor)

    return context.run_once(work, render, isolation=Isolation.SERIALIZABLE)


def _waiting(before: Reservation) -> WaitingChange:
    if before.change is None or before.change.waits_for is not WaitsFor.APPROVAL:
        message = "No change of this reservation waits for approval. Read it again: it may have been decided meanwhile."
        raise ConflictError(message)
    return before.change
