"""Does a long past make the present slower? A hundred times as many past reservations must not.

Both times as much is there at present: what is looked at was reserved before, and what is created is created on other
resources, which have as long a past. Processor time is compared, since it depends less on a machine's neighbours.
"""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

import psycopg

from local.environment import MANY_GUESTS
from local.gateway.serve import serve
from tools.bench.accounts import Accounts, spread
from tools.bench.load import Request, measure
from tools.bench.stage import FIRST, RESERVATIONS, TENANT, Figure, Stage, creates, reservations_of

if TYPE_CHECKING:
    from uuid import UUID

    from local.gateway.serve import Gateway

FEW, MANY = 10_000, 1_000_000
RESOURCES = 50
LOOKED_AT = "bench-looks"
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
INNER JOIN guests AS guest ON resource.tenant_id = guest.tenant_id AND guest.email = 'past@example.org'
"""
GUEST = """
INSERT INTO guests (id, tenant_id, name, email, created_at)
SELECT gen_random_uuid(), id, 'Past', 'past@example.org', now() FROM tenants WHERE slug = ANY(%s)
"""


def run(stage: Stage) -> list[Figure]:
    """Measure with a short past, lengthen it, measure again on resources of the same kind."""
    looked_at = stage.add_resources(RESOURCES, 20, tenant=LOOKED_AT)
    created_on = stage.add_resources(2 * (ROUNDS + 1), 20)
    accounts = Accounts(stage)
    functions = stage.environment.functions() | MANY_GUESTS
    log = stage.environment.directory.path / "access.log"
    with serve("127.0.0.1", 0, 1, functions, threads=1, access_log=log) as gateway:
        gateway.wait_until_ready()
        for resource_id in looked_at[: ROUNDS + 1]:
            measure(gateway.address, 1, creates(resource_id, REQUESTS, path=reservations_of(LOOKED_AT), spread=150))
        _lengthen(stage, [*looked_at, *created_on], 0, FEW)
        short = _taken(accounts, gateway, created_on[: ROUNDS + 1])
        _lengthen(stage, [*looked_at, *created_on], FEW, MANY)
        long = _taken(accounts, gateway, created_on[ROUNDS + 1 :])
    figures: list[Figure] = []
    for name in short:
        reached = median(long[name]) / median(short[name])
        print(
            f"growth: {name} {median(short[name]):.2f} ms ({spread(short[name])}) with {FEW:,} past reservations, "
            f"{median(long[name]):.2f} ms ({spread(long[name])}) with {MANY:,}"
        )
        figures.append(Figure(f"{name}: 1,000,000 past / 10,000 past", f"{reached:.2f}", "≤ 1.30", reached <= 1.3))
    return figures


def _lengthen(stage: Stage, resources: list[UUID], first: int, last: int) -> None:
    with psycopg.connect(stage.cluster.owner_dsn(), autocommit=True) as connection:
        if first == 0:
            connection.execute(GUEST, [[TENANT, LOOKED_AT]])
        values = {"first": first, "last": last - 1, "resources": resources, "count": len(resources)}
        connection.execute(PAST, values)
        connection.execute("VACUUM ANALYZE reservations")
        connection.execute("CHECKPOINT")


def _taken(accounts: Accounts, gateway: Gateway, resources: list[UUID]) -> dict[str, list[float]]:
    """Milliseconds of the processor that a create took, and a look at 50 resources over 30 days, in each round."""
    until = FIRST + timedelta(days=DAYS)
    period = f"from={FIRST:%Y-%m-%dT%H:%M:%SZ}&until={until:%Y-%m-%dT%H:%M:%SZ}"
    look = Request("GET", f"/api/v1/tenants/{LOOKED_AT}/availability?{period}")
    created: list[float] = []
    looked: list[float] = []
    for number, resource_id in enumerate(resources):
        plan = creates(resource_id, REQUESTS, path=RESERVATIONS, spread=150)
        created_now = accounts.used(gateway, plan, 201).together
        looked_now = accounts.used(gateway, [look] * LOOKS, 200).together
        if number:  # the first round warms up
            created.append(created_now)
            looked.append(looked_now)
    return {"create": created, "availability of 50 resources over 30 days": looked}
