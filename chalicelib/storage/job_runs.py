"""Runs of scheduled functions: begun, finished, and looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.storage import statements
from chalicelib.storage.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from chalicelib.storage.transaction import Transaction

SQL = statements.load("job_runs")
MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run; without `seconds` it is under way, or was killed."""

    name: str
    started_at: datetime
    seconds: float | None
    changed: int | None
    error: str | None


def begin_run(transaction: Transaction, name: str) -> UUID:
    """Queue that a job begins; return the run's id."""
    run_id = new_id()
    transaction.write(SQL["begin_run"], {"id": run_id, "name": name})
    return run_id


def finish_run(transaction: Transaction, run_id: UUID, seconds: float, changed: int | None, error: str | None) -> None:
    """Queue how a run ended: with how much it changed, or with an error."""
    text = None if error is None else error[:MOST_CHARACTERS]
    transaction.write(SQL["finish_run"], {"id": run_id, "seconds": seconds, "changed": changed, "error": text})


def list_runs(transaction: Transaction, name: str | None, limit: int) -> list[JobRun]:
    """Return the latest runs, of one job or of all."""
    return [JobRun(**row._asdict()) for row in transaction.rows(SQL["list_runs"], {"name": name, "limit": limit})]


def last_runs(transaction: Transaction, names: Iterable[str]) -> dict[str, JobRun]:
    """Return the latest run of each job that ever ran."""
    rows = transaction.rows(SQL["last_runs"], {"names": list(names)})
    return {row.name: JobRun(**row._asdict()) for row in rows}
