"""Take back a mistaken check-in, check-out or no-show, within the tenant's grace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.availability.admission import Claimant, admit, promised_unit
from chalicelib.availability.for_others import pin_units
from chalicelib.core.errors import RuleViolationsError, Violation
from chalicelib.core.time_ranges import instant_text
from chalicelib.database.transaction import Isolation
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks_of
from chalicelib.events.event_log import EventFilter, list_events
from chalicelib.events.model import EventType
from chalicelib.policies.model.wanted import Wanted
from chalicelib.reservations import reservation_events
from chalicelib.reservations.change_reservation import present_of
from chalicelib.reservations.model.dues import settled
from chalicelib.reservations.model.reservations import Action, State, due_at, next_state
from chalicelib.reservations.read_reservation import find_reservation
from chalicelib.reservations.storage.reservations import change_reservation, quote_of
from chalicelib.tenants.for_others import read_settings
from chalicelib.terms.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from chalicelib.core.units import UnitSet
    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import RecordedEvent
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.policies.model.policies import Policy
    from chalicelib.reservations.model.reservations import Reservation

MISTAKES = (EventType.RESERVATION_CHECKED_IN, EventType.RESERVATION_COMPLETED, EventType.RESERVATION_NO_SHOW)


def undo_transition(
    context: Context,
    reservation_id: UUID,
    render: Callable[[Reservation], Answer],
) -> Outcome:
    """Confirm again who was checked in, or marked as a no-show, by mistake; check in again who was checked out by one.

    The units may have gone to others meanwhile; then there is no way back. Raises `NotFoundError`,
    `VersionMismatchError`, `InvalidTransitionError`, `RuleViolationsError`, `NoCapacityError`.
    """

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, context.expected_version)
        state = next_state(before.state, Action.UNDO)
        mistake = _mistake(transaction, before)
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
        respect_edit_locks_of(transaction, context.actor, before, after)
        change_reservation(transaction, before, after)
        reservation_events.append_changed(transaction, context.actor, EventType.RESERVATION_UNDONE, before, after)
        return after

    return context.run_once(work, render, isolation=Isolation.SERIALIZABLE)


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


def undoable_until(
    transaction: Transaction, before: Reservation, minutes: int
) -> tuple[datetime | None, RecordedEvent | None]:
    """Return until when the last step can be taken back, and the event that told of it; None where that was long ago.

    `minutes` are the tenant's grace.
    """
    made = list_events(transaction, EventFilter(entity_id=before.id, types=MISTAKES), 1)
    if not made:  # it is archived: that was longer ago than any grace
        return None, None
    return min(made[0].occurred_at + timedelta(minutes=minutes), before.during.ends_at), made[0]


def check_undo(before: Reservation, over_at: datetime | None, minutes: int, now: datetime) -> None:
    """Refuse what cannot be taken back any more. Raises `RuleViolationsError`."""
    parameters: dict[str, Any] = {"undo_minutes": minutes}
    if over_at is not None:
        parameters["until_at"] = instant_text(over_at)
    if over_at is None or now >= over_at:
        message = f"It can be taken back within {minutes} minutes and before the reservation ends; now it is too late."
        raise RuleViolationsError([Violation("timing", "too_late", "action", message, parameters)])
    if before.state is State.CHECKED_IN and before.earlier_rooms:
        message = "The guest has changed rooms since they were checked in, so they are here."
        raise RuleViolationsError([Violation("timing", "changed_rooms", "action", message, {})])


def _mistake(transaction: Transaction, before: Reservation) -> RecordedEvent:
    """Return the event that told of what is taken back. Raises `RuleViolationsError` after the grace."""
    minutes = read_settings(transaction)[0].undo_minutes
    over_at, made = undoable_until(transaction, before, minutes)
    check_undo(before, over_at, minutes, transaction.now)
    assert made is not None, "what is not over has its event"  # noqa: S101 - a mistake of ours
    return made
