"""Take a reservation to its next state: check in, check out, cancel, no-show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chalicelib.domain.events import EventType
from chalicelib.domain.reservations import BLOCKING_STATES, Action, Reservation, State, check_timing, next_state, refund
from chalicelib.domain.units import UnitSet
from chalicelib.services import reservation_events
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.read_reservation import find_reservation
from chalicelib.storage.admission import pin_units, release_units
from chalicelib.storage.reservations import change_reservation
from chalicelib.storage.resources import read_policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.transaction import Database, Transaction

EVENTS = {
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

    def step(transaction: Transaction) -> Transition:
        before = find_reservation(transaction, reservation_id, expected_version)
        state = next_state(before.state, action)
        check_timing(action, before, transaction.now, transaction.tenant.zone)
        after = replace(
            before,
            state=state,
            hold_expires_at=None,
            units=before.units if _keeps_units(state) else UnitSet.of(()),
            version=before.version + 1,
            updated_at=transaction.now,
        )
        given_back = None
        if action is Action.CANCEL:
            policy = read_policy(transaction, before.policy_id, before.policy_version)
            given_back = refund(policy.cancellation, before.price.total, before.during.starts_at, transaction.now)
        change_reservation(transaction, before, after)
        if not _keeps_units(state):
            release_units(transaction, [before.id])
        elif action is Action.CHECK_IN:
            pin_units(transaction, before.id)
        more = {} if given_back is None else {"refund": given_back}
        reservation_events.append_changed(transaction, actor, EVENTS[action], before, after, **more)
        return Transition(after, given_back)

    return run_once(database, tenant, claim, step, render)


def _keeps_units(state: State) -> bool:
    """A guest who leaves early keeps the units until the end: to free them, shorten the reservation first."""
    return state in BLOCKING_STATES or state is State.COMPLETED
