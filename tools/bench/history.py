"""Does a long past make the present slower? A hundred times as many past reservations must not."""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

import psycopg

from tools.bench.load import Request, measure
from tools.bench.stage import FIRST, RESERVATIONS, TENANT, Figure, Stage, creates

if TYPE_CHECKING:
    from uuid import UUID

FEW, MANY = 10_000, 1_000_000
RESOURCES = 50
ROUNDS = 5
REQUESTS = 300
LOOKS = 60
DAYS = 30

PAST = """
INSERT INTO reservations (
    id, tenant_id, code, resource_id, guest_id, state, starts_at, ends_at, quantity, party_size, price, policy_id,
    policy_version, created_at, updated_at
)
SELECT
    gen_random_uuid(), resource.tenant_id, 'PAST' || number, resource.id, guest.id, 'completed',
    timestamptz '2020-01-01 00:00+00' + number * interval '2 minutes',
    timestamptz '2020-01-01 01:00+00' + number * interval '2 minutes',
    1, 2, '{"currency": "EUR", "total": 1500, "lines": []}', resource.policy_id, 1, now(), now()
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
INNER JOIN (
    SELECT resources.*, row_number() OVER (ORDER BY id) - 1 AS place
    FROM resources WHERE id = ANY(%(resources)s)
) AS resource ON resource.place = number %% %(count)s
CROSS JOIN (SELECT id FROM guests WHERE email = 'past@example.org' LIMIT 1) AS guest
"""
GUEST = """
INSERT INTO guests (id, tenant_id, name, email, created_at)
SELECT gen_random_uuid(), id, 'Past', 'past@example.org', now() FROM tenants WHERE slug = %s
"""


def run(stage: Stage) -> list[Figure]:
    """Measure with a short past, lengthen it, measure again on resources of the same kind."""
    resources = stage.add_resources(RESOURCES, 20)
    with stage.gateway() as gateway:
        _lengthen(stage, resources, 0, FEW)
        short = _latencies(gateway.address, resources)
        _lengthen(stage, resources, FEW, MANY)
        long = _latencies(gateway.address, resources)
    figures: list[Figure] = []
    for name in short:
        reached = long[name] / short[name]
        print(f"history: {name} {short[name]:.2f} ms with {FEW:,} past reservations, {long[name]:.2f} ms with {MANY:,}")
        figures.append(Figure(f"{name}: 1,000,000 past / 10,000 past", f"{reached:.2f}", "≤ 1.30", reached <= 1.3))
    return figures


def _lengthen(stage: Stage, resources: list[UUID], first: int, last: int) -> None:
    with psycopg.connect(stage.cluster.owner_dsn(), autocommit=True) as connection:
        if first == 0:
            connection.execute(GUEST, [TENANT])
        values = {"first": first, "last": last - 1, "resources": resources, "count": len(resources)}
        connection.execute(PAST, values)
        connection.execute("VACUUM ANALYZE reservations")
        connection.execute("CHECKPOINT")


def _latencies(address: str, resources: list[UUID]) -> dict[str, float]:
    """Median milliseconds of a create, and of a look at 50 resources over 30 days."""
    created: list[float] = []
    looked: list[float] = []
    until = FIRST + timedelta(days=DAYS)
    look = f"/api/v1/tenants/{TENANT}/availability?from={FIRST:%Y-%m-%dT%H:%M:%SZ}&until={until:%Y-%m-%dT%H:%M:%SZ}"
    for number in range(ROUNDS + 1):
        created_now = measure(address, 4, creates(resources[number], REQUESTS, path=RESERVATIONS, spread=150))
        looked_now = measure(address, 2, [Request("GET", look)] * LOOKS)
        if number:
            created.append(median(created_now.milliseconds))
            looked.append(median(looked_now.milliseconds))
    return {"create": median(created), "availability of 50 resources over 30 days": median(looked)}
