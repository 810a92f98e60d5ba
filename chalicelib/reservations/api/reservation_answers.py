"""What answers about reservations have in common, whichever endpoint gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.access.model.people import DESK, STAFF, Role
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, Reply
from chalicelib.http.prices import money, price_of
from chalicelib.reservations.schemas.reservations import PreviewedReservation, ReservationBody, body_of

if TYPE_CHECKING:
    from chalicelib.reservations.model.reservations import Reservation
    from chalicelib.reservations.preview_reservation import ReservationPreview

COLLECTION = "/v1/tenants/{tenant}/reservations"
ONE = COLLECTION + "/{reservation}"
READERS = STAFF | {Role.GUEST}
HOLDERS = DESK | {Role.GUEST}
CHANGING = [
    errors.NotFoundError,
    errors.InvalidTransitionError,
    errors.RuleViolationsError,
    errors.IdempotencyInProgressError,
    errors.IdempotencyMismatchError,
    errors.ContentionError,
]
ADMITTING = [
    *CHANGING,
    errors.NoCapacityError,
    errors.InvalidRangeError,
    errors.LocalTimeGapError,
    errors.LocalTimeFoldError,
]


def reservation_reply(call: Call[Any, Any], reservation: Reservation) -> Reply:
    """The answer that shows a reservation."""
    return Reply(ReservationBody.made_of(**members_of(call, reservation)), version=reservation.version)


def preview_reply(call: Call[Any, Any], preview: ReservationPreview, *, guest_known: bool = True) -> Reply:
    """The answer that shows a reservation as it would be."""
    members = members_of(call, preview.reservation)
    if preview.before is None:
        members |= {"id": None, "code": None}
    if not guest_known:
        members["guest"] = None
    currency = preview.price.currency
    body = PreviewedReservation.made_of(
        **members,
        new_price=price_of(preview.price),
        price_change=money(preview.price_change, currency),
        confirms_by_email=preview.awaits_email,
    )
    return Reply(body)


def members_of(call: Call[Any, Any], reservation: Reservation) -> dict[str, Any]:
    """The members that the caller may see."""
    members = body_of(reservation, call.tenant)
    return members if call.caller.works_here else {**members, "overridden": None}
