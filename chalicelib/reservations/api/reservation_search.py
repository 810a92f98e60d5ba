"""Reservations as the tenant's people look for them, and what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from chalice.app import Blueprint

from chalicelib.access.model.people import STAFF, Scope
from chalicelib.core.errors import ArchivedError, InvalidInputError, InvalidRangeError, NotFoundError
from chalicelib.events.as_sent import as_sent
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.identifiers import identifier
from chalicelib.http.paging import (
    LARGEST_TRANSACTION,
    CursorError,
    cursor_after,
    cursor_at,
    link_to_next,
    place_of,
    position_of,
    unknown_cursor,
)
from chalicelib.reservations.api.reservations import COLLECTION, ONE
from chalicelib.reservations.model.following import ChangePlace
from chalicelib.reservations.model.search import ReservationFilter, ReservationOrder
from chalicelib.reservations.schemas.reservation_search import (
    AsOfBody,
    AsOfQuery,
    EventList,
    ReservationPage,
    ReservationQuery,
    event_body,
)
from chalicelib.reservations.schemas.reservations import ReservationBody, body_of
from chalicelib.reservations.search_reservations import (
    follow_reservations,
    read_as_of,
    read_history,
    search_reservations,
)

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.http.endpoint import Call
    from chalicelib.reservations.model.reservations import Reservation

blueprint = Blueprint(__name__)


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=STAFF,
    tag="reservations",
    query=ReservationQuery,
    response=ReservationPage,
    errors=[NotFoundError, InvalidRangeError, CursorError],
    scope=Scope.RESERVATIONS_READ,
)
def search(call: Call[NoBody, ReservationQuery]) -> Reply:
    """Search reservations.

    Finds reservations by text, resource, guest, state or time. Hosts find those of their own resources.

    To follow changes, ask with `updated_since`, follow `next_cursor` to the last page, and ask again later with the
    last `resume_cursor`. A reservation that changes again is returned again with a higher `version`, and none is
    skipped, however long its transaction takes.
    """
    query = call.query
    starts_at, ends_at = query.bounds()
    wanted = ReservationFilter(
        text=query.text,
        resource_id=query.resource_id,
        guest_id=query.guest_id,
        states=query.state,
        starts_at=starts_at,
        ends_at=ends_at,
        created_from=query.created_from,
        created_until=query.created_until,
        after=place_of(query.cursor) if query.updated_since is None else None,
        order=query.sort,
    )
    if query.updated_since is not None:
        return _changed(call, wanted, query.updated_since)
    found, more = search_reservations(call.context, wanted, query.limit)
    cursor = _cursor(found[-1], query.sort) if more else None
    items = [ReservationBody.model_construct(None, **body_of(one, call.tenant)) for one in found]
    body = ReservationPage.model_construct(items=items, next_cursor=cursor, resume_cursor=None)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


def _changed(call: Call[NoBody, ReservationQuery], wanted: ReservationFilter, since: datetime) -> Reply:
    if "sort" in call.query.model_fields_set:
        message = "updated_since lists in the order of changes; leave sort out."
        raise InvalidInputError("sort", message)
    place = change_place_of(call.query.cursor)
    found, last, more = follow_reservations(call.context, wanted, since, place, call.query.limit)
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
    replica_seconds=15,
)
def history(call: Call[NoBody, NoBody]) -> Reply:
    """List the history of a reservation.

    Returns its events, the latest first: who did what, by which request, and what was different afterwards.
    `kept_from` says from when on the list is complete; older events are archived.
    """
    found, kept_from = read_history(call.context, identifier(call, "reservation"))
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
    replica_seconds=15,
)
def as_of(call: Call[NoBody, AsOfQuery]) -> Reply:
    """Read a reservation as of an instant.

    Returns what was true of it at the instant `at`, derived from its events alone. Use it to settle what was agreed
    at the time. Events hold no personal data, so the guest's details are not included.
    """
    reservation_id = identifier(call, "reservation")
    facts = read_as_of(call.context, reservation_id, call.query.at)
    return Reply(AsOfBody(id=reservation_id, at=call.query.at, facts=as_sent(facts)))


def _cursor(last: Reservation, order: ReservationOrder) -> str:
    by_creation = order is ReservationOrder.BY_CREATION_DESCENDING
    return cursor_at(last.created_at if by_creation else last.during.starts_at, last.id)


def cursor_at_change(place: ChangePlace) -> str:
    """Write how far a reading of changed reservations is."""
    return cursor_after((0, f"{place.transaction} {place.reservation_id}")) or ""


def change_place_of(cursor: str | None) -> ChangePlace | None:
    """Read a cursor of a reading of changed reservations. Raises `CursorError`."""
    position = position_of(cursor)
    if position is None:
        return None
    transaction, _, identifier = position[1].partition(" ")
    try:
        place = ChangePlace(int(transaction), UUID(identifier))
    except ValueError as error:
        raise unknown_cursor() from error
    if cursor_at_change(place) != cursor or not 0 <= place.transaction <= LARGEST_TRANSACTION:
        raise unknown_cursor()
    return place
