"""What is taken later, or was earlier, costs a look at one time nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg

from chalicelib.availability.storage import admission
from tests.stage import TENANT, offer, open_stage

if TYPE_CHECKING:
    from tests.databases import Database

FIRST = datetime(2030, 1, 1, tzinfo=UTC)
TAKEN = 2_000
ADDED = """
INSERT INTO allocations (
    tenant_id, owner_id, part, owner_kind, resource_id, inventory_id, during, units, quantity, pinned
)
SELECT
    resource.tenant_id, gen_random_uuid(), 0, 'reservation', resource.id, resource.inventory_id,
    tstzrange(%(first)s + number * interval '1 hour', %(first)s + (number + 1) * interval '1 hour'),
    int4multirange(int4range(1, 2)), 1, false
FROM resources AS resource, generate_series(0, %(taken)s - 1) AS number
WHERE resource.slug = 'room'
"""


def test_a_look_reads_only_what_is_taken_at_that_time(database: Database) -> None:
    with open_stage(database, offer("room")) as stage:
        with psycopg.connect(database.owner, autocommit=True) as owner:
            owner.execute(ADDED, {"first": FIRST, "taken": TAKEN})
            owner.execute("VACUUM ANALYZE allocations")
        middle = FIRST + TAKEN // 2 * timedelta(hours=1)
        looked = {
            "resource_id": stage.resources["room"],
            "blocked_from": middle,
            "blocked_until": middle + timedelta(hours=2),
            "reach_from": middle,
            "reach_until": middle + timedelta(hours=2),
            "except_owner": uuid4(),
        }
        with psycopg.connect(database.app) as application:
            application.execute(
                "SELECT set_config('app.tenant_id', id::text, true) FROM tenants WHERE slug = %s", [TENANT]
            )
            for ways in ("seqscan", "bitmapscan"):  # which a table of one resource would be read by
                application.execute(f"SET LOCAL enable_{ways} = off")
            explained = application.execute("EXPLAIN (ANALYZE, TIMING OFF) " + admission.SQL["read_facts"], looked)
            plan = "\n".join(row[0] for row in explained)
    assert "allocations_looking" in plan, plan
    at = plan.index("allocations_looking")
    assert "Rows Removed by Filter" not in plan[at : at + 600], plan
