"""Availability windows: when resources are offered."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.identifiers import identifier
from chalicelib.api.pages import CursorError, cursor_at, link_to_next, place_of
from chalicelib.api.schemas.catalogue import (
    AddWindow,
    RemoveWindowQuery,
    WindowBody,
    WindowList,
    WindowQuery,
    window_body,
)
from chalicelib.domain import errors
from chalicelib.domain.people import MANAGERS, STAFF, Role, Scope
from chalicelib.domain.time_ranges import TimeRange
from chalicelib.services import manage_windows

if TYPE_CHECKING:
    from chalicelib.services.idempotency import Outcome

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
    """Offer a resource for a time, which must not overlap another window of it. Slots are derived, never stored."""
    body = call.body
    return manage_windows.add_window(
        call.database,
        call.tenant,
        body.resource_id,
        TimeRange(body.starts_at.astimezone(UTC), body.ends_at.astimezone(UTC)),
        body.slot_minutes,
        call.actor,
        call.claim,
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
    """List when resources are offered, by start."""
    query = call.query
    found, more = manage_windows.list_windows(
        call.database,
        call.tenant,
        query.resource_id,
        query.starts_at,
        query.ends_at,
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
    errors=[errors.NotFoundError, errors.ReservationsInTheWayError],
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
)
def remove_window(call: Call[NoBody, RemoveWindowQuery]) -> Reply:
    """Offer a window no more. Refused while reservations reach into it, unless they are to stay as they are."""
    manage_windows.remove_window(
        call.database,
        call.tenant,
        identifier(call, "window"),
        call.actor,
        keep_reservations=call.query.keep_reservations,
    )
    return Reply("", 204)
