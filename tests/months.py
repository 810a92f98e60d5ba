"""Events that happened months ago: the clock by which ids are made cannot be moved, so ids are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

from chalicelib.jobs.storage import partitions

if TYPE_CHECKING:
    from psycopg import Connection

    from chalicelib.database import transaction
    from tests.databases import Database

AGE = """
UPDATE events SET id = overlay(
    id::text PLACING left(first_id_at(now() - make_interval(months => %(months)s))::text, 13) FROM 1
)::uuid
"""
AS_IF_MADE_THEN = """
DO $$
DECLARE
    begins constant text := quote_literal(first_id_at(date_trunc('month', now(), 'UTC') - interval '3 months'));
BEGIN
    ALTER TABLE events DETACH PARTITION events_first;
    EXECUTE format('ALTER TABLE events ATTACH PARTITION events_first FOR VALUES FROM (MINVALUE) TO (%s)', begins);
    EXECUTE format('CREATE TABLE events_since PARTITION OF events FOR VALUES FROM (%s) TO (MAXVALUE)', begins);
    ALTER TABLE events_since OWNER TO berth_owner;
    ALTER TABLE events_since ENABLE ROW LEVEL SECURITY;
    ALTER TABLE events_since FORCE ROW LEVEL SECURITY;
END
$$
"""


def age_events(database: Database, months: int) -> None:
    """Let all events be so many months older, and nobody wait for any of them."""
    with psycopg.connect(database.owner) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(AGE, {"months": months})
        owner.execute("DELETE FROM outbox")


def begin_three_months_ago(database: Database) -> None:
    """Let the first partition have ended three months ago; none was made since. For databases without events."""
    with psycopg.connect(database.owner) as owner:
        owner.execute(AS_IF_MADE_THEN)


def add_event(connection: Connection[Any], month: int, tenant: str) -> str:
    """Add an event of a tenant with an id of the middle of a month; 0 is this one. Returns the id."""
    row = connection.execute(
        """
        INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, occurred_at)
        SELECT id, overlay(
            gen_random_uuid()::text PLACING left(first_id_at(
                date_trunc('month', now(), 'UTC') + make_interval(months => %s, days => 14)
            )::text, 13) || '-7' FROM 1
        )::uuid, 'tenant.updated', 'tenant', id, 'system', now()
        FROM tenants WHERE slug = %s
        RETURNING id::text
        """,
        [month, tenant],
    ).fetchone()
    assert row is not None
    return row[0]


def all_partitions(jobs: transaction.Database) -> list[partitions.Partition]:
    """Those of events, which leave no gap: each ends where the next begins, and the last one is open."""
    found = [one for one in jobs.run_without_tenant(partitions.list_partitions) if not one.archived]
    assert [one.until_id for one in found] == [*(one.from_id for one in found[1:]), None]
    return found
