"""Take a reservation to its next state: reject, check in, check out, cancel, no-show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.availability.for_others import free_units_from, pin_units
from chalicelib.availability.waitlist_precedence import answer_offers, free_units, offer_afterwards
from chalicelib.core.units import UnitSet
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks_of
from chalicelib.events.model import EventType
from chalicelib.reservations import reservation_events
from chalicelib.reservations.model.dues import left_early, settled
from chalicelib.reservations.model.reservations import (
    BLOCKING_STATES,
    Action,
    Reservation,
    State,
    check_timing,
    next_state,
    state_at,
)
from chalicelib.reservations.read_reservation import find_reservation
from chalicelib.reservations.storage.pending import decide_change
from chalicelib.reservations.storage.reservations import change_reservation
from chalicelib.tenants.for_others import read_settings
from chalicelib.terms.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.terms.model.terms import Terms

EVENTS = {
    Action.REJECT: EventType.RESERVATION_REJECTED,
    Action.CHECK_IN: EventType.RESERVATION_CHECKED_IN,
    Action.CHECK_OUT: EventType.RESERVATION_COMPLETED,
    Action.CANCEL: EventType.RESERVATION_CANCELLED,
    Action.NO_SHOW: EventType.RESERVATION_NO_SHOW,
}


def transition_reservation(
    context: Context,
    reservation_id: UUID,
    action: Action,
    render: Callable[[Reservation], Answer],
) -> Outcome:
    """Do one step; the reservation that is rendered says what it gave back.

    Raises `NotFoundError`, `InvalidTransitionError`, `RuleViolationsError`, `VersionMismatchError`.
    """

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, context.expected_version)
        return step(transaction, before, action, context.actor)

    return context.run_once(work, render)


def step(
    transaction: Transaction, before: Reservation, action: Action, actor: Actor, reason: str | None = None
) -> Reservation:
    """Queue one step of a reservation, and why. Raises `InvalidTransitionError`, `RuleViolationsError`."""
    now = transaction.now
    state = next_state(state_at(before, now), action)
    early = read_settings(transaction)[0].check_in_early_minutes if action is Action.CHECK_IN else 0
    check_timing(action, before, now, transaction.tenant.zone, early)
    terms = terms_of(transaction, before)
    keeps_units = _keeps_units(state) or (state is State.NO_SHOW and terms.policy.no_show_keeps_units)
    after = replace(
        before,
        state=state,
        hold_expires_at=None,
        due_at=before.during.ends_at if state is State.CHECKED_IN else None,
        waits_for=None,
        change=before.change if state is State.CHECKED_IN else None,
        units=before.units if keeps_units else UnitSet.of(()),
        checked_out_at=now if action is Action.CHECK_OUT else before.checked_out_at,
        version=before.version + 1,
        updated_at=now,
    )
    after = settled(before, after, terms.policy, now)
    if action is Action.CHECK_OUT and now < before.during.ends_at:
        after = _leave_early(transaction, before, after, terms)
    if before.change is not None and after.change is None:
        decide_change(transaction, before.id, "withdrawn")
    respect_edit_locks_of(transaction, actor, before, after)
    change_reservation(transaction, before, after)
    answer_offers(transaction, [before.id], state, actor)
    if not keeps_units:
        free_units(transaction, [before.id])
    elif action is Action.CHECK_IN:
        pin_units(transaction, before.id, pinned=True)
    said = {} if reason is None else {"reason": reason}
    reservation_events.append_changed(transaction, actor, EVENTS[action], before, after, **said)
    return after


def _keeps_units(state: State) -> bool:
    return state in BLOCKING_STATES or state is State.COMPLETED


def _leave_early(transaction: Transaction, before: Reservation, after: Reservation, terms: Terms) -> Reservation:
    """Free what is left from now on; what is past, with the buffer after it, stays the guest's."""
    now = transaction.now
    free_from = terms.policy.free_from(now)
    offer_afterwards(transaction, [before.id])
    free_units_from(transaction, before.id, free_from)
    if free_from <= terms.policy.blocked(before.during).starts_at:
        after = replace(after, units=UnitSet.of(()))
    return left_early(before, after, terms.policy, terms.resource, terms.tenant.currency, now)
