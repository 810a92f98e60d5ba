"""Reservations, and changes of them, that wait for room or for approval."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg.types.json import Jsonb

from chalicelib.database import statements
from chalicelib.database.unit_sets import unit_set_text
from chalicelib.reservations.model.reservations import WaitingChange, waiting_change

if TYPE_CHECKING:
    from chalicelib.core.resources import Resource
    from chalicelib.core.time_ranges import TimeRange
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class Rival:
    """One who has something of a resource, or waits for it, at the same time; `units` None: they have none yet."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    quantity: int
    party_size: int
    units: int | None


@dataclass(frozen=True, slots=True)
class DecidedChange:
    """A change that somebody wanted of a reservation, and what became of it; `decided_at` None: it still waits."""

    change: WaitingChange
    state: str
    decided_at: datetime | None


def read_rivals(
    transaction: Transaction, resource: Resource, blocked: TimeRange, *, except_reservation: UUID
) -> list[Rival]:
    """Return who has units that a resource draws from, or waits for it, during a time, the oldest reservation first."""
    values = {
        "resource_id": resource.id,
        "inventory_id": resource.inventory_id,
        "places": unit_set_text(resource.places),
        "starts_at": blocked.starts_at,
        "ends_at": blocked.ends_at,
        "except_reservation": except_reservation,
    }
    return [Rival(**row._asdict()) for row in transaction.rows(SQL["read_rivals"], values)]


def add_change(transaction: Transaction, reservation_id: UUID, change: WaitingChange) -> None:
    """Queue a change that waits, instead of one that waited before."""
    decide_change(transaction, reservation_id, "replaced")
    transaction.write(
        SQL["add_change"],
        {
            "id": change.id,
            "reservation_id": reservation_id,
            "action": change.action,
            "resource_id": change.resource_id,
            "starts_at": change.during.starts_at,
            "ends_at": change.during.ends_at,
            "check_in_on": None if change.stay is None else change.stay.check_in_on,
            "check_out_on": None if change.stay is None else change.stay.check_out_on,
            "quantity": change.quantity,
            "party_size": change.party_size,
            "unit": change.unit,
            "overridden": None if change.overridden is None else Jsonb(asdict(change.overridden)),
            "waits_for": change.waits_for,
            "policy_id": change.policy_id,
            "policy_version": change.policy_version,
            "due_at": change.due_at,
            "created_at": change.created_at,
        },
    )


def decide_change(transaction: Transaction, reservation_id: UUID, state: str) -> None:
    """Queue what became of the change that waits, if one does."""
    values = {"reservation_id": reservation_id, "state": state, "decided_at": transaction.now}
    transaction.write(SQL["decide_change"], values, rows=None)


def list_changes(transaction: Transaction, reservation_id: UUID, limit: int) -> list[DecidedChange]:
    """Return every change that waited, the oldest first."""
    rows = transaction.rows(SQL["list_changes"], {"reservation_id": reservation_id, "limit": limit})
    return [DecidedChange(waiting_change(row.change), row.state, row.decided_at) for row in rows]


def read_applicants(transaction: Transaction, resource_id: UUID, during: TimeRange, limit: int) -> list[UUID]:
    """Return who waits for the approval of a resource during a time, the oldest first."""
    values = {
        "resource_id": resource_id,
        "starts_at": during.starts_at,
        "ends_at": during.ends_at,
        "limit": limit,
    }
    return [row.id for row in transaction.rows(SQL["read_applicants"], values)]
