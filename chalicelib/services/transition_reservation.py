"""Take a reservation to its next state: reject, check in, check out, cancel, no-show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chalicelib.domain.events import EventType
from chalicelib.domain.reservations import BLOCKING_STATES, Action, Reservation, State, check_timing, next_state, refund
from chalicelib.domain.units import UnitSet
from chalicelib.services import reservation_events
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.read_reservation import find_reservation
from chalicelib.services.terms import terms_of
from chalicelib.storage.admission import pin_units, release_units
from chalicelib.storage.pending import decide_change
from chalicelib.storage.reservations import change_reservation

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.transaction import Database, Transaction

EVENTS = {
    Action.REJECT: EventType.RESERVATION_REJECTED,
    Action.CHECK_IN: EventType.RESERVATION_CHECKED_IN,
    Action.CHECK_OUT: EventType.RESERVATION_COMPLETED,
    Action.CANCEL: EventType.RESERVATION_CANCELLED,
    Action.NO_SHOW: EventType.RESERVATION_NO_SHOW,
}


@dataclass(frozen=True, slots=True)
class Transition:
    """A reservation after its step, and what a cancellation gives back (minor units; None for other steps)."""

    reservation: Reservation
    refund: int | None


def transition_reservation(
    database: Database,
    tenant: str,
    reservation_id: UUID,
    action: Action,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[Transition], Answer],
    *,
    expected_version: int | None,
) -> Outcome:
    """Do one step. Raises `NotFoundError`, `InvalidTransitionError`, `RuleViolationsError`, `VersionMismatchError`."""

    def work(transaction: Transaction) -> Transition:
        before = find_reservation(transaction, reservation_id, expected_version)
        return step(transaction, before, action, actor)

    return run_once(database, tenant, claim, work, render)


def step(transaction: Transaction, before: Reservation, action: Action, actor: Actor) -> Transition:
    """Queue one step of a reservation that was read. Raises `InvalidTransitionError`, `RuleViolationsError`."""
    state = next_state(before.state, action)
    check_timing(action, before, transaction.now, transaction.tenant.zone)
    policy = None
    if action in {Action.CANCEL, Action.NO_SHOW}:
        policy = terms_of(transaction, before).policy
    keeps_units = _keeps_units(state) or (state is State.NO_SHOW and policy is not None and policy.no_show_keeps_units)
    after = replace(
        before,
        state=state,
        hold_expires_at=None,
        due_at=before.during.ends_at if state is State.CHECKED_IN else None,
        waits_for=None,
        change=before.change if state is State.CHECKED_IN else None,
        units=before.units if keeps_units else UnitSet.of(()),
        version=before.version + 1,
        updated_at=transaction.now,
    )
    given_back = None
    if action is Action.CANCEL and policy is not None:
        given_back = refund(policy.cancellation, before.price.total, before.during.starts_at, transaction.now)
    if before.change is not None and after.change is None:
        decide_change(transaction, before.id, "withdrawn")
    change_reservation(transaction, before, after)
    if not keeps_units:
        release_units(transaction, [before.id])
    elif action is Action.CHECK_IN:
        pin_units(transaction, before.id, pinned=True)
    more = {} if given_back is None else {"refund": given_back}
    reservation_events.append_changed(transaction, actor, EVENTS[action], before, after, **more)
    return Transition(after, given_back)


def _keeps_units(state: State) -> bool:
    """A guest who leaves early keeps the units until the end: to free them, shorten the reservation first."""
    return state in BLOCKING_STATES or state is State.COMPLETED
