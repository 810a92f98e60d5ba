"""Confirm a reservation: one that is held, one whose hold has expired, or one that waits for somebody's decision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from chalicelib.availability.admission import END_OF_TIME, Claimant, admit, promised_unit
from chalicelib.availability.ended_holds import expired
from chalicelib.availability.for_others import hold_units, read_allocations, read_engagements
from chalicelib.availability.model.needs import departure_of, engaged_by
from chalicelib.availability.suggest_alternatives import suggest_alternatives
from chalicelib.availability.unit_events import append_moved_units
from chalicelib.availability.waitlist_precedence import answer_offers
from chalicelib.core.errors import ForbiddenError, NoCapacityError, RuleViolationsError
from chalicelib.core.units import place
from chalicelib.database.transaction import Isolation
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks_of
from chalicelib.events.model import EventType
from chalicelib.policies.model.wanted import Wanted
from chalicelib.reservations import reservation_events
from chalicelib.reservations.change_reservation import present_of
from chalicelib.reservations.model.dues import settled
from chalicelib.reservations.model.reservations import (
    Action,
    Reservation,
    State,
    WaitsFor,
    check_timing,
    due_at,
    next_state,
)
from chalicelib.reservations.read_reservation import find_reservation
from chalicelib.reservations.storage import pending
from chalicelib.reservations.storage.reservations import change_reservation
from chalicelib.reservations.transition_reservation import step
from chalicelib.terms.model.terms import Terms
from chalicelib.terms.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer

T = TypeVar("T")
MOST_RIVALS = 500


@dataclass(frozen=True, slots=True)
class _ConfirmationAttempt:
    before: Reservation
    terms: Terms
    wanted: Wanted
    claimant: Claimant


def confirm_reservation(
    context: Context,
    reservation_id: UUID,
    render: Callable[[Reservation], Answer],
    *,
    by_staff: bool,
) -> Outcome:
    """Confirm. Rules were checked when it was made; what has expired is asked for again, and checked as something new.

    What is held keeps its units. Who was too late gets what they held if it is still free. What is pending takes units
    now, if those who work for the tenant decide so. Raises `NotFoundError`, `VersionMismatchError`, `ForbiddenError`,
    `InvalidTransitionError`, `RuleViolationsError` and `NoCapacityError` (both with alternatives).
    """
    return confirm_as(
        context,
        reservation_id,
        lambda work: context.run_once(work, render, isolation=Isolation.SERIALIZABLE),
        by_staff=by_staff,
    )


def confirm_as(
    context: Context,
    reservation_id: UUID,
    run: Callable[[Callable[[Transaction], Reservation]], T],
    *,
    by_staff: bool,
) -> T:
    """Run what confirms, as `run` says; its refusals are explained. Raises as above."""
    attempted: list[_ConfirmationAttempt] = []

    def work(transaction: Transaction) -> Reservation:
        before = expired(transaction, find_reservation(transaction, reservation_id, context.expected_version))
        next_state(before.state, Action.CONFIRM)
        check_timing(Action.CONFIRM, before, transaction.now, transaction.tenant.zone)
        if before.state is State.PENDING and not by_staff:
            message = "It waits for a decision of the staff; only they can confirm it."
            raise ForbiddenError(message)
        attempt = _attempt(transaction, before)
        attempted[:] = [attempt]
        return _confirm(transaction, attempt, context.actor)

    try:
        return run(work)
    except (NoCapacityError, RuleViolationsError) as refusal:
        for tried in attempted:
            refusal.alternatives = tuple(
                suggest_alternatives(
                    context.database,
                    context.tenant,
                    tried.terms,
                    tried.wanted,
                    tried.claimant,
                    unit=tried.before.wanted_unit,
                )
            )
        raise


def _attempt(transaction: Transaction, before: Reservation) -> _ConfirmationAttempt:
    terms = terms_of(transaction, before)
    wanted = Wanted(
        terms.resource,
        before.during,
        before.stay,
        before.quantity,
        before.party_size,
        present=None if before.state is State.EXPIRED else present_of(before),
    )
    promised = promised_unit(before.wanted_unit, wanted, terms)
    claimant = Claimant(
        before.id,
        before.guest.email,
        changes=True,
        keep=promised,
        pinned=promised is not None,
        blocks=before.state is not State.HELD,
    )
    return _ConfirmationAttempt(before, terms, wanted, claimant)


def _confirm(transaction: Transaction, attempt: _ConfirmationAttempt, actor: Actor) -> Reservation:
    before, terms = attempt.before, attempt.terms
    admitted = admit(transaction, terms, attempt.wanted, attempt.claimant)
    after = replace(
        before,
        state=State.CONFIRMED,
        hold_expires_at=None,
        waits_for=None,
        due_at=due_at(State.CONFIRMED, terms.policy, before.during, transaction.now),
        units=admitted.units if attempt.claimant.blocks else before.units,
        version=before.version + 1,
        updated_at=transaction.now,
    )
    after = settled(before, after, terms.policy, transaction.now)
    if before.state is State.HELD:
        hold_units(transaction, before.id, until=None)
    respect_edit_locks_of(transaction, actor, before, after)
    change_reservation(transaction, before, after)
    answer_offers(transaction, [before.id], State.CONFIRMED, actor)
    reservation_events.append_changed(transaction, actor, EventType.RESERVATION_CONFIRMED, before, after)
    append_moved_units(transaction, actor, admitted.placement)
    if before.waits_for is WaitsFor.APPROVAL and terms.policy.confirmation.rivals == "reject":
        _reject_rivals(transaction, attempt, actor)
    return after


def _reject_rivals(transaction: Transaction, attempt: _ConfirmationAttempt, actor: Actor) -> None:
    """Reject who waits for the approval of what is not there any more."""
    terms = attempt.terms
    resource, policy = terms.resource, terms.policy
    blocked = policy.blocked(attempt.wanted.during)
    found = pending.read_applicants(transaction, resource.id, policy.out_of_reach(blocked), MOST_RIVALS)
    rivals = [find_reservation(transaction, rival_id) for rival_id in found if rival_id != attempt.before.id]
    if not rivals:
        return
    # Read once: who is rejected had no units, so nothing of this changes on the way.
    from_at = min(transaction.now, *(policy.blocked(rival.during).starts_at for rival in rivals))
    reading = transaction, [resource], from_at, END_OF_TIME
    known = read_allocations(*reading, except_owner=None)[resource.id]
    engagements = read_engagements(*reading, except_owner=None)[resource.id]
    for rival in rivals:
        units = policy.units_taken(rival.quantity, rival.party_size)
        blocked, departure_id = policy.blocked(rival.during), departure_of(resource, policy, rival.during)
        engaged = engaged_by(engagements, blocked, departure_id)
        if engaged or place(resource, known, blocked, units) is None:
            step(transaction, rival, Action.REJECT, actor)
