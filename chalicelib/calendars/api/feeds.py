"""Calendars that others read: kept by who works here, read by whoever has the address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalice.app import Blueprint

from chalicelib.access.model.people import DESK, MANAGERS, Role
from chalicelib.calendars import manage_feeds
from chalicelib.calendars.read_feed import read_feed
from chalicelib.calendars.schemas.feeds import (
    CalendarFeedBody,
    CalendarList,
    CalendarWithAddress,
    CreateCalendar,
    FeedQuery,
    calendar_with_address,
    feed_body,
)
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.identifiers import identifier
from chalicelib.http.lists import PageQuery
from chalicelib.http.paging import CursorError, cursor_after, id_of, link_to_next

if TYPE_CHECKING:
    from chalicelib.calendars.model.feeds import Feed
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/calendars"
CALENDAR = COLLECTION + "/{calendar}"
FEED = CALENDAR + "/feed.ics"
CREATED = 201


@endpoint(
    blueprint,
    "POST",
    COLLECTION,
    roles=DESK,
    tag="calendars",
    body=CreateCalendar,
    response=CalendarWithAddress,
    status=201,
    errors=[errors.NotFoundError, errors.ConflictError, errors.ContentionError],
    idempotent=True,
)
def create_calendar(call: Call[CreateCalendar, NoBody]) -> Outcome:
    """Create a calendar.

    Lets other calendars read what is taken, by an address that is shown in this answer alone: of a resource, of one of
    its units, or of all that a member works with. It ends with the membership of who created it, and shows a host
    their own resources alone. Other channels that sell the same thing take the calendar of a unit, or of a resource
    with one unit. A tenant has 200 at most.
    """
    return manage_feeds.create_feed(
        call.context,
        _caller(call),
        call.body.subject(),
        lambda feed, key: _told(call, feed, key, 201),
        detailed=call.body.detailed,
        manages=call.caller.role in MANAGERS,
    )


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=DESK,
    tag="calendars",
    query=PageQuery,
    response=CalendarList,
    errors=[errors.NotFoundError, CursorError],
)
def list_calendars(call: Call[NoBody, PageQuery]) -> Reply:
    """List calendars.

    Returns the calendars that others read, the oldest first: all to managers, to others those that they created or
    that are theirs. Addresses are never returned.
    """
    found, more = manage_feeds.list_feeds(call.context, _confined(call), id_of(call.query.cursor), call.query.limit)
    cursor = cursor_after((0, str(found[-1].id))) if more else None
    body = CalendarList(items=[feed_body(one) for one in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


@endpoint(
    blueprint,
    "GET",
    CALENDAR,
    roles=DESK,
    tag="calendars",
    response=CalendarFeedBody,
    errors=[errors.NotFoundError],
)
def read_calendar(call: Call[NoBody, NoBody]) -> Reply:
    """Read a calendar.

    Returns what others read by its address; the address itself is never returned.
    """
    return Reply(feed_body(manage_feeds.find_feed(call.context, identifier(call, "calendar"), _confined(call))))


@endpoint(
    blueprint,
    "POST",
    CALENDAR + "/renew",
    roles=DESK,
    tag="calendars",
    response=CalendarWithAddress,
    errors=[errors.NotFoundError],
    idempotent=True,
)
def renew_calendar(call: Call[NoBody, NoBody]) -> Outcome:
    """Renew the address of a calendar.

    Makes another address, shown in this answer alone. The one before ends at once.
    """
    feed_id = identifier(call, "calendar")
    return manage_feeds.renew_feed(
        call.context, feed_id, _confined(call), lambda feed, key: _told(call, feed, key, 200)
    )


@endpoint(
    blueprint,
    "DELETE",
    CALENDAR,
    roles=DESK,
    tag="calendars",
    response=None,
    status=204,
    errors=[errors.NotFoundError],
)
def delete_calendar(call: Call[NoBody, NoBody]) -> Reply:
    """Delete a calendar.

    Ends its address at once.
    """
    manage_feeds.delete_feed(call.context, identifier(call, "calendar"), _confined(call))
    return Reply("", 204)


@endpoint(
    blueprint,
    "GET",
    FEED,
    roles=[Role.ANYONE],
    tag="calendars",
    query=FeedQuery,
    response=None,
    errors=[errors.NotFoundError],
    content_type="text/calendar; charset=utf-8",
)
def read_calendar_feed(call: Call[NoBody, FeedQuery]) -> Reply:
    """Read the feed of a calendar.

    Returns what is taken as iCalendar (RFC 5545): 30 days back and 550 ahead, at most 1,000 reservations and as many
    other times. Stays are whole days, everything else instants; held ones are tentative. A wrong key is answered as a
    calendar that does not exist.
    """
    return Reply(read_feed(call.database, call.tenant, identifier(call, "calendar"), call.query.key))


def _caller(call: Call[Any, Any]) -> UUID:
    assert call.caller.id is not None  # noqa: S101 - only users get here
    return UUID(call.caller.id)


def _confined(call: Call[Any, Any]) -> UUID | None:
    """Whose calendars alone are meant; None for managers, who see all."""
    return None if call.caller.role in MANAGERS else _caller(call)


def _told(call: Call[Any, Any], feed: Feed, key: str | None, status: int) -> Answer:
    address = call.address(FEED, calendar=feed.id)
    url = None if key is None else f"{address}?key={key}"
    reply = Reply(calendar_with_address(feed, url), status)
    return render(reply.found_at(call.address(CALENDAR, calendar=feed.id)) if status == CREATED else reply)
