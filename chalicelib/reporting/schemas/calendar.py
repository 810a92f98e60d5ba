"""The calendar as queries and answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import Field

from chalicelib.availability.schemas.closures import ClosureBody
from chalicelib.availability.schemas.closures import body_of as closure_body
from chalicelib.http.periods import DayPeriod
from chalicelib.http.schema import Schema
from chalicelib.http.texts import ResourceId
from chalicelib.http.times import Day, EndsAt, Instant, StartsAt, Zone
from chalicelib.reporting.read_calendar import MOST_DAYS
from chalicelib.reservations.schemas.reservations import ReservationBody
from chalicelib.reservations.schemas.reservations import body_of as reservation_members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.reporting.model.calendar import CalendarDay, ResourceDay
    from chalicelib.reporting.read_calendar import Calendar, DayPlan
    from chalicelib.reservations.model.reservations import Reservation


class CalendarQuery(
    DayPeriod, extra="forbid", json_schema_extra={"examples": [{"from": "2027-05-01", "until": "2027-06-01"}]}
):
    """Which days, in the tenant's zone."""

    until: Day = Field(description=f"The day after the last one; {MOST_DAYS} days at most.")
    resource_id: UUID | None = Field(default=None, description="Only this resource.")
    as_of: Instant | None = Field(
        None, description="The instant whose state is shown, derived from the events; now where it is left out."
    )


class TakenBody(Schema):
    """How many units of a resource are taken on a day, and who comes and goes."""

    occupied: int = Field(description="Most units that are reserved at one instant.", examples=[3])
    closed: int = Field(description="Most units that are closed at one instant.", examples=[0])
    taken_elsewhere: int = Field(
        description="Most units that cannot be reserved at one instant because other resources have them.", examples=[0]
    )
    arrivals: int = Field(description="Reservations that begin.", examples=[1])
    departures: int = Field(description="Reservations that end.", examples=[1])


class ResourceDayBody(TakenBody):
    """How many units of a resource are taken on a day; a night counts for the day on which it begins."""

    resource_id: ResourceId
    capacity: int = Field(description="Units that there are.", examples=[4])


class CalendarDayBody(Schema):
    """How many units are taken on a local day."""

    on: date = Field(description="The day, in the tenant's time zone.")
    starts_at: datetime = Field(description="When the day begins (UTC).", examples=["2027-05-14T07:00:00Z"])
    ends_at: datetime = Field(
        description="When the day ends (UTC); it has 23 or 25 hours where clocks change.",
        examples=["2027-05-15T07:00:00Z"],
    )
    capacity: int = Field(description="Units that there are, of all resources together.", examples=[4])
    occupied: int = Field(
        description="Most units that are reserved at one instant, of all resources together.", examples=[3]
    )
    closed: int = Field(
        description="Most units that are closed at one instant, of all resources together.", examples=[0]
    )
    taken_elsewhere: int = Field(
        description="Most units that cannot be reserved at one instant because other resources have them, of all "
        "resources together.",
        examples=[0],
    )
    arrivals: int = Field(description="Reservations that begin, of all resources together.", examples=[1])
    departures: int = Field(description="Reservations that end, of all resources together.", examples=[1])
    resources: list[ResourceDayBody] = Field(description="The same for each resource, in the order of the catalogue.")


class CalendarBody(Schema):
    """The days of a calendar."""

    timezone: Zone
    items: list[CalendarDayBody] = Field(description="The days asked for, by date.")


class PlannedReservation(ReservationBody):
    """A reservation, with the labels of its units."""

    unit_labels: list[str] = Field(description="Labels of those of its units that have one.", examples=[["Birch"]])


class TakenElsewhereBody(Schema):
    """Units that a resource lacks because another one that shares them has them."""

    resource_id: ResourceId
    starts_at: StartsAt
    ends_at: EndsAt
    units: list[int] = Field(description="Numbers of the units that it lacks; never who has them.", examples=[[1]])


class DayBody(Schema):
    """The reservations and closures of a local day."""

    on: date = Field(description="The day, in the tenant's time zone.")
    starts_at: datetime = Field(description="When the day begins (UTC).", examples=["2027-05-14T07:00:00Z"])
    ends_at: datetime = Field(description="When the day ends (UTC).", examples=["2027-05-15T07:00:00Z"])
    timezone: Zone
    arrivals: list[PlannedReservation] = Field(description="Reservations that begin on the day, by start.")
    departures: list[PlannedReservation] = Field(
        description="Reservations that end on the day, by end; one that begins and ends on it is in both lists."
    )
    staying: list[PlannedReservation] = Field(description="Reservations that began before and go on afterwards.")
    closures: list[ClosureBody] = Field(description="Closures that reach into the day.")
    taken_elsewhere: list[TakenElsewhereBody] = Field(
        description="Units that resources lack because others that share them have them."
    )


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
