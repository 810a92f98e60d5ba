"""The waitlist: wait for what is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.identifiers import identifier
from chalicelib.api.pages import CursorError, cursor_at, link_to_next, place_of
from chalicelib.api.reservation_answers import HOLDERS, READERS
from chalicelib.api.schemas.waitlist import EntryBody, EntryPage, EntryQuery, JoinedEntry, JoinWaitlist, entry_members
from chalicelib.api.unconfirmed import make_or_ask
from chalicelib.domain import errors
from chalicelib.domain.people import DESK, STAFF, Role, Scope
from chalicelib.services.create_reservation import GuestDetails, ReservationRequest
from chalicelib.services.join_waitlist import join_waitlist, leave_waitlist, list_entries, read_entry
from chalicelib.storage.waitlist import EntryFilter

if TYPE_CHECKING:
    from chalicelib.domain.waitlist import WaitlistEntry
    from chalicelib.services.idempotency import Outcome
    from chalicelib.storage.idempotency import Answer

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
    """Wait for something that is taken.

    When it comes free, the oldest whom it fits gets a reservation that is held for them, with the id and the token of
    the entry, until a deadline. What is free is not waited for, and what could not be reserved at all neither.
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
        stranger=call.stranger,
    )

    def answer(entry: WaitlistEntry) -> Answer:
        token = call.container.tokens.issue_manage_token(call.tenant, entry.id)
        reply = Reply(JoinedEntry.model_construct(**entry_members(entry), manage_token=token), 201)
        return render(reply.found_at(call.address(ONE, entry=entry.id)))

    return join_waitlist(call.database, call.tenant, request, call.actor, call.claim, answer)


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=STAFF,
    tag="waitlist",
    query=EntryQuery,
    response=EntryPage,
    errors=[errors.NotFoundError, CursorError],
    scope=Scope.RESERVATIONS_READ,
)
def list_waiting(call: Call[NoBody, EntryQuery]) -> Reply:
    """List who waits, or waited, the oldest first."""
    query = call.query
    wanted = EntryFilter(
        resource_id=query.resource_id,
        states=None if query.state is None else [query.state],
        starts_at=query.starts_at,
        ends_at=query.ends_at,
        after=place_of(query.cursor),
    )
    found, more = list_entries(call.database, call.tenant, wanted, query.limit)
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
    """Read an entry, with its place in the queue."""
    entry = read_entry(call.database, call.tenant, identifier(call, "entry"))
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
    """Wait no more."""
    leave_waitlist(call.database, call.tenant, identifier(call, "entry"), call.actor)
    return Reply("", 204)
