"""The calendar: what is taken day by day, and who comes, stays and goes on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from chalicelib.availability.model.closures import Closure
from chalicelib.core.errors import InvalidInputError, NotFoundError
from chalicelib.core.time_ranges import TimeRange, days
from chalicelib.core.units import Part
from chalicelib.database.transaction import Isolation
from chalicelib.events.event_log import check_kept
from chalicelib.reporting.model.calendar import PRESENT_STATES, CalendarDay, arrives, calendar_days, day_range, departs
from chalicelib.reporting.storage import calendar
from chalicelib.reporting.storage.calendar import CalendarPeriod
from chalicelib.reservations.for_others import search_reservations
from chalicelib.reservations.model.reservations import Reservation, has_ended
from chalicelib.reservations.model.search import ReservationFilter

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context

MOST_DAYS = 92
MOST_IN_A_DAY = 100_000
"""As many as a resource may have units: a bound for the statement, no page."""
FURTHEST_FROM_UTC = timedelta(hours=15)
"""A local day lies within so much of the same date in UTC, so that the zone need not be known to ask for it."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days, and the zone whose days they are."""

    zone: ZoneInfo
    days: list[CalendarDay]


@dataclass(frozen=True, slots=True)
class Lacking:
    """Units that a resource lacks for a time."""

    resource_id: UUID
    part: Part


@dataclass(frozen=True, slots=True)
class DayPlan:
    """Who and what on a local day; who comes and goes on the same day is in both lists. `labels` by resource.

    `taken_elsewhere`: what resources lack, by start, because others have their units.
    """

    on: date
    during: TimeRange
    zone: ZoneInfo
    arrivals: list[Reservation]
    departures: list[Reservation]
    staying: list[Reservation]
    closures: list[Closure]
    taken_elsewhere: list[Lacking]
    labels: dict[UUID, dict[int, str]]


def read_calendar(
    context: Context, from_on: date, until_on: date, *, resource_id: UUID | None, as_of: datetime | None
) -> Calendar:
    """Return the days from one until before another, as they are or as they stood at an instant.

    Raises `InvalidInputError` for no days or too many, `InvalidRangeError`, `NotFoundError` for an unknown resource,
    and `ArchivedError` for an instant in the archive.
    """
    if not from_on < until_on <= from_on + timedelta(days=MOST_DAYS):
        message = f"Must be 1 to {MOST_DAYS} days after from."
        raise InvalidInputError("until", message)
    period = CalendarPeriod(
        datetime.combine(from_on, time.min, UTC) - FURTHEST_FROM_UTC,
        datetime.combine(until_on, time.min, UTC) + FURTHEST_FROM_UTC,
        resource_id,
        as_of,
    )

    def work(transaction: Transaction) -> Calendar:
        archived = as_of is not None and check_kept(transaction, as_of)
        facts = calendar.read_calendar(transaction, period, archived=archived)
        if resource_id is not None and not facts.offerings:
            message = "There is no such resource."
            raise NotFoundError(message)
        zone = transaction.tenant.zone
        wanted = list(days(from_on, until_on))
        found = calendar_days(wanted, zone, facts.offerings, facts.uses, facts.closures, facts.taken)
        return Calendar(zone, list(found))

    return context.run(work, isolation=Isolation.SNAPSHOT)


def read_day(context: Context, on: date) -> DayPlan:
    """Return who and what is there on a local day. Raises `InvalidRangeError` for a date that the zone left out."""

    def work(transaction: Transaction) -> DayPlan:
        zone = transaction.tenant.zone
        during = day_range(on, zone)
        wanted = ReservationFilter(states=sorted(PRESENT_STATES), starts_at=during.starts_at, ends_at=during.ends_at)
        found = search_reservations(transaction, wanted, MOST_IN_A_DAY)
        found = [one for one in found if not has_ended(one, transaction.now)]
        # Each in the room that its guest has last on that day.
        found = [one.as_before(during.ends_at) for one in found]
        arrivals = [one for one in found if arrives(one.during, one.stay, on, during)]
        departures = [one for one in found if departs(one.during, one.stay, on, during, one.left_early_at)]
        passing = {one.id for one in (*arrivals, *departures)}
        return DayPlan(
            on=on,
            during=during,
            zone=zone,
            arrivals=arrivals,
            departures=departures,
            staying=[one for one in found if one.id not in passing and one.left_at > during.starts_at],
            closures=calendar.read_closures_during(transaction, during),
            taken_elsewhere=[
                Lacking(one.resource_id, part)
                for one in calendar.read_taken_during(transaction, during)
                if (part := one.part) is not None and part.during.overlaps(during)
            ],
            labels=calendar.read_unit_labels(transaction),
        )

    return context.run(work, isolation=Isolation.SNAPSHOT)
