"""What the clock does to many reservations at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.domain.reservations import State
from chalicelib.storage import statements
from chalicelib.storage.identifiers import new_id

if TYPE_CHECKING:
    from chalicelib.domain.events import EventType
    from chalicelib.storage.events import Actor
    from chalicelib.storage.transaction import Transaction

SQL = statements.load("sweeps")


@dataclass(frozen=True, slots=True)
class Due:
    """A reservation whose time has come, locked; `keeps`: its units stay taken."""

    id: UUID
    state: State
    hold_expires_at: datetime | None
    keeps: bool
    tenant_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """Which of what is due: so many, none that rests after it failed, and only these where some are given.

    `later`: tenants whose turn it is not.
    """

    limit: int
    resting: Sequence[str] = ()
    only: Sequence[str] | None = None
    later: Sequence[UUID] = ()

    @property
    def parameters(self) -> dict[str, object]:
        """As statements want it."""
        only = None if self.only is None else list(self.only)
        return {"limit": self.limit, "resting": list(self.resting), "only": only, "later": list(self.later)}


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
    transaction.told = True
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
