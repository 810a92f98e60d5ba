"""Closures: when units cannot be reserved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.identifiers import identifier
from chalicelib.api.schemas.closures import CloseUnits, ClosureBody, ClosureList, ClosureQuery, body_of
from chalicelib.domain import errors
from chalicelib.domain.people import MANAGERS, STAFF, Role, Scope
from chalicelib.domain.time_ranges import TimeRange
from chalicelib.services.close_units import ClosureRequest, close_units, list_closures, open_units

if TYPE_CHECKING:
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
    errors=[errors.NotFoundError, errors.ReservationsInTheWayError, errors.InvalidRangeError, errors.ContentionError],
    idempotent=True,
    scope=Scope.CATALOGUE_WRITE,
)
def close(call: Call[CloseUnits, NoBody]) -> Outcome:
    """Close a resource, take units out of service, or lower the capacity from a moment on.

    Refused while reservations have the units; the answer names them.
    """
    body = call.body
    request = ClosureRequest(
        resource_id=body.resource_id,
        during=TimeRange(body.starts_at.astimezone(UTC), (body.ends_at or UNTIL_OPENED).astimezone(UTC)),
        reason=body.reason,
        units=body.units,
        lowered_to=body.lowered_to,
    )
    return close_units(
        call.database,
        call.tenant,
        request,
        call.actor,
        call.claim,
        lambda closure: render(Reply(body_of(closure), 201)),
    )


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
    """List the closures that have not ended."""
    found = list_closures(call.database, call.tenant, call.query.resource_id)
    return Reply(ClosureList(items=[body_of(closure) for closure in found]))


@endpoint(
    blueprint,
    "DELETE",
    COLLECTION + "/{closure}",
    roles=MANAGERS | {Role.HOST},
    tag="closures",
    response=None,
    status=204,
    errors=[errors.NotFoundError],
    scope=Scope.CATALOGUE_WRITE,
)
def reopen(call: Call[NoBody, NoBody]) -> Reply:
    """Open again what a closure closed."""
    open_units(call.database, call.tenant, identifier(call, "closure"), call.actor)
    return Reply("", 204)
