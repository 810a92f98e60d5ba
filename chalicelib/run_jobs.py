"""Run a scheduled function once: with a budget, on the database of all tenants, and with a record of how it went."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalicelib.http.container import container
from chalicelib.jobs.budget import BATCH_SECONDS, Budget
from chalicelib.jobs.isolation import error_text
from chalicelib.jobs.storage.jobs import add_run
from chalicelib.scheduled import JOBS
from chalicelib.telemetry.definitions import JOB_CHANGES, JOB_DURATION, JOB_FAILURES
from chalicelib.telemetry.metrics import METRICS
from chalicelib.wiring import jobs_database

if TYPE_CHECKING:
    from collections.abc import Generator

    from chalicelib.database.transaction import Database

logger = logging.getLogger("berth.jobs")


def run_job(name: str) -> int:
    """Run it until nothing is due or its seconds are spent; return how much it changed. What it meets is raised."""
    return run_on(jobs_database(), name, container().config.job_seconds)


def run_on(database: Database, name: str, seconds: float) -> int:
    """Run it on a database of the role berth_jobs."""
    with measured(name):
        started_at = database.run_without_tenant(lambda transaction: transaction.now)
        changed, error = 0, None
        try:
            budget = Budget(seconds)
            changed = JOBS[name].work(database.until(budget.ends_at, batch_seconds=BATCH_SECONDS), budget)
        except Exception as failure:
            error = error_text(failure)
            raise
        finally:
            database.run_without_tenant(lambda transaction: add_run(transaction, name, started_at, changed, error))
            METRICS.count(JOB_CHANGES, name, changed)
            logger.info("%s changed %d%s", name, changed, ", and failed then" if error else "")
    return changed


@contextmanager
def measured(name: str) -> Generator[None]:
    """Report how long a run took, and whether it failed."""
    started = time.monotonic()
    try:
        yield
    except Exception:
        METRICS.count(JOB_FAILURES, name)
        raise
    finally:
        METRICS.observe(JOB_DURATION, time.monotonic() - started, name)
