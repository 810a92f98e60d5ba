"""Take a reservation to its next state, and back from a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.access.model.people import DESK, MANAGERS, Scope
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, endpoint, render
from chalicelib.http.identifiers import identifier
from chalicelib.reservations.api.reservation_answers import (
    ADMITTING,
    CHANGING,
    HOLDERS,
    ONE,
    reservation_reply,
)
from chalicelib.reservations.confirm_reservation import confirm_reservation
from chalicelib.reservations.decide_change import approve_change, turn_down, withdraw
from chalicelib.reservations.extend_hold import extend_hold
from chalicelib.reservations.model.reservations import Action
from chalicelib.reservations.schemas.reservations import ReservationBody
from chalicelib.reservations.transition_reservation import transition_reservation
from chalicelib.reservations.undo_transition import undo_transition

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.reservations.model.reservations import Reservation

blueprint = Blueprint(__name__)


@endpoint(
    blueprint,
    "POST",
    ONE + "/cancel",
    roles=HOLDERS,
    tag="reservations",
    response=ReservationBody,
    errors=CHANGING,
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    versioned=True,
)
def cancel(call: Call[NoBody, NoBody]) -> Outcome:
    """Cancel a reservation.

    Possible while it is pending, held or confirmed, until its end. Its units are free at once, and are offered to
    the waitlist. The cancellation tiers of its policy decide what is refunded: `refund` is given back, `retained`
    stays owed. The guest gets an email.
    """
    return _transition(call, Action.CANCEL)


@endpoint(
    blueprint,
    "POST",
    ONE + "/confirm",
    roles=HOLDERS,
    tag="reservations",
    response=ReservationBody,
    errors=[*ADMITTING, errors.ForbiddenError],
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    versioned=True,
)
def confirm(call: Call[NoBody, NoBody]) -> Outcome:
    """Confirm a reservation.

    Confirms a reservation that is held or pending. A hold that has expired is taken again if it is still free;
    otherwise the refusal names alternatives.

    Only staff confirm what is pending. It takes its units now, and rivals for the same units are rejected where the
    policy says so.
    """
    return confirm_reservation(
        call.context,
        identifier(call, "reservation"),
        lambda reservation: render(reservation_reply(call, reservation)),
        by_staff=call.caller.works_here,
    )


@endpoint(
    blueprint,
    "POST",
    ONE + "/reject",
    roles=DESK,
    tag="reservations",
    response=ReservationBody,
    errors=CHANGING,
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    versioned=True,
)
def reject(call: Call[NoBody, NoBody]) -> Outcome:
    """Reject a reservation.

    Turns down a reservation that is pending or held. The units of a hold are free at once, nothing is owed, and the
    guest gets an email.
    """
    return _transition(call, Action.REJECT)


@endpoint(
    blueprint,
    "POST",
    ONE + "/approve-change",
    roles=DESK,
    tag="reservations",
    response=ReservationBody,
    errors=[*ADMITTING, errors.ConflictError],
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    versioned=True,
)
def approve_the_change(call: Call[NoBody, NoBody]) -> Outcome:
    """Approve a change.

    Makes the guest's change that waits for approval, if there is room for it now. Without room it is refused and
    keeps waiting.
    """
    return _decided(call, approve_change)


@endpoint(
    blueprint,
    "POST",
    ONE + "/reject-change",
    roles=DESK,
    tag="reservations",
    response=ReservationBody,
    errors=[*CHANGING, errors.ConflictError],
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    versioned=True,
)
def reject_the_change(call: Call[NoBody, NoBody]) -> Outcome:
    """Reject a change.

    Turns down the guest's change that waits for approval. The reservation stays as it is, and the guest gets an
    email.
    """
    return _decided(call, turn_down)


@endpoint(
    blueprint,
    "POST",
    ONE + "/withdraw-change",
    roles=HOLDERS,
    tag="reservations",
    response=ReservationBody,
    errors=[*CHANGING, errors.ConflictError],
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    versioned=True,
)
def withdraw_the_change(call: Call[NoBody, NoBody]) -> Outcome:
    """Withdraw a change.

    Takes back a change that waits for room or approval. The reservation stays as it is.
    """
    return _decided(call, withdraw)


@endpoint(
    blueprint,
    "POST",
    ONE + "/extend-hold",
    roles=HOLDERS,
    tag="reservations",
    response=ReservationBody,
    errors=CHANGING,
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    versioned=True,
)
def extend_the_hold(call: Call[NoBody, NoBody]) -> Outcome:
    """Extend a hold.

    Lets a hold last longer, by as many minutes as it was given at first, but not beyond the start of the
    reservation. Possible once, while the hold lasts; `hold_extendable` says whether it is.
    """
    return extend_hold(
        call.context, identifier(call, "reservation"), lambda reservation: render(reservation_reply(call, reservation))
    )


@endpoint(
    blueprint,
    "POST",
    ONE + "/undo",
    roles=MANAGERS,
    tag="reservations",
    response=ReservationBody,
    errors=ADMITTING,
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    versioned=True,
)
def undo(call: Call[NoBody, NoBody]) -> Outcome:
    """Undo a transition.

    Takes back a mistaken check-in, check-out or no-show: the reservation is confirmed, or checked in, again.
    Possible within the tenant's `undo_minutes` and before the end, unless others have got the units meanwhile.
    """
    return undo_transition(
        call.context, identifier(call, "reservation"), lambda reservation: render(reservation_reply(call, reservation))
    )


@endpoint(
    blueprint,
    "POST",
    ONE + "/check-in",
    roles=DESK,
    tag="reservations",
    response=ReservationBody,
    errors=CHANGING,
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    versioned=True,
)
def check_in(call: Call[NoBody, NoBody]) -> Outcome:
    """Check in a guest.

    Records that the guest has come. Possible from the tenant's `check_in_early_minutes` before the start. From now
    on the units are not exchanged for others.
    """
    return _transition(call, Action.CHECK_IN)


@endpoint(
    blueprint,
    "POST",
    ONE + "/check-out",
    roles=DESK,
    tag="reservations",
    response=ReservationBody,
    errors=CHANGING,
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    versioned=True,
)
def check_out(call: Call[NoBody, NoBody]) -> Outcome:
    """Check out a guest.

    Records that the guest has left. Before the end, the units are free from now on, after the buffer. The policy's
    `early_check_out` decides whether the price stays, or nights that have not begun are refunded by the
    cancellation tiers. Managers can undo it within the tenant's `undo_minutes`.
    """
    return _transition(call, Action.CHECK_OUT)


@endpoint(
    blueprint,
    "POST",
    ONE + "/no-show",
    roles=DESK,
    tag="reservations",
    response=ReservationBody,
    errors=CHANGING,
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
    versioned=True,
)
def no_show(call: Call[NoBody, NoBody]) -> Outcome:
    """Record a no-show.

    Records that the guest did not come. The units are free at once, unless the policy keeps them taken, and the
    price stays owed. Managers can undo it within the tenant's `undo_minutes`.
    """
    return _transition(call, Action.NO_SHOW)


def _decided(call: Call[NoBody, NoBody], decide: Callable[..., Outcome]) -> Outcome:
    def answer(reservation: Reservation) -> Answer:
        return render(reservation_reply(call, reservation))

    return decide(call.context, identifier(call, "reservation"), answer)


def _transition(call: Call[Any, Any], action: Action) -> Outcome:
    return transition_reservation(
        call.context,
        identifier(call, "reservation"),
        action,
        lambda reservation: render(reservation_reply(call, reservation)),
    )
