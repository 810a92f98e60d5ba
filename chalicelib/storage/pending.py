"""Reservations, and changes of them, that wait for room or for approval."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg.types.json import Jsonb

from chalicelib.domain.events import EventType
from chalicelib.domain.reservations import WaitingChange
from chalicelib.domain.time_ranges import TimeRange
from chalicelib.domain.units import UnitSet
from chalicelib.storage import statements
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.reservations import waiting_change
from chalicelib.storage.unit_sets import unit_set_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.domain.resources import Resource
    from chalicelib.storage.events import Actor
    from chalicelib.storage.transaction import Transaction

SQL = statements.load("pending")
Place = tuple[datetime, UUID]
"""Where somebody stands in a queue: since when, and the id."""


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
class Waiting:
    """A pending reservation in the queue for room; `wanted_unit` is one that was asked for by its number."""

    id: UUID
    since: datetime
    during: TimeRange
    quantity: int
    party_size: int
    wanted_unit: int | None
    resource_id: UUID
    policy_id: UUID
    policy_version: int


@dataclass(frozen=True, slots=True)
class Promoted:
    """A pending reservation that gets units; `due_at` as of `Reservation`."""

    id: UUID
    units: UnitSet
    due_at: datetime | None


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


def waiting_resources(transaction: Transaction) -> list[tuple[str, UUID]]:
    """Return the tenants' slugs and the resources for which somebody waits, over all tenants."""
    return [(row.slug, row.resource_id) for row in transaction.rows(SQL["waiting_resources"], {})]


def waiting_in_tenant(transaction: Transaction) -> list[UUID]:
    """Return the tenant's resources for which somebody waits."""
    return [row.resource_id for row in transaction.rows(SQL["waiting_in_tenant"], {})]


def read_queue(transaction: Transaction, resource_id: UUID, after: Place, limit: int) -> list[Waiting]:
    """Return and lock the oldest who wait for room, after a place in the queue."""
    values = {"resource_id": resource_id, "after_at": after[0], "after_id": after[1], "limit": limit}
    return [
        Waiting(
            row.id,
            row.since,
            TimeRange(row.starts_at, row.ends_at),
            row.quantity,
            row.party_size,
            row.wanted_unit,
            row.resource_id,
            row.policy_id,
            row.policy_version,
        )
        for row in transaction.rows(SQL["read_queue"], values)
    ]


def read_waiting_changes(transaction: Transaction, resource_id: UUID, limit: int) -> list[tuple[UUID, WaitingChange]]:
    """Return and lock the changes that wait for room in a resource, the oldest first; with their reservations' ids."""
    rows = transaction.rows(SQL["read_waiting_changes"], {"resource_id": resource_id, "limit": limit})
    return [(row.reservation_id, waiting_change(row.change)) for row in rows]


def promote(transaction: Transaction, promoted: Sequence[Promoted], actor: Actor) -> None:
    """Queue the confirmation of pending reservations that `read_queue` locked, with their events."""
    transaction.told = True
    transaction.write(
        SQL["promote"],
        {
            "ids": [one.id for one in promoted],
            "due_ats": [one.due_at for one in promoted],
            "units": [unit_set_text(one.units) for one in promoted],
            "event_ids": [new_id() for _ in promoted],
            "event_type": EventType.RESERVATION_CONFIRMED,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "request_id": actor.request_id,
            "now": transaction.now,
        },
        rows=len(promoted),
    )


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


def overdue_changes(transaction: Transaction, limit: int) -> list[tuple[str, UUID]]:
    """Return the tenants' slugs and the reservations whose changes found no room in time."""
    return [(row.slug, row.reservation_id) for row in transaction.rows(SQL["overdue_changes"], {"limit": limit})]
