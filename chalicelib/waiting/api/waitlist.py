"""The waitlist: wait for what is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.access.model.people import DESK, STAFF, Role, Scope
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.identifiers import identifier
from chalicelib.http.paging import CursorError, cursor_at, link_to_next, place_of
from chalicelib.reservations.api.reservation_answers import HOLDERS, READERS
from chalicelib.reservations.api.unconfirmed import make_or_ask
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest
from chalicelib.waiting.join_waitlist import join_waitlist, leave_waitlist, list_entries, read_entry
from chalicelib.waiting.model.waitlist import EntryFilter
from chalicelib.waiting.schemas.waitlist import (
    EntryBody,
    EntryPage,
    EntryQuery,
    JoinedEntry,
    JoinWaitlist,
    entry_members,
)

if TYPE_CHECKING:
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.waiting.model.waitlist import WaitlistEntry

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/waitlist"
ONE = COLLECTION + "/{entry}"


@endpoint(
    blueprint,
    "POST",
    COLLECTION,
    roles={Role.ANYONE} | DESK,
    tag="waitlist",
    body=JoinWaitlist,
    response=JoinedEntry,
    status=201,
    errors=[
        errors.NotFoundError,
        errors.RuleViolationsError,
        errors.ConflictError,
        errors.ForbiddenError,
        errors.InvalidRangeError,
        errors.LocalTimeGapError,
        errors.LocalTimeFoldError,
        errors.IdempotencyInProgressError,
        errors.IdempotencyMismatchError,
        errors.ContentionError,
    ],
    idempotent=True,
    counted=True,
    scope=Scope.RESERVATIONS_WRITE,
)
def join(call: Call[JoinWaitlist, NoBody]) -> Outcome:
    """Join the waitlist.

    Adds a guest to the waitlist for something that is taken. When it comes free, the oldest entry that fits gets a
    held reservation, with the id and manage token of the entry, and an email; it has to be confirmed before the
    hold ends.

    Refused for what is free now (reserve it) and for what the policy would never accept.
    """
    return make_or_ask(call, "waitlist_entry", join_queue)


def join_queue(call: Call[JoinWaitlist, NoBody]) -> Outcome:
    """Wait for what the body asks for."""
    body = call.body
    request = ReservationRequest(
        resource_id=body.resource_id,
        times=body.wanted(),
        quantity=body.quantity,
        party_size=body.party_size,
        guest=GuestDetails(body.guest.name, body.guest.email, body.guest.phone),
        notes=body.notes,
        unit=None,
        anonymous=call.anonymous,
    )

    def answer(entry: WaitlistEntry) -> Answer:
        token = call.container.tokens.issue_manage_token(call.tenant, entry.id)
        reply = Reply(JoinedEntry.model_construct(**entry_members(entry), manage_token=token), 201)
        return render(reply.found_at(call.address(ONE, entry=entry.id)))

    return join_waitlist(call.context, request, answer)


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=STAFF,
    tag="waitlist",
    query=EntryQuery,
    response=EntryPage,
    errors=[errors.NotFoundError, errors.InvalidRangeError, CursorError],
    scope=Scope.RESERVATIONS_READ,
)
def list_waiting(call: Call[NoBody, EntryQuery]) -> Reply:
    """List the waitlist.

    Returns entries, the oldest first, with their place in the queue. Use `state` to see only those that still wait.
    """
    query = call.query
    starts_at, ends_at = query.bounds()
    wanted = EntryFilter(
        resource_id=query.resource_id,
        states=query.state,
        starts_at=starts_at,
        ends_at=ends_at,
        after=place_of(query.cursor),
    )
    found, more = list_entries(call.context, wanted, query.limit)
    cursor = cursor_at(found[-1].joined_at, found[-1].id) if more else None
    items = [EntryBody.model_construct(None, **entry_members(one)) for one in found]
    body = EntryPage.model_construct(items=items, next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


@endpoint(
    blueprint,
    "GET",
    ONE,
    roles=READERS,
    tag="waitlist",
    response=EntryBody,
    errors=[errors.NotFoundError],
    scope=Scope.RESERVATIONS_READ,
)
def read_waiting(call: Call[NoBody, NoBody]) -> Reply:
    """Read a waitlist entry.

    Returns one entry with its place in the queue. Once it is offered, the reservation is found under the same id.
    """
    entry = read_entry(call.context, identifier(call, "entry"))
    return Reply(EntryBody.model_construct(None, **entry_members(entry)))


@endpoint(
    blueprint,
    "DELETE",
    ONE,
    roles=HOLDERS,
    tag="waitlist",
    response=None,
    status=204,
    errors=[errors.NotFoundError, errors.ConflictError, errors.ContentionError],
    scope=Scope.RESERVATIONS_WRITE,
    edits=True,
)
def leave(call: Call[NoBody, NoBody]) -> Reply:
    """Leave the waitlist.

    Ends the entry: it gets no offer. Refused once something was offered; cancel that reservation instead.
    """
    leave_waitlist(call.context, identifier(call, "entry"))
    return Reply("", 204)
