"""What naming the tenant in the exclusion constraint costs, as a database wants it that is spread by tenant (ADR 28).

The constraint alone on tables of the same rows, and whole creates in two databases that differ in it, in turn.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from statistics import median
from typing import TYPE_CHECKING, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

from chalicelib.database.transaction import Database
from tools.bench.protections import CREATES, Desk
from tools.bench.stage import Figure, Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any
    from uuid import UUID

ROUNDS = 15
FILLED, INSERTED = 100_000, 1_000
TENANTS, INVENTORIES = 50, 20
"""So many of each tenant."""
KEPT: LiteralString = "inventory_id WITH =, during WITH &&, units WITH &&, (coalesce(departure_id, owner_id)) WITH <>"
CONSTRAINTS: dict[str, LiteralString] = {
    "as it is": KEPT,
    "tenant first": f"tenant_id WITH =, {KEPT}",
    "tenant last": f"{KEPT}, tenant_id WITH =",
}
TABLE: LiteralString = "CREATE TABLE {} (LIKE allocations INCLUDING DEFAULTS INCLUDING GENERATED)"
CONSTRAIN: LiteralString = "ALTER TABLE {} ADD CONSTRAINT {} EXCLUDE USING gist ({})"
ROWS: LiteralString = """
INSERT INTO {} (tenant_id, owner_id, part, owner_kind, resource_id, during, units, quantity, pinned, inventory_id)
SELECT
    md5('tenant' || number %% %(tenants)s)::uuid, md5('owner' || number)::uuid, 0, 'reservation',
    md5('inventory' || number %% %(inventories)s)::uuid,
    tstzrange(at, at + interval '1 hour'), int4multirange(int4range(1 + unit, 2 + unit)), 1, false,
    md5('inventory' || number %% %(inventories)s)::uuid
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
CROSS JOIN LATERAL (
    SELECT
        timestamptz '2040-01-01 00:00+00' + (number / %(inventories)s / 20) * interval '1 hour' AS at,
        (number / %(inventories)s %% 20)::integer AS unit
) AS place
ON CONFLICT DO NOTHING
"""


def run(stage: Stage, rounds: int = ROUNDS) -> list[Figure]:
    """Measure the constraint alone, its size and its making, and whole creates."""
    return [*_alone(stage, rounds), _whole(stage, rounds)]


def _alone(stage: Stage, rounds: int) -> list[Figure]:
    made: dict[str, float] = {}
    took: dict[str, list[float]] = {name: [] for name in CONSTRAINTS}
    with psycopg.connect(stage.cluster.owner_dsn(), autocommit=True) as owner:
        for name, constraint in CONSTRAINTS.items():
            table, rule = Identifier(f"bench {name}"), Identifier(f"{name} excludes")
            owner.execute(SQL(TABLE).format(table))
            _insert(owner, table, 0, FILLED)
            began = time.perf_counter()
            owner.execute(SQL(CONSTRAIN).format(table, rule, SQL(constraint)))
            made[name] = time.perf_counter() - began
        for number in range(rounds + 1):
            for name in CONSTRAINTS:
                first = FILLED + number * INSERTED
                microseconds = _insert(owner, Identifier(f"bench {name}"), first, first + INSERTED)
                if number:  # the first round warms up
                    took[name].append(microseconds)
        sizes = {name: _size(owner, f"{name} excludes") for name in CONSTRAINTS}
    usual = "as it is"
    return [
        figure
        for name in ("tenant first", "tenant last")
        for figure in (
            _ratio(
                f"an allocation, {name} / {usual}, µs", *(median(took[one]) / INSERTED * 1e3 for one in (name, usual))
            ),
            _ratio(f"the index, {name} / {usual}, MB", *(sizes[one] / 2**20 for one in (name, usual))),
            _ratio(f"making it of {FILLED:,} rows, {name} / {usual}, s", made[name], made[usual]),
        )
    ]


def _insert(owner: psycopg.Connection[Any], table: Identifier, first: int, last: int) -> float:
    """Insert rows that all fit; return the microseconds that each took."""
    values = {"first": first, "last": last - 1, "tenants": TENANTS, "inventories": TENANTS * INVENTORIES}
    began = time.perf_counter()
    inserted = owner.execute(SQL(ROWS).format(table), values).rowcount
    microseconds = (time.perf_counter() - began) / (last - first) * 1e6
    assert inserted == last - first, inserted  # noqa: S101 - or the time means nothing
    return microseconds


def _size(owner: psycopg.Connection[Any], index: str) -> int:
    row = owner.execute("SELECT pg_relation_size(format('%%I', %s::text)::regclass)", [index]).fetchone()
    assert row is not None  # noqa: S101 - a count
    return row[0]


def _whole(stage: Stage, rounds: int) -> Figure:
    [resource] = stage.add_resources(1, 500)
    other = f"{stage.cluster.database}_by_tenant"
    with psycopg.connect(stage.cluster.owner_dsn("postgres"), autocommit=True) as owner:
        names = Identifier(other), Identifier(stage.cluster.database)
        owner.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
    with psycopg.connect(stage.cluster.owner_dsn(other), autocommit=True) as owner:
        named = Identifier("allocations_never_share_a_unit")
        owner.execute(SQL("ALTER TABLE allocations DROP CONSTRAINT {}").format(named))
        constraint = SQL(CONSTRAINTS["tenant first"])
        owner.execute(SQL(CONSTRAIN).format(Identifier("allocations"), named, constraint))
    with ExitStack() as stack:
        ours, theirs = (_creating(stage, stack, one, resource) for one in (other, stage.cluster.database))
        pairs = [(ours(), theirs()) for _ in range(rounds * CREATES)][CREATES:]
    by_tenant, usual = (median(column) for column in zip(*pairs, strict=True))
    return _ratio("a create, tenant first / as it is, ms", by_tenant, usual)


def _creating(stage: Stage, stack: ExitStack, database: str, resource: UUID) -> Callable[[], float]:
    """What makes one reservation and returns the milliseconds that it took."""
    dsn = stage.cluster.app_dsn(database)
    connected = stack.enter_context(closing(Database(dsn, pool_size=1, request_seconds=10, prepare_after=3)))
    desk = Desk(resource)

    def create() -> float:
        began = time.perf_counter()
        desk.create(connected, is_counted=True)
        return (time.perf_counter() - began) * 1000

    return create


def _ratio(name: str, ours: float, theirs: float) -> Figure:
    return Figure(name, f"{ours / theirs:.2f} ({ours:.2f} / {theirs:.2f})", "told", met=True)
