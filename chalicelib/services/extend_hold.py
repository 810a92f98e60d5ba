"""Hold a reservation for longer, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.domain.errors import RuleViolationsError, Violation
from chalicelib.domain.events import EventType
from chalicelib.domain.reservations import Action, next_state
from chalicelib.services import reservation_events
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.read_reservation import find_reservation
from chalicelib.services.terms import terms_of
from chalicelib.storage.admission import hold_units
from chalicelib.storage.reservations import change_reservation

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from chalicelib.domain.reservations import Reservation
    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.transaction import Database, Transaction


def extend_hold(
    database: Database,
    tenant: str,
    reservation_id: UUID,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[Reservation], Answer],
    *,
    expected_version: int | None,
) -> Outcome:
    """Let a hold last longer by what was given at first, but not beyond the start of what is held.

    Raises `NotFoundError`, `VersionMismatchError`, `InvalidTransitionError`, and `RuleViolationsError` the second time,
    when the hold has ended, and where it lasts until the start already.
    """

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, expected_version)
        state = next_state(before.state, Action.EXTEND_HOLD)
        ends_at = before.hold_expires_at
        assert ends_at is not None, "what is held is so until some time"  # noqa: S101 - a constraint of the table
        if before.hold_extended:
            raise _refused("already_extended", "A hold can be extended once. Confirm it before it ends.", ends_at)
        if transaction.now >= ends_at:
            message = "The hold has ended. Confirm the reservation: if it is still free, it is yours."
            raise _refused("too_late", message, ends_at)
        later = min(ends_at + _given(transaction, before, ends_at), before.during.starts_at)
        if later <= ends_at:
            message = "It is held until it begins already, and no hold lasts longer. Confirm it before it ends."
            raise _refused("held_until_start", message, ends_at)
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
        change_reservation(transaction, before, after)
        hold_units(transaction, before.id, later)
        reservation_events.append_changed(transaction, actor, EventType.RESERVATION_HOLD_EXTENDED, before, after)
        return after

    return run_once(database, tenant, claim, work, render)


def _given(transaction: Transaction, before: Reservation, ends_at: datetime) -> timedelta:
    """How much time a hold was given at first; less than since its creation where it became one later."""
    since_creation = ends_at - before.created_at
    minutes = terms_of(transaction, before).policy.confirmation.hold_minutes
    return since_creation if minutes is None else min(since_creation, timedelta(minutes=minutes))


def _refused(code: str, message: str, ends_at: datetime) -> RuleViolationsError:
    return RuleViolationsError([Violation("hold", code, "action", message, {"hold_expires_at": ends_at.isoformat()})])
