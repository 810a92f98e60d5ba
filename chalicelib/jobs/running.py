"""Run a scheduled function once: with a budget, on the database of all tenants, and with a record of how it went."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from chalicelib.jobs.registry import JOBS, delivery
from chalicelib.services.budget import BATCH_SECONDS, Budget
from chalicelib.services.deliver_events import deliver_events
from chalicelib.services.isolation import error_text
from chalicelib.services.manage_edit_locks import expire_edit_locks
from chalicelib.storage.jobs import add_run
from chalicelib.wiring import container, jobs_database

if TYPE_CHECKING:
    from chalicelib.storage.transaction import Database

logger = logging.getLogger("berth.jobs")


def run_job(name: str) -> int:
    """Run it until nothing is due or its seconds are spent; return how much it changed. What it meets is raised."""
    return run_on(jobs_database(), name, container().config.job_seconds)


def run_on(database: Database, name: str, seconds: float) -> int:
    """Run it on a database of the role berth_jobs."""
    started_at = database.run_without_tenant(lambda transaction: transaction.now)
    changed, error = 0, None
    try:
        budget = Budget(seconds)
        changed = JOBS[name](database.until(budget.ends_at, batch_seconds=BATCH_SECONDS), budget)
    except Exception as failure:
        error = error_text(failure)
        raise
    finally:
        database.run_without_tenant(lambda transaction: add_run(transaction, name, started_at, changed, error))
        logger.info("%s changed %d%s", name, changed, f", then {error}" if error else "")
    return changed


def deliver() -> int:
    """What a nudge asks for: deliver what is in the outbox, and see whether an edit lock is over.

    Not recorded as a run, as it comes with every change.
    """
    budget = Budget(container().config.job_seconds)
    database = jobs_database().until(budget.ends_at, batch_seconds=BATCH_SECONDS)
    return deliver_events(database, delivery("consumer"), budget) + expire_edit_locks(database, budget, records=False)
