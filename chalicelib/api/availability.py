"""What is free, when, and at which price."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.pages import CursorError, cursor_after, link_to_next, position_of
from chalicelib.api.schemas.availability import (
    Availability,
    MatchList,
    PeriodQuery,
    SearchQuery,
    body_of,
    match_body,
)
from chalicelib.api.schemas.times import TIME_ERRORS
from chalicelib.domain import errors
from chalicelib.domain.people import Role
from chalicelib.services.list_availability import list_availability
from chalicelib.services.search_availability import Search, search_availability
from chalicelib.storage.resources import CatalogueFilter

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
)
def of_one(call: Call[NoBody, PeriodQuery]) -> Reply:
    """List what is free of one resource.

    Nights, slots or free ranges, as the resource is reserved. Whatever is listed with units remaining can be reserved
    for that quantity and party size: the rules that admit a reservation are those that list it. Nights and slots that
    are full are listed with 0.
    """
    query = call.query
    listing = list_availability(
        call.database,
        call.tenant,
        call.path["resource"],
        query.period(),
        query.quantity,
        query.party_size,
        seeker=call.seeker,
    )
    return Reply(body_of(listing))


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
)
def of_all(call: Call[NoBody, SearchQuery]) -> Reply:
    """Find which resources can take exactly this.

    With `check_in_on` and `check_out_on` those reserved by the night, with `starts_at` and `ends_at` the others. Those
    that cannot take it are listed as well, with every reason. For staff the running night can be had, too.
    """
    query = call.query
    search = Search(query.wanted(), query.quantity, query.party_size)
    catalogue = CatalogueFilter(kind=query.kind, amenities=query.amenity or (), after=position_of(query.cursor))
    page = search_availability(call.database, call.tenant, search, catalogue, query.limit, seeker=call.seeker)
    cursor = cursor_after(page.after)
    body = MatchList.model_construct(items=[match_body(match) for match in page.matches], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, SEARCH, cursor))
