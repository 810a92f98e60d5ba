"""Closures of resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.availability.model.closures import closure_of
from chalicelib.database import statements
from chalicelib.database.rows import conflicting_reservation
from chalicelib.database.unit_sets import unit_set, unit_set_text

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.availability.model.closures import Closure, ClosureFilter
    from chalicelib.core.errors import ConflictingReservation
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


def read_closures(transaction: Transaction, resource_id: UUID | None) -> list[Closure]:
    """Return the closures of one resource, or of all, that have not ended."""
    return [
        closure_of(row, unit_set(row.units))
        for row in transaction.rows(SQL["read_closures"], {"resource_id": resource_id})
    ]


def read_inventory_closures(transaction: Transaction, inventory_id: UUID) -> list[Closure]:
    """Return what closes units of an inventory and has not ended, whichever resource it is about: by start."""
    rows = transaction.rows(SQL["read_inventory_closures"], {"inventory_id": inventory_id})
    return [closure_of(row, unit_set(row.units)) for row in rows]


def find_same_closure(transaction: Transaction, closure: Closure) -> UUID | None:
    """Return the id of another closure of the same units in the same time."""
    row = transaction.row(SQL["find_same_closure"], _columns(closure))
    return None if row is None else row.id


def find_closure(transaction: Transaction, closure_id: UUID) -> Closure | None:
    """Return one closure or None."""
    row = transaction.row(SQL["find_closure"], {"closure_id": closure_id})
    return None if row is None else closure_of(row, unit_set(row.units))


def page_closures(transaction: Transaction, wanted: ClosureFilter, limit: int) -> list[Closure]:
    """Return up to `limit` closures, by start."""
    after_at, after_id = wanted.after or (None, None)
    values = {
        "resource_id": wanted.resource_id,
        "from": wanted.starts_at,
        "until": wanted.ends_at,
        "after_at": after_at,
        "after_id": after_id,
        "limit": limit,
    }
    return [closure_of(row, unit_set(row.units)) for row in transaction.rows(SQL["page_closures"], values)]


def add_closure(transaction: Transaction, closure: Closure) -> None:
    """Queue a new closure. What it blocks is queued apart from it."""
    transaction.write(SQL["add_closure"], _columns(closure))


def change_closure(transaction: Transaction, before: Closure, after: Closure) -> None:
    """Queue another form of the version that was read. What it blocks is queued apart from it."""
    transaction.write(SQL["change_closure"], {**_columns(after), "version": before.version})


def remove_closure(transaction: Transaction, closure_id: UUID) -> None:
    """Queue the removal of a closure."""
    transaction.write(SQL["remove_closure"], {"closure_id": closure_id})


def conflicting_reservations(
    transaction: Transaction, inventory_id: UUID, closure: Closure
) -> list[ConflictingReservation]:
    """Return up to 100 reservations that have a unit of the inventory which the closure needs, by start."""
    rows = transaction.rows(
        SQL["conflicting_reservations"],
        {
            "inventory_id": inventory_id,
            "starts_at": closure.during.starts_at,
            "ends_at": closure.during.ends_at,
            "units": unit_set_text(closure.units),
        },
    )
    return [conflicting_reservation(row) for row in rows]


def _columns(closure: Closure) -> dict[str, Any]:
    return {
        "id": closure.id,
        "resource_id": closure.resource_id,
        "kind": closure.kind,
        "starts_at": closure.during.starts_at,
        "ends_at": closure.during.ends_at,
        "units": unit_set_text(closure.units),
        "reason": closure.reason,
    }
