"""Bring statistics up to date with what happened: when somebody asks for them, and for everybody in between."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.core.time_ranges import wall_clock_instant
from chalicelib.jobs.isolation import isolated
from chalicelib.reporting.storage import statistics
from chalicelib.reporting.storage.seals import list_active_tenants

if TYPE_CHECKING:
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.jobs.budget import Budget

MOST_TOUCHED = 20_000
"""Days rebuilt one by one; beyond that all of them are."""


def refresh_all_statistics(database: Database, budget: Budget) -> int:
    """Bring every tenant's statistics up to date, so that whoever asks next waits for little; return how many days."""
    days = 0
    with isolated(database, "refresh_statistics", budget) as run:
        for tenant in run.database.run_without_tenant(list_active_tenants):
            if budget.spent:
                break
            days += run.one(tenant, partial(run.database.run, tenant, refresh_statistics), tenant)
    return days


def refresh_statistics(transaction: Transaction) -> int:
    """Bring the tenant's statistics up to date with everything that is committed; return how many days were rebuilt.

    Progress stops at the oldest work under way: what came after it is rebuilt the next time, together with what it
    writes.
    """
    zone = transaction.tenant.zone
    touched: list[tuple[UUID, date]] = []
    reached, reachable = statistics.lock_progress(transaction)
    if reached == statistics.NEVER:
        statistics.make_all_days(transaction, zone.key)
    else:
        touched = statistics.touched_days(transaction, zone.key, reached)
        if len(touched) > MOST_TOUCHED:
            statistics.make_all_days(transaction, zone.key)
        elif touched:
            dates = [on_date for _, on_date in touched]
            within = midnight(min(dates), zone), midnight(max(dates) + timedelta(days=1), zone)
            statistics.make_days(transaction, zone.key, touched, within)
    statistics.advance_progress(transaction, reachable)
    transaction.settle()
    return len(touched)


def midnight(on_date: date, zone: ZoneInfo) -> datetime:
    """The instant at which a local day begins."""
    return wall_clock_instant(on_date, time.min, zone)
