"""What the clock does to many reservations at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.database import statements
from chalicelib.database.identifiers import new_id
from chalicelib.reservations.model.reservations import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.events.model import EventType
    from chalicelib.jobs.picks import Pick

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class Due:
    """A reservation whose time has come, locked; `keeps`: its units stay taken."""

    id: UUID
    state: State
    hold_expires_at: datetime | None
    keeps: bool
    tenant_id: UUID | None = None


def due_reservations(transaction: Transaction, states: Sequence[State], pick: Pick, *, keep: bool) -> list[Due]:
    """Return and lock reservations in the states whose `due_at` has come, the earliest first."""
    rows = transaction.rows(SQL["due_reservations"], {"states": list(states), **pick.parameters})
    return [Due(row.id, State(row.state), row.hold_expires_at, keep, row.tenant_id) for row in rows]


def ended_holds(transaction: Transaction, inventory_ids: Sequence[UUID]) -> list[Due]:
    """Return and lock the holds of inventories that are over, by id."""
    rows = transaction.rows(SQL["ended_holds"], {"inventory_ids": list(inventory_ids)})
    return [Due(row.id, State.HELD, row.hold_expires_at, keeps=False) for row in rows]


def due_arrivals(transaction: Transaction, pick: Pick, *, missed: bool) -> list[Due]:
    """Return and lock confirmed reservations whose `due_at` has come.

    `missed`: of policies that say when nobody came; otherwise of those that do not, which just end.
    """
    rows = transaction.rows(SQL["due_arrivals"], {"missed": missed, **pick.parameters})
    return [Due(row.id, State(row.state), row.hold_expires_at, row.keeps or not missed, row.tenant_id) for row in rows]


def sweep(transaction: Transaction, due: Sequence[Due], state: State, event_type: EventType, actor: Actor) -> None:
    """Queue the step of all of them to a state, with their events; what they do not keep is free."""
    transaction.appended = True
    transaction.write(
        SQL["sweep"],
        {
            "ids": [one.id for one in due],
            "states": [one.state for one in due],
            "holds": [one.hold_expires_at for one in due],
            "keeps": [one.keeps for one in due],
            "event_ids": [new_id() for _ in due],
            "state": state,
            "event_type": event_type,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "request_id": actor.request_id,
            "now": transaction.now,
        },
        rows=len(due),
    )
