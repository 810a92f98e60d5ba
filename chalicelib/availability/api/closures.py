"""Closures: when units cannot be reserved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, STAFF, Role, Scope
from chalicelib.availability.close_units import (
    ClosureChange,
    ClosureRequest,
    change_closure,
    close_units,
    list_closures,
    open_units,
    preview_closure,
)
from chalicelib.availability.model.closures import ClosureFilter
from chalicelib.availability.schemas.closures import (
    ChangeClosure,
    CloseUnits,
    ClosureBody,
    ClosureList,
    ClosurePreview,
    ClosureQuery,
    body_of,
)
from chalicelib.core import errors
from chalicelib.core.time_ranges import TimeRange
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.identifiers import identifier
from chalicelib.http.paging import cursor_at, link_to_next, place_of
from chalicelib.http.problem_bodies import ConflictingReservation

if TYPE_CHECKING:
    from chalicelib.availability.model.closures import Closure
    from chalicelib.http.idempotency import Outcome

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
        errors.ConflictingReservationsError,
        errors.InvalidRangeError,
        errors.ContentionError,
    ],
    idempotent=True,
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
)
def close(call: Call[CloseUnits, NoBody]) -> Outcome:
    """Create a closure.

    Closes a resource, takes units out of service, or lowers the capacity from a moment on. Guests who were not
    promised their units get others if there is room. Otherwise it is refused, and the answer names the
    reservations. The same units are closed once for the same time.
    """
    return close_units(call.context, _request(call.body), lambda closure: render(_reply(closure, 201)))


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
    """Preview a closure.

    Returns the reservations for which the closure would be refused. Nothing is stored. Use it to see what has to be
    moved first.
    """
    found = preview_closure(call.context, _request(call.body))
    return Reply(
        ClosurePreview(reservations=[ConflictingReservation.model_validate(one, from_attributes=True) for one in found])
    )


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=STAFF,
    tag="closures",
    query=ClosureQuery,
    response=ClosureList,
    errors=[errors.NotFoundError, errors.InvalidRangeError],
    scope=Scope.CATALOGUE_WRITE,
)
def list_all(call: Call[NoBody, ClosureQuery]) -> Reply:
    """List closures.

    Returns closures by start: those that reach into the period, or all that have not ended.
    """
    query = call.query
    wanted = ClosureFilter(query.resource_id, *query.bounds(), place_of(query.cursor))
    found, last = list_closures(call.context, wanted, query.limit)
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
        errors.ConflictError,
        errors.ConflictingReservationsError,
        errors.InvalidRangeError,
        errors.ContentionError,
    ],
    versioned=True,
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
)
def change(call: Call[ChangeClosure, NoBody]) -> Reply:
    """Update a closure.

    Changes its time, units or reason. What it takes in addition is checked as for a new closure: guests get other
    units, or it is refused.
    """
    body = call.body
    wanted = ClosureChange(
        None if body.starts_at is None else body.starts_at.astimezone(UTC),
        None if body.ends_at is None else body.ends_at.astimezone(UTC),
        body.reason,
        body.units,
    )
    closure_id = identifier(call, "closure")
    return _reply(change_closure(call.context, closure_id, wanted))


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
    versioned=True,
)
def reopen(call: Call[NoBody, NoBody]) -> Reply:
    """End a closure.

    Opens the units again from now on. What was closed until now stays in the calendar.
    """
    open_units(call.context, identifier(call, "closure"))
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
