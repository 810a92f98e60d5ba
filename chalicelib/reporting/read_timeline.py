"""The timeline: what lies on each resource and its units over some days, as the tenant's people plan by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from chalicelib.availability.model.closures import Closure
from chalicelib.core.errors import InvalidInputError, NotFoundError
from chalicelib.core.resources import UnitAssignment
from chalicelib.core.time_ranges import TimeRange, days, wall_clock_instant
from chalicelib.core.units import Part
from chalicelib.database.transaction import Isolation
from chalicelib.reporting.model.calendar import CalendarDay, ResourceDay, calendar_days
from chalicelib.reporting.model.on_offer import LocalDay
from chalicelib.reporting.model.timeline import NotOfferedOf, Stretch, not_offered, stretches
from chalicelib.reporting.read_calendar import FURTHEST_FROM_UTC, MOST_DAYS
from chalicelib.reporting.storage import calendar, statistics, timeline
from chalicelib.reporting.storage.calendar import CalendarPeriod
from chalicelib.reservations.for_others import read_reservations
from chalicelib.reservations.model.dues import ENDED_STATES
from chalicelib.reservations.model.reservations import State
from chalicelib.terms.for_others import read_catalogue
from chalicelib.terms.model.terms import CatalogueEntry, CatalogueFilter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.reporting.storage.calendar import CalendarFacts
    from chalicelib.reporting.storage.timeline import Lying

MOST_LYING = 5000
"""Reservations in one answer, which would outgrow what a function may answer; a page has fewer resources then."""
MOST_UNITS = 1000
"""Units of a resource that are told one by one."""
SHOWN_STATES = frozenset(State) - (ENDED_STATES - {State.NO_SHOW})
"""A no-show is shown like who comes: someone has yet to deal with it."""


@dataclass(frozen=True, slots=True)
class TimelineRequest:
    """Which days and resources, and from where on; `with_ended`: also what was cancelled, rejected or has expired."""

    from_on: date
    until_on: date
    resource_id: UUID | None
    with_ended: bool
    after: tuple[int, str] | None
    limit: int


@dataclass(frozen=True, slots=True)
class TimelineUnit:
    """A unit that guests get and keep, and its label, if it has one."""

    number: int
    label: str | None


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """A resource with all that lies on it, by start; `units` None where any units will do."""

    entry: CatalogueEntry
    units: Sequence[TimelineUnit] | None
    days: Sequence[ResourceDay]
    stretches: Sequence[Stretch]
    closures: Sequence[Closure]
    taken_elsewhere: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Days of a zone, and resources in the tenant's order at `now`; `after` is the place after which there are more."""

    now: datetime
    zone: ZoneInfo
    days: Sequence[CalendarDay]
    rows: Sequence[TimelineRow]
    not_offered: Sequence[NotOfferedOf]
    after: tuple[int, str] | None


def read_timeline(context: Context, request: TimelineRequest) -> Timeline:
    """Return a page of resources with what lies on them. Four round trips, whatever there is.

    Raises `InvalidInputError` for no days or too many, and for more reservations of one resource than an answer holds;
    `NotFoundError` for an unknown resource.
    """
    if not request.from_on < request.until_on <= request.from_on + timedelta(days=MOST_DAYS):
        message = f"Must be 1 to {MOST_DAYS} days after from."
        raise InvalidInputError("until", message)

    def work(transaction: Transaction) -> Timeline:
        named = None if request.resource_id is None else str(request.resource_id)
        entries = read_catalogue(transaction, CatalogueFilter(named=named, after=request.after), request.limit + 1)
        if named is not None and not entries:
            message = "There is no such resource."
            raise NotFoundError(message)
        return _page(transaction, request, entries)

    return context.run(work, isolation=Isolation.SNAPSHOT)


