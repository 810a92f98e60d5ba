"""What is taken, for the calendar: as it is, and as events say it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.availability.model.closures import Closure, ClosureKind
from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.database import statements
from chalicelib.database.unit_sets import drawn, places, unit_set
from chalicelib.reporting.model.calendar import PRESENT_STATES, Offering, ReservedUse
from chalicelib.reporting.model.taken_elsewhere import TakenElsewhere
from chalicelib.reporting.storage.taken_elsewhere import ask_taken, seeing_everything, taken_of

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class CalendarPeriod:
    """What to read: of one resource or all, as it is (`as_of` None) or as it stood at an instant."""

    starts_at: datetime
    ends_at: datetime
    resource_id: UUID | None
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class CalendarFacts:
    """Resources in the order of the catalogue, and what is taken of them."""

    offerings: dict[UUID, Offering]
    uses: list[ReservedUse]
    closures: list[Closure]
    taken: list[TakenElsewhere]


def read_calendar(transaction: Transaction, period: CalendarPeriod, *, archived: bool) -> CalendarFacts:
    """Return what is taken in a period. One round trip, whatever there is. Capacities are always the present ones.

    `archived`: some events are, so that closures without any are taken as they are.
    """
    parameters = {
        "from": period.starts_at,
        "until": period.ends_at,
        "resource_id": period.resource_id,
        "as_of": period.as_of,
        "archived": archived,
        "states": sorted(PRESENT_STATES),
    }
    closed = "read_closures_during" if period.as_of is None else "read_closures_as_of"
    within = TimeRange(period.starts_at, period.ends_at)
    capacities = transaction.ask(SQL["read_capacities"], parameters)
    with seeing_everything(transaction):
        closures = transaction.ask(SQL[closed], parameters)
        taken = ask_taken(transaction, within, period.resource_id, PRESENT_STATES, period.as_of)
    uses = transaction.rows(SQL["read_uses"], parameters)
    offerings = {
        row.id: Offering(row.capacity, drawn(row.units, row.units_each), row.by_night) for row in capacities.rows()
    }
    return CalendarFacts(
        offerings,
        [_use(row) for row in uses],
        [_closure(row) for row in closures.rows() if row.resource_id in offerings],
        taken_of(taken.rows()),
    )


def read_closures_during(transaction: Transaction, during: TimeRange) -> list[Closure]:
    """Return the closures that overlap a range, by start, each of the resource that it was made for."""
    parameters = {"from": during.starts_at, "until": during.ends_at, "resource_id": None}
    rows = transaction.rows(SQL["read_closures_during"], parameters)
    return [_closure(row) for row in rows if row.resource_id == row.made_for]


def read_taken_during(transaction: Transaction, during: TimeRange) -> list[TakenElsewhere]:
    """Return what resources lack in a range because others have it, by start, of each only units that it has."""
    parameters = {"from": during.starts_at, "until": during.ends_at, "resource_id": None}
    capacities = transaction.ask(SQL["read_capacities"], parameters)
    with seeing_everything(transaction):
        asked = ask_taken(transaction, during, None, PRESENT_STATES)
    found = taken_of(asked.rows())
    of_each = {row.id: places(row.units, row.capacity) for row in capacities.rows()}
    return [replace(one, units=one.units & of_each[one.resource_id]) for one in found if one.resource_id in of_each]


def read_unit_labels(transaction: Transaction) -> dict[UUID, dict[int, str]]:
    """Return the labels of the units by resource and number."""
    labels: dict[UUID, dict[int, str]] = {}
    for row in transaction.rows(SQL["read_unit_labels"], {}):
        labels.setdefault(row.resource_id, {})[row.number] = row.label
    return labels


def _use(row: Any) -> ReservedUse:  # noqa: ANN401 - the columns of the read
    # Who changed rooms may have spent no night in one: that is a use by time.
    stay = None
    if row.check_in_on is not None and row.check_in_on < row.check_out_on:
        stay = Stay(row.check_in_on, row.check_out_on)
    left_early = row.checked_out_at is not None and row.checked_out_at < row.ends_at
    left_at = row.checked_out_at if left_early else None
    return ReservedUse(row.resource_id, TimeRange(row.starts_at, row.ends_at), stay, row.units, left_at)


def _closure(row: Any) -> Closure:  # noqa: ANN401 - the columns of both reads
    return Closure(
        id=row.id,
        resource_id=row.resource_id,
        kind=ClosureKind(row.kind),
        during=TimeRange(row.starts_at, row.ends_at),
        units=unit_set(row.units),
        reason=row.reason,
    )
