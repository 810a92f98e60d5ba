"""Reservations as the tenant's people look for them, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.identifiers import identifier
from chalicelib.api.pages import (
    CursorError,
    change_place_of,
    cursor_at,
    cursor_at_change,
    link_to_next,
    place_of,
)
from chalicelib.api.reservations import COLLECTION, ONE
from chalicelib.api.schemas.reservation_search import (
    AsOfBody,
    AsOfQuery,
    EventList,
    ReservationPage,
    ReservationQuery,
    event_body,
)
from chalicelib.api.schemas.reservations import ReservationBody, body_of
from chalicelib.domain.errors import ArchivedError, InvalidInputError, NotFoundError
from chalicelib.domain.people import STAFF, Scope
from chalicelib.services.search_reservations import (
    follow_reservations,
    read_as_of,
    read_history,
    search_reservations,
)
from chalicelib.storage.reservations import ReservationFilter, ReservationOrder

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.domain.reservations import Reservation

blueprint = Blueprint(__name__)


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=STAFF,
    tag="reservations",
    query=ReservationQuery,
    response=ReservationPage,
    errors=[NotFoundError, CursorError],
    scope=Scope.RESERVATIONS_READ,
)
def search(call: Call[NoBody, ReservationQuery]) -> Reply:
    """Find reservations. Hosts find those of their own resources.

    To follow them, ask with `updated_since`, go on with `next_cursor` while there is one, and ask again later with the
    last `resume_cursor`. What was changed again comes again, with another `version`; nothing is skipped, however long
    a change was under way.
    """
    query = call.query
    wanted = ReservationFilter(
        text=query.text,
        resource_id=query.resource_id,
        guest_id=query.guest_id,
        states=query.state,
        starts_at=query.starts_at,
        ends_at=query.ends_at,
        created_from=query.created_from,
        created_until=query.created_until,
        after=place_of(query.cursor) if query.updated_since is None else None,
        order=query.sort,
    )
    if query.updated_since is not None:
        return _changed(call, wanted, query.updated_since)
    found, more = search_reservations(call.database, call.tenant, wanted, query.limit)
    cursor = _cursor(found[-1], query.sort) if more else None
    items = [ReservationBody.model_construct(None, **body_of(one, call.tenant)) for one in found]
    body = ReservationPage.model_construct(items=items, next_cursor=cursor, resume_cursor=None)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


def _changed(call: Call[NoBody, ReservationQuery], wanted: ReservationFilter, since: datetime) -> Reply:
    if "sort" in call.query.model_fields_set:
        message = "updated_since lists in the order of changes; leave sort out."
        raise InvalidInputError("sort", message)
    place = change_place_of(call.query.cursor)
    found, last, more = follow_reservations(call.database, call.tenant, wanted, since, place, call.query.limit)
    resume = cursor_at_change(last)
    cursor = resume if more else None
    items = [ReservationBody.model_construct(None, **body_of(one, call.tenant)) for one in found]
    body = ReservationPage.model_construct(items=items, next_cursor=cursor, resume_cursor=resume)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


@endpoint(
    blueprint,
    "GET",
    ONE + "/history",
    roles=STAFF,
    tag="reservations",
    response=EventList,
    errors=[NotFoundError],
    scope=Scope.RESERVATIONS_READ,
)
def history(call: Call[NoBody, NoBody]) -> Reply:
    """Read everything that happened to a reservation, the latest first: by whom, and what was different afterwards."""
    found, kept_from = read_history(call.database, call.tenant, identifier(call, "reservation"))
    return Reply(EventList(items=[event_body(event) for event in found], kept_from=kept_from))


@endpoint(
    blueprint,
    "GET",
    ONE + "/as-of",
    roles=STAFF,
    tag="reservations",
    query=AsOfQuery,
    response=AsOfBody,
    errors=[NotFoundError, ArchivedError],
    scope=Scope.RESERVATIONS_READ,
)
def as_of(call: Call[NoBody, AsOfQuery]) -> Reply:
    """Read what was true of a reservation at an instant, told from its events alone."""
    reservation_id = identifier(call, "reservation")
    facts = read_as_of(call.database, call.tenant, reservation_id, call.query.at)
    return Reply(AsOfBody(id=reservation_id, at=call.query.at, facts=facts))


def _cursor(last: Reservation, order: ReservationOrder) -> str:
    by_creation = order is ReservationOrder.BY_CREATION_DESCENDING
    return cursor_at(last.created_at if by_creation else last.during.starts_at, last.id)
