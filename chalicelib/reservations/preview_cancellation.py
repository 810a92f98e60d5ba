"""What cancelling a reservation would give back: now, and later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.core.errors import InvalidTransitionError, RuleViolationsError
from chalicelib.reservations.model.dues import RefundStep, refund_steps_of, settled
from chalicelib.reservations.model.reservations import Action, Reservation, check_timing, next_state, state_at
from chalicelib.reservations.read_reservation import find_reservation
from chalicelib.terms.terms import terms_of

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context


@dataclass(frozen=True, slots=True)
class CancellationPreview:
    """What cancelling a reservation would make of it at an instant.

    `cancelled` is what it would be then, with its refund; None where it cannot be cancelled, and `reason` says why not.
    There are no `steps` then.
    """

    reservation: Reservation
    at: datetime
    cancelled: Reservation | None
    reason: str | None
    steps: Sequence[RefundStep]


def preview_cancellation(context: Context, reservation_id: UUID) -> CancellationPreview:
    """Return what cancelling would give back, by the very functions that cancelling uses. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> CancellationPreview:
        before = find_reservation(transaction, reservation_id)
        now, zone = transaction.now, transaction.tenant.zone
        try:
            state = next_state(state_at(before, now), Action.CANCEL)
            check_timing(Action.CANCEL, before, now, zone)
        except (InvalidTransitionError, RuleViolationsError) as refusal:
            return CancellationPreview(before, now, None, refusal.detail, ())
        policy = terms_of(transaction, before).policy
        cancelled = settled(before, replace(before, state=state), policy, now)
        return CancellationPreview(before, now, cancelled, None, refund_steps_of(before, policy, now))

    return context.run(work)
