"""What signing in, row security and statistics cost."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

import httpx
import psycopg

from chalicelib.adapters.tokens import Tokens
from chalicelib.database.transaction import Database
from chalicelib.http.context import Context
from chalicelib.reporting.read_statistics import Step, read_statistics
from chalicelib.reservations.model.search import ReservationFilter
from chalicelib.reservations.storage.reservations import search_reservations
from local.environment import SIGNING_KID
from tools.bench.stage import FIRST, RESERVATIONS, TENANT, Figure, Stage, creates
from tools.people import access_token

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

ROUNDS = 300
RESERVED = 100_000
RESOURCES = 20
YEAR = date(2030, 1, 1)
OVER_A_YEAR = """
INSERT INTO reservations (
    id, tenant_id, code, resource_id, guest_id, state, starts_at, ends_at, quantity, party_size, price, policy_id,
    policy_version, created_at, updated_at
)
SELECT
    gen_random_uuid(), resource.tenant_id, 'YEAR' || number, resource.id, guest.id, 'completed',
    timestamptz '2030-01-01 00:00+00' + (number / %(count)s) * interval '100 minutes',
    timestamptz '2030-01-01 01:00+00' + (number / %(count)s) * interval '100 minutes',
    1, 2, '{"currency": "EUR", "total": 1500, "lines": []}', resource.policy_id, 1, now(), now()
FROM generate_series(0, %(last)s::bigint) AS number
INNER JOIN (
    SELECT resources.*, row_number() OVER (ORDER BY id) - 1 AS place
    FROM resources WHERE id = ANY(%(resources)s)
) AS resource ON resource.place = number %% %(count)s
CROSS JOIN (SELECT id FROM guests LIMIT 1) AS guest
"""
SCAN = """
SELECT resource_id, (starts_at AT TIME ZONE 'UTC')::date AS on_date,
    sum(extract(EPOCH FROM ends_at - starts_at) / 60 * quantity) AS minutes,
    sum((price ->> 'total')::bigint) AS revenue, count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
    count(*) AS reservations
FROM reservations
WHERE tenant_id = current_tenant_id() AND starts_at >= '2030-01-01Z' AND starts_at < '2031-01-01Z'
GROUP BY 1, 2
"""


def run(stage: Stage) -> list[Figure]:
    """Measure on the running API, and on the use cases themselves."""
    resources = stage.add_resources(RESOURCES, 20)
    with stage.gateway() as gateway:
        figures = [_authentication(stage, gateway.address, resources[0])]
    application, owner = (
        Database(dsn, pool_size=1, request_seconds=60, prepare_after=3)
        for dsn in (stage.cluster.app_dsn(), stage.cluster.owner_dsn())
    )
    try:
        _fill(stage, resources)
        figures.append(_row_security(application, owner))
        figures.append(_statistics(application))
    finally:
        application.close()
        owner.close()
    return figures


def _authentication(stage: Stage, address: str, resource_id: UUID) -> Figure:
    """The same reservation read by its guest, whose token says all, and by staff, whose role is asked for."""
    (request,) = creates(resource_id, 1, path=RESERVATIONS)
    tokens = Tokens([(SIGNING_KID, stage.environment.directory.secrets.signing_key)])
    staff = access_token(stage.cluster.owner_dsn(), tokens, TENANT, "agent", timedelta(hours=1))
    with httpx.Client(base_url=address) as client:
        headers = {"Content-Type": "application/json"}
        made = client.post(request.path, content=request.body, headers=headers).raise_for_status().json()
        path = f"{RESERVATIONS}/{made['id']}"

        def read(token: str) -> None:
            client.get(path, headers={"Authorization": f"Bearer {token}"}).raise_for_status()

        guest, agent = _alternately(lambda: read(made["manage_token"]), lambda: read(staff))
    print(f"people: a reservation read by its guest {guest:.2f} ms, by staff {agent:.2f} ms")
    return Figure(
        "read by staff / by a guest: what asking for the role costs", f"{agent / guest:.2f}", "told", met=True
    )


def _row_security(application: Database, owner: Database) -> Figure:
    """The same page of reservations as the application's role and as one that row security does not hold for."""
    wanted = ReservationFilter(starts_at=FIRST, ends_at=datetime(2200, 1, 1, tzinfo=UTC))

    def page(database: Database) -> None:
        database.run(TENANT, lambda transaction: search_reservations(transaction, wanted, 50))

    confined, free = _alternately(lambda: page(application), lambda: page(owner))
    print(f"people: a page of reservations under row security {confined:.2f} ms, without it {free:.2f} ms")
    return Figure("a page of reservations with row security / without", f"{confined / free:.2f}", "told", met=True)


def _statistics(application: Database) -> Figure:
    """A year of 100,000 reservations, answered from what is kept per day and by reading all of them."""
    until = YEAR.replace(year=YEAR.year + 1)

    def answer() -> None:
        read_statistics(Context(application, TENANT), YEAR, until, Step.MONTH, None)

    def scan() -> None:
        application.run(TENANT, _scan)

    began = time.perf_counter()
    answer()
    built = time.perf_counter() - began
    kept, scanned = _alternately(answer, scan, rounds=15)
    print(f"people: statistics made in {built:.2f} s, answered in {kept:.1f} ms, by reading all {scanned:.1f} ms")
    reached = kept / scanned
    return Figure("statistics of 100,000 reservations / reading them all", f"{reached:.2f}", "< 0.25", reached < 0.25)


def _scan(transaction: Any) -> None:  # noqa: ANN401 - the transaction of a bench, without SQL files
    transaction.ask("SET LOCAL enable_indexscan = off", {})
    transaction.ask("SET LOCAL enable_bitmapscan = off", {})
    transaction.ask("SET LOCAL enable_indexonlyscan = off", {})
    assert transaction.rows(SCAN, {})  # noqa: S101 - a bench that reads nothing measures nothing


def _fill(stage: Stage, resources: list[UUID]) -> None:
    with psycopg.connect(stage.cluster.owner_dsn(), autocommit=True) as connection:
        values = {"last": RESERVED - 1, "resources": resources, "count": len(resources)}
        connection.execute(OVER_A_YEAR, values)
        connection.execute("VACUUM ANALYZE")


def _alternately(first: Callable[[], None], second: Callable[[], None], *, rounds: int = ROUNDS) -> tuple[float, float]:
    """Median milliseconds of each, taken in turns so that the machine's moods meet both."""
    taken: tuple[list[float], list[float]] = [], []
    for _ in range(rounds):
        for work, list_of in zip((first, second), taken, strict=True):
            began = time.perf_counter()
            work()
            list_of.append((time.perf_counter() - began) * 1000)
    return median(taken[0]), median(taken[1])
