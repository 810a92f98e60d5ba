"""Many clients who all want the same: as many get it as there are units, and nobody stands still."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import psycopg

from tools.bench.load import measure
from tools.bench.stage import RESERVATIONS, Figure, Stage, creates

if TYPE_CHECKING:
    from tools.bench.load import Measured

CLIENTS = 64
ATTEMPTS = 50
ROUNDS = 3
POOL = 500
QUANTITIES = (1, 2, 3, 4)


def run(stage: Stage) -> list[Figure]:
    """A hot slot, and a hot pool at 8 and at 64 clients."""
    with stage.gateway() as gateway:
        slot = _hot_slot(stage, gateway.address)
        ratios: list[float] = []
        for _ in range(ROUNDS):
            few, many = (_hot_pool(stage, gateway.address, clients) for clients in (8, CLIENTS))
            ratios.append(many.accepted_per_second / few.accepted_per_second)
            print(
                f"hot pool: {few.accepted_per_second:,.0f} accepted per second at 8 clients, "
                f"{many.accepted_per_second:,.0f} at {CLIENTS}, answers {many.statuses}"
            )
    reached = median(ratios)
    return [slot, Figure("hot pool: accepted at 64 clients / at 8", f"{reached:.2f}", "≥ 0.80", reached >= 0.8)]


def _hot_slot(stage: Stage, address: str) -> Figure:
    [slot] = stage.add_resources(1, 1)
    before = _deadlocks(stage)
    measured = measure(address, CLIENTS, creates(slot, CLIENTS * ATTEMPTS, path=RESERVATIONS, spread=1))
    deadlocks = _deadlocks(stage) - before
    accepted = measured.statuses.get(201, 0)
    failed = sum(count for status, count in measured.statuses.items() if status >= 500)
    reached = f"{accepted} accepted, {failed} 5xx, {deadlocks} deadlocks, {measured.statuses.get(409, 0)} refused"
    target = "1 accepted, 0 5xx, 0 deadlocks"
    return Figure(
        f"hot slot, {CLIENTS} clients, {ATTEMPTS} attempts each",
        reached,
        target,
        (accepted, failed, deadlocks) == (1, 0, 0),
    )


def _hot_pool(stage: Stage, address: str, clients: int) -> Measured:
    """One hour of one pool, wanted by more than there is room for."""
    [pool] = stage.add_resources(1, POOL)
    wanted = creates(pool, POOL * 2 // 5 + 20, path=RESERVATIONS, quantities=QUANTITIES, spread=1)
    return measure(address, clients, wanted)


def _deadlocks(stage: Stage) -> int:
    with psycopg.connect(stage.cluster.owner_dsn()) as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
        row = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
        return row[0] if row else 0
