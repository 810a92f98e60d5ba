"""The calendar: what is taken, day by day, and who comes, stays and goes on a day."""

from __future__ import annotations

import re
from datetime import date

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.schemas.calendar import CalendarBody, CalendarQuery, DayBody, calendar_body, day_body
from chalicelib.api.schemas.times import DAY
from chalicelib.domain.errors import ArchivedError, InvalidRangeError, NotFoundError
from chalicelib.domain.people import STAFF, Scope
from chalicelib.services import read_calendar

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
)
def read_days(call: Call[NoBody, CalendarQuery]) -> Reply:
    """Read what is taken, day by day.

    Hosts see their own resources. With `as_of`, as it stood at an instant; capacities are always the present ones.
    """
    query = call.query
    calendar = read_calendar.read_calendar(
        call.database, call.tenant, query.from_, query.until, resource_id=query.resource_id, as_of=query.as_of
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
)
def read_day(call: Call[NoBody, NoBody]) -> Reply:
    """Read who comes, stays and goes on a day, in which units, and what is closed."""
    plan = read_calendar.read_day(call.database, call.tenant, _day(call.path["date"]))
    return Reply(day_body(plan, call.tenant))


def _day(text: str) -> date:
    try:
        if re.fullmatch(DAY, text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:  # 30 February
        pass
    message = f"There is no day {text!r}; expected a date such as 2027-05-14."
    raise NotFoundError(message)
