"""Runs of scheduled functions, and what is kept for a time only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.storage import statements
from chalicelib.storage.identifiers import new_id

if TYPE_CHECKING:
    from chalicelib.storage.transaction import Transaction

SQL = statements.load("jobs")
LONGEST_ERROR = 2000


@dataclass(frozen=True, slots=True)
class Run:
    """When a scheduled function ran, how much it changed, and what went wrong (None: nothing)."""

    name: str
    started_at: datetime
    finished_at: datetime
    changed: int
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


@dataclass(frozen=True, slots=True)
class Activity:
    """Counters of the transactions of all sessions: those that store, at once, and all, once a second."""

    storing: int
    reported: int


def read_activity(transaction: Transaction) -> Activity:
    """Return how far the counters are."""
    return Activity(**transaction.row(SQL["read_activity"], {})._asdict())


def remove_past_allocations(transaction: Transaction, limit: int) -> int:
    """Remove what blocks nothing any more; return how many."""
    return transaction.touch(SQL["remove_past_allocations"], {"limit": limit})


def remove_old(transaction: Transaction, limit: int) -> int:
    """Remove what was kept for its time: idempotency keys, sessions, tokens, throttles, runs; return how many."""
    names = (
        "remove_old_keys",
        "remove_old_tokens",
        "remove_old_sessions",
        "remove_old_resets",
        "remove_old_throttles",
        "remove_old_runs",
        "remove_old_deliveries",
    )
    return sum(transaction.touch(SQL[name], {"limit": limit}) for name in names)
