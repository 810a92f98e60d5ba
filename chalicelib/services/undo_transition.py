"""Take back a mistaken check-in, check-out or no-show, within the tenant's grace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.domain.dues import settled
from chalicelib.domain.errors import RuleViolationsError, Violation
from chalicelib.domain.events import EventType
from chalicelib.domain.policies import Wanted
from chalicelib.domain.reservations import Action, State, due_at, next_state
from chalicelib.services import reservation_events
from chalicelib.services.admission import Claimant, admit, promised_unit
from chalicelib.services.change_reservation import present_of
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.read_reservation import find_reservation
from chalicelib.services.terms import terms_of
from chalicelib.storage.admission import pin_units
from chalicelib.storage.events import EventFilter, list_events
from chalicelib.storage.reservations import change_reservation, quote_of
from chalicelib.storage.tenants import read_settings
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.domain.policies import Policy
    from chalicelib.domain.reservations import Reservation
    from chalicelib.domain.units import UnitSet
    from chalicelib.storage.events import Actor, RecordedEvent
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.transaction import Database, Transaction

MISTAKES = (EventType.RESERVATION_CHECKED_IN, EventType.RESERVATION_COMPLETED, EventType.RESERVATION_NO_SHOW)


def undo_transition(
    database: Database,
    tenant: str,
    reservation_id: UUID,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[Reservation], Answer],
    *,
    expected_version: int | None,
) -> Outcome:
    """Confirm again who was checked in, or marked as a no-show, by mistake; check in again who was checked out by one.

    The units may have gone to others meanwhile; then there is no way back. Raises `NotFoundError`,
    `VersionMismatchError`, `InvalidTransitionError`, `RuleViolationsError`, `NoCapacityError`.
    """

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, expected_version)
        state = next_state(before.state, Action.UNDO)
        mistake = _mistake(transaction, before)
        if before.state is State.CHECKED_IN and before.earlier_rooms:
            message = "The guest has changed rooms since they were checked in, so they are here."
            raise RuleViolationsError([Violation("timing", "changed_rooms", "action", message, {})])
        terms = terms_of(transaction, before)
        units = before.units
        if before.state is State.CHECKED_IN:
            pin_units(transaction, before.id, pinned=before.units_promised)
        elif before.state is State.COMPLETED or not units:
            units = _taken_again(transaction, before)
        after = replace(
            before,
            state=state,
            due_at=due_at(state, terms.policy, before.during, transaction.now),
            units=units,
            checked_out_at=None,
            version=before.version + 1,
            updated_at=transaction.now,
        )
        after = _owing_again(before, after, terms.policy, mistake)
        change_reservation(transaction, before, after)
        reservation_events.append_changed(transaction, actor, EventType.RESERVATION_UNDONE, before, after)
        return after

    return run_once(database, tenant, claim, work, render, isolation=Isolation.SERIALIZABLE)


def _taken_again(transaction: Transaction, before: Reservation) -> UnitSet:
    terms = terms_of(transaction, before)
    wanted = Wanted(
        terms.resource, before.during, before.stay, before.quantity, before.party_size, present=present_of(before)
    )
    promised = promised_unit(before.wanted_unit, wanted, terms)
    was_there = before.state is State.COMPLETED
    keep = before.units if was_there and before.units else promised
    claimant = Claimant(
        before.id, before.guest.email, changes=True, keep=keep, pinned=was_there or promised is not None
    )
    return admit(transaction, terms, wanted, claimant).units


def _owing_again(before: Reservation, after: Reservation, policy: Policy, mistake: RecordedEvent) -> Reservation:
    """What a mistaken check-out gave back is owed again: its event says what the price was."""
    if before.state is not State.COMPLETED:
        return settled(before, after, policy, after.updated_at)
    facts = mistake.before or {}
    return replace(after, price=quote_of(facts["price"]), retained=facts["retained"], refund=0)


def _mistake(transaction: Transaction, before: Reservation) -> RecordedEvent:
    """Return the event that told of what is taken back. Raises `RuleViolationsError` after the grace."""
    made = list_events(transaction, EventFilter(entity_id=before.id, types=MISTAKES), 1)
    minutes = read_settings(transaction)[0].undo_minutes
    parameters: dict[str, Any] = {"undo_minutes": minutes}
    over_at = None
    if made:  # otherwise it is archived: that was longer ago than any grace
        over_at = min(made[0].occurred_at + timedelta(minutes=minutes), before.during.ends_at)
        parameters["until_at"] = over_at.isoformat()
    if over_at is None or transaction.now >= over_at:
        message = f"It can be taken back within {minutes} minutes and before the reservation ends; now it is too late."
        raise RuleViolationsError([Violation("timing", "too_late", "action", message, parameters)])
    return made[0]
