"""Take a reservation to its next state, and back from a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.identifiers import identifier
from chalicelib.api.reservation_answers import (
    ADMITTING,
    CHANGING,
    COLLECTION,
    HOLDERS,
    ONE,
    reservation_reply,
)
from chalicelib.api.schemas.reservations import ProcessedPending, ReservationBody
from chalicelib.domain import errors
from chalicelib.domain.people import DESK, MANAGERS, Scope
from chalicelib.domain.reservations import Action
from chalicelib.services.budget import Budget
from chalicelib.services.confirm_reservation import confirm_reservation
from chalicelib.services.decide_change import approve_change, turn_down, withdraw
from chalicelib.services.extend_hold import extend_hold
from chalicelib.services.promote_pending import process_pending
from chalicelib.services.transition_reservation import transition_reservation
from chalicelib.services.undo_transition import undo_transition
from chalicelib.wiring import container

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.domain.reservations import Reservation
    from chalicelib.services.idempotency import Outcome
    from chalicelib.storage.idempotency import Answer

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
)
def cancel(call: Call[NoBody, NoBody]) -> Outcome:
    """Cancel a reservation; its units are free at once, and the answer says what is refunded."""
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
)
def confirm(call: Call[NoBody, NoBody]) -> Outcome:
    """Confirm what is held.

    A hold that has expired is taken again if it is still free, otherwise the refusal names alternatives. What is
    pending is confirmed by those who work here: it takes its units now, and rivals are rejected where the policy says
    so.
    """
    return confirm_reservation(
        call.database,
        call.tenant,
        identifier(call, "reservation"),
        call.actor,
        call.claim,
        lambda reservation: render(reservation_reply(call, reservation)),
        expected_version=call.if_match,
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
)
def reject(call: Call[NoBody, NoBody]) -> Outcome:
    """Turn down what is pending or held; what it held is free at once."""
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
)
def approve_the_change(call: Call[NoBody, NoBody]) -> Outcome:
    """Make the change of a guest that waits for approval, if there is room for it."""
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
)
def reject_the_change(call: Call[NoBody, NoBody]) -> Outcome:
    """Turn down the change of a guest that waits for approval; the reservation stays as it is."""
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
)
def withdraw_the_change(call: Call[NoBody, NoBody]) -> Outcome:
    """Take back a change that waits for room or approval; the reservation stays as it is."""
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
)
def extend_the_hold(call: Call[NoBody, NoBody]) -> Outcome:
    """Hold it from now on for as long as at first. Once per reservation, while the hold lasts."""
    return extend_hold(
        call.database,
        call.tenant,
        identifier(call, "reservation"),
        call.actor,
        call.claim,
        lambda reservation: render(reservation_reply(call, reservation)),
        expected_version=call.if_match,
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
)
def undo(call: Call[NoBody, NoBody]) -> Outcome:
    """Take back a mistaken check-in, no-show or check-out: it is confirmed, or checked in, again.

    Within the tenant's `undo_minutes` and before the end. Where the units were given to others meanwhile, there is no
    way back.
    """
    return undo_transition(
        call.database,
        call.tenant,
        identifier(call, "reservation"),
        call.actor,
        call.claim,
        lambda reservation: render(reservation_reply(call, reservation)),
        expected_version=call.if_match,
    )


@endpoint(
    blueprint,
    "POST",
    COLLECTION + "/process-pending",
    roles=DESK,
    tag="reservations",
    response=ProcessedPending,
    errors=[errors.ContentionError],
    scope=Scope.RESERVATIONS_WRITE,
)
def process(call: Call[NoBody, NoBody]) -> Reply:
    """Promote now what waits for room, the oldest first, and give up what waited too long.

    Berth does the same every minute, and what a long queue leaves over then. Repeating it does no harm.
    """
    budget = Budget(container().config.request_seconds)
    done = process_pending(call.database, call.tenant, call.actor, budget)
    return Reply(ProcessedPending(promoted=done.promoted, rejected=done.rejected))


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
)
def check_in(call: Call[NoBody, NoBody]) -> Outcome:
    """The guest has come. From now on nobody exchanges the units."""
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
)
def check_out(call: Call[NoBody, NoBody]) -> Outcome:
    """The guest has left. Before the end, the units are free from now on.

    The policy says whether the price stays (`early_check_out`) or the nights that have not begun are given back by the
    cancellation tiers. A mistaken check-out can be undone within the tenant's `undo_minutes`.
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
)
def no_show(call: Call[NoBody, NoBody]) -> Outcome:
    """The guest did not come; the units are free at once, unless the policy keeps them."""
    return _transition(call, Action.NO_SHOW)


def _decided(call: Call[NoBody, NoBody], decide: Callable[..., Outcome]) -> Outcome:
    def answer(reservation: Reservation) -> Answer:
        return render(reservation_reply(call, reservation))

    return decide(
        call.database,
        call.tenant,
        identifier(call, "reservation"),
        call.actor,
        call.claim,
        answer,
        expected_version=call.if_match,
    )


def _transition(call: Call[Any, Any], action: Action) -> Outcome:
    return transition_reservation(
        call.database,
        call.tenant,
        identifier(call, "reservation"),
        action,
        call.actor,
        call.claim,
        lambda reservation: render(reservation_reply(call, reservation)),
        expected_version=call.if_match,
    )
