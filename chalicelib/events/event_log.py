"""Events: appended in the transaction of the change they tell of, never changed after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg.types.json import Jsonb

from chalicelib.core.errors import ArchivedError
from chalicelib.database import statements
from chalicelib.database.identifiers import new_id

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction
    from chalicelib.events.model import Event

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: `kind` is guest, staff, job or system; the request's id leads to the access log.

    `edit_locks`: the fencing numbers that the request carries; None for what the clock would do all the same, which no
    edit lock binds.
    """

    kind: str
    id: str | None
    request_id: str | None
    edit_locks: tuple[int, ...] | None = ()

    @property
    def works_here(self) -> bool:
        """Whether it is one of those who work for the tenant, or one of its keys."""
        return self.kind in {"staff", "api_key"}


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as it was recorded; `actor_name` of those who work for the tenant."""

    id: UUID
    type: str
    entity_kind: str
    entity_id: UUID
    actor_kind: str
    actor_id: str | None
    actor_name: str | None
    request_id: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class EventPlace:
    """How far a reading of events is: after an event of a transaction.

    It shows what was committed when it began: nothing of `until_transaction` and later, or of those `running` then.
    """

    after_transaction: int
    after_id: UUID
    until_transaction: int
    running: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to list; None means all. `before_id`: those recorded before that one."""

    entity_id: UUID | None = None
    entity_kind: str | None = None
    types: Sequence[str] | None = None
    actor_kind: str | None = None
    actor_id: str | None = None
    occurred_from: datetime | None = None
    occurred_until: datetime | None = None
    before_id: UUID | None = None


def list_events(transaction: Transaction, wanted: EventFilter, limit: int) -> list[RecordedEvent]:
    """Return up to `limit` events, the latest first."""
    rows = transaction.rows(
        SQL["list_events"],
        {
            "entity_id": wanted.entity_id,
            "entity_kind": wanted.entity_kind,
            "types": None if wanted.types is None else list(wanted.types),
            "actor_kind": wanted.actor_kind,
            "actor_id": wanted.actor_id,
            "from": wanted.occurred_from,
            "until": wanted.occurred_until,
            "before_id": wanted.before_id,
            "limit": limit,
        },
    )
    return [RecordedEvent(**row._asdict()) for row in rows]


@dataclass(frozen=True, slots=True)
class PublishedTogether:
    """Reservations of one series that one request changed in the same way, in that order."""

    series_id: UUID
    reservation_ids: Sequence[UUID]


def published_together(transaction: Transaction, event_id: UUID, reservation_id: UUID) -> PublishedTogether | None:
    """Return the dates of a series that an event is one of; None outside of series, and for what no request did."""
    rows = transaction.rows(SQL["published_together"], {"event_id": event_id, "entity_id": reservation_id})
    return next((PublishedTogether(row.series_id, row.reservation_ids) for row in rows), None)


def types_after(transaction: Transaction, entity_id: UUID, after_id: UUID) -> list[str]:
    """Return what happened to an entity after an event about it, in order."""
    values = {"entity_id": entity_id, "after_id": after_id}
    return [row.type for row in transaction.rows(SQL["types_after"], values)]


def missed_since(transaction: Transaction, known: UUID) -> int | None:
    """Return the first transaction whose events who knows one may not know; None where nothing was stored since."""
    return next((int(row.transaction_id) for row in transaction.rows(SQL["missed_since"], {"known": known})), None)


def read_snapshot(transaction: Transaction) -> tuple[int, tuple[int, ...]]:
    """Return the first transaction that had not begun, and those before it that are running."""
    row = transaction.row(SQL["read_snapshot"], {})
    return int(row.until_transaction), tuple(map(int, row.running))


def events_after(
    transaction: Transaction, place: EventPlace, known: UUID | None, kinds: Sequence[str], limit: int
) -> list[tuple[int, RecordedEvent]]:
    """Return up to `limit` events about these kinds of entities after a place, the oldest transaction first.

    Each comes with its transaction; the one that is `known` is left out.
    """
    values = {
        "after_transaction": str(place.after_transaction),
        "after_id": place.after_id,
        "known": known,
        "until_transaction": str(place.until_transaction),
        "running": list(map(str, place.running)),
        "kinds": list(kinds),
        "limit": limit,
    }
    found = [row._asdict() for row in transaction.rows(SQL["events_after"], values)]
    return [(int(row.pop("transaction_id")), RecordedEvent(**row)) for row in found]


def kept_from(transaction: Transaction) -> datetime | None:
    """Return where the archive ends, None where nothing is archived."""
    return next((row.at for row in transaction.rows(SQL["kept_from"], {})), None)


def check_kept(transaction: Transaction, instant: datetime) -> bool:
    """Return whether anything is archived. Raises `ArchivedError` for an instant in the archive."""
    kept = kept_from(transaction)
    if kept is not None and instant < kept:
        raise ArchivedError(kept)
    return kept is not None


def append_event(transaction: Transaction, actor: Actor, event: Event) -> UUID:
    """Queue one event, and return its id."""
    event_id = new_id()
    transaction.appended = True
    transaction.write(
        SQL["append_event"],
        {
            "id": event_id,
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
    return event_id


def append_events(transaction: Transaction, actor: Actor, events: Sequence[Event]) -> None:
    """Queue several events in one statement."""
    if not events:
        return
    transaction.appended = True
    transaction.write(
        SQL["append_events"],
        {
            "ids": [new_id() for _ in events],
            "types": [event.type for event in events],
            "entity_kinds": [event.entity_kind for event in events],
            "entity_ids": [event.entity_id for event in events],
            "befores": [None if event.before is None else Jsonb(event.before) for event in events],
            "afters": [None if event.after is None else Jsonb(event.after) for event in events],
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "request_id": actor.request_id,
            "occurred_at": transaction.now,
        },
        rows=len(events),
    )
