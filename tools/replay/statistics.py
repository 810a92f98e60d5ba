"""Berth's statistics of a whole replay against another calculation: plain counting over its reservations."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.database.transaction import Database
from chalicelib.http.context import Context
from chalicelib.reporting.read_statistics import Figures, Step, read_statistics

if TYPE_CHECKING:
    from uuid import UUID
    from zoneinfo import ZoneInfo

    import psycopg

READ = """
SELECT resource_id, check_in_on, check_out_on, starts_at, ends_at, quantity, state, (price ->> 'total')::bigint,
    CASE WHEN checked_out_at < ends_at THEN checked_out_at END
FROM reservations WHERE tenant_id = %s
"""
SOLD = {"confirmed", "checked_in", "completed"}
ENDED = {"cancelled": "cancelled", "no_show": "no_shows"}
FIGURES = ("reserved_minutes", "nights", "revenue", "active", "cancelled", "came", "no_shows")

Counted = dict[date | Any, Counter[str]]


def statistics_differ(
    connection: psycopg.Connection[Any], app_dsn: str, tenant: str, tenant_id: UUID, zone: ZoneInfo
) -> tuple[int, list[str]]:
    """Return how many figures were compared, by month and by resource, and those that differ."""
    rows = connection.execute(READ, [tenant_id]).fetchall()
    if not rows:
        return 0, []
    counted = _count(rows, zone)
    from_on = min(row[3] for row in rows).astimezone(zone).date().replace(day=1)
    until_on = max(row[4] for row in rows).astimezone(zone).date() + timedelta(days=1)
    database = Database(app_dsn, pool_size=1, request_seconds=60)
    try:
        found = read_statistics(Context(database, tenant), from_on, until_on, Step.MONTH, None)
    finally:
        database.close()
    said: dict[Any, Figures] = {**dict(found.steps), **{offer.id: figures for offer, figures in found.resources}}
    differing = [
        f"{name} of {key}: {getattr(said.get(key, Figures()), name)}, counted {counted[key][name]}"
        for key in sorted(counted.keys() | said.keys(), key=str)
        for name in FIGURES
        if getattr(said.get(key, Figures()), name) != counted[key][name]
    ]
    return len(said) * len(FIGURES), differing


def _count(rows: list[Any], zone: ZoneInfo) -> Counted:
    counted: Counted = defaultdict(Counter)
    for resource_id, check_in_on, check_out_on, starts_at, _, quantity, state, total, left_at in rows:
        started_on: date = starts_at.astimezone(zone).date()
        for key in (resource_id, started_on.replace(day=1)):
            counted[key]["active"] += state not in ENDED
            counted[key]["came"] += state in {"checked_in", "completed"}
            if state in ENDED:
                counted[key][ENDED[state]] += 1
        if state not in SOLD:
            continue
        nights = (check_out_on - check_in_on).days
        for number in range(nights):
            night = check_in_on + timedelta(days=number)
            share = total * (number + 1) // nights - total * number // nights
            there = quantity if left_at is None or night < left_at.astimezone(zone).date() else 0
            for key in (resource_id, night.replace(day=1)):
                counted[key].update(nights=there, revenue=share, reserved_minutes=there * 1440)
    return counted
