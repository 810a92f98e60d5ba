"""The queue of what waits for room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import UnitSet
from chalicelib.database import statements
from chalicelib.database.identifiers import new_id
from chalicelib.database.unit_sets import unit_set_text
from chalicelib.events.model import EventType
from chalicelib.reservations.model.reservations import WaitingChange, waiting_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.reservations.model.reservations import WaitingChange


SQL = statements.beside(__file__)
Place = tuple[datetime, UUID]
"""Where somebody stands in a queue: since when, and the id."""


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
    transaction.appended = True
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


def overdue_changes(transaction: Transaction, limit: int) -> list[tuple[str, UUID]]:
    """Return the tenants' slugs and the reservations whose changes found no room in time."""
    return [(row.slug, row.reservation_id) for row in transaction.rows(SQL["overdue_changes"], {"limit": limit})]
