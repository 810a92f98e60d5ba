"""The chain of seals shows the first event that was changed, removed or slipped in, even by the database's owner."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from chalicelib.database import transaction
from chalicelib.reporting.seal_events import list_tenants, seal_events, verify_events
from tests.consistency.world import TENANT, make_world

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.databases import Database

COPY = """
INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, occurred_at, transaction_id)
SELECT tenant_id, %s, type, entity_kind, entity_id, 'system', occurred_at, transaction_id FROM events WHERE id = %s
"""


@pytest.fixture
def jobs(database: Database) -> Generator[transaction.Database]:
    """The background jobs' way to a database in which much has happened and is sealed."""
    make_world(database)
    application = transaction.Database(database.jobs, pool_size=2, request_seconds=10)
    try:
        assert seal_events(application, TENANT) > 20
        yield application
    finally:
        application.close()


def tamper(database: Database, *statements: str, parameters: list[object] | None = None) -> None:
    """Change what nobody may change, as somebody who switches the protection off."""
    with psycopg.connect(database.owner) as owner:
        owner.execute("SET session_replication_role = replica")
        for statement in statements:
            owner.execute(statement.encode(), parameters)


def ids(database: Database) -> list[str]:
    with psycopg.connect(database.owner) as owner:
        query = "SELECT id::text FROM events ORDER BY transaction_id, id"
        return [row[0] for row in owner.execute(query).fetchall()]


def test_what_was_not_touched_holds_and_goes_on(database: Database, jobs: transaction.Database) -> None:
    before = verify_events(jobs, TENANT)
    assert (before.broken, before.seals, before.events) == (None, 1, len(ids(database)))
    assert seal_events(jobs, TENANT) == 0
    with psycopg.connect(database.owner) as owner:
        owner.execute(
            "INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, occurred_at)"
            " SELECT tenant_id, gen_random_uuid(), type, entity_kind, entity_id, 'system', clock_now()"
            " FROM events LIMIT 1"
        )
    assert seal_events(jobs, TENANT) == 1
    after = verify_events(jobs, TENANT)
    assert (after.broken, after.seals, after.events) == (None, 2, before.events + 1)
    assert after.head != before.head
    assert TENANT in list_tenants(jobs)


def test_a_changed_event_is_named(database: Database, jobs: transaction.Database) -> None:
    event = ids(database)[7]
    tamper(database, "UPDATE events SET actor_id = 'somebody else' WHERE id = %s", parameters=[event])
    assert verify_events(jobs, TENANT).broken == f"event {event}, under seal 1, was changed"


def test_a_time_that_was_moved_is_a_change(database: Database, jobs: transaction.Database) -> None:
    event = ids(database)[3]
    tamper(
        database,
        "UPDATE events SET occurred_at = occurred_at + interval '1 microsecond' WHERE id = %s",
        parameters=[event],
    )
    assert verify_events(jobs, TENANT).broken == f"event {event}, under seal 1, was changed"


def test_a_removed_event_is_named(database: Database, jobs: transaction.Database) -> None:
    event = ids(database)[5]
    tamper(database, "DELETE FROM events WHERE id = %s", parameters=[event])
    assert verify_events(jobs, TENANT).broken == f"event {event}, under seal 1, is gone"


def test_an_event_that_was_slipped_in_is_named(database: Database, jobs: transaction.Database) -> None:
    new = str(uuid4())
    tamper(database, COPY, parameters=[new, ids(database)[4]])
    assert verify_events(jobs, TENANT).broken == f"event {new} was slipped in under seal 1"


def test_a_seal_that_was_made_anew_does_not_fit(database: Database, jobs: transaction.Database) -> None:
    tamper(database, "UPDATE event_seals SET event_hashes[1] = sha256('another')")
    assert verify_events(jobs, TENANT).broken == "seal 1 is not the one that followed seal 0"


def test_a_seal_that_is_missing_is_noticed(database: Database, jobs: transaction.Database) -> None:
    tamper(database, "UPDATE event_seals SET number = 2")
    assert verify_events(jobs, TENANT).broken == "seal 1 is missing"


def test_work_under_way_waits_for_the_next_seal(database: Database, jobs: transaction.Database) -> None:
    insert = (
        "INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, occurred_at)"
        " SELECT tenant_id, gen_random_uuid(), type, entity_kind, entity_id, 'system', clock_now() FROM events LIMIT 1"
    )
    with psycopg.connect(database.owner) as slow:
        slow.execute(insert)
        with psycopg.connect(database.owner) as fast:
            fast.execute(insert)
        assert seal_events(jobs, TENANT) == 0
    assert seal_events(jobs, TENANT) == 2
    assert verify_events(jobs, TENANT).broken is None


def test_nobody_else_seals_or_changes_seals(database: Database, jobs: transaction.Database) -> None:
    assert jobs
    for dsn, statement in (
        (database.app, "SELECT 1 FROM event_seals"),
        (database.jobs, "UPDATE event_seals SET number = 7"),
        (database.jobs, "DELETE FROM event_seals"),
    ):
        with psycopg.connect(dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
    with psycopg.connect(database.owner) as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute("DELETE FROM event_seals")


@pytest.mark.parametrize("table", ["events", "event_seals", "policy_versions"])
def test_not_even_the_owner_empties_what_is_only_added_to(database: Database, table: str) -> None:
    with psycopg.connect(database.owner) as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute(SQL("TRUNCATE {} CASCADE").format(Identifier(table)))
