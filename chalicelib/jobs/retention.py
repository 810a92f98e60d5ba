"""Remove what is over: allocations that block nothing any more, and what is kept for a time only."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chalicelib.jobs.isolation import isolated
from chalicelib.jobs.storage import jobs

if TYPE_CHECKING:
    from chalicelib.database.transaction import Database
    from chalicelib.jobs.budget import Budget
    from chalicelib.jobs.isolation import Isolated

BATCH = 5000


def remove_past_allocations(database: Database, budget: Budget) -> int:
    """Remove allocations whose time is over, so that what admission reads stays small; return how many."""
    with isolated(database, "remove_past_allocations", budget) as run:
        return _remove(run, jobs.PAST_ALLOCATIONS)


def remove_old_records(database: Database, budget: Budget) -> int:
    """Remove idempotency keys, sessions, tokens, throttles, runs and deliveries after their time; return how many."""
    with isolated(database, "remove_old_records", budget) as run:
        return sum(_remove(run, kind) for kind in jobs.OLD_RECORDS)


def _remove(run: Isolated, kind: str) -> int:
    """Remove one kind in batches; a row that cannot be removed is found by ever smaller ones and left out by id."""
    database, removed, limit = run.database, 0, BATCH
    while not run.budget.spent:
        left_out = [item.removeprefix(f"{kind} ") for item in run.resting if item.startswith(f"{kind} ")]
        try:
            done = database.run_without_tenant(partial(jobs.remove, kind=kind, limit=limit, left_out=left_out))
        except Exception as failure:
            if limit > 1:
                limit //= 2
                continue
            row = database.run_without_tenant(partial(jobs.next_to_remove, kind=kind, left_out=left_out))
            if row is not None:
                run.fail(f"{kind} {row}", failure)
            limit = BATCH
            continue
        if done == 0:
            break
        removed += done
    return removed
