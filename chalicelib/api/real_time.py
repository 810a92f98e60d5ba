"""Real time over HTTP: tickets for WebSocket connections, who works on what, and what was missed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from chalice.app import Blueprint

from chalicelib.api import current
from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.pages import CursorError, cursor_at_event, event_place_of, link_to_next
from chalicelib.api.problems import edit_lock_body
from chalicelib.api.schemas.problems import EditLockBody
from chalicelib.api.schemas.real_time import (
    AskForTicket,
    EditLockList,
    EditLockQuery,
    MissedPage,
    MissedQuery,
    TicketBody,
)
from chalicelib.domain import errors
from chalicelib.domain.limits import Stranger, network_of
from chalicelib.domain.people import STAFF, Role, Scope
from chalicelib.services.manage_connections import issue_ticket
from chalicelib.services.manage_edit_locks import list_edit_locks
from chalicelib.services.read_missed_events import read_missed_events
from chalicelib.storage.connections import VISITOR, Bearer

if TYPE_CHECKING:
    from chalicelib.services.authenticate import Caller

blueprint = Blueprint(__name__)
EVENTS = "/v1/tenants/{tenant}/events"


@endpoint(
    blueprint,
    "POST",
    "/v1/auth/ws-tickets",
    roles=[Role.SIGNED_IN, Role.GUEST, Role.ANYONE],
    tag="real time",
    body=AskForTicket,
    response=TicketBody,
    status=201,
    scope=Scope.RESERVATIONS_READ,
    errors=[errors.NotFoundError, errors.TenantSuspendedError, errors.ThrottledError, errors.UnavailableError],
)
def make_ticket(call: Call[AskForTicket, NoBody]) -> Reply:
    """Get a ticket for one WebSocket connection, to be used within a minute.

    The connection belongs to that tenant, in the caller's role; a guest's manage token gets one for watching their
    reservation, and what is available; an API key with the scope gets one for watching all that happens; anyone
    else gets one for watching what is available. What can be said over it is described in asyncapi.json.
    """
    url = call.container.config.websocket_url
    if not url:
        message = "There is no WebSocket API here at the moment. Ask for changes again and again instead."
        raise errors.UnavailableError(message, retry_after=60)
    stranger = Stranger(network_of(current.address()), call.container.config.limits)
    ticket = issue_ticket(call.database, call.body.tenant, _bearer(call.caller), stranger)
    query = urlencode({"ticket": ticket.text})
    return Reply(TicketBody(ticket=ticket.text, url=f"{url}?{query}", expires_at=ticket.expires_at), 201)


@endpoint(
    blueprint,
    "GET",
    "/v1/tenants/{tenant}/edit-locks",
    roles=STAFF,
    tag="real time",
    query=EditLockQuery,
    response=EditLockList,
    errors=[errors.NotFoundError, errors.InvalidRangeError],
)
def list_locks(call: Call[NoBody, EditLockQuery]) -> Reply:
    """List who works on which range of which resource, up to a thousand."""
    query = call.query
    found = list_edit_locks(call.database, call.tenant, query.resource_id, query.starts_at, query.ends_at)
    return Reply(EditLockList(items=[EditLockBody.model_validate(edit_lock_body(lock)) for lock in found]))


@endpoint(
    blueprint,
    "GET",
    EVENTS,
    roles=STAFF,
    tag="real time",
    query=MissedQuery,
    response=MissedPage,
    scope=Scope.RESERVATIONS_READ,
    errors=[errors.NotFoundError, CursorError],
)
def list_missed(call: Call[NoBody, MissedQuery]) -> Reply:
    """Read the live messages since one, for whom the connection was away; without `after`, those of the last hour.

    It begins with what was under way when that one was stored: leave out the ids that you know. The last message of an
    answer is a place to go on after, and nothing is skipped, however long a change was under way.
    """
    confined = call.caller.acting.resource_ids
    messages, last = read_missed_events(
        call.database,
        call.tenant,
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
