"""The calendar: what is taken, day by day, and who comes, stays and goes on a day."""

from __future__ import annotations

import re
from datetime import date

from chalice.app import Blueprint

from chalicelib.access.model.people import STAFF, Scope
from chalicelib.core.errors import ArchivedError, InvalidRangeError, NotFoundError
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.times import DAY
from chalicelib.reporting import read_calendar
from chalicelib.reporting.schemas.calendar import CalendarBody, CalendarQuery, DayBody, calendar_body, day_body

blueprint = Blueprint(__name__)
CALENDAR = "/v1/tenants/{tenant}/calendar"


@endpoint(
    blueprint,
    "GET",
    CALENDAR,
    roles=STAFF,
    tag="calendar",
    query=CalendarQuery,
    response=CalendarBody,
    errors=[NotFoundError, InvalidRangeError, ArchivedError],
    scope=Scope.RESERVATIONS_READ,
    replica_seconds=5,
)
def read_days(call: Call[NoBody, CalendarQuery]) -> Reply:
    """Read the calendar.

    Returns for each day how many units are occupied, closed and taken elsewhere. Hosts see their own resources.
    With `as_of` it returns the state at that instant; capacities are always the present ones.
    """
    query = call.query
    calendar = read_calendar.read_calendar(
        call.context, query.from_, query.until, resource_id=query.resource_id, as_of=query.as_of
    )
    return Reply(calendar_body(calendar))


@endpoint(
    blueprint,
    "GET",
    CALENDAR + "/{date}",
    roles=STAFF,
    tag="calendar",
    response=DayBody,
    errors=[NotFoundError, InvalidRangeError],
    scope=Scope.RESERVATIONS_READ,
    replica_seconds=5,
)
def read_day(call: Call[NoBody, NoBody]) -> Reply:
    """Read a day.

    Returns the reservations that arrive, stay and depart on a day, with their units, and what is closed.
    """
    plan = read_calendar.read_day(call.context, _day(call.path["date"]))
    return Reply(day_body(plan, call.tenant))


def _day(text: str) -> date:
    try:
        if re.fullmatch(DAY, text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:  # 30 February
        pass
    message = f"There is no day {text!r}; expected a date such as 2027-05-14."
    raise NotFoundError(message)
