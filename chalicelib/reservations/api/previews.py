"""What would become of a reservation: the same as when it is written, and nothing is stored."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from chalice.app import Blueprint

from chalicelib.access.model.people import Scope
from chalicelib.core import errors
from chalicelib.http.callers import RESERVING
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.identifiers import identifier
from chalicelib.reservations.api.reservation_answers import COLLECTION, HOLDERS, ONE, preview_reply
from chalicelib.reservations.api.reservations import (
    OVERRIDING,
    details_of,
    move_of,
    new_end_of,
    show_waitlist,
    wanted_of,
)
from chalicelib.reservations.create_reservation import GuestDetails
from chalicelib.reservations.model.reservations import Action
from chalicelib.reservations.preview_reservation import preview_change, preview_confirmation, preview_reservation
from chalicelib.reservations.schemas.reservations import (
    MoveReservation,
    NewEnd,
    PreviewedReservation,
    PreviewReservation,
)
from chalicelib.terms.terms import TermsMemory

if TYPE_CHECKING:
    from chalicelib.reservations.change_reservation import Change

blueprint = Blueprint(__name__)
OF_KEYS = {errors.IdempotencyInProgressError, errors.IdempotencyMismatchError}
REFUSED = [one for one in OVERRIDING if one not in OF_KEYS]
_preview = partial(
    endpoint,
    blueprint,
    "POST",
    tag="reservations",
    response=PreviewedReservation,
    errors=REFUSED,
    previews=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
)


@_preview(COLLECTION + "/preview", roles=RESERVING, counted=True, body=PreviewReservation)
def preview_new(call: Call[PreviewReservation, NoBody]) -> Reply:
    """Preview a reservation.

    Answers with the reservation that `POST …/reservations` would make, or refuses it in the same way. Nothing is
    stored or sent. Use it while times are chosen, also before the guest is known: unlike a quote it looks at edit
    locks, limits and who may do it.
    """
    guest = call.body.guest
    # RFC 2606: an address that no one has, and none twice, so that no one's other reservations count.
    wanted = wanted_of(
        call, GuestDetails("-", f"{uuid4().hex}@example.invalid", None) if guest is None else details_of(guest)
    )
    try:
        preview = preview_reservation(call.context, call.container.memory(TermsMemory), wanted)
    except errors.NoCapacityError as refusal:
        show_waitlist(call, refusal)
        raise
    return preview_reply(call, preview, guest_known=guest is not None)


@_preview(ONE + "/move/preview", roles=HOLDERS, versioned=True, body=MoveReservation)
def preview_move(call: Call[MoveReservation, NoBody]) -> Reply:
    """Preview a move.

    Answers with the reservation as `move` would leave it, or refuses it in the same way. Nothing is stored. The
    reservation's own units count as free. `price_change` says how much more it costs, and `pending_change` that the
    change would wait.
    """
    return _previewed(call, move_of(call))


@_preview(ONE + "/extend/preview", roles=HOLDERS, versioned=True, body=NewEnd)
def preview_extension(call: Call[NewEnd, NoBody]) -> Reply:
    """Preview an extension.

    Answers with the reservation as `extend` would leave it, or refuses it in the same way. Nothing is stored.
    """
    return _previewed(call, new_end_of(call, Action.EXTEND))


@_preview(ONE + "/shorten/preview", roles=HOLDERS, versioned=True, body=NewEnd)
def preview_shortening(call: Call[NewEnd, NoBody]) -> Reply:
    """Preview a shortening.

    Answers with the reservation as `shorten` would leave it, or refuses it in the same way. Nothing is stored.
    `refund` is what it would give back now, `retained` what would stay owed of what is given up.
    """
    return _previewed(call, new_end_of(call, Action.SHORTEN))


@_preview(ONE + "/confirm/preview", roles=HOLDERS, versioned=True)
def preview_confirming(call: Call[NoBody, NoBody]) -> Reply:
    """Preview a confirmation.

    Answers with the reservation as `confirm` would leave it, or refuses it in the same way. Nothing is stored. Use it
    to see whether there is room for what is pending or has expired. What `cancel` would give back is said by
    `GET …/cancellation`.
    """
    preview = preview_confirmation(call.context, identifier(call, "reservation"), by_staff=call.caller.works_here)
    return preview_reply(call, preview)


def _previewed(call: Call[Any, NoBody], change: Change) -> Reply:
    return preview_reply(call, preview_change(call.context, identifier(call, "reservation"), change))
