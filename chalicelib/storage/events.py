"""Events: appended in the transaction of the change they tell of, never changed after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from chalicelib.storage import statements
from chalicelib.storage.identifiers import new_id

if TYPE_CHECKING:
    from chalicelib.domain.events import Event
    from chalicelib.storage.transaction import Transaction

SQL = statements.load("events")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: `kind` is guest, staff, job or system; the request's id leads to the access log."""

    kind: str
    id: str | None
    request_id: str | None


def append_event(transaction: Transaction, actor: Actor, event: Event) -> None:
    """Queue one event."""
    transaction.write(
        SQL["append_event"],
        {
            "id": new_id(),
            "type": event.type,
            "entity_kind": event.entity_kind,
            "entity_id": event.entity_id,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "request_id": actor.request_id,
            "before": None if event.before is None else Jsonb(event.before),
            "after": None if event.after is None else Jsonb(event.after),
            "occurred_at": transaction.now,
        },
    )