def _page(transaction: Transaction, request: TimelineRequest, entries: Sequence[CatalogueEntry]) -> Timeline:
    zone = transaction.tenant.zone
    within = _instants(request, zone)
    wanted = [entry.resource.id for entry in entries[: request.limit]]
    ask = timeline.ask_lying(transaction, wanted, within, State if request.with_ended else SHOWN_STATES, MOST_LYING + 1)
    windows = statistics.read_windows(transaction, within, request.resource_id)
    wide = TimeRange(within.starts_at - FURTHEST_FROM_UTC, within.ends_at + FURTHEST_FROM_UTC)
    facts = calendar.read_calendar(
        transaction, CalendarPeriod(wide.starts_at, wide.ends_at, request.resource_id, None), archived=False
    )
    labels = calendar.read_unit_labels(transaction)
    lying = ask()
    shown = _that_fit(entries[: request.limit], lying)
    fitting = {entry.resource.id for entry in shown}
    lying = [one for one in lying if one.resource_id in fitting]
    lie_on = _lie_on(transaction, lying, within)
    offerings = {one: facts.offerings[one] for entry in shown if (one := entry.resource.id) in facts.offerings}
    wanted_days = list(days(request.from_on, request.until_on))
    of_days = list(calendar_days(wanted_days, zone, offerings, facts.uses, facts.closures, facts.taken))
    by_resource = _days_of(of_days)
    closures, taken = _closures_of(facts, within), _taken_of(facts, within)
    rows = [
        TimelineRow(
            entry,
            _units(entry, labels.get(entry.resource.id, {})),
            by_resource[entry.resource.id],
            lie_on[entry.resource.id],
            closures[entry.resource.id],
            taken[entry.resource.id],
        )
        for entry in shown
    ]
    more = len(shown) < len(entries)
    return Timeline(
        now=transaction.now,
        zone=zone,
        days=of_days,
        rows=rows,
        not_offered=_not_offered(shown, of_days, windows, zone),
        after=shown[-1].place if more else None,
    )


def _instants(request: TimelineRequest, zone: ZoneInfo) -> TimeRange:
    return TimeRange(
        wall_clock_instant(request.from_on, time.min, zone), wall_clock_instant(request.until_on, time.min, zone)
    )


def _that_fit(entries: Sequence[CatalogueEntry], lying: Sequence[Lying]) -> Sequence[CatalogueEntry]:
    """The resources whose reservations are all there: where one more was found than fits, not those from its own on."""
    if len(lying) <= MOST_LYING:
        return entries
    place = next(number for number, entry in enumerate(entries) if entry.resource.id == lying[-1].resource_id)
    if place == 0:
        message = f"{entries[0].resource.name} has more than {MOST_LYING} reservations then; ask for fewer days."
        raise InvalidInputError("until", message)
    return entries[:place]


def _lie_on(transaction: Transaction, lying: Sequence[Lying], within: TimeRange) -> Mapping[UUID, list[Stretch]]:
    found = read_reservations(transaction, list({one.reservation_id: None for one in lying}))
    lie_on: dict[UUID, list[Stretch]] = defaultdict(list)
    for one in lying:
        lie_on[one.resource_id] += stretches(found[one.reservation_id], one.resource_id, within, one.last_units)
    return lie_on


def _days_of(of_days: Sequence[CalendarDay]) -> Mapping[UUID, list[ResourceDay]]:
    by_resource: dict[UUID, list[ResourceDay]] = defaultdict(list)
    for day in of_days:
        for one in day.resources:
            by_resource[one.resource_id].append(one)
    return by_resource


def _closures_of(facts: CalendarFacts, within: TimeRange) -> Mapping[UUID, list[Closure]]:
    closures: dict[UUID, list[Closure]] = defaultdict(list)
    for closure in facts.closures:
        if closure.during.overlaps(within):
            closures[closure.resource_id].append(closure)
    return closures


def _taken_of(facts: CalendarFacts, within: TimeRange) -> Mapping[UUID, list[Part]]:
    """What resources lack because others have it: of each only units that it has itself."""
    taken: dict[UUID, list[Part]] = defaultdict(list)
    for one in facts.taken:
        offering = facts.offerings.get(one.resource_id)
        if offering is not None and (part := one.part) is not None and part.during.overlaps(within):
            taken[one.resource_id].append(Part(part.during, part.units & offering.drawn.places))
    return taken


def _units(entry: CatalogueEntry, labels: Mapping[int, str]) -> list[TimelineUnit] | None:
    units = entry.resource.places
    if entry.resource.assignment is UnitAssignment.POOLED or len(units) > MOST_UNITS:
        return None
    return [TimelineUnit(number, labels.get(number)) for number in units]


def _not_offered(
    entries: Sequence[CatalogueEntry],
    of_days: Sequence[CalendarDay],
    windows: Mapping[UUID, Sequence[TimeRange]],
    zone: ZoneInfo,
) -> list[NotOfferedOf]:
    """Those with the same policy, and with the same windows where it has any, are worked out once."""
    if not of_days:  # only a date that the zone left out
        return []
    local = [LocalDay(day.on, day.during) for day in of_days]
    alike: dict[tuple[UUID, tuple[TimeRange, ...]], list[CatalogueEntry]] = defaultdict(list)
    for entry in entries:
        alike[entry.policy_id, tuple(windows.get(entry.resource.id, ()))].append(entry)
    found = (
        NotOfferedOf([one.resource.id for one in some], not_offered(some[0].policy, local, own, zone))
        for (_, own), some in alike.items()
    )
    return [one for one in found if one.ranges]
