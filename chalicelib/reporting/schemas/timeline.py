"""The timeline as queries and answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import Field

from chalicelib.availability.schemas.closures import ClosureBody
from chalicelib.availability.schemas.closures import body_of as closure_body
from chalicelib.core.unit_sets import numbers_of
from chalicelib.http.lists import PageQuery
from chalicelib.http.periods import DayPeriod
from chalicelib.http.prices import Money, money
from chalicelib.http.schema import Schema
from chalicelib.http.texts import Id, NextCursor, ReservationCode, ResourceId, ResourceName, SlugShown, Version
from chalicelib.http.times import CheckInOn, CheckOutOn, Day, EndsAt, StartsAt, Zone
from chalicelib.policies.model.policies import CapacityCounts
from chalicelib.reporting.read_calendar import MOST_DAYS
from chalicelib.reporting.read_timeline import MOST_LYING, MOST_UNITS
from chalicelib.reporting.schemas.calendar import TakenBody
from chalicelib.reservations.model.dues import due
from chalicelib.reservations.model.reservations import Action, State, WaitsFor, possible_actions
from chalicelib.reservations.schemas.reservations import PendingChange, change_members
from chalicelib.terms.schemas.filters import ModeShown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.reporting.model.calendar import CalendarDay, ResourceDay
    from chalicelib.reporting.model.timeline import NotOffered, NotOfferedOf, Stretch
    from chalicelib.reporting.read_timeline import Timeline, TimelineRow


class TimelineQuery(
    DayPeriod,
    PageQuery,
    extra="forbid",
    json_schema_extra={"examples": [{"from": "2027-05-01", "until": "2027-05-22"}]},
):
    """Which days, in the tenant's zone, and which resources."""

    until: Day = Field(description=f"The day after the last one; {MOST_DAYS} days at most.")
    resource_id: UUID | None = Field(default=None, description="Only this resource.")
    ended: bool = Field(
        default=False, description="Whether to add what was cancelled or rejected, and holds that have expired."
    )


class TimelineDay(Schema):
    """A local day, with what is taken of all resources of the page together."""

    on: date = Field(description="The day, in the tenant's time zone.")
    starts_at: datetime = Field(description="When the day begins (UTC).", examples=["2027-05-14T07:00:00Z"])
    ends_at: datetime = Field(
        description="When the day ends (UTC); it has 23 or 25 hours where clocks change.",
        examples=["2027-05-15T07:00:00Z"],
    )


class TakenOfDay(TakenBody):
    """How many units of a resource are taken on a day, as the calendar counts it."""

    on: date = Field(description="The day, in the tenant's time zone.")


class UnitOnTimeline(Schema):
    """A unit that a guest gets and keeps."""

    number: int = Field(description="Number of the unit.", examples=[1])
    label: str | None = Field(description="What it is called; null where it has no label.", examples=["Birch"])


class ReservationOnTimeline(Schema):
    """A reservation, for as long as its guest has units of this resource."""

    id: Id
    code: ReservationCode
    version: Version
    state: State = Field(description="Where it stands, as in a reservation.", examples=["confirmed"])
    guest_name: str = Field(description="Who reserved, as the tenant keeps the name.", examples=["Grace Hopper"])
    party_size: int = Field(description="How many people come.", examples=[2])
    quantity: int = Field(description="How many units it takes.", examples=[1])
    starts_at: StartsAt
    ends_at: EndsAt
    check_in_on: CheckInOn
    check_out_on: CheckOutOn
    here_from: datetime = Field(
        description="From when on its guest has this resource (UTC): `starts_at`, or a change of rooms."
    )
    here_until: datetime = Field(
        description="Until when its guest has this resource (UTC): `ends_at`, a change of rooms, or an early check-out."
    )
    units: list[int] = Field(
        description="Numbers of the units that it has here, or had last; empty while it waits.", examples=[[3]]
    )
    units_promised: bool = Field(
        description="Whether the guest keeps exactly these units; otherwise they may be exchanged to make room.",
        examples=[False],
    )
    hold_expires_at: datetime | None = Field(description="When its hold ends; null unless it is held.", examples=[None])
    waits_for: WaitsFor | None = Field(
        description="What a pending one waits for: `room` or `approval`; null in other states.", examples=[None]
    )
    pending_until: datetime | None = Field(
        description="When a pending one is rejected unless it got what it waits for; null in other states.",
        examples=[None],
    )
    pending_change: PendingChange | None = Field(
        description="Change that waits for room or approval; null: none waits.", examples=[None]
    )
    due: Money = Field(description="Amount owed now.")
    actions: list[Action] = Field(
        description="What the caller may ask for, as far as role, state and time decide it; rules, room and price are "
        "decided when it is asked for.",
        examples=[["cancel", "check_in", "no_show", "move", "extend", "shorten", "update"]],
    )


class TakenPart(Schema):
    """Units that another resource, which shares them, has for a time."""

    starts_at: StartsAt
    ends_at: EndsAt
    units: list[int] = Field(description="Numbers of the units; never who has them.", examples=[[1]])


