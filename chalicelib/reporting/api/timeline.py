"""The timeline: resources and their units over some days, with all that lies on them."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.access.model.people import STAFF, Role, Scope
from chalicelib.core.errors import InvalidRangeError, NotFoundError
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.paging import CursorError, cursor_after, link_to_next, position_of
from chalicelib.reporting.read_timeline import TimelineRequest, read_timeline
from chalicelib.reporting.schemas.timeline import TimelineBody, TimelineQuery, timeline_body

blueprint = Blueprint(__name__)
TIMELINE = "/v1/tenants/{tenant}/timeline"


@endpoint(
    blueprint,
    "GET",
    TIMELINE,
    roles=STAFF,
    tag="calendar",
    query=TimelineQuery,
    response=TimelineBody,
    errors=[NotFoundError, InvalidRangeError, CursorError],
    scope=Scope.RESERVATIONS_READ,
    replica_seconds=5,
)
def read(call: Call[NoBody, TimelineQuery]) -> Reply:
    """Read the timeline.

    Returns for each resource its units, the reservations that lie on them, closures, what is taken elsewhere, what is
    taken on each day, and when its policy offers nothing. Hosts see their own resources.

    A page has up to `limit` resources. Read it again for one resource, or fewer days, after a live message about it.
    """
    query = call.query
    wanted = TimelineRequest(
        from_on=query.from_,
        until_on=query.until,
        resource_id=query.resource_id,
        with_ended=query.ended,
        after=position_of(query.cursor),
        limit=query.limit,
    )
    timeline = read_timeline(call.context, wanted)
    cursor = cursor_after(timeline.after)
    body = timeline_body(timeline, acts=call.caller.role is not Role.VIEWER, cursor=cursor)
    return Reply(body, headers=link_to_next(call, TIMELINE, cursor))
