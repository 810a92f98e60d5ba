"""Guests: finding, correcting, merging, exporting and anonymizing them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from chalice.app import Blueprint

from chalicelib.access.model.people import AGENTS, MANAGERS, OFFICE, Scope
from chalicelib.core import errors
from chalicelib.guests import manage_guests
from chalicelib.guests.schemas.guests import (
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
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.identifiers import identifier
from chalicelib.http.paging import CursorError, cursor_after, link_to_next, position_of

if TYPE_CHECKING:
    from chalicelib.guests.model.guests import GuestEntry

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
    """Search guests.

    Returns guests by name, email address or telephone number, the latest first.
    """
    position = position_of(call.query.cursor)
    try:
        before = None if position is None else UUID(position[1])
    except ValueError as error:
        message = "This is not the next_cursor of an answer; leave it out to begin with the latest."
        raise CursorError("cursor", message) from error
    found, more = manage_guests.search_guests(call.context, call.query.text, before, call.query.limit)
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
    """Read a guest.

    Returns a guest with the number of their reservations and no-shows. Search reservations with `guest_id` to list
    them.
    """
    return _reply(manage_guests.read_guest(call.context, identifier(call, "guest")))


@endpoint(
    blueprint,
    "PATCH",
    ONE,
    roles=AGENTS,
    tag="guests",
    body=ChangeGuest,
    response=GuestDetailsBody,
    errors=[errors.NotFoundError, errors.ConflictError],
    versioned=True,
    scope=Scope.GUESTS_WRITE,
)
def change_guest(call: Call[ChangeGuest, NoBody]) -> Reply:
    """Update a guest.

    Corrects name, email address or telephone number, in all of the guest's reservations.
    """
    changes = call.body.model_dump(include=call.body.model_fields_set)
    guest_id = identifier(call, "guest")
    return _reply(manage_guests.change_guest(call.context, guest_id, changes))


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
    versioned=True,
)
def merge_guests(call: Call[MergeGuests, NoBody]) -> Reply:
    """Merge guests.

    Moves the reservations of another guest to this one, when both are the same person. The other guest is deleted.
    """
    guest_id = identifier(call, "guest")
    return _reply(manage_guests.merge_guests(call.context, guest_id, call.body.other_id))


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
    """Export a guest's data.

    Returns everything that is stored about a person: all guests with the same email address, their reservations and
    events. The export itself is recorded in the audit log.
    """
    found = manage_guests.export_guest(call.context, identifier(call, "guest"))
    return Reply(dossier_body(found, call.tenant))


@endpoint(
    blueprint,
    "POST",
    ONE + "/anonymize",
    roles=MANAGERS,
    tag="guests",
    body=AnonymizeGuest,
    response=GuestDetailsBody,
    errors=[errors.NotFoundError, errors.ConflictingReservationsError, errors.ContentionError],
    versioned=True,
)
def anonymize_guest(call: Call[AnonymizeGuest, NoBody]) -> Reply:
    """Anonymize a guest.

    Erases name, email address, telephone number, notes and stored answers for good. Reservations, events and
    statistics stay, without the name. Refused while a reservation of the guest is not over.
    """
    return _reply(manage_guests.anonymize_guest(call.context, identifier(call, "guest")))


def _reply(entry: GuestEntry) -> Reply:
    return Reply(guest_body(entry), version=entry.version)
