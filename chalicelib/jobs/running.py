"""Runs a job once, within its time, and writes down how it went."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from chalicelib.jobs import JOBS
from chalicelib.services.budget import Budget
from chalicelib.storage.job_runs import begin_run, finish_run
from chalicelib.wiring import jobs_database

if TYPE_CHECKING:
    from chalicelib.jobs import Job
    from chalicelib.storage.transaction import Database

BUDGET_SECONDS = 20
"""Of the function's 29: the batch that is under way then has time to end."""

logger = logging.getLogger("berth.jobs")
logger.setLevel(logging.INFO)


def run_scheduled(name: str) -> None:
    """Run a job as its schedule does, on the container's database. Raises what the job raised."""
    run_job(JOBS[name], jobs_database())


def run_job(job: Job, database: Database) -> int:
    """Run a job and record the run; return how much it changed. Raises what it raised, which is recorded too."""
    run_id = database.run_without_tenant(lambda transaction: begin_run(transaction, job.name))
    began = time.monotonic()
    changed, failure = None, None
    try:
        changed = job.work(database, Budget(BUDGET_SECONDS))
    except Exception as error:
        failure = f"{type(error).__name__}: {error}".partition("\n")[0]  # what follows may quote somebody's data
        raise
    finally:
        seconds = time.monotonic() - began
        logger.info("%s changed %s in %.3f s%s", job.name, changed, seconds, "" if failure is None else f": {failure}")
        database.run_without_tenant(lambda transaction: finish_run(transaction, run_id, seconds, changed, failure))
    return changed
