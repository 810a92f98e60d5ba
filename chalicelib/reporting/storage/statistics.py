"""Statistics per resource and local day: brought up to date from events, and read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.availability.model.closures import closure_of
from chalicelib.core.time_ranges import TimeRange, merged
from chalicelib.database import statements
from chalicelib.database.unit_sets import drawn, unit_set
from chalicelib.policies.model.stored_policies import policy_of
from chalicelib.reporting.model.on_offer import InForce
from chalicelib.reporting.model.statistics import ReportedResource

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from chalicelib.availability.model.closures import Closure
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)
NEVER = "0"
"""Where a tenant begins that has no statistics yet."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What was reserved, by resource or by step (its first day), or in all; see docs/STATISTICS.md."""

    resource_id: UUID | None
    from_on: date | None
    reserved_minutes: int
    nights: int
    revenue: int
    retained: int
    active: int
    cancelled: int
    came: int
    no_shows: int
    lead_minutes: int


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """When a resource got another capacity or policy, and which ones it had before."""

    resource_id: UUID
    at: datetime
    capacity: int
    policy_id: UUID


def lock_progress(transaction: Transaction) -> tuple[str, str]:
    """Keep others from bringing the tenant's statistics up to date; return what was reached, and what can be now."""
    transaction.write(SQL["begin_progress"], {}, rows=None)
    row = transaction.row(SQL["lock_progress"], {})
    return row.reached, row.reachable


def advance_progress(transaction: Transaction, reachable: str) -> None:
    """Queue what was reached."""
    transaction.write(SQL["advance_progress"], {"reachable": reachable})


def touched_days(transaction: Transaction, zone: str, reached: str) -> list[tuple[UUID, date]]:
    """Return the resources and days that events since what was reached touched."""
    rows = transaction.rows(SQL["touched_days"], {"zone": zone, "reached": reached})
    return [(row.resource_id, row.on_date) for row in rows]


def are_current(transaction: Transaction) -> bool:
    """Tell whether there is nothing to bring up to date."""
    return transaction.row(SQL["are_current"], {}).current


def make_days(
    transaction: Transaction, zone: str, touched: Sequence[tuple[UUID, date]], within: tuple[datetime, datetime]
) -> None:
    """Queue that these days are rebuilt; `within` holds all of them."""
    values = {"resource_ids": [one for one, _ in touched], "dates": [on for _, on in touched]}
    transaction.write(SQL["forget_days"], values, rows=None)
    wanted = {**values, "zone": zone, "every": False, "from": within[0], "until": within[1]}
    transaction.write(SQL["add_days"], wanted, rows=None)


def make_all_days(transaction: Transaction, zone: str) -> None:
    """Queue that all days are rebuilt."""
    transaction.write(SQL["forget_all_days"], {}, rows=None)
    nothing: list[object] = []
    wanted = {"resource_ids": nothing, "dates": nothing, "zone": zone, "every": True, "from": None, "until": None}
    transaction.write(SQL["add_days"], wanted, rows=None)


def read_sums(
    transaction: Transaction, from_on: date, until_on: date, step: str, resource_id: UUID | None
) -> tuple[list[Sums], float | None]:
    """Return what was reserved in a period: by step and by resource where there was anything, and in all.

    And the median of the minutes from reserving to the start, None where nobody reserved.
    """
    values = {"from": from_on, "until": until_on, "step": step, "resource_id": resource_id}
    median = transaction.ask(SQL["read_median_lead"], values)
    found = [row._asdict() for row in transaction.rows(SQL["read_sums"], values)]
    sums = [Sums(**one | {name: int(one[name]) for name in ("revenue", "retained")}) for one in found]
    return sums, median.row().minutes


def read_offers(
    transaction: Transaction, from_on: date, until_on: date, resource_id: UUID | None
) -> list[ReportedResource]:
    """Return the resources that were or are offered in a period."""
    values = {"from": from_on, "until": until_on, "resource_id": resource_id}
    rows = transaction.rows(SQL["read_offers"], values)
    return [
        ReportedResource(row.id, row.slug, row.name, row.capacity, row.policy_id, drawn(row.units, row.units_each))
        for row in rows
    ]


def read_closed(transaction: Transaction, within: TimeRange, resource_id: UUID | None) -> list[Closure]:
    """Return the closures that reach into a time, also those that are over."""
    values = {"starts_at": within.starts_at, "ends_at": within.ends_at, "resource_id": resource_id}
    return [closure_of(row, unit_set(row.units)) for row in transaction.rows(SQL["read_closed"], values)]


def read_resource_changes(
    transaction: Transaction, from_at: datetime, resource_id: UUID | None
) -> list[ResourceChange]:
    """Return the changes of capacities and policies after an instant, the earliest first."""
    values = {"from": from_at, "resource_id": resource_id}
    return [ResourceChange(**row._asdict()) for row in transaction.rows(SQL["read_resource_changes"], values)]


def read_policies_in_force(transaction: Transaction, policy_ids: Collection[UUID]) -> dict[UUID, list[InForce]]:
    """Return all versions of these policies, the earliest first."""
    found: dict[UUID, list[InForce]] = defaultdict(list)
    for row in transaction.rows(SQL["read_policies_in_force"], {"policy_ids": list(policy_ids)}):
        found[row.policy_id].append(InForce(row.published_at, row.policy_id, policy_of(row.document)))
    return found


def read_windows(transaction: Transaction, within: TimeRange, resource_id: UUID | None) -> dict[UUID, list[TimeRange]]:
    """Return when resources are offered, by resource; windows that touch or overlap are one."""
    values = {"starts_at": within.starts_at, "ends_at": within.ends_at, "resource_id": resource_id}
    found: dict[UUID, list[TimeRange]] = defaultdict(list)
    for row in transaction.rows(SQL["read_windows"], values):
        found[row.resource_id].append(TimeRange(row.starts_at, row.ends_at))
    return {one: list(merged(windows)) for one, windows in found.items()}
