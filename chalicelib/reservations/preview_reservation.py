"""What would become of a reservation that is made, changed or confirmed: it is, by the same functions, and taken back.

The database judges all of it: another's units, edit locks, limits. Nothing is stored, told or sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.core.money import Quote
from chalicelib.database.transaction import Isolation
from chalicelib.policies.model.pricing import quote
from chalicelib.reservations.change_reservation import apply_change, explained
from chalicelib.reservations.confirm_by_email import awaits_email
from chalicelib.reservations.confirm_reservation import confirm_as
from chalicelib.reservations.create_reservation import reserve_under_terms
from chalicelib.reservations.model.reservations import Reservation
from chalicelib.reservations.read_reservation import find_reservation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Explain
    from chalicelib.reservations.change_reservation import Change, ChangeAttempt
    from chalicelib.reservations.create_reservation import ReservationRequest
    from chalicelib.terms.terms import TermsMemory


@dataclass(frozen=True, slots=True)
class ReservationPreview:
    """A reservation as it would be, and as it is: `before` is None where it would be new.

    `price` is what it costs once all is made that was asked for: another than its own where a change would wait.
    `awaits_email`: nothing would be made before the guest has confirmed it by email.
    """

    reservation: Reservation
    price: Quote
    before: Reservation | None = None
    awaits_email: bool = False

    @property
    def price_change(self) -> int:
        """How much more it costs then, in minor units."""
        return self.price.total - (0 if self.before is None else self.before.price.total)


def preview_reservation(context: Context, memory: TermsMemory, request: ReservationRequest) -> ReservationPreview:
    """Return what reserving would come to. Raises as `create_reservation` does."""

    def run(work: Callable[[Transaction], Reservation], isolation: Isolation, explain: Explain) -> ReservationPreview:
        def previewed(transaction: Transaction) -> ReservationPreview:
            made = work(transaction)
            return ReservationPreview(made, made.price, awaits_email=awaits_email(transaction, request.anonymous))

        return context.try_out(previewed, isolation=isolation, explain=explain)

    return reserve_under_terms(context, memory, request, run)


def preview_change(context: Context, reservation_id: UUID, change: Change) -> ReservationPreview:
    """Return what a change would come to. Raises as `change_reservation` does."""
    attempted: list[ChangeAttempt] = []

    def work(transaction: Transaction) -> ReservationPreview:
        before = find_reservation(transaction, reservation_id, context.expected_version)
        after = apply_change(transaction, before, change, context.actor, attempted)
        return ReservationPreview(after, _price_then(after, attempted), before)

    with explained(context, change, attempted):
        return context.try_out(work, isolation=Isolation.SERIALIZABLE)


def preview_confirmation(context: Context, reservation_id: UUID, *, by_staff: bool) -> ReservationPreview:
    """Return what confirming would come to. Raises as `confirm_reservation` does."""

    def run(work: Callable[[Transaction], Reservation]) -> ReservationPreview:
        def previewed(transaction: Transaction) -> ReservationPreview:
            before = find_reservation(transaction, reservation_id)
            after = work(transaction)
            return ReservationPreview(after, after.price, before)

        return context.try_out(previewed, isolation=Isolation.SERIALIZABLE)

    return confirm_as(context, reservation_id, run, by_staff=by_staff)


def _price_then(after: Reservation, attempted: Sequence[ChangeAttempt]) -> Quote:
    if after.change is None or not attempted:
        return after.price
    terms = attempted[0].terms
    return quote(terms.policy, terms.tenant.currency, attempted[0].wanted, terms.tenant.zone)
