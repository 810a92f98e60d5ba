"""Events on their way to channels, and their deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg.types.json import Jsonb

from chalicelib.database import statements
from chalicelib.database.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)
FIRST_SECONDS, MOST_SECONDS, LEASE_SECONDS = 30, 6 * 3600, 60
"""Of the pause before another attempt where this one is never heard of; during the lease no one else tries."""
FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 5, 3600
"""Of a target that took nothing."""
LATE_SECONDS = 5
"""In the outbox: a wake-up that arrives takes a moment."""
LONGEST_ERROR = 2000
NO_TARGET = UUID(int=0)
"""The channel itself knows whom it tells."""


@dataclass(frozen=True, slots=True)
class OutboxEvent:
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
class Wanted:
    """A delivery that is to be made: of an event, through a channel, to one of those whom it tells or `NO_TARGET`."""

    tenant_id: UUID
    event: OutboxEvent
    channel: str
    target_id: UUID


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver an event through a channel; `number` counts from 1.

    `remaining`: whom attempts before this one have left, in the channel's words; None: all. `created_at`: since when it
    is to be delivered.
    """

    tenant_id: UUID
    id: UUID
    channel: str
    target_id: UUID
    number: int
    remaining: tuple[str, ...] | None
    created_at: datetime
    event: OutboxEvent

    @property
    def goes_on(self) -> bool:
        """Whether the attempt before it told some: it has brought the delivery further, so counting began again."""
        return self.remaining is not None and self.number == 1


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended: `outcome` None asks for another after the pause, for `remaining` alone unless that is None.

    `starts_over`: its attempts are counted from the beginning, as this one has brought it further.
    `not_begun`: it is not counted, as nobody was told. `rest_seconds`: how long the target wants to be left alone.
    """

    attempt: Attempt
    outcome: str | None
    error: str | None = None
    pause_seconds: float = 0.0
    remaining: Sequence[str] | None = None
    starts_over: bool = False
    not_begun: bool = False
    rest_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Late:
    """How many events waited too long in the outbox before this one of those who look there found them."""

    found_by: str
    count: int
    last_at: datetime


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


def take_turn(transaction: Transaction) -> None:
    """Queue: wait until no one else does the bookkeeping of deliveries, and keep the others from it until the end."""
    transaction.changes = True
    transaction.ask(SQL["take_turn"], {})


def take_events(
    transaction: Transaction, limit: int, *, only: Sequence[str] | None = None, left_out: Sequence[str] = ()
) -> tuple[list[tuple[UUID, OutboxEvent]], int]:
    """Take the oldest events out of the outbox, with the ids of their tenants; and return how many had waited long.

    `only` events with these ids where some are given, and none that is `left_out`.
    """
    transaction.changes = True
    values = {"limit": limit, "late": LATE_SECONDS, "only": None if only is None else list(only)}
    rows = transaction.rows(SQL["take_events"], {**values, "left_out": list(left_out)})
    return [(row.tenant_id, _event(row, row.id)) for row in rows], sum(row.is_late for row in rows)


def count_late(transaction: Transaction, found_by: str, count: int) -> None:
    """Queue that so many events had waited too long."""
    transaction.write(SQL["count_late"], {"found_by": found_by, "count": count}, rows=None)


def list_late(transaction: Transaction) -> list[Late]:
    """Return how many events waited too long, by who found them."""
    return [Late(**row._asdict()) for row in transaction.rows(SQL["list_late"], {})]


def add_deliveries(transaction: Transaction, wanted: Sequence[Wanted]) -> None:
    """Queue deliveries; one that is there already stays as it is."""
    values = {
        "tenant_ids": [one.tenant_id for one in wanted],
        "event_ids": [one.event.id for one in wanted],
        "entity_ids": [one.event.entity_id for one in wanted],
        "channels": [one.channel for one in wanted],
        "target_ids": [one.target_id for one in wanted],
    }
    transaction.write(SQL["add_deliveries"], {**values, "ids": [new_id() for _ in wanted]}, rows=None)
    transaction.write(SQL["hurry_earlier"], values, rows=None)


def begin_attempts(transaction: Transaction, limit: int) -> Callable[[], list[Attempt]]:
    """Queue the beginning of attempts of what is due, the oldest first; return what tells which they are."""
    transaction.changes = True
    values = {"limit": limit, "lease": LEASE_SECONDS, "first": FIRST_SECONDS, "most": MOST_SECONDS}
    begun = transaction.ask(SQL["begin_attempts"], values)
    return lambda: [_attempt(row) for row in begun.rows()]


def settle_attempts(transaction: Transaction, ended: Sequence[Ending]) -> None:
    """Queue how attempts ended, and that their targets rest or need not any more."""
    values = {
        "tenant_ids": [one.attempt.tenant_id for one in ended],
        "ids": [one.attempt.id for one in ended],
        "numbers": [one.attempt.number for one in ended],
        "outcomes": [one.outcome for one in ended],
        "errors": [None if one.error is None else one.error[:LONGEST_ERROR] for one in ended],
        "pauses": [one.pause_seconds for one in ended],
        "remainings": [None if one.remaining is None else Jsonb(list(one.remaining)) for one in ended],
        "starting_over": [one.starts_over for one in ended],
        "not_begun": [one.not_begun for one in ended],
    }
    transaction.write(SQL["settle_attempts"], values, rows=None)
    settle_targets(transaction, [one for one in ended if one.attempt.target_id != NO_TARGET and not one.not_begun])


def settle_targets(transaction: Transaction, ended: Sequence[Ending]) -> None:
    """Queue that targets that took nothing rest, and that those that took something are well."""
    well = {(one.attempt.tenant_id, one.attempt.target_id) for one in ended if one.outcome == "delivered"}
    failed: dict[tuple[UUID, UUID], float] = {}
    for one in ended:
        target = one.attempt.tenant_id, one.attempt.target_id
        if target not in well and one.outcome in {None, "undelivered", "dead"}:
            failed[target] = max(one.rest_seconds, failed.get(target, 0.0))
    if well:
        values = {"tenant_ids": [one for one, _ in well], "target_ids": [one for _, one in well]}
        transaction.write(SQL["wake_targets"], values, rows=None)
    if failed:
        values = {
            "tenant_ids": [one for one, _ in failed],
            "target_ids": [one for _, one in failed],
            "asked": list(failed.values()),
            "first": FIRST_REST_SECONDS,
            "most": LONGEST_REST_SECONDS,
        }
        transaction.write(SQL["rest_targets"], values, rows=None)


def read_backlog(transaction: Transaction) -> Backlog:
    """Return what waits to be delivered and what never will be by itself, over every tenant that may be seen."""
    return Backlog(**transaction.row(SQL["read_backlog"], {})._asdict())


def list_dead(transaction: Transaction, limit: int) -> list[Dead]:
    """Return deliveries that were given up, the latest first."""
    return [Dead(**row._asdict()) for row in transaction.rows(SQL["list_dead"], {"limit": limit})]


def retry_dead(transaction: Transaction, delivery_id: UUID | None) -> int:
    """Make a delivery that was given up due again, or all of them where None is named; return how many."""
    return transaction.touch(SQL["retry_dead"], {"id": delivery_id})


def _attempt(row: Any) -> Attempt:  # noqa: ANN401 - a row of begin_attempts
    remaining = None if row.remaining is None else tuple(row.remaining)
    event = _event(row, row.event_id)
    return Attempt(row.tenant_id, row.id, row.channel, row.target_id, row.attempts, remaining, row.created_at, event)


def _event(row: Any, event_id: UUID) -> OutboxEvent:  # noqa: ANN401 - the columns of both reads
    return OutboxEvent(
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
