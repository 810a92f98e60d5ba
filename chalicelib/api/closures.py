"""Closures: when units cannot be reserved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.identifiers import identifier
from chalicelib.api.pages import cursor_at, link_to_next, place_of
from chalicelib.api.schemas.closures import (
    ChangeClosure,
    CloseUnits,
    ClosureBody,
    ClosureList,
    ClosurePreview,
    ClosureQuery,
    body_of,
)
from chalicelib.api.schemas.problems import InTheWay
from chalicelib.domain import errors
from chalicelib.domain.people import MANAGERS, STAFF, Role, Scope
from chalicelib.domain.time_ranges import TimeRange
from chalicelib.services.close_units import (
    ClosureChange,
    ClosureRequest,
    change_closure,
    close_units,
    list_closures,
    open_units,
    preview_closure,
)
from chalicelib.storage.closures import ClosureFilter

if TYPE_CHECKING:
    from chalicelib.domain.closures import Closure
    from chalicelib.services.idempotency import Outcome

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/closures"
UNTIL_OPENED = datetime(2199, 12, 31, tzinfo=UTC)


@endpoint(
    blueprint,
    "POST",
    COLLECTION,
    roles=MANAGERS | {Role.HOST},
    tag="closures",
    body=CloseUnits,
    response=ClosureBody,
    status=201,
    errors=[
        errors.NotFoundError,
        errors.ConflictError,
        errors.ReservationsInTheWayError,
        errors.InvalidRangeError,
        errors.ContentionError,
    ],
    idempotent=True,
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
)
def close(call: Call[CloseUnits, NoBody]) -> Outcome:
    """Close a resource, take units out of service, or lower the capacity from a moment on.

    Reservations that have the units get others, if they were not promised theirs and there is room. If they cannot,
    this is refused, and the answer names them. Closing the same units for the same time twice is refused, too.
    """
    return close_units(
        call.database,
        call.tenant,
        _request(call.body),
        call.actor,
        call.claim,
        lambda closure: render(_reply(closure, 201)),
    )


@endpoint(
    blueprint,
    "POST",
    COLLECTION + "/preview",
    roles=MANAGERS | {Role.HOST},
    tag="closures",
    body=CloseUnits,
    response=ClosurePreview,
    errors=[errors.NotFoundError, errors.InvalidRangeError],
    scope=Scope.CATALOGUE_WRITE,
)
def preview(call: Call[CloseUnits, NoBody]) -> Reply:
    """Look which reservations a closure would be refused for. Nothing is stored."""
    found = preview_closure(call.database, call.tenant, _request(call.body))
    return Reply(ClosurePreview(reservations=[InTheWay.model_validate(one, from_attributes=True) for one in found]))


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=STAFF,
    tag="closures",
    query=ClosureQuery,
    response=ClosureList,
    errors=[errors.NotFoundError],
    scope=Scope.CATALOGUE_WRITE,
)
def list_all(call: Call[NoBody, ClosureQuery]) -> Reply:
    """List closures by start: those that reach into a time, or those that have not ended."""
    query = call.query
    wanted = ClosureFilter(query.resource_id, query.starts_at, query.ends_at, place_of(query.cursor))
    found, last = list_closures(call.database, call.tenant, wanted, query.limit)
    cursor = None if last is None else cursor_at(*last)
    body = ClosureList(items=[body_of(closure) for closure in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


@endpoint(
    blueprint,
    "PATCH",
    COLLECTION + "/{closure}",
    roles=MANAGERS | {Role.HOST},
    tag="closures",
    body=ChangeClosure,
    response=ClosureBody,
    errors=[
        errors.NotFoundError,
        errors.VersionMismatchError,
        errors.ConflictError,
        errors.ReservationsInTheWayError,
        errors.InvalidRangeError,
        errors.ContentionError,
    ],
    needs_version=True,
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
)
def change(call: Call[ChangeClosure, NoBody]) -> Reply:
    """Give a closure another time, other units or another reason. Who has what it needs gets others, as at first."""
    body = call.body
    wanted = ClosureChange(
        None if body.starts_at is None else body.starts_at.astimezone(UTC),
        None if body.ends_at is None else body.ends_at.astimezone(UTC),
        body.reason,
        body.units,
    )
    closure_id = identifier(call, "closure")
    return _reply(change_closure(call.database, call.tenant, closure_id, wanted, call.actor, call.if_match))


@endpoint(
    blueprint,
    "DELETE",
    COLLECTION + "/{closure}",
    roles=MANAGERS | {Role.HOST},
    tag="closures",
    response=None,
    status=204,
    errors=[errors.NotFoundError, errors.ConflictError, errors.ContentionError],
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
)
def reopen(call: Call[NoBody, NoBody]) -> Reply:
    """Open again what a closure closed, from now on: what was closed until now stays known."""
    open_units(call.database, call.tenant, identifier(call, "closure"), call.actor)
    return Reply("", 204)


def _request(body: CloseUnits) -> ClosureRequest:
    return ClosureRequest(
        resource_id=body.resource_id,
        during=TimeRange(body.starts_at.astimezone(UTC), (body.ends_at or UNTIL_OPENED).astimezone(UTC)),
        reason=body.reason,
        units=body.units,
        lowered_to=body.lowered_to,
    )


def _reply(closure: Closure, status: int = 200) -> Reply:
    return Reply(body_of(closure), status, version=closure.version)
