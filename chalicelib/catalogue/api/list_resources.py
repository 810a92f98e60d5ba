"""The catalogue: the resources that can be reserved, and under which terms."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.access.model.people import Role, Scope
from chalicelib.availability.search_availability import Search
from chalicelib.catalogue.list_resources import PageMemory, Seen, list_available, list_resources, read_resource
from chalicelib.catalogue.schemas.list_resources import (
    PAGES,
    CatalogueQuery,
    ResourceDetails,
    ResourceList,
    details_of,
)
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.paging import CursorError, cursor_after, link_to_next, position_of
from chalicelib.http.periods import named_as_period
from chalicelib.http.times import TIME_ERRORS
from chalicelib.terms.model.terms import CatalogueFilter

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/resources"


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
    asks_staff={"archived": Scope.CATALOGUE_WRITE},
    replica_seconds=15,
)
def list_all(call: Call[NoBody, CatalogueQuery]) -> Reply:
    """List resources.

    Returns the catalogue, a page at a time, in the tenant's order. With a period, two dates for nights or two
    times, it returns only resources that can be reserved then, for that quantity and party size. Staff also find
    the night that is running, and with `archived` the archived resources.
    """
    query = call.query
    catalogue = CatalogueFilter(
        kind=query.kind,
        amenities=query.amenity or (),
        party_size=query.party_size,
        quantity=query.quantity or 1,
        after=position_of(query.cursor),
        archived=query.archived,
    )
    times = query.times()
    if query.archived and times is not None:
        message = "What is archived can be had at no time: leave from and until out."
        raise errors.InvalidInputError("archived", message)
    if times is None:
        seen = list_resources(call.context, call.container.memory(PageMemory), catalogue, query.limit)
    else:
        search = Search(times, query.quantity or 1, query.party_size or 1)
        with named_as_period():
            seen = Seen(list_available(call.context, catalogue, search, query.limit, audience=call.audience))
    headers = link_to_next(call, COLLECTION, cursor_after(seen.page.after))
    return Reply(PAGES.text_of(seen.page), headers=headers, age=seen.age)


@endpoint(
    blueprint,
    "GET",
    COLLECTION + "/{resource}",
    roles=[Role.ANYONE],
    tag="resources",
    response=ResourceDetails,
    errors=[errors.NotFoundError],
    fresh_seconds=15,
    replica_seconds=15,
)
def read(call: Call[NoBody, NoBody]) -> Reply:
    """Read a resource.

    Returns everything about one resource, with the rules of its policy in sentences and the labels of its units.
    """
    tenant, entry, units, now = read_resource(call.context, call.path["resource"])
    return Reply(details_of(entry, units, tenant, now), version=entry.version)
