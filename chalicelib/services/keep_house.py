"""Remove what is over: allocations that block nothing any more, and what is kept for a time only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.storage import jobs

if TYPE_CHECKING:
    from chalicelib.services.budget import Budget
    from chalicelib.storage.transaction import Database

BATCH = 5000


def remove_past_allocations(database: Database, budget: Budget) -> int:
    """Remove allocations whose time is over, so that what admission reads stays small; return how many."""
    removed = 0
    while not budget.spent and (
        done := database.run_without_tenant(lambda transaction: jobs.remove_past_allocations(transaction, BATCH))
    ):
        removed += done
    return removed


def remove_old_records(database: Database, budget: Budget) -> int:
    """Remove idempotency keys, sessions, tokens, throttles, runs and deliveries after their time; return how many."""
    removed = 0
    while not budget.spent and (
        done := database.run_without_tenant(lambda transaction: jobs.remove_old(transaction, BATCH))
    ):
        removed += done
    return removed
