"""Runs of scheduled functions, and what is kept for a time only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.database import statements
from chalicelib.database.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)
LONGEST_ERROR = 2000


@dataclass(frozen=True, slots=True)
class Run:
    """When a scheduled function ran, how much it changed, how many items failed, and what ended it early (or None)."""

    name: str
    started_at: datetime
    finished_at: datetime
    changed: int
    failed: int
    error: str | None


def add_run(transaction: Transaction, name: str, started_at: datetime, changed: int, error: str | None) -> None:
    """Queue a run that has finished."""
    values = {
        "id": new_id(),
        "name": name,
        "started_at": started_at,
        "changed": changed,
        "error": None if error is None else error[:LONGEST_ERROR],
    }
    transaction.write(SQL["add_run"], values)


def last_runs(transaction: Transaction) -> dict[str, Run]:
    """Return the last run of each, by name."""
    return {row.name: Run(**row._asdict()) for row in transaction.rows(SQL["last_runs"], {})}


def list_runs(transaction: Transaction, name: str | None, limit: int) -> list[Run]:
    """Return the last runs, the latest first; of one function where it is named."""
    return [Run(**row._asdict()) for row in transaction.rows(SQL["list_runs"], {"name": name, "limit": limit})]


def last_good_runs(transaction: Transaction, names: Sequence[str]) -> dict[str, float]:
    """Return how many seconds ago the last good run of each function began, by name; without those that had none."""
    return {row.name: row.seconds for row in transaction.rows(SQL["last_good_runs"], {"names": list(names)})}


@dataclass(frozen=True, slots=True)
class LockWaits:
    """How many transactions wait for a lock at the moment, and for how many seconds the one that waits longest."""

    waiting: int
    seconds: float


def read_lock_waits(transaction: Transaction) -> LockWaits:
    """Return who waits for a lock, on the whole server."""
    return LockWaits(**transaction.row(SQL["read_lock_waits"], {})._asdict())


@dataclass(frozen=True, slots=True)
class Failure:
    """An item of a scheduled function that failed: since when, how often, why, and when it is tried again."""

    job: str
    item_id: str
    tenant: str | None
    attempts: int
    first_failed_at: datetime
    failed_at: datetime
    next_attempt_at: datetime
    error: str


def read_failures(transaction: Transaction, job: str) -> dict[str, bool]:
    """Return the items of a function that failed, and whether each is to be tried again now."""
    return {row.item_id: row.due for row in transaction.rows(SQL["read_failures"], {"job": job})}


def add_failure(transaction: Transaction, job: str, item_id: str, tenant: str | None, error: str) -> None:
    """Queue a failure; the next attempt comes after a minute, then after twice as long, an hour at most."""
    values = {"job": job, "item_id": item_id, "tenant": tenant, "error": error[:LONGEST_ERROR]}
    transaction.write(SQL["add_failure"], values)


def forget_failures(transaction: Transaction, job: str, items: Sequence[str]) -> None:
    """Queue that these items do not fail any more."""
    transaction.write(SQL["forget_failures"], {"job": job, "items": list(items)}, rows=None)


def list_failures(transaction: Transaction, job: str | None, limit: int) -> list[Failure]:
    """Return what fails, the latest first; of one function where it is named."""
    return [Failure(**row._asdict()) for row in transaction.rows(SQL["list_failures"], {"job": job, "limit": limit})]


def count_failures(transaction: Transaction) -> dict[str, int]:
    """Return how many items of each function fail, by its name."""
    return {row.job: row.failures for row in transaction.rows(SQL["count_failures"], {})}


@dataclass(frozen=True, slots=True)
class Activity:
    """Counters of the transactions of all sessions: those that store, at once, and all, once a second."""

    storing: int
    reported: int


def read_activity(transaction: Transaction) -> Activity:
    """Return how far the counters are."""
    return Activity(**transaction.row(SQL["read_activity"], {})._asdict())


PAST_ALLOCATIONS = "remove_past_allocations"
OLD_RECORDS = (
    "remove_old_keys",
    "remove_old_tokens",
    "remove_old_sessions",
    "remove_old_resets",
    "remove_old_throttles",
    "remove_old_requests",
    "remove_old_runs",
    "remove_old_deliveries",
    "remove_surplus_deliveries",
)
"""What is kept for its time: idempotency keys, sessions and their tokens, resets, throttles,
requests that no one confirmed, runs, deliveries, and what is more of these than the log of a webhook has."""


def remove(transaction: Transaction, kind: str, limit: int, left_out: Sequence[str]) -> int:
    """Remove so many of one kind that are over, the oldest first, without those that are left out; return how many."""
    transaction.changes = True
    return len(_over(transaction, kind, limit, left_out, removes=True))


def next_to_remove(transaction: Transaction, kind: str, left_out: Sequence[str]) -> str | None:
    """Return the id of the one that would be removed first, or None."""
    return next(iter(_over(transaction, kind, 1, left_out, removes=False)), None)


def _over(transaction: Transaction, kind: str, limit: int, left_out: Sequence[str], *, removes: bool) -> list[str]:
    values = {"limit": limit, "left_out": list(left_out), "removes": removes}
    return [row.id for row in transaction.rows(SQL[kind], values)]
