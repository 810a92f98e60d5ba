"""What the clock does, in numbers: promotion and expiry of a hundred thousand, idle sweeps, and events on their way."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from itertools import takewhile
from multiprocessing import get_context
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
from psycopg.types.json import Jsonb

from chalicelib.database.transaction import Database
from chalicelib.delivery.deliver_events import Delivery, deliver_events
from chalicelib.jobs.budget import Budget
from chalicelib.jobs.make_partitions import make_partitions
from chalicelib.realtime.manage_connections import reap_connections
from chalicelib.reservations.sweep_reservations import expire_holds
from chalicelib.scheduled import JOBS, Work
from chalicelib.waiting.promote_pending import promote_pending
from local.aws.queue import serve_queue
from local.aws.serve import serve_aws
from local.background import Background
from local.environment import MANY_GUESTS
from local.gateway.serve import serve
from tools.bench.stage import FIRST, POLICY, RESERVATIONS, Figure, Stage, creates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from tools.bench.load import Request

MANY = 100_000
RESOURCES = 200
CAPACITY = 3
HOURS = 400
IDLE_ROUNDS = 100
TOLD = 400
EXPIRIES = 5
ALONE = 1_500
BESIDE_SECONDS = 15
MOST_BESIDE = 20_000
SWEPT = """
INSERT INTO reservations (
    id, tenant_id, code, resource_id, guest_id, state, starts_at, ends_at, quantity, party_size, price, policy_id,
    policy_version, hold_expires_at, held_since, due_at, waits_for, created_at, updated_at
)
SELECT
    spot.id, resource.tenant_id, %(prefix)s || number, resource.id, guest.id, %(state)s,
    spot.starts_at, spot.starts_at + spot.hours * interval '1 hour',
    1 + number %% 2, 1, '{"currency": "EUR", "total": 1500, "lines": []}', resource.policy_id, 1,
    CASE WHEN %(state)s = 'held' THEN spot.due_at END,
    CASE WHEN %(state)s = 'held' THEN now() - interval '1 hour' END,
    CASE WHEN %(state)s = 'held' THEN spot.due_at ELSE now() + interval '1 day' END,
    CASE WHEN %(state)s = 'pending' THEN 'room' END,
    now(), now() - interval '1 hour' + number * interval '1 millisecond'
FROM generate_series(0, %(last)s::bigint) AS number
INNER JOIN (
    SELECT resources.*, row_number() OVER (ORDER BY id) - 1 AS place
    FROM resources WHERE id = ANY(%(resources)s)
) AS resource ON resource.place = number %% %(count)s
CROSS JOIN LATERAL (
    SELECT
        %(first)s::timestamptz + CASE
            WHEN %(state)s = 'held' THEN number / %(count)s * interval '8 hours'
            ELSE (hashint8(number) & 2147483647) %% %(hours)s * interval '1 hour'
        END AS starts_at,
        1 + (hashint8(number + 7) & 2147483647) %% 6 AS hours,
        -- One after the other, as the service makes them: with ids that begin with the time, and no two due at once.
        now() - interval '10 minutes' + number * interval '1 millisecond' AS due_at,
        (
            lpad(to_hex((extract(EPOCH FROM now()) * 1000)::bigint + number), 12, '0')
            || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14)
        )::uuid AS id
) AS spot
CROSS JOIN (SELECT id FROM guests LIMIT 1) AS guest
"""
HELD_UNITS = """
INSERT INTO allocations (tenant_id, owner_id, part, owner_kind, resource_id, during, units, quantity, pinned)
SELECT tenant_id, id, 0, 'reservation', resource_id, tstzrange(starts_at, ends_at),
    int4multirange(int4range(1, 1 + quantity)), quantity, false
