"""Hold a reservation for longer, once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.availability.for_others import hold_units
from chalicelib.core.errors import RuleViolationsError, Violation
from chalicelib.core.time_ranges import instant_text
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks_of
from chalicelib.events.model import EventType
from chalicelib.reservations import reservation_events
from chalicelib.reservations.model.reservations import Action, next_state
from chalicelib.reservations.read_reservation import find_reservation
from chalicelib.reservations.storage.reservations import change_reservation

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.reservations.model.reservations import Reservation


def extend_hold(
    context: Context,
    reservation_id: UUID,
    render: Callable[[Reservation], Answer],
) -> Outcome:
    """Extend a hold by as long as it was first granted for, but not beyond the start of the reservation.

    Raises `NotFoundError`, `VersionMismatchError`, `InvalidTransitionError`, and `RuleViolationsError` the second time,
    when the hold has ended, and where it lasts until the start already.
    """

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, context.expected_version)
        state = next_state(before.state, Action.EXTEND_HOLD)
        later = longer_hold(before, transaction.now)
        after = replace(
            before,
            state=state,
            hold_expires_at=later,
            due_at=later,
            hold_extended=True,
            refund=0,
            version=before.version + 1,
            updated_at=transaction.now,
        )
        respect_edit_locks_of(transaction, context.actor, before, after)
        change_reservation(transaction, before, after)
        hold_units(transaction, before.id, later)
        reservation_events.append_changed(
            transaction, context.actor, EventType.RESERVATION_HOLD_EXTENDED, before, after
        )
        return after

    return context.run_once(work, render)


def longer_hold(before: Reservation, now: datetime) -> datetime:
    """Return until when a hold would last that is extended at `now`. Raises `RuleViolationsError`."""
    since, ends_at = before.held_since, before.hold_expires_at
    assert since is not None, "what is held is so since some time"  # noqa: S101 - a constraint of the table
    assert ends_at is not None, "and until some time"  # noqa: S101 - likewise
    if before.hold_extended:
        raise _refused("already_extended", "A hold can be extended once. Confirm it before it ends.", ends_at)
    if now >= ends_at:
        message = "The hold has ended. Confirm the reservation: if it is still free, it is yours."
        raise _refused("too_late", message, ends_at)
    later = min(ends_at + (ends_at - since), before.during.starts_at)
    if later <= ends_at:
        message = "It is held until it begins already, and no hold lasts longer. Confirm it before it ends."
        raise _refused("held_until_start", message, ends_at)
    return later


def _refused(code: str, message: str, ends_at: datetime) -> RuleViolationsError:
    return RuleViolationsError([Violation("hold", code, "action", message, {"hold_expires_at": instant_text(ends_at)})])
