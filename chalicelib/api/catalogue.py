"""The catalogue as administrators keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.pages import (
    CursorError,
    cursor_after,
    cursor_at,
    link_to_next,
    place_of,
    position_of,
    unknown_cursor,
)
from chalicelib.api.schemas.catalogue import (
    AmenityBody,
    AmenityList,
    ArchivedList,
    ChangeResource,
    CreateResource,
    LabelUnit,
    UnitList,
    archived_body,
    unit_status_body,
)
from chalicelib.api.schemas.lists import PageQuery
from chalicelib.api.schemas.resources import ResourceDetails, details_of
from chalicelib.domain import errors
from chalicelib.domain.people import MANAGERS, STAFF, Role, Scope
from chalicelib.services import manage_resources

if TYPE_CHECKING:
    from chalicelib.services.idempotency import Outcome

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/resources"
ONE = COLLECTION + "/{resource}"
ARCHIVED = "/v1/tenants/{tenant}/archived-resources"


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
    """Offer something new."""
    return manage_resources.create_resource(
        call.database,
        call.tenant,
        call.body.fields(),
        call.body.units,
        call.actor,
        call.claim,
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
        errors.VersionMismatchError,
        errors.ReservationsInTheWayError,
        errors.ContentionError,
    ],
    needs_version=True,
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
    body_limit=64 * 1024,
)
def change_resource(call: Call[ChangeResource, NoBody]) -> Reply:
    """Change what is offered.

    A capacity is lowered from now on, and only where no reservation has the units above it: the answer names those
    that do. Reservations keep the terms they were made under.
    """
    return resource_reply(
        manage_resources.change_resource(
            call.database, call.tenant, call.path["resource"], call.body.fields(), call.actor, call.if_match
        )
    )


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
)
def archive_resource(call: Call[NoBody, NoBody]) -> Reply:
    """Offer something no more. It is archived: its reservations stay, and it can be restored."""
    manage_resources.archive_resource(call.database, call.tenant, call.path["resource"], call.actor)
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
)
def restore_resource(call: Call[NoBody, NoBody]) -> Outcome:
    """Offer an archived resource again. One that is offered already stays as it is."""
    return manage_resources.restore_resource(
        call.database,
        call.tenant,
        call.path["resource"],
        call.actor,
        call.claim,
        lambda details: render(resource_reply(details)),
    )


@endpoint(
    blueprint,
    "GET",
    ARCHIVED,
    roles=STAFF,
    tag="resources",
    query=PageQuery,
    response=ArchivedList,
    errors=[errors.NotFoundError, CursorError],
    scope=Scope.CATALOGUE_WRITE,
)
def list_archived(call: Call[NoBody, PageQuery]) -> Reply:
    """List what is offered no more, the latest first."""
    before = place_of(call.query.cursor)
    found, more = manage_resources.list_archived(call.database, call.tenant, before, call.query.limit)
    cursor = cursor_at(found[-1].archived_at, found[-1].id) if more else None
    body = ArchivedList(items=[archived_body(one) for one in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, ARCHIVED, cursor))


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
    """List the units of a resource by number: what they are called, and the closures that take them out of service."""
    after, rest = position_of(call.query.cursor) or (0, "")
    if after < 0 or rest:
        raise unknown_cursor()
    found, last = manage_resources.list_units(
        call.database, call.tenant, call.path["resource"], after, call.query.limit
    )
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
    errors=[errors.NotFoundError, errors.ConflictError, errors.VersionMismatchError, errors.ContentionError],
    needs_version=True,
    scope=Scope.CATALOGUE_WRITE,
)
def label_unit(call: Call[LabelUnit, NoBody]) -> Reply:
    """Give a unit of a labelled resource another label. A closure takes a unit out of service."""
    text = call.path["unit"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    return resource_reply(
        manage_resources.label_unit(
            call.database, call.tenant, call.path["resource"], number, call.body.label, call.actor, call.if_match
        )
    )


@endpoint(
    blueprint,
    "GET",
    "/v1/tenants/{tenant}/amenities",
    roles=[Role.ANYONE],
    tag="resources",
    response=AmenityList,
    errors=[errors.NotFoundError],
    fresh_seconds=60,
)
def list_amenities(call: Call[NoBody, NoBody]) -> Reply:
    """List the amenities that the tenant's resources have, and how many have each."""
    found = manage_resources.list_amenities(call.database, call.tenant)
    return Reply(AmenityList(items=[AmenityBody(name=name, resources=count) for name, count in found]))


def resource_reply(details: manage_resources.Details, status: int = 200) -> Reply:
    """Answer with a resource, and its version as the tag."""
    body = details_of(details.entry, details.units, details.tenant, details.now)
    return Reply(body, status, version=details.entry.version)
