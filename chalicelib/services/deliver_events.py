"""Deliver events: each to every channel that wants it, at least once.

What comes out of the outbox becomes a delivery per channel, in one transaction. An attempt is fixed in the database
before it is made and its outcome after, so that whoever dies in between has it made again; channels know events by
their ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from chalicelib.domain.errors import BerthError, UnavailableError
from chalicelib.storage import outbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.services.budget import Budget
    from chalicelib.storage.outbox import Attempt, Telling
    from chalicelib.storage.transaction import Database, Transaction

BATCH = 200
AT_ONCE = 5
"""So few that even a channel that answers only when it gives up leaves them all within their lease."""
MOST_ATTEMPTS = 10


class Channel(Protocol):
    """One way in which somebody is told."""

    def wants(self, telling: Telling) -> bool:
        """Whether the event is told this way at all; asked once, without looking anything up."""
        ...

    def reached(self, transaction: Transaction, tenant_ids: Sequence[UUID]) -> set[UUID]:
        """Those of the tenants of whose events somebody could be told this way at the moment."""
        ...

    def send(self, database: Database, telling: Telling) -> bool:
        """Tell; return False where there is nobody to tell. Raises `UnavailableError` to be asked again later."""
        ...


Channels = Mapping[str, Channel]


def deliver_events(database: Database, channels: Channels, budget: Budget) -> int:
    """Deliver what is in the outbox and what is due again; return how many events and attempts were worked on."""
    done = 0
    while not budget.spent:
        spread = database.run_without_tenant(lambda transaction: _spread(transaction, channels))
        attempts = database.run_without_tenant(lambda transaction: outbox.begin_attempts(transaction, AT_ONCE))
        for attempt in attempts:
            _make(database, channels, attempt)
        if not spread and not attempts:
            break
        done += spread + len(attempts)
    return done


def _spread(transaction: Transaction, channels: Channels) -> int:
    taken = outbox.take_events(transaction, BATCH)
    wanted: list[tuple[UUID, UUID, str]] = []
    for name, channel in channels.items():
        chosen = [(tenant_id, telling.id, name) for tenant_id, telling in taken if channel.wants(telling)]
        if chosen:
            reached = channel.reached(transaction, list({tenant_id for tenant_id, _, _ in chosen}))
            wanted += [one for one in chosen if one[0] in reached]
    wanted.sort(key=lambda one: one[1])
    if wanted:
        outbox.add_deliveries(transaction, wanted)
    return len(taken)


def _make(database: Database, channels: Channels, attempt: Attempt) -> None:
    outcome: str | None = None
    error: str | None = None
    channel = channels.get(attempt.channel)
    try:
        if channel is None:
            outcome, error = "dead", "There is no such channel any more."
        else:
            outcome = "delivered" if channel.send(database, attempt.telling) else "skipped"
    except UnavailableError as failure:
        error = failure.detail
    except BerthError as refusal:  # the tenant is suspended, or what it is about is gone
        outcome, error = "skipped", refusal.detail
    except Exception as failure:
        error = f"{type(failure).__name__}: {failure}"
    if outcome is None and attempt.number >= MOST_ATTEMPTS:
        outcome = "dead"

    def record(transaction: Transaction) -> None:
        if outcome is None:
            outbox.note_failure(transaction, attempt.id, error or "")
        else:
            outbox.settle_delivery(transaction, attempt.id, outcome, error)

    database.run_without_tenant(record)
