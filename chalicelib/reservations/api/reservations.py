"""Create, read, change and cancel reservations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, Role, Scope
from chalicelib.availability.admission import Override
from chalicelib.core import errors
from chalicelib.core.errors import NotFoundError
from chalicelib.core.money import PriceChangedError
from chalicelib.core.time_ranges import TimesWanted
from chalicelib.http.callers import RESERVING
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.identifiers import identifier
from chalicelib.http.problem_bodies import violation_of
from chalicelib.reservations.api.reservation_answers import (
    ADMITTING,
    CHANGING,
    COLLECTION,
    HOLDERS,
    ONE,
    READERS,
    members_of,
    reservation_reply,
)
from chalicelib.reservations.api.unconfirmed import make_or_ask
from chalicelib.reservations.change_reservation import Change, change_reservation
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest, create_reservation
from chalicelib.reservations.model.reservations import Action
from chalicelib.reservations.preview_cancellation import preview_cancellation
from chalicelib.reservations.read_actions import read_actions
from chalicelib.reservations.read_reservation import read_changes, read_reservation
from chalicelib.reservations.schemas.reservations import (
    ActionBody,
    Actions,
    CancellationBody,
    ChangeBody,
    Changes,
    CreatedReservation,
    CreateReservation,
    MoveReservation,
    NewEnd,
    ReservationBody,
    UpdateReservation,
    cancellation_body,
    change_members,
)
from chalicelib.reservations.update_reservation import update_reservation
from chalicelib.tenants.manage_settings import read_settings
from chalicelib.terms.terms import TermsMemory

if TYPE_CHECKING:
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.reservations.model.reservations import Reservation
    from chalicelib.reservations.schemas.reservations import GuestBody, OverrideBody

blueprint = Blueprint(__name__)
OVERRIDING = [*ADMITTING, PriceChangedError, errors.ForbiddenError]


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
    """Create a reservation.

    Reserves units of a resource for a guest. The policy of the resource decides whether the reservation is
    confirmed at once, held for some minutes, or pending until there is room or staff approve it; `state` says
    which. The guest gets an email with a link to it.

    A refusal lists every broken rule, how many units are free, and up to five alternatives that can be reserved.
    Send an `Idempotency-Key`: a request that is repeated because its answer was lost then takes effect once.
    Managers can waive rules with `override`, but never the capacity.
    """
    return make_or_ask(call, "reservation", make_reservation)


def make_reservation(call: Call[CreateReservation, NoBody]) -> Outcome:
    """Reserve what the body asks for."""
    services = call.container

    def answer(reservation: Reservation) -> Answer:
        token = services.tokens.issue_manage_token(call.tenant, reservation.id)
        created = CreatedReservation.made_of(**members_of(call, reservation), manage_token=token)
        reply = Reply(created, 201, version=reservation.version)
        return render(reply.found_at(call.address(ONE, reservation=reservation.id)))

    try:
        wanted = wanted_of(call, details_of(call.body.guest))
        return create_reservation(call.context, services.memory(TermsMemory), wanted, answer)
    except errors.NoCapacityError as refusal:
        show_waitlist(call, refusal)
        raise


def show_waitlist(call: Call[Any, Any], refusal: errors.NoCapacityError) -> None:
    """Say where one queues up, where the tenant lets guests wait."""
    if refusal.may_wait:
        refusal.waitlist = f"{call.container.config.public_url}/api/v1/tenants/{call.tenant}/waitlist"


def wanted_of(call: Call[Any, NoBody], guest: GuestDetails) -> ReservationRequest:
    """What the body asks for, for this guest."""
    body = call.body
    return ReservationRequest(
        resource_id=body.resource_id,
        times=body.wanted(),
        quantity=body.quantity,
        party_size=body.party_size,
        guest=guest,
        notes=body.notes,
        unit=body.unit,
        override=override_of(call, body.override),
        expected=body.expected(),
        anonymous=call.anonymous,
    )


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
    """Read a reservation.

    Returns its times, units, price and state. Guests read their own with its manage token, staff those that they
    may see.
    """
    reservation = read_reservation(call.context, identifier(call, "reservation"))
    return reservation_reply(call, reservation)


@endpoint(
    blueprint,
    "GET",
    ONE + "/cancellation",
    roles=READERS,
    tag="reservations",
    response=CancellationBody,
    errors=[NotFoundError],
    scope=Scope.RESERVATIONS_READ,
)
def read_cancellation(call: Call[NoBody, NoBody]) -> Reply:
    """Preview a cancellation.

    Says what cancelling the reservation now would give back and what would stay owed, and how both change with time.
    Cancels nothing. It depends on the time, so ask again before `cancel`: its answer has the amounts that count.
    """
    return Reply(cancellation_body(preview_cancellation(call.context, identifier(call, "reservation"))))


@endpoint(
    blueprint,
    "GET",
    ONE + "/actions",
    roles=READERS,
    tag="reservations",
    response=Actions,
    errors=[NotFoundError],
    scope=Scope.RESERVATIONS_READ,
)
def list_actions(call: Call[NoBody, NoBody]) -> Reply:
    """List the actions that are allowed.

    Says what the caller may do with the reservation as it stands: now, or from when and until when, and why not. Use
    it to show buttons. Those who may only read get none. What an action would come to is said by its preview and by
    `cancellation`.
    """
    role = call.caller.role
    found = read_actions(
        call.context,
        identifier(call, "reservation"),
        by_staff=call.caller.works_here,
        by_managers=role in MANAGERS or role is Role.API_KEY,
        reads_only=role is Role.VIEWER,
    )
    items = [
        ActionBody.made_of(
            action=one.name,
            possible=one.refusal is None,
            reason=None if one.refusal is None else one.refusal.message,
            violation=None if one.refusal is None else violation_of(one.refusal),
            available_from=one.from_at,
            available_until=one.until_at,
        )
        for one in found.actions
    ]
    reservation = found.reservation
    return Reply(Actions(at=found.at, timezone=reservation.zone.key, version=reservation.version, items=items))


@endpoint(
    blueprint,
    "PATCH",
    ONE,
    roles=HOLDERS,
    tag="reservations",
    body=UpdateReservation,
    response=ReservationBody,
    errors=CHANGING,
    versioned=True,
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
)
def update(call: Call[UpdateReservation, NoBody]) -> Reply:
    """Update a reservation's details.

    Corrects the guest's name, email and telephone number, or the notes. Takes and frees no units: to change time,
    resource or size use `move`, `extend` or `shorten`.
    """
    reservation = update_reservation(
        call.context,
        identifier(call, "reservation"),
        guest=None if call.body.guest is None else details_of(call.body.guest),
        notes=call.body.notes,
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
    versioned=True,
)
def move(call: Call[MoveReservation, NoBody]) -> Outcome:
    """Move a reservation.

    Changes its time, resource, quantity or party size; members that are left out stay as they are. Either the whole
    change is made or nothing. The reservation's own units count as free, and only what is newly taken is checked.

    Where the policy says so, a guest's change waits for room or approval: it is the `pending_change` of the answer,
    and the reservation keeps its place until then. Managers can waive rules with `override`.
    """
    return _change(call, move_of(call))


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
    versioned=True,
)
def extend(call: Call[NewEnd, NoBody]) -> Outcome:
    """Extend a reservation.

    Gives it a later end. Only the added time is checked: for room, and by the rules about new times. Without room
    the refusal names alternatives. Where the policy says so, a guest's extension waits for room or approval, as
    `pending_change`.
    """
    return _change(call, new_end_of(call, Action.EXTEND))


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
    versioned=True,
)
def shorten(call: Call[NewEnd, NoBody]) -> Outcome:
    """Shorten a reservation.

    Gives it an earlier end. The time given up is free at once. The cancellation tiers of its policy decide how much
    is refunded; `refund` and `retained` say it.
    """
    return _change(call, new_end_of(call, Action.SHORTEN))


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
    """List changes of a reservation.

    Returns every change that had to wait for room or approval, the oldest first, with its outcome. Use it to tell a
    guest what became of a request; the one that still waits is also the reservation's `pending_change`.
    """
    found = read_changes(call.context, identifier(call, "reservation"))
    items = [
        ChangeBody.made_of(**change_members(one.change), state=one.state, decided_at=one.decided_at) for one in found
    ]
    return Reply(Changes(items=items, next_cursor=None))


def move_of(call: Call[MoveReservation, NoBody]) -> Change:
    """The move that the body asks for."""
    body = call.body
    times = body.wanted()
    return Change(
        Action.MOVE,
        times=times if times.given else None,
        resource_id=body.resource_id,
        quantity=body.quantity,
        party_size=body.party_size,
        unit=body.unit,
        override=override_of(call, body.override),
        expected=body.expected(),
    )


def new_end_of(call: Call[NewEnd, NoBody], action: Action) -> Change:
    """The extension or shortening that the body asks for."""
    body = call.body
    times = TimesWanted(ends_at=body.ends_at, check_out_on=body.check_out_on, fold=body.fold, timezone=body.timezone)
    return Change(action, times=times, override=override_of(call, body.override), expected=body.expected())


def _change(call: Call[Any, Any], change: Change) -> Outcome:
    return change_reservation(
        call.context,
        identifier(call, "reservation"),
        change,
        lambda reservation: render(reservation_reply(call, reservation)),
    )


def details_of(guest: GuestBody) -> GuestDetails:
    """The guest whom the body names."""
    return GuestDetails(guest.name, guest.email, guest.phone)


def override_of(call: Call[Any, Any], body: OverrideBody | None) -> Override | None:
    """The rules that the caller may and does waive. Raises `ForbiddenError`."""
    if body is None:
        return None
    if call.caller.role not in MANAGERS:
        agents = call.caller.role is Role.AGENT
        if not (agents and read_settings(call.context)[0].agents_may_override):
            message = "Only managers and owners decide not to insist on rules, unless a setting lets agents do it, too."
            raise errors.ForbiddenError(message)
    return Override(frozenset(body.rules), body.reason)
