"""The catalogue: what can be reserved, and under which terms."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.pages import CursorError, cursor_after, link_to_next, position_of
from chalicelib.api.schemas.resources import CatalogueQuery, ResourceDetails, ResourceList, body_of, details_of
from chalicelib.api.schemas.times import TIME_ERRORS
from chalicelib.domain import errors
from chalicelib.domain.people import Role
from chalicelib.services.list_resources import list_resources, read_resource
from chalicelib.services.search_availability import Search
from chalicelib.storage.resources import CatalogueFilter

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/resources"
FIELDS = {"starts_at": "free_from", "ends_at": "free_until"}
"""What the catalogue's query calls the times that are searched for."""


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=[Role.ANYONE],
    tag="resources",
    query=CatalogueQuery,
    response=ResourceList,
    errors=[errors.NotFoundError, CursorError, *TIME_ERRORS],
    fresh_seconds=15,
    knows_staff=True,
)
def list_all(call: Call[NoBody, CatalogueQuery]) -> Reply:
    """List what can be reserved.

    With `check_in_on` and `check_out_on`, or `free_from` and `free_until`, only what can be had then, for that
    quantity and party size: everything listed is bookable. For staff that is the running night, too.
    """
    query = call.query
    catalogue = CatalogueFilter(
        kind=query.kind,
        amenities=query.amenity or (),
        party_size=query.party_size,
        quantity=query.quantity or 1,
        after=position_of(query.cursor),
    )
    times = query.times()
    search = Search(times, query.quantity or 1, query.party_size or 1) if times.given else None
    try:
        page = list_resources(call.database, call.tenant, catalogue, search, query.limit, seeker=call.seeker)
    except errors.InvalidInputError as error:
        error.field = FIELDS.get(error.field, error.field)
        raise
    cursor = cursor_after(page.after)
    body = ResourceList(items=[body_of(entry, page.tenant, page.now) for entry in page.entries], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


@endpoint(
    blueprint,
    "GET",
    COLLECTION + "/{resource}",
    roles=[Role.ANYONE],
    tag="resources",
    response=ResourceDetails,
    errors=[errors.NotFoundError],
    fresh_seconds=15,
)
def read(call: Call[NoBody, NoBody]) -> Reply:
    """Read everything about one resource.

    With the rules of its policy in words, and the labels of its units.
    """
    tenant, entry, units, now = read_resource(call.database, call.tenant, call.path["resource"])
    return Reply(details_of(entry, units, tenant, now), version=entry.version)
