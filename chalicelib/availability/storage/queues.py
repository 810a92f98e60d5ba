"""Whose queue waits for units: what admission asks of the waitlist (ADR 17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.database import statements
from chalicelib.database.identifiers import new_id
from chalicelib.waiting.model.waitlist import EntryState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor


SQL = statements.beside(__file__)


def waited_for(transaction: Transaction, owner_ids: Sequence[UUID]) -> Callable[[], list[tuple[str, UUID]]]:
    """Queue the question whose queues wait for what the owners block now; call the answer after the COMMIT."""
    asked = transaction.ask(SQL["waited_for"], {"owner_ids": list(owner_ids)})
    return lambda: [(row.slug, row.resource_id) for row in asked.rows()]


def queues_for(transaction: Transaction, resource_id: UUID) -> list[tuple[str, UUID]]:
    """Return the queues, by slug and resource, of those who wait for units that a resource draws from, too."""
    return [(row.slug, row.resource_id) for row in transaction.rows(SQL["queues_for"], {"resource_id": resource_id})]


def answer_offers(transaction: Transaction, ids: Sequence[UUID], state: EntryState, actor: Actor) -> None:
    """Queue what became of the offers among these; an offer that has expired can still be accepted."""
    before = [EntryState.OFFERED, EntryState.EXPIRED] if state is EntryState.ACCEPTED else [EntryState.OFFERED]
    values = {
        "ids": list(ids),
        "event_ids": [new_id() for _ in ids],
        "state": state,
        "before": before,
        "event_type": f"waitlist.{state}",
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "request_id": actor.request_id,
        "now": transaction.now,
    }
    transaction.write(SQL["answer_offers"], values, rows=None)
