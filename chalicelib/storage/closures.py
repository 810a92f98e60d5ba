"""Closures of resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.domain.closures import Closure, ClosureKind
from chalicelib.domain.time_ranges import TimeRange
from chalicelib.storage import statements
from chalicelib.storage.admission import unit_set, unit_set_text

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.storage.transaction import Transaction

SQL = statements.load("closures")


def read_closures(transaction: Transaction, resource_id: UUID | None) -> list[Closure]:
    """Return the closures of one resource, or of all, that have not ended."""
    return [_closure(row) for row in transaction.rows(SQL["read_closures"], {"resource_id": resource_id})]


def find_closure(transaction: Transaction, closure_id: UUID) -> Closure | None:
    """Return one closure or None."""
    row = transaction.row(SQL["find_closure"], {"closure_id": closure_id})
    return None if row is None else _closure(row)


def add_closure(transaction: Transaction, closure: Closure) -> None:
    """Queue a new closure. What it blocks is queued apart from it."""
    transaction.write(
        SQL["add_closure"],
        {
            "id": closure.id,
            "resource_id": closure.resource_id,
            "kind": closure.kind,
            "starts_at": closure.during.starts_at,
            "ends_at": closure.during.ends_at,
            "units": unit_set_text(closure.units),
            "reason": closure.reason,
        },
    )


def remove_closure(transaction: Transaction, closure_id: UUID) -> None:
    """Queue the removal of a closure."""
    transaction.write(SQL["remove_closure"], {"closure_id": closure_id})


def reservations_in_the_way(transaction: Transaction, closure: Closure) -> list[tuple[UUID, str]]:
    """Return id and code of up to 100 reservations that have a unit the closure needs, by start."""
    rows = transaction.rows(
        SQL["reservations_in_the_way"],
        {
            "resource_id": closure.resource_id,
            "starts_at": closure.during.starts_at,
            "ends_at": closure.during.ends_at,
            "units": unit_set_text(closure.units),
        },
    )
    return [(row.id, row.code) for row in rows]


def _closure(row: Any) -> Closure:  # noqa: ANN401 - the columns of both reads
    return Closure(
        id=row.id,
        resource_id=row.resource_id,
        kind=ClosureKind(row.kind),
        during=TimeRange(row.starts_at, row.ends_at),
        units=unit_set(row.units),
        reason=row.reason,
    )
