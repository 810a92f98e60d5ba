"""Resources as administrators create, change and archive them, with the labels of their units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, STAFF, Role, Scope
from chalicelib.catalogue import manage_resources
from chalicelib.catalogue.schemas.list_resources import ResourceDetails, details_of
from chalicelib.catalogue.schemas.manage_resources import (
    AmenityBody,
    AmenityList,
    ChangeResource,
    CreateResource,
    LabelUnit,
    UnitList,
    unit_status_body,
)
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.lists import PageQuery
from chalicelib.http.paging import (
    CursorError,
    cursor_after,
    link_to_next,
    position_of,
    unknown_cursor,
)

if TYPE_CHECKING:
    from chalicelib.http.idempotency import Outcome

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/resources"
ONE = COLLECTION + "/{resource}"


@endpoint(
    blueprint,
    "POST",
    COLLECTION,
    roles=MANAGERS,
    tag="resources",
    body=CreateResource,
    response=ResourceDetails,
    status=201,
    errors=[errors.NotFoundError, errors.ConflictError],
    idempotent=True,
    scope=Scope.CATALOGUE_WRITE,
    body_limit=512 * 1024,
)
def create_resource(call: Call[CreateResource, NoBody]) -> Outcome:
    """Create a resource.

    Adds something to the catalogue: a cabin, a room type, a pool of kayaks, a tour, a person. It can be reserved at
    once, under the policy that it names.
    """
    return manage_resources.create_resource(
        call.context,
        call.body.fields(),
        call.body.units,
        lambda details: render(
            resource_reply(details, 201).found_at(call.address(ONE, resource=details.entry.resource.id))
        ),
    )


@endpoint(
    blueprint,
    "PATCH",
    ONE,
    roles=MANAGERS,
    tag="resources",
    body=ChangeResource,
    response=ResourceDetails,
    errors=[
        errors.NotFoundError,
        errors.ConflictingReservationsError,
        errors.ContentionError,
    ],
    versioned=True,
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
    body_limit=64 * 1024,
)
def change_resource(call: Call[ChangeResource, NoBody]) -> Reply:
    """Update a resource.

    Changes the members that are sent. A lower capacity counts from now on and is refused while reservations have
    the units above it; the answer names them. Existing reservations keep the terms they were made under.
    """
    return resource_reply(manage_resources.change_resource(call.context, call.path["resource"], call.body.fields()))


@endpoint(
    blueprint,
    "DELETE",
    ONE,
    roles=MANAGERS,
    tag="resources",
    response=None,
    status=204,
    errors=[errors.NotFoundError],
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
    versioned=True,
)
def archive_resource(call: Call[NoBody, NoBody]) -> Reply:
    """Archive a resource.

    Takes it out of the catalogue: nothing new is reserved. Its reservations stay, and it can be restored.
    """
    manage_resources.archive_resource(call.context, call.path["resource"])
    return Reply("", 204)


@endpoint(
    blueprint,
    "POST",
    ONE + "/restore",
    roles=MANAGERS,
    tag="resources",
    response=ResourceDetails,
    errors=[errors.NotFoundError],
    idempotent=True,
    scope=Scope.CATALOGUE_WRITE,
    versioned=True,
)
def restore_resource(call: Call[NoBody, NoBody]) -> Outcome:
    """Restore a resource.

    Puts an archived resource back into the catalogue, as it was. A resource that is not archived stays as it is.
    """
    return manage_resources.restore_resource(
        call.context, call.path["resource"], lambda details: render(resource_reply(details))
    )


@endpoint(
    blueprint,
    "GET",
    ONE + "/units",
    roles=STAFF,
    tag="resources",
    query=PageQuery,
    response=UnitList,
    errors=[errors.NotFoundError, CursorError],
    scope=Scope.CATALOGUE_WRITE,
)
def list_units(call: Call[NoBody, PageQuery]) -> Reply:
    """List units.

    Returns the units of a resource by number, with their labels and the closures that take them out of service now
    or later.
    """
    after, rest = position_of(call.query.cursor) or (0, "")
    if after < 0 or rest:
        raise unknown_cursor()
    found, last = manage_resources.list_units(call.context, call.path["resource"], after, call.query.limit)
    cursor = cursor_after(None if last is None else (last, ""))
    body = UnitList(items=[unit_status_body(one) for one in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, ONE + "/units", cursor))


@endpoint(
    blueprint,
    "PATCH",
    ONE + "/units/{unit}",
    roles=MANAGERS,
    tag="resources",
    body=LabelUnit,
    response=ResourceDetails,
    errors=[errors.NotFoundError, errors.ConflictError, errors.ContentionError],
    versioned=True,
    scope=Scope.CATALOGUE_WRITE,
)
def label_unit(call: Call[LabelUnit, NoBody]) -> Reply:
    """Label a unit.

    Gives one unit of a labelled resource another label, such as a room number. To take a unit out of service,
    create a closure.
    """
    text = call.path["unit"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    return resource_reply(manage_resources.label_unit(call.context, call.path["resource"], number, call.body.label))


@endpoint(
    blueprint,
    "GET",
    "/v1/tenants/{tenant}/amenities",
    roles=[Role.ANYONE],
    tag="resources",
    response=AmenityList,
    errors=[errors.NotFoundError],
    fresh_seconds=60,
    replica_seconds=60,
)
def list_amenities(call: Call[NoBody, NoBody]) -> Reply:
    """List amenities.

    Returns the amenities in use, each with the number of resources that have it. Use it to build filters for the
    catalogue.
    """
    found = manage_resources.list_amenities(call.context)
    return Reply(AmenityList(items=[AmenityBody(name=name, resources=count) for name, count in found]))


def resource_reply(details: manage_resources.Details, status: int = 200) -> Reply:
    """Answer with a resource, and its version as the tag."""
    body = details_of(details.entry, details.units, details.tenant, details.now)
    return Reply(body, status, version=details.entry.version)