class ResourceOnTimeline(Schema):
    """A resource with what lies on it."""

    resource_id: ResourceId
    slug: SlugShown
    name: ResourceName
    mode: ModeShown
    capacity: int = Field(description="Units that there are.", examples=[4])
    capacity_counts: CapacityCounts = Field(description="Whether a reservation takes `units` or `people`.")
    units: list[UnitOnTimeline] | None = Field(
        description="The units that guests get and keep; null where any units will do, and of more than "
        f"{MOST_UNITS} units."
    )
    days: list[TakenOfDay] = Field(description="What is taken on each of the days.")
    reservations: list[ReservationOnTimeline] = Field(
        description="What lies on it, by start; who left and came back is listed once for each time."
    )
    closures: list[ClosureBody] = Field(description="Closures that reach into the period, by start.")
    taken_elsewhere: list[TakenPart] = Field(
        description="Units that it lacks because others that share them have them, by start."
    )


class NotOfferedRange(Schema):
    """A time in which a policy offers nothing."""

    starts_at: StartsAt
    ends_at: EndsAt
    reason: str | None = Field(
        description="Why, where it is a blackout of the policy; null outside of opening hours and windows.",
        examples=["The meadow is closed for the winter."],
    )


class NotOfferedOn(Schema):
    """When some resources are not offered."""

    resource_ids: list[UUID] = Field(description="Resources that are not offered at the same times.")
    ranges: list[NotOfferedRange] = Field(description="When, by start.")


class TimelineBody(Schema):
    """A page of resources with what lies on them."""

    timezone: Zone
    days: list[TimelineDay] = Field(description="The days asked for, by date.")
    items: list[ResourceOnTimeline] = Field(
        description="Resources in the order of the catalogue; fewer than `limit` where they have more than "
        f"{MOST_LYING} reservations together."
    )
    not_offered: list[NotOfferedOn] = Field(
        description="When the resources of the page are not offered, whatever is reserved or closed; those that always "
        "are, are left out."
    )
    next_cursor: NextCursor


COUNTED = ("occupied", "closed", "taken_elsewhere", "arrivals", "departures")


def timeline_body(timeline: Timeline, *, acts: bool, cursor: str | None) -> TimelineBody:
    """The public form of a timeline; `acts`: the caller may change reservations."""
    return TimelineBody.model_construct(
        timezone=timeline.zone.key,
        days=[_day(day) for day in timeline.days],
        items=[_row(row, timeline.days, now=timeline.now, acts=acts) for row in timeline.rows],
        not_offered=[_not_offered(one) for one in timeline.not_offered],
        next_cursor=cursor,
    )


def _day(day: CalendarDay) -> TimelineDay:
    return TimelineDay.model_construct(on=day.on, starts_at=day.during.starts_at, ends_at=day.during.ends_at)


def _taken_of_day(on: date, day: ResourceDay) -> TakenOfDay:
    counted: Mapping[str, int] = {name: getattr(day, name) for name in COUNTED}
    return TakenOfDay.model_construct(on=on, **counted)


def _row(row: TimelineRow, days: Sequence[CalendarDay], *, now: datetime, acts: bool) -> ResourceOnTimeline:
    resource, policy = row.entry.resource, row.entry.policy
    return ResourceOnTimeline.model_construct(
        resource_id=resource.id,
        slug=resource.slug,
        name=resource.name,
        mode=policy.mode.mode,
        capacity=resource.capacity,
        capacity_counts=policy.capacity_counts,
        units=None
        if row.units is None
        else [UnitOnTimeline.model_construct(number=unit.number, label=unit.label) for unit in row.units],
        days=[_taken_of_day(day.on, one) for day, one in zip(days, row.days, strict=True)],
        reservations=[
            ReservationOnTimeline.model_construct(**_reservation(one, now=now, acts=acts)) for one in row.stretches
        ],
        closures=[closure_body(closure) for closure in row.closures],
        taken_elsewhere=[
            TakenPart.model_construct(
                starts_at=part.during.starts_at, ends_at=part.during.ends_at, units=list(part.units)
            )
            for part in row.taken_elsewhere
        ],
    )


def _reservation(stretch: Stretch, *, now: datetime, acts: bool) -> dict[str, Any]:
    one, stay, change = stretch.reservation, stretch.reservation.stay, stretch.reservation.change
    return {
        "id": one.id,
        "code": one.code,
        "version": one.version,
        "state": one.state,
        "guest_name": one.guest.name,
        "party_size": one.party_size,
        "quantity": one.quantity,
        "starts_at": one.during.starts_at,
        "ends_at": one.during.ends_at,
        "check_in_on": None if stay is None else stay.check_in_on,
        "check_out_on": None if stay is None else stay.check_out_on,
        "here_from": stretch.during.starts_at,
        "here_until": stretch.during.ends_at,
        "units": numbers_of(stretch.units),
        "units_promised": one.units_promised,
        "hold_expires_at": one.hold_expires_at,
        "waits_for": one.waits_for,
        "pending_until": one.due_at if one.state is State.PENDING else None,
        "pending_change": None if change is None else PendingChange.made_of(**change_members(change)),
        "due": money(due(one), one.price.currency),
        "actions": list(possible_actions(one, now)) if acts else [],
    }


def _not_offered(one: NotOfferedOf) -> NotOfferedOn:
    return NotOfferedOn.model_construct(
        resource_ids=list(one.resource_ids), ranges=[_range(each) for each in one.ranges]
    )


def _range(one: NotOffered) -> NotOfferedRange:
    return NotOfferedRange.model_construct(
        starts_at=one.during.starts_at, ends_at=one.during.ends_at, reason=one.reason
    )
