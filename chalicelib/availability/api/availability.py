"""What is free, when, and at which price."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.access.model.people import Role
from chalicelib.availability.list_availability import list_availability
from chalicelib.availability.remembered_looks import LookMemory
from chalicelib.availability.schemas.availability import (
    LISTINGS,
    Availability,
    MatchList,
    PeriodQuery,
    SearchQuery,
    match_body,
)
from chalicelib.availability.search_availability import Search, search_availability
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.paging import CursorError, cursor_after, link_to_next, position_of
from chalicelib.http.periods import named_as_period
from chalicelib.http.times import TIME_ERRORS
from chalicelib.terms.model.terms import CatalogueFilter

blueprint = Blueprint(__name__)
SEARCH = "/v1/tenants/{tenant}/availability"


@endpoint(
    blueprint,
    "GET",
    "/v1/tenants/{tenant}/resources/{resource}/availability",
    roles=[Role.ANYONE],
    tag="availability",
    query=PeriodQuery,
    response=Availability,
    errors=[errors.NotFoundError, *TIME_ERRORS],
    fresh_seconds=5,
    knows_staff=True,
    replica_seconds=5,
)
def of_one(call: Call[NoBody, PeriodQuery]) -> Reply:
    """List availability of a resource.

    Returns the nights, slots or free ranges of a resource, according to its booking mode. Whatever is listed with
    units remaining can be reserved for that quantity and party size, since the same rules admit it. Nights and
    slots that are full are listed with 0.

    With `reasons` it says why something cannot be had, with the codes and sentences with which a reservation of it
    would be refused; `no_capacity` where there is no room.
    """
    query = call.query
    look = list_availability(
        call.context,
        call.container.memory(LookMemory),
        call.path["resource"],
        query.period(),
        query.quantity,
        query.party_size,
        reasons=query.reasons,
        audience=call.audience,
    )
    return Reply(LISTINGS.text_of(look.listing), age=look.age)


@endpoint(
    blueprint,
    "GET",
    SEARCH,
    roles=[Role.ANYONE],
    tag="availability",
    query=SearchQuery,
    response=MatchList,
    errors=[errors.NotFoundError, CursorError, *TIME_ERRORS],
    fresh_seconds=5,
    knows_staff=True,
    replica_seconds=5,
)
def of_all(call: Call[NoBody, SearchQuery]) -> Reply:
    """Search availability.

    Says of each resource whether it can take exactly the period: nights for two dates, slots and intervals for two
    times. Resources that cannot are listed with every reason. Staff may also ask for the night that is running.
    """
    query = call.query
    catalogue = CatalogueFilter(kind=query.kind, amenities=query.amenity or (), after=position_of(query.cursor))
    times = query.times()
    if times is None:
        message = "from and until are missing: give two dates for nights, or two times."
        raise errors.InvalidInputError("from", message)
    search = Search(times, query.quantity, query.party_size)
    with named_as_period():
        page = search_availability(call.context, search, catalogue, query.limit, audience=call.audience)
    cursor = cursor_after(page.after)
    body = MatchList.model_construct(items=[match_body(match) for match in page.matches], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, SEARCH, cursor))
