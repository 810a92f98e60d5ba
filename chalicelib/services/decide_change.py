"""Approve or reject a change that waits for approval. Until then the reservation keeps its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.errors import ConflictError
from chalicelib.domain.guest_changes import Course
from chalicelib.domain.policies import Present, Wanted
from chalicelib.domain.reservations import WaitsFor, next_state
from chalicelib.services.admission import Override
from chalicelib.services.change_reservation import (
    Attempt,
    Change,
    check_begun,
    claimant_of,
    make_change,
    promised_policy,
    turn_down_change,
    withdraw_change,
)
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.read_reservation import find_reservation
from chalicelib.services.terms import waiting_terms
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.domain.reservations import Reservation, WaitingChange
    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.transaction import Database, Transaction


def approve_change(
    database: Database,
    tenant: str,
    reservation_id: UUID,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[Reservation], Answer],
    *,
    expected_version: int | None,
) -> Outcome:
    """Make a change that waits for approval, if there is room for it.

    Raises `NotFoundError`, `VersionMismatchError`, `ConflictError` where none waits, `InvalidTransitionError`,
    `RuleViolationsError`, `NoCapacityError`.
    """

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, expected_version)
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
        attempt = Attempt(before, terms, wanted, wanted, claimant, promised_policy(transaction, before, terms))
        return make_change(transaction, attempt, change, actor, Course(before.state), waiting)

    return run_once(database, tenant, claim, work, render, isolation=Isolation.SERIALIZABLE)


def turn_down(
    database: Database,
    tenant: str,
    reservation_id: UUID,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[Reservation], Answer],
    *,
    expected_version: int | None,
) -> Outcome:
    """Reject a change that waits for approval. Raises `NotFoundError`, `VersionMismatchError`, `ConflictError`."""

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, expected_version)
        return turn_down_change(transaction, before, _waiting(before), actor)

    return run_once(database, tenant, claim, work, render, isolation=Isolation.SERIALIZABLE)


def withdraw(
    database: Database,
    tenant: str,
    reservation_id: UUID,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[Reservation], Answer],
    *,
    expected_version: int | None,
) -> Outcome:
    """Take back a change that waits, for room or for approval. Raises as `turn_down`."""

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, expected_version)
        if before.change is None:
            message = "No change of this reservation waits. Read it again: it may have been decided meanwhile."
            raise ConflictError(message)
        return withdraw_change(transaction, before, before.change, actor)

    return run_once(database, tenant, claim, work, render, isolation=Isolation.SERIALIZABLE)


def _waiting(before: Reservation) -> WaitingChange:
    if before.change is None or before.change.waits_for is not WaitsFor.APPROVAL:
        message = "No change of this reservation waits for approval. Read it again: it may have been decided meanwhile."
        raise ConflictError(message)
    return before.change
