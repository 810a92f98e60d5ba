"""Guests: finding, correcting, merging, exporting and anonymizing them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.identifiers import identifier
from chalicelib.api.pages import CursorError, cursor_after, link_to_next, position_of
from chalicelib.api.schemas.guests import (
    AnonymizeGuest,
    ChangeGuest,
    DossierBody,
    GuestDetailsBody,
    GuestPage,
    GuestQuery,
    MergeGuests,
    dossier_body,
    guest_body,
)
from chalicelib.domain import errors
from chalicelib.domain.people import AGENTS, MANAGERS, OFFICE, Scope
from chalicelib.services import manage_guests

if TYPE_CHECKING:
    from chalicelib.storage.guests import GuestEntry

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/guests"
ONE = COLLECTION + "/{guest}"


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=OFFICE,
    tag="guests",
    query=GuestQuery,
    response=GuestPage,
    errors=[errors.NotFoundError, CursorError],
    scope=Scope.GUESTS_READ,
)
def search_guests(call: Call[NoBody, GuestQuery]) -> Reply:
    """Find guests by name, address or telephone number, the latest first."""
    position = position_of(call.query.cursor)
    try:
        before = None if position is None else UUID(position[1])
    except ValueError as error:
        message = "This is not the next_cursor of an answer; leave it out to begin with the latest."
        raise CursorError("cursor", message) from error
    found, more = manage_guests.search_guests(call.database, call.tenant, call.query.text, before, call.query.limit)
    cursor = cursor_after((0, str(found[-1].id))) if more else None
    body = GuestPage(items=[guest_body(entry) for entry in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


@endpoint(
    blueprint,
    "GET",
    ONE,
    roles=OFFICE,
    tag="guests",
    response=GuestDetailsBody,
    errors=[errors.NotFoundError],
    scope=Scope.GUESTS_READ,
)
def read_guest(call: Call[NoBody, NoBody]) -> Reply:
    """Read a guest. Their reservations are found by `guest_id` among the reservations."""
    return _reply(manage_guests.read_guest(call.database, call.tenant, identifier(call, "guest")))


@endpoint(
    blueprint,
    "PATCH",
    ONE,
    roles=AGENTS,
    tag="guests",
    body=ChangeGuest,
    response=GuestDetailsBody,
    errors=[errors.NotFoundError, errors.VersionMismatchError, errors.ConflictError],
    needs_version=True,
    scope=Scope.GUESTS_WRITE,
)
def change_guest(call: Call[ChangeGuest, NoBody]) -> Reply:
    """Correct a guest's name, address or telephone number, in all of their reservations."""
    changes = call.body.model_dump(include=call.body.model_fields_set)
    guest_id = identifier(call, "guest")
    return _reply(manage_guests.change_guest(call.database, call.tenant, guest_id, changes, call.actor, call.if_match))


@endpoint(
    blueprint,
    "POST",
    ONE + "/merge",
    roles=AGENTS,
    tag="guests",
    body=MergeGuests,
    response=GuestDetailsBody,
    errors=[errors.NotFoundError, errors.ConflictError, errors.ContentionError],
    scope=Scope.GUESTS_WRITE,
)
def merge_guests(call: Call[MergeGuests, NoBody]) -> Reply:
    """Take over the reservations of another guest who is the same person. The other one is gone then."""
    guest_id = identifier(call, "guest")
    return _reply(manage_guests.merge_guests(call.database, call.tenant, guest_id, call.body.other_id, call.actor))


@endpoint(
    blueprint,
    "POST",
    ONE + "/export",
    roles=MANAGERS,
    tag="guests",
    response=DossierBody,
    errors=[errors.NotFoundError],
)
def export_guest(call: Call[NoBody, NoBody]) -> Reply:
    """Read everything that is known of a person: all guests with the same address, their reservations, their events.

    That it was asked for is recorded.
    """
    found = manage_guests.export_guest(call.database, call.tenant, identifier(call, "guest"), call.actor)
    return Reply(dossier_body(found, call.tenant))


@endpoint(
    blueprint,
    "POST",
    ONE + "/anonymize",
    roles=MANAGERS,
    tag="guests",
    body=AnonymizeGuest,
    response=GuestDetailsBody,
    errors=[errors.NotFoundError, errors.ReservationsInTheWayError, errors.ContentionError],
)
def anonymize_guest(call: Call[AnonymizeGuest, NoBody]) -> Reply:
    """Forget who a person was, for good: name, address, telephone number, notes and stored answers.

    Reservations, events and statistics stay: the answer is the nameless guest who has them now. Refused while a
    reservation is not over.
    """
    return _reply(manage_guests.anonymize_guest(call.database, call.tenant, identifier(call, "guest"), call.actor))


def _reply(entry: GuestEntry) -> Reply:
    return Reply(guest_body(entry), version=entry.version)
