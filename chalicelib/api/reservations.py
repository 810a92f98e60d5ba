"""Reservations: make one, look at it, change it, let it go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.api.callers import RESERVING
from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.identifiers import identifier
from chalicelib.api.reservation_answers import (
    ADMITTING,
    CHANGING,
    COLLECTION,
    HOLDERS,
    ONE,
    READERS,
    members_of,
    reservation_reply,
)
from chalicelib.api.schemas.reservations import (
    ChangeBody,
    Changes,
    CreatedReservation,
    CreateReservation,
    MoveReservation,
    NewEnd,
    ReservationBody,
    UpdateReservation,
    change_members,
)
from chalicelib.api.unconfirmed import make_or_ask
from chalicelib.domain import errors
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.people import MANAGERS, Role, Scope
from chalicelib.domain.reservations import Action
from chalicelib.services.admission import Override
from chalicelib.services.change_reservation import Change, change_reservation
from chalicelib.services.create_reservation import GuestDetails, ReservationRequest, create_reservation
from chalicelib.services.manage_settings import read_settings
from chalicelib.services.read_reservation import read_changes, read_reservation
from chalicelib.services.update_reservation import update_reservation
from chalicelib.services.wanted_times import TimesWanted

if TYPE_CHECKING:
    from chalicelib.api.schemas.reservations import GuestBody, OverrideBody
    from chalicelib.domain.reservations import Reservation
    from chalicelib.services.idempotency import Outcome
    from chalicelib.storage.idempotency import Answer

blueprint = Blueprint(__name__)
OVERRIDING = [*ADMITTING, errors.PriceChangedError, errors.ForbiddenError]


@endpoint(
    blueprint,
    "POST",
    COLLECTION,
    roles=RESERVING,
    tag="reservations",
    body=CreateReservation,
    response=CreatedReservation,
    status=201,
    errors=OVERRIDING,
    idempotent=True,
    counted=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
)
def create(call: Call[CreateReservation, NoBody]) -> Outcome:
    """Reserve a resource.

    Everything that stands against it is listed at once, with up to five alternatives that can be had. Send an
    Idempotency-Key, and a request that is repeated because its answer was lost takes effect once.
    Managers may name rules not to insist on this time; room there has to be in any case.
    """
    return make_or_ask(call, "reservation", make_reservation)


def make_reservation(call: Call[CreateReservation, NoBody]) -> Outcome:
    """Reserve what the body asks for."""
    body, services = call.body, call.container

    def answer(reservation: Reservation) -> Answer:
        token = services.tokens.issue_manage_token(call.tenant, reservation.id)
        created = CreatedReservation.model_construct(**members_of(call, reservation), manage_token=token)
        reply = Reply(created, 201, version=reservation.version)
        return render(reply.found_at(call.address(ONE, reservation=reservation.id)))

    request = ReservationRequest(
        resource_id=body.resource_id,
        times=body.wanted(),
        quantity=body.quantity,
        party_size=body.party_size,
        guest=_details(body.guest),
        notes=body.notes,
        unit=body.unit,
        override=_override(call, body.override),
        expected=body.expected(),
        stranger=call.stranger,
    )
    try:
        return create_reservation(call.database, services.terms, call.tenant, request, call.actor, call.claim, answer)
    except errors.NoCapacityError as refusal:
        if read_settings(call.database, call.tenant)[0].waitlist:
            refusal.waitlist = f"{services.config.public_url}/api/v1/tenants/{call.tenant}/waitlist"
        raise


@endpoint(
    blueprint,
    "GET",
    ONE,
    roles=READERS,
    tag="reservations",
    response=ReservationBody,
    errors=[NotFoundError],
    scope=Scope.RESERVATIONS_READ,
)
def read(call: Call[NoBody, NoBody]) -> Reply:
    """Read a reservation."""
    reservation = read_reservation(call.database, call.tenant, identifier(call, "reservation"))
    return reservation_reply(call, reservation)


@endpoint(
    blueprint,
    "PATCH",
    ONE,
    roles=HOLDERS,
    tag="reservations",
    body=UpdateReservation,
    response=ReservationBody,
    errors=CHANGING,
    needs_version=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
)
def update(call: Call[UpdateReservation, NoBody]) -> Reply:
    """Correct the guest's details or the notes.

    Needs If-Match with the ETag that was read.
    """
    reservation = update_reservation(
        call.database,
        call.tenant,
        identifier(call, "reservation"),
        call.actor,
        guest=None if call.body.guest is None else _details(call.body.guest),
        notes=call.body.notes,
        expected_version=call.if_match,
    )
    return reservation_reply(call, reservation)


@endpoint(
    blueprint,
    "POST",
    ONE + "/move",
    roles=HOLDERS,
    tag="reservations",
    body=MoveReservation,
    response=ReservationBody,
    errors=OVERRIDING,
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
)
def move(call: Call[MoveReservation, NoBody]) -> Outcome:
    """Move a reservation to another time, resource or size.

    Its own units count as free. Nothing changes unless all of it is possible. Managers may name rules not to insist on.
    """
    body = call.body
    times = body.wanted()
    change = Change(
        Action.MOVE,
        times=times if times.given else None,
        resource_id=body.resource_id,
        quantity=body.quantity,
        party_size=body.party_size,
        unit=body.unit,
        override=_override(call, body.override),
        expected=body.expected(),
    )
    return _change(call, change)


@endpoint(
    blueprint,
    "POST",
    ONE + "/extend",
    roles=HOLDERS,
    tag="reservations",
    body=NewEnd,
    response=ReservationBody,
    errors=OVERRIDING,
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
)
def extend(call: Call[NewEnd, NoBody]) -> Outcome:
    """Give a reservation a later end."""
    return _change(call, _new_end(call, Action.EXTEND))


@endpoint(
    blueprint,
    "POST",
    ONE + "/shorten",
    roles=HOLDERS,
    tag="reservations",
    body=NewEnd,
    response=ReservationBody,
    errors=OVERRIDING,
    idempotent=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
)
def shorten(call: Call[NewEnd, NoBody]) -> Outcome:
    """Give a reservation an earlier end; what it leaves is free at once."""
    return _change(call, _new_end(call, Action.SHORTEN))


@endpoint(
    blueprint,
    "GET",
    ONE + "/changes",
    roles=READERS,
    tag="reservations",
    response=Changes,
    errors=[NotFoundError],
    scope=Scope.RESERVATIONS_READ,
)
def changes(call: Call[NoBody, NoBody]) -> Reply:
    """List every change that had to wait for room, the oldest first, and what became of it."""
    found = read_changes(call.database, call.tenant, identifier(call, "reservation"))
    items = [
        ChangeBody.model_construct(**change_members(one.change), state=one.state, decided_at=one.decided_at)
        for one in found
    ]
    return Reply(Changes(items=items, next_cursor=None))


def _change(call: Call[Any, Any], change: Change) -> Outcome:
    return change_reservation(
        call.database,
        call.tenant,
        identifier(call, "reservation"),
        change,
        call.actor,
        call.claim,
        lambda reservation: render(reservation_reply(call, reservation)),
        expected_version=call.if_match,
    )


def _details(guest: GuestBody) -> GuestDetails:
    return GuestDetails(guest.name, guest.email, guest.phone)


def _new_end(call: Call[NewEnd, NoBody], action: Action) -> Change:
    body = call.body
    times = TimesWanted(ends_at=body.ends_at, check_out_on=body.check_out_on, fold=body.fold, timezone=body.timezone)
    return Change(action, times=times, override=_override(call, body.override), expected=body.expected())


def _override(call: Call[Any, Any], body: OverrideBody | None) -> Override | None:
    if body is None:
        return None
    if call.caller.role not in MANAGERS:
        agents = call.caller.role is Role.AGENT
        if not (agents and read_settings(call.database, call.tenant)[0].agents_may_override):
            message = "Only managers and owners decide not to insist on rules, unless a setting lets agents do it, too."
            raise errors.ForbiddenError(message)
    return Override(frozenset(body.rules), body.reason)
