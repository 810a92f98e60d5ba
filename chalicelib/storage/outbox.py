"""Events on their way to those who want to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.storage import statements
from chalicelib.storage.identifiers import new_id

if TYPE_CHECKING:
    from chalicelib.storage.transaction import Transaction

SQL = statements.load("outbox")
FIRST_SECONDS, MOST_SECONDS, LEASE_SECONDS = 30, 6 * 3600, 60
"""Of the pause before another attempt; nobody else tries during the lease, which all attempts begun together share."""
LONGEST_ERROR = 2000


@dataclass(frozen=True, slots=True)
class Telling:
    """An event as it is delivered; `tenant` is a slug, the actor as in `events.Actor`. It holds no personal data."""

    tenant: str
    id: UUID
    type: str
    entity_kind: str
    entity_id: UUID
    actor_kind: str
    actor_id: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver an event through a channel; `number` counts from 1."""

    id: UUID
    channel: str
    number: int
    telling: Telling


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many events wait in the outbox, how many deliveries are dead, and each since when (None: there is none)."""

    waiting: int
    waiting_since: datetime | None
    dead: int
    dead_since: datetime | None


@dataclass(frozen=True, slots=True)
class Dead:
    """A delivery that was given up; `tenant` is a slug, `entity_id` what its event is about."""

    id: UUID
    tenant: str
    type: str
    entity_id: UUID
    channel: str
    attempts: int
    last_error: str | None
    dead_since: datetime


def take_events(transaction: Transaction, limit: int) -> list[tuple[UUID, Telling]]:
    """Take the oldest events out of the outbox; with the ids of their tenants."""
    transaction.changes = True
    rows = transaction.rows(SQL["take_events"], {"limit": limit})
    return [(row.tenant_id, _telling(row, row.id)) for row in rows]


def add_deliveries(transaction: Transaction, wanted: Sequence[tuple[UUID, UUID, str]]) -> None:
    """Queue a delivery for each tenant's id, event's id and channel; one that is there already stays as it is."""
    values = {
        "tenant_ids": [tenant_id for tenant_id, _, _ in wanted],
        "ids": [new_id() for _ in wanted],
        "event_ids": [event_id for _, event_id, _ in wanted],
        "channels": [channel for _, _, channel in wanted],
    }
    transaction.write(SQL["add_deliveries"], values, rows=None)


def begin_attempts(transaction: Transaction, limit: int) -> list[Attempt]:
    """Begin an attempt of each delivery that is due, the oldest first."""
    transaction.changes = True
    values = {"limit": limit, "lease": LEASE_SECONDS, "first": FIRST_SECONDS, "most": MOST_SECONDS}
    rows = transaction.rows(SQL["begin_attempts"], values)
    return [Attempt(row.id, row.channel, row.attempts, _telling(row, row.event_id)) for row in rows]


def settle_delivery(transaction: Transaction, delivery_id: UUID, outcome: str, error: str | None) -> None:
    """Queue how a delivery ended; the first to say so counts."""
    values = {"id": delivery_id, "outcome": outcome, "error": None if error is None else error[:LONGEST_ERROR]}
    transaction.write(SQL["settle_delivery"], values, rows=None)


def note_failure(transaction: Transaction, delivery_id: UUID, error: str) -> None:
    """Queue why an attempt failed; there will be another."""
    transaction.write(SQL["note_failure"], {"id": delivery_id, "error": error[:LONGEST_ERROR]}, rows=None)


def read_backlog(transaction: Transaction) -> Backlog:
    """Return what waits to be delivered and what never will be by itself, over every tenant that may be seen."""
    return Backlog(**transaction.row(SQL["read_backlog"], {})._asdict())


def list_dead(transaction: Transaction, limit: int) -> list[Dead]:
    """Return deliveries that were given up, the latest first."""
    return [Dead(**row._asdict()) for row in transaction.rows(SQL["list_dead"], {"limit": limit})]


def retry_dead(transaction: Transaction, delivery_id: UUID | None) -> int:
    """Make a delivery that was given up due again, or all of them where None is named; return how many."""
    return transaction.touch(SQL["retry_dead"], {"id": delivery_id})


def _telling(row: Any, event_id: UUID) -> Telling:  # noqa: ANN401 - the columns of both reads
    return Telling(
        tenant=row.tenant,
        id=event_id,
        type=row.type,
        entity_kind=row.entity_kind,
        entity_id=row.entity_id,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        before=row.before,
        after=row.after,
        occurred_at=row.occurred_at,
    )