FROM reservations WHERE state = 'held' AND resource_id = ANY(%s)
"""


def _deliver(database: Database, budget: Budget) -> int:
    """What sweep_events does, without emails."""
    return deliver_events(database, Delivery(dict, "bench", lambda _: None), budget)


def _make_partitions(database: Database, budget: Budget) -> int:
    """What make_partitions does where nothing is archived."""
    return make_partitions(database, budget, None)


def _reap(database: Database, budget: Budget) -> int:
    """What reap_connections does, without a gateway whose connections it could close."""
    return reap_connections(database, budget, lambda _: None)


IDLE: dict[str, Work] = {
    **{name: job.work for name, job in JOBS.items()},
    "sweep_events": _deliver,
    "make_partitions": _make_partitions,
    "reap_connections": _reap,
}


def run(stage: Stage) -> list[Figure]:
    """Measure with the use cases themselves, and events through the running gateway and queue."""
    jobs = Database(stage.cluster.jobs_dsn(), pool_size=4, request_seconds=120, prepare_after=3)
    try:
        with stage.gateway() as gateway:
            _make_a_guest(gateway.address, stage.add_resources(1, 1)[0])
        figures = [*_promotion(stage, jobs), _expiry(stage, jobs), _idle(stage, jobs), _beside(stage)]
    finally:
        jobs.close()
    return [*figures, *_latency(stage)]


def _promotion(stage: Stage, jobs: Database) -> list[Figure]:
    """Promote a hundred thousand that conflict among themselves, and compare with one after the other by counting."""
    resources = stage.add_resources(RESOURCES, CAPACITY)
    pending = {**POLICY, "confirmation": {"kind": "pending", "grace_minutes": 1440}}
    with psycopg.connect(stage.cluster.owner_dsn(), autocommit=True) as connection:
        connection.execute("ALTER TABLE policy_versions DISABLE TRIGGER USER")
        connection.execute(
            "UPDATE policy_versions SET document = %s FROM resources"
            " WHERE resources.policy_id = policy_versions.policy_id AND resources.id = ANY(%s)",
            [Jsonb(pending), resources],
        )
        connection.execute("ALTER TABLE policy_versions ENABLE TRIGGER USER")
        _fill(connection, resources, "pending", "P")
        queue = connection.execute(
            "SELECT resource_id, id, starts_at, ends_at, quantity FROM reservations WHERE state = 'pending'"
            " AND resource_id = ANY(%s) ORDER BY updated_at, id",
            [resources],
        ).fetchall()
        expected = _one_by_one(queue)
        began = time.perf_counter()
        promoted = promote_pending(jobs, Budget(600))
        seconds = time.perf_counter() - began
        found = connection.execute(
            "SELECT id FROM reservations WHERE state = 'confirmed' AND resource_id = ANY(%s)", [resources]
        ).fetchall()
    same = {row[0] for row in found} == expected and promoted == len(expected)
    rate = len(queue) / seconds
    print(f"jobs: {len(queue):,} pending looked at in {seconds:.1f} s, {promoted:,} promoted")
    return [
        Figure("pending promoted as one after the other would be", "equal" if same else "different", "equal", same),
        Figure("pending promoted or left waiting, per second", f"{rate:,.0f}", ">= 5,000", rate >= 5000),
    ]


def _one_by_one(queue: Sequence[tuple[Any, ...]]) -> set[UUID]:
    """Who gets room, by counting units hour by hour: another method than the one that is measured."""
    used: dict[tuple[UUID, int], int] = {}
    promoted: set[UUID] = set()
    for resource_id, identifier, starts_at, ends_at, quantity in queue:
        hours = range((starts_at - FIRST) // timedelta(hours=1), (ends_at - FIRST) // timedelta(hours=1))
        if all(used.get((resource_id, hour), 0) + quantity <= CAPACITY for hour in hours):
            promoted.add(identifier)
            for hour in hours:
                used[resource_id, hour] = used.get((resource_id, hour), 0) + quantity
    return promoted


def _expiry(stage: Stage, jobs: Database) -> Figure:
    """Let a hundred thousand holds expire, some times: the first finds tables that have yet to grow."""
    rates: list[float] = []
    for _ in range(EXPIRIES):
        _hold(stage)
        began = time.perf_counter()
        expired = expire_holds(jobs, Budget(600))
        seconds = time.perf_counter() - began
        print(f"jobs: {expired:,} holds expired in {seconds:.1f} s")
        rates.append(expired / seconds if expired == MANY else 0)
    rate = median(rates)
    return Figure(f"holds expired per second, median of {EXPIRIES}", f"{rate:,.0f}", ">= 20,000", rate >= 20_000)


def _idle(stage: Stage, jobs: Database) -> Figure:
    """Sweeps that find nothing to do, beside a hundred thousand reservations that are not due."""
    with psycopg.connect(stage.cluster.owner_dsn(), autocommit=True) as connection:
        connection.execute("UPDATE reservations SET state = 'cancelled', waits_for = NULL WHERE state = 'pending'")
        connection.execute("DELETE FROM outbox")
        connection.execute("VACUUM ANALYZE")
    taken: dict[str, float] = {}
    for name, work in IDLE.items():
        work(jobs, Budget(60))  # what is there to do
        taken[name] = median(_seconds(partial(work, jobs, Budget(10))) for _ in range(IDLE_ROUNDS)) * 1000
    slowest = max(taken, key=lambda name: taken[name])
    told = ", ".join(f"{name} {milliseconds:.1f}" for name, milliseconds in taken.items())
    print(f"jobs: idle, median ms: {told}")
    return Figure(f"a sweep with nothing to do, ms ({slowest})", f"{taken[slowest]:.1f}", "< 5", taken[slowest] < 5)


def _beside(stage: Stage) -> Figure:
    """Creates answered while holds expire for a while, against creates before and after."""
    resource = stage.add_resources(1, 500)[0]
    _hold(stage)
    with stage.gateway() as gateway:
        _answered(gateway.address, creates(resource, 200, path=RESERVATIONS))
        alone = _answered(gateway.address, creates(resource, ALONE, path=RESERVATIONS))
        requests = creates(resource, MOST_BESIDE, path=RESERVATIONS)
        # A process of its own, as everywhere: in this one it would hold up the clock that measures.
        sweep = get_context("spawn").Process(target=_sweep, args=(stage.cluster.jobs_dsn(),))
        sweep.start()
        beside = _answered(gateway.address, requests, until=lambda: not sweep.is_alive())
        sweep.join()
        alone += _answered(gateway.address, creates(resource, ALONE, path=RESERVATIONS))
    quiet, busy = (quantiles(times, n=100)[98] for times in (alone, beside))
    print(f"jobs: create p99 {quiet * 1000:.1f} ms alone, {busy * 1000:.1f} ms beside a sweep ({len(beside)} creates)")
    return Figure("create p99 beside a sweep / without", f"{busy / quiet:.2f}", "<= 2", busy / quiet <= 2)


def _sweep(dsn: str) -> None:
    database = Database(dsn, pool_size=8, request_seconds=120, prepare_after=3)
    try:
        began = time.perf_counter()
        expired = expire_holds(database, Budget(BESIDE_SECONDS))
        print(f"jobs: {expired / (time.perf_counter() - began):,.0f} holds expired per second beside creates")
    finally:
        database.close()


def _latency(stage: Stage) -> list[Figure]:
    """From an event's transaction to the consumer that took it out of the outbox, through gateway and queue."""
    resource = stage.add_resources(1, 500)[0]
    directory = stage.environment.directory.path
    with serve_aws(directory) as aws, serve_queue(aws) as queue:
        functions = stage.environment.functions() | MANY_GUESTS | aws | queue
        with (
            Background(functions | stage.environment.jobs()),
            serve("127.0.0.1", 0, 2, functions, access_log=directory / "access.log") as gateway,
        ):
            gateway.wait_until_ready()
            with psycopg.connect(stage.cluster.owner_dsn(), autocommit=True) as connection:
                connection.execute("TRUNCATE deliveries, outbox")  # what expired above would be told first
            _answered(gateway.address, creates(resource, 50, path=RESERVATIONS))
            time.sleep(3)
            with psycopg.connect(stage.cluster.owner_dsn(), autocommit=True) as connection:
                connection.execute("TRUNCATE deliveries, outbox")
                for request in creates(resource, TOLD, path=RESERVATIONS):
                    _answered(gateway.address, [request])
                    time.sleep(0.01)
                time.sleep(3)
                rows = connection.execute(
                    "SELECT extract(EPOCH FROM delivery.created_at - event.occurred_at)::float"
                    " FROM deliveries AS delivery JOIN events AS event ON event.id = delivery.event_id ORDER BY 1"
                ).fetchall()
    waits = [row[0] * 1000 for row in rows]
    middle, late = median(waits), quantiles(waits, n=100)[98]
    print(f"jobs: {len(waits)} events reached the consumer, median {middle:.0f} ms, p99 {late:.0f} ms")
    return [
        Figure("event to consumer, median ms", f"{middle:.0f}", "< 50", middle < 50),
        Figure("event to consumer, p99 ms", f"{late:.0f}", "< 250", late < 250),
    ]


