"""Real time over HTTP: tickets for WebSocket connections, who works on what, and what was missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from chalice.app import Blueprint

from chalicelib.access.model.limits import AnonymousCaller, network_of
from chalicelib.access.model.people import STAFF, Role, Scope
from chalicelib.accounts.api.sign_in import after_sign_out
from chalicelib.core import errors
from chalicelib.edit_locks.manage_edit_locks import list_edit_locks
from chalicelib.http import current
from chalicelib.http.context import Context
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.paging import CursorError, cursor_at_event, event_place_of, link_to_next
from chalicelib.http.problem_bodies import EditLockBody
from chalicelib.http.problems import edit_lock_body
from chalicelib.realtime.manage_connections import issue_ticket, list_signed_out
from chalicelib.realtime.model.connections import VISITOR, Bearer
from chalicelib.realtime.read_missed_events import read_missed_events
from chalicelib.realtime.schemas.realtime import (
    AskForTicket,
    EditLockList,
    EditLockQuery,
    MissedPage,
    MissedQuery,
    TicketBody,
)

if TYPE_CHECKING:
    from chalicelib.access.authenticate import Caller

blueprint = Blueprint(__name__)
EVENTS = "/v1/tenants/{tenant}/events"


@endpoint(
    blueprint,
    "POST",
    "/v1/auth/ws-tickets",
    roles=[Role.SIGNED_IN, Role.GUEST, Role.ANYONE],
    tag="realtime",
    body=AskForTicket,
    response=TicketBody,
    status=201,
    scope=Scope.RESERVATIONS_READ,
    errors=[errors.NotFoundError, errors.TenantSuspendedError, errors.ThrottledError, errors.UnavailableError],
)
def make_ticket(call: Call[AskForTicket, NoBody]) -> Reply:
    """Create a WebSocket ticket.

    Returns a ticket that opens one WebSocket connection, within a minute. Browsers cannot send tokens when they
    connect, so the ticket stands for the caller.

    Users get a connection in their role at the tenant; a manage token watches its reservation and availability; an
    API key with the scope watches all events; without credentials a connection watches availability. The messages
    are described in asyncapi.json.
    """
    url = call.container.config.websocket_url
    if not url:
        message = "There is no WebSocket API here at the moment. Ask for changes again and again instead."
        raise errors.UnavailableError(message, retry_after=60)
    anonymous = AnonymousCaller(network_of(current.address()), call.container.config.limits)
    ticket = issue_ticket(Context(call.database, call.body.tenant), _bearer(call.caller), anonymous)
    query = urlencode({"ticket": ticket.text})
    return Reply(TicketBody(ticket=ticket.text, url=f"{url}?{query}", expires_at=ticket.expires_at), 201)


@endpoint(
    blueprint,
    "GET",
    "/v1/tenants/{tenant}/edit-locks",
    roles=STAFF,
    tag="realtime",
    query=EditLockQuery,
    response=EditLockList,
    errors=[errors.NotFoundError, errors.InvalidRangeError],
)
def list_locks(call: Call[NoBody, EditLockQuery]) -> Reply:
    """List edit locks.

    Returns which users are working on which ranges of which resources, at most a thousand.

    A lock on a hall covers its halves, so it is listed for them, too. A host who does not see the hall
    gets it as a lock on their half.
    """
    query = call.query
    found = list_edit_locks(call.context, query.resource_id, *query.bounds())
    return Reply(EditLockList(items=[EditLockBody.model_validate(edit_lock_body(lock)) for lock in found]))


@endpoint(
    blueprint,
    "GET",
    EVENTS,
    roles=STAFF,
    tag="realtime",
    query=MissedQuery,
    response=MissedPage,
    scope=Scope.RESERVATIONS_READ,
    errors=[errors.NotFoundError, CursorError],
)
def list_missed(call: Call[NoBody, MissedQuery]) -> Reply:
    """List missed messages.

    Returns the live messages that were sent after the message `after`, or in the last hour. Call it after a
    reconnect.

    It begins with changes that were still under way when that message was stored, so leave out ids that you know.
    The last message of an answer is the next `after`; none is skipped, however long a change took.
    """
    confined = call.caller.acting.resource_ids
    messages, last = read_missed_events(
        call.context,
        None if confined is None else frozenset(confined),
        known=call.query.after,
        place=event_place_of(call.query.cursor),
        limit=call.query.limit,
    )
    cursor = None if last is None else cursor_at_event(last)
    return Reply(MissedPage(items=messages, next_cursor=cursor), headers=link_to_next(call, EVENTS, cursor))


def _bearer(caller: Caller) -> Bearer:
    if caller.id is None:
        return VISITOR
    if caller.role is Role.GUEST:
        return Bearer(reservation_id=UUID(caller.id))
    if caller.role is Role.API_KEY:
        return Bearer(api_key_id=UUID(caller.id))
    return Bearer(UUID(caller.id), caller.session_id)


@after_sign_out
def close_connections(call: Call[Any, Any]) -> None:
    """End the WebSocket connections of the caller's ended sessions now; within a minute a job would."""
    for connection_id in list_signed_out(call.database):
        call.container.connections.close(connection_id)
