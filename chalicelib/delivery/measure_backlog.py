"""Measure what waits: events and deliveries, functions that are overdue, transactions that wait for a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.delivery.storage import outbox
from chalicelib.jobs.storage import jobs
from chalicelib.telemetry.definitions import (
    DEAD_DELIVERIES,
    JOB_LAG,
    LOCK_WAIT_AGE,
    LOCK_WAITS,
    OUTBOX_AGE,
    OUTBOX_EVENTS,
)
from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.database.transaction import Database, Transaction


def measure_backlog(database: Database, intervals: Mapping[str, int]) -> None:
    """Report it as gauges; `intervals` are the seconds between two runs of each scheduled function, by its name."""

    def look(transaction: Transaction) -> tuple[outbox.Backlog, dict[str, float], jobs.LockWaits, float]:
        backlog = outbox.read_backlog(transaction)
        since = backlog.waiting_since
        age = 0.0 if since is None else max(0.0, (transaction.now - since).total_seconds())
        ages = jobs.last_good_runs(transaction, list(intervals))
        return backlog, ages, jobs.read_lock_waits(transaction), age

    backlog, ages, locks, age = database.run_without_tenant(look)
    METRICS.set(OUTBOX_EVENTS, backlog.waiting)
    METRICS.set(OUTBOX_AGE, age)
    METRICS.set(DEAD_DELIVERIES, backlog.dead)
    METRICS.set(LOCK_WAITS, locks.waiting)
    METRICS.set(LOCK_WAIT_AGE, locks.seconds)
    for name, seconds in ages.items():
        METRICS.set(JOB_LAG, max(0.0, seconds - intervals[name]), name)
