"""Seals: a chain of hashes over each tenant's events, which shows the first event that was tampered with.

Who can write to the database as its owner could also make a new chain; the head of the chain, kept elsewhere, shows
that. Both functions run as `berth_jobs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.database.transaction import Isolation
from chalicelib.jobs.isolation import isolated
from chalicelib.reporting.storage import seals
from chalicelib.reporting.storage.seals import Seal, chained

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.jobs.budget import Budget
    from chalicelib.reporting.storage.seals import SealedEvent

MOST_AT_ONCE = 5000
"""Events under one seal, unless one transaction wrote more."""


@dataclass(frozen=True, slots=True)
class SealsVerdict:
    """What checking a tenant's chain found; `broken` says what and where, None: every seal holds.

    `archived` of the `events` lie in the archive; they are checked like the others.
    """

    tenant: str
    seals: int
    events: int
    archived: int
    head: str
    broken: str | None


def list_tenants(database: Database) -> list[str]:
    """Return the slugs of all tenants."""
    return database.run_without_tenant(seals.list_tenants)


def seal_events(database: Database, tenant: str) -> int:
    """Seal what happened since the last seal; return how many events. Stops short of work that is still under way.

    May be run again, and by several at once: a seal's number is taken once.
    """
    total = 0
    while sealed := database.run(tenant, _seal, isolation=Isolation.SERIALIZABLE):
        total += sealed
    return total


def seal_all_events(database: Database, budget: Budget) -> int:
    """Seal what happened in all tenants that are not suspended; return how many events.

    What happened before a tenant was suspended is sealed when it is restored: nothing more happens to it until then.
    """
    sealed = 0
    with isolated(database, "seal_events", budget) as run:
        for tenant in run.database.run_without_tenant(seals.list_active_tenants):
            if budget.spent:
                break
            sealed += run.one(tenant, partial(seal_events, run.database, tenant), tenant)
    return sealed


def verify_events(database: Database, tenant: str, progress: Callable[[int], None] = lambda _: None) -> SealsVerdict:
    """Check a tenant's chain from its first seal on, and name the first event that is not as it was sealed."""
    return database.run(
        tenant, lambda transaction: _verify(transaction, tenant, progress), isolation=Isolation.SNAPSHOT
    )


def _seal(transaction: Transaction) -> int:
    number, reached, digest = seals.last_seal(transaction)
    found = seals.events_between(transaction, reached, None, MOST_AT_ONCE + 1)
    if len(found) > MOST_AT_ONCE:  # a transaction's events stay together
        last = found[-1].transaction_id
        whole = [event for event in found if event.transaction_id < last]
        found = whole or seals.events_between(transaction, reached, last + 1, None)
    if not found:
        return 0
    hashes = [event.hash for event in found]
    seal = Seal(
        number + 1, found[-1].transaction_id + 1, [event.id for event in found], hashes, chained(digest, hashes)
    )
    seals.add_seal(transaction, seal)
    return len(found)


def _verify(transaction: Transaction, tenant: str, progress: Callable[[int], None]) -> SealsVerdict:
    digest, reached, events, archived, number = b"", 0, 0, 0, 0
    while page := seals.list_seals(transaction, number, 100):
        for seal in page:
            found = seals.events_between(transaction, reached, seal.until_transaction, None)
            broken = _flaw(seal, found, number, digest)
            if broken is not None:
                return SealsVerdict(tenant, number, events, archived, digest.hex(), broken)
            number, reached, digest = seal.number, seal.until_transaction, seal.digest
            events += len(found)
            archived += sum(event.archived for event in found)
            progress(len(found))
    return SealsVerdict(tenant, number, events, archived, digest.hex(), None)


def _flaw(seal: Seal, found: Sequence[SealedEvent], before: int, digest: bytes) -> str | None:
    if seal.number != before + 1:
        return f"seal {before + 1} is missing"
    if chained(digest, seal.event_hashes) != seal.digest:
        return f"seal {seal.number} is not the one that followed seal {before}"
    present = {event.id: event for event in found}
    for event_id, sealed in zip(seal.event_ids, seal.event_hashes, strict=True):
        event = present.pop(event_id, None)
        if event is None:
            return f"event {event_id}, under seal {seal.number}, is gone"
        if event.hash != sealed:
            return f"event {event_id}, under seal {seal.number}, was changed"
    if present:
        return f"event {next(iter(present))} was slipped in under seal {seal.number}"
    return None
