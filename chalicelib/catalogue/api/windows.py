"""Availability windows: when resources are offered."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, STAFF, Role, Scope
from chalicelib.catalogue import manage_windows
from chalicelib.catalogue.schemas.windows import (
    AddWindow,
    RemoveWindowQuery,
    WindowBody,
    WindowList,
    WindowQuery,
    window_body,
)
from chalicelib.core import errors
from chalicelib.core.time_ranges import TimeRange
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.identifiers import identifier
from chalicelib.http.paging import CursorError, cursor_at, link_to_next, place_of

if TYPE_CHECKING:
    from chalicelib.http.idempotency import Outcome

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/availability-windows"


@endpoint(
    blueprint,
    "POST",
    COLLECTION,
    roles=MANAGERS | {Role.HOST},
    tag="availability",
    body=AddWindow,
    response=WindowBody,
    status=201,
    errors=[errors.NotFoundError, errors.ConflictError, errors.InvalidRangeError, errors.ContentionError],
    idempotent=True,
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
)
def add_window(call: Call[AddWindow, NoBody]) -> Outcome:
    """Create an availability window.

    Offers a resource for a time. Slots are derived from it. Refused where it overlaps another window of the
    resource.
    """
    body = call.body
    return manage_windows.add_window(
        call.context,
        body.resource_id,
        TimeRange(body.starts_at.astimezone(UTC), body.ends_at.astimezone(UTC)),
        body.slot_minutes,
        lambda window: render(Reply(window_body(window), 201)),
    )


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=STAFF,
    tag="availability",
    query=WindowQuery,
    response=WindowList,
    errors=[errors.NotFoundError, errors.InvalidRangeError, CursorError],
    scope=Scope.CATALOGUE_WRITE,
)
def list_windows(call: Call[NoBody, WindowQuery]) -> Reply:
    """List availability windows.

    Returns the times for which resources are offered, by start. Only resources whose policy offers windows have
    any.
    """
    query = call.query
    found, more = manage_windows.list_windows(
        call.context,
        query.resource_id,
        query.bounds(),
        place_of(query.cursor),
        query.limit,
    )
    cursor = cursor_at(found[-1].during.starts_at, found[-1].id) if more else None
    body = WindowList(items=[window_body(window) for window in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


@endpoint(
    blueprint,
    "DELETE",
    COLLECTION + "/{window}",
    roles=MANAGERS | {Role.HOST},
    tag="availability",
    query=RemoveWindowQuery,
    response=None,
    status=204,
    errors=[errors.NotFoundError, errors.ConflictingReservationsError],
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
)
def remove_window(call: Call[NoBody, RemoveWindowQuery]) -> Reply:
    """Delete an availability window.

    Ends the offer. Refused while reservations reach into the window, unless `keep_reservations` says that they
    stay.
    """
    manage_windows.remove_window(
        call.context, identifier(call, "window"), keep_reservations=call.query.keep_reservations
    )
    return Reply("", 204)