def _hold(stage: Stage) -> None:
    resources = stage.add_resources(RESOURCES, CAPACITY)
    with psycopg.connect(stage.cluster.owner_dsn(), autocommit=True) as connection:
        _fill(connection, resources, "held", f"H{resources[0].hex[-6:]}")
        connection.execute(HELD_UNITS, [resources])
        connection.execute("VACUUM ANALYZE")


def _fill(connection: psycopg.Connection[Any], resources: list[UUID], state: str, prefix: str) -> None:
    values = {"last": MANY - 1, "resources": resources, "count": len(resources), "first": FIRST, "hours": HOURS}
    connection.execute(SWEPT, {**values, "state": state, "prefix": prefix})
    connection.execute("VACUUM ANALYZE")


def _make_a_guest(address: str, resource_id: UUID) -> None:
    _answered(address, creates(resource_id, 1, path=RESERVATIONS))


def _answered(address: str, requests: Sequence[Request], until: Callable[[], bool] = lambda: False) -> list[float]:
    """Seconds that each took, one after the other on one connection, and no further ones where `until` says so."""
    headers = {"Content-Type": "application/json"}
    with httpx.Client(base_url=address, timeout=30) as client:
        return [
            _seconds(lambda one=one: client.post(one.path, content=one.body, headers=headers).raise_for_status())
            for one in takewhile(lambda _: not until(), requests)
        ]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
