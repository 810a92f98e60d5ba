"""The calendar as queries and answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chalicelib.api.schemas.closures import ClosureBody
from chalicelib.api.schemas.closures import body_of as closure_body
from chalicelib.api.schemas.reservations import ReservationBody
from chalicelib.api.schemas.reservations import body_of as reservation_members
from chalicelib.api.schemas.times import Day, Instant
from chalicelib.services.read_calendar import MOST_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.domain.calendar import CalendarDay, ResourceDay
    from chalicelib.domain.reservations import Reservation
    from chalicelib.services.read_calendar import Calendar, DayPlan


class CalendarQuery(
    BaseModel, extra="forbid", json_schema_extra={"examples": [{"from": "2027-05-01", "until": "2027-06-01"}]}
):
    """Which days, in the tenant's zone."""

    from_: Day = Field(alias="from")
    until: Day = Field(description=f"The day after the last one; {MOST_DAYS} days at most.")
    resource_id: UUID | None = None
    as_of: Instant | None = Field(
        None, description="As it stood at that instant, told from the events; now if left out."
    )


class ResourceDayBody(BaseModel):
    """A resource on a day: the most units that are occupied, closed, and taken elsewhere, at one instant.

    Taken elsewhere is what cannot be had of it because other resources have units that it draws from or needs. A night
    counts for the day on which it begins.
    """

    resource_id: UUID
    capacity: int
    occupied: int
    closed: int
    taken_elsewhere: int
    arrivals: int
    departures: int


class CalendarDayBody(BaseModel):
    """A local day, which lasts 23 or 25 hours where clocks change."""

    on: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    occupied: int
    closed: int
    taken_elsewhere: int
    arrivals: int
    departures: int
    resources: list[ResourceDayBody]


class CalendarBody(BaseModel):
    """The days asked for, ascending, with all resources in the order of the catalogue."""

    timezone: str
    items: list[CalendarDayBody]


class PlannedReservation(ReservationBody):
    """With the labels of its units."""

    unit_labels: list[str]


class TakenElsewhereBody(BaseModel):
    """Units that a resource lacks, because another one has them or what it needs; never who has them."""

    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
    units: list[int]


class DayBody(BaseModel):
    """Who and what on a local day; who comes and goes on the same day is in both lists."""

    on: date
    starts_at: datetime
    ends_at: datetime
    timezone: str
    arrivals: list[PlannedReservation]
    departures: list[PlannedReservation]
    staying: list[PlannedReservation]
    closures: list[ClosureBody]
    taken_elsewhere: list[TakenElsewhereBody]


SUMMED = ("capacity", "occupied", "closed", "taken_elsewhere", "arrivals", "departures")


def _sums(day: CalendarDay) -> dict[str, Any]:
    sums: dict[str, int] = {name: sum(getattr(one, name) for one in day.resources) for name in SUMMED}
    return {"on": day.on, "starts_at": day.during.starts_at, "ends_at": day.during.ends_at, **sums}


def _resource_day(day: ResourceDay) -> ResourceDayBody:
    return ResourceDayBody.model_construct(**{name: getattr(day, name) for name in ("resource_id", *SUMMED)})


def calendar_body(calendar: Calendar) -> CalendarBody:
    """The public form of a calendar."""
    items = [
        CalendarDayBody.model_construct(**_sums(day), resources=[_resource_day(one) for one in day.resources])
        for day in calendar.days
    ]
    return CalendarBody.model_construct(timezone=calendar.zone.key, items=items)


def day_body(plan: DayPlan, tenant: str) -> DayBody:
    """The public form of a day."""

    def planned(reservations: Iterable[Reservation]) -> list[PlannedReservation]:
        return [PlannedReservation.model_construct(**_members(one)) for one in reservations]

    def _members(reservation: Reservation) -> dict[str, Any]:
        labels = plan.labels.get(reservation.resource_id, {})
        unit_labels = [labels[unit] for unit in reservation.units if unit in labels]
        return {**reservation_members(reservation, tenant), "unit_labels": unit_labels}

    return DayBody.model_construct(
        on=plan.on,
        starts_at=plan.during.starts_at,
        ends_at=plan.during.ends_at,
        timezone=plan.zone.key,
        arrivals=planned(plan.arrivals),
        departures=planned(plan.departures),
        staying=planned(plan.staying),
        closures=[closure_body(closure) for closure in plan.closures],
        taken_elsewhere=[
            TakenElsewhereBody.model_construct(
                resource_id=one.resource_id,
                starts_at=one.part.during.starts_at,
                ends_at=one.part.during.ends_at,
                units=list(one.part.units),
            )
            for one in plan.taken_elsewhere
        ],
    )
