"""Events by month: where they land, who may touch the tables of months, and what takes part in making them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors as sqlstate
from psycopg.sql import SQL, Identifier

from chalicelib.database import transaction
from chalicelib.database.identifiers import new_id
from chalicelib.database.migrations.migrate import BOOTSTRAP, FOLDER, migrate
from chalicelib.jobs.budget import Budget
from chalicelib.jobs.make_partitions import make_partitions
from tests.databases import Database, new_database
from tests.months import add_event, age_events, all_partitions, begin_three_months_ago
from tests.offers import STAY, Offer, add_tenant, policy

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from local.postgres.cluster import Cluster

OFFERS = [Offer(slug="cabin", document=policy(STAY))]
INSERT = """
INSERT INTO {} (tenant_id, id, type, entity_kind, entity_id, actor_kind, occurred_at)
SELECT id, gen_random_uuid(), 'tenant.updated', 'tenant', id, 'system', now() FROM tenants
"""


@pytest.fixture
def jobs(database: Database) -> Generator[transaction.Database]:
    """The background jobs' way to a database with one tenant, whose present months are made."""
    add_tenant(database.owner, "oaks", OFFERS)
    way = transaction.Database(database.jobs, pool_size=4, request_seconds=10)
    try:
        assert make_partitions(way, Budget(20), None) == 3
        yield way
    finally:
        way.close()


def month_name(months: int) -> str:
    """The partition that begins so many months after this one."""
    now = datetime.now(UTC)
    year, month = divmod(now.year * 12 + now.month - 1 + months, 12)
    return f"events_{year}_{month + 1:02}"


def placed(owner: psycopg.Connection[Any]) -> dict[str, str]:
    return dict(owner.execute("SELECT id::text, tableoid::regclass::text FROM events").fetchall())


def test_events_lie_in_the_month_of_their_id(database: Database, jobs: transaction.Database) -> None:
    assert [one.name for one in all_partitions(jobs)] == ["events_first", *map(month_name, (1, 2, 3))]
    with psycopg.connect(database.owner) as owner:
        ids = {month: add_event(owner, month, "oaks") for month in (-12, 0, 1, 2, 3, 40)}
        found = placed(owner)
    assert {month: found[one] for month, one in ids.items()} == {
        -12: "events_first",
        0: "events_first",
        1: month_name(1),
        2: month_name(2),
        3: month_name(3),
        40: month_name(3),
    }


def test_an_id_made_now_lies_in_this_month(database: Database, jobs: transaction.Database) -> None:
    assert jobs
    with psycopg.connect(database.owner) as owner:
        before = owner.execute("SELECT first_id_at(clock_timestamp() - interval '1 second')").fetchone()
        made = new_id()
        after = owner.execute("SELECT first_id_at(clock_timestamp() + interval '1 second')").fetchone()
    assert before is not None
    assert after is not None
    assert before[0] < made < after[0]


def test_what_a_late_job_finds_open_is_ended_in_its_place_and_later_ids_move_on(database: Database) -> None:
    add_tenant(database.owner, "oaks", OFFERS)
    begin_three_months_ago(database)
    with psycopg.connect(database.owner) as owner:
        ids = {month: add_event(owner, month, "oaks") for month in (-5, -3, -1, 0, 1, 7)}
        told = owner.execute("SELECT count(*) FROM outbox").fetchall()
        before = owner.execute("SELECT * FROM events ORDER BY id").fetchall()
    way = transaction.Database(database.jobs, pool_size=1, request_seconds=10)
    try:
        assert make_partitions(way, Budget(20), None) == 3
        assert [one.name for one in all_partitions(way)] == [
            "events_first",
            "events_since",
            *map(month_name, (1, 2, 3)),
        ]
    finally:
        way.close()
    with psycopg.connect(database.owner) as owner:
        found = placed(owner)
        assert owner.execute("SELECT * FROM events ORDER BY id").fetchall() == before
        assert owner.execute("SELECT count(*) FROM outbox").fetchall() == told
    assert [found[ids[month]] for month in (-5, -3, -1, 0)] == ["events_first", *["events_since"] * 3]
    assert [found[ids[month]] for month in (1, 7)] == [month_name(1), month_name(3)]


def test_every_event_is_put_into_the_outbox_once_whatever_its_month(
    database: Database, jobs: transaction.Database
) -> None:
    assert jobs
    with psycopg.connect(database.owner) as owner:
        ids = sorted(add_event(owner, month, "oaks") for month in range(-1, 5))
        assert [one for (one,) in owner.execute("SELECT event_id::text FROM outbox ORDER BY event_id")] == ids


@pytest.mark.parametrize("role", ["app", "jobs", "readonly"])
def test_partitions_are_reached_through_their_table_alone(
    database: Database, jobs: transaction.Database, role: str
) -> None:
    for partition in all_partitions(jobs):
        for text in ("SELECT FROM {}", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}", INSERT):
            with psycopg.connect(getattr(database, role)) as connection:
                connection.execute("SELECT set_config('app.tenant_id', id::text, true) FROM tenants")
                with pytest.raises(sqlstate.InsufficientPrivilege):
                    connection.execute(SQL(text).format(Identifier(partition.name)))


def test_a_partition_that_is_granted_by_mistake_shows_the_tenants_own_only(
    database: Database, jobs: transaction.Database
) -> None:
    add_tenant(database.owner, "elms", OFFERS)
    name = all_partitions(jobs)[1].name
    with psycopg.connect(database.owner) as owner:
        add_event(owner, 1, "oaks")
        owner.execute(SQL("GRANT SELECT, INSERT ON {} TO berth_app").format(Identifier(name)))
    seen = SQL("SELECT FROM {}").format(Identifier(name))
    with psycopg.connect(database.app) as connection:
        assert connection.execute(seen).rowcount == 0
        for slug, rows in (("elms", 0), ("oaks", 1)):
            connection.execute(
                "SELECT set_config('app.tenant_id', id::text, true) FROM tenants WHERE slug = %s", [slug]
            )
            assert connection.execute(seen).rowcount == rows
        with pytest.raises(sqlstate.InsufficientPrivilege, match="row-level security"):
            connection.execute(SQL(INSERT + "WHERE slug = 'elms'").format(Identifier(name)))


@pytest.mark.parametrize("role", ["postgres", "berth_owner"])
def test_not_even_the_owner_changes_what_a_partition_holds(
    database: Database, jobs: transaction.Database, role: str
) -> None:
    names = ["events", *(one.name for one in all_partitions(jobs))]
    with psycopg.connect(database.owner, autocommit=True) as owner:
        for month in range(4):
            add_event(owner, month, "oaks")
        for name in names:  # FORCE would hide the rows from their owner, and triggers of rows would have none
            owner.execute(SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(Identifier(name)))
        owner.execute(SQL("SET ROLE {}").format(Identifier(role)))
        for name in names:
            for text in ("UPDATE {} SET type = type", "DELETE FROM {}", "TRUNCATE {}"):
                with pytest.raises(sqlstate.InsufficientPrivilege, match="is append-only"):
                    owner.execute(SQL(text).format(Identifier(name)))


@pytest.mark.parametrize("role", ["app", "readonly"])
@pytest.mark.parametrize("call", ["make_event_partition()", "archive_event_partition(1, NULL)"])
def test_jobs_alone_make_and_archive_months(database: Database, role: str, call: str) -> None:
    with psycopg.connect(getattr(database, role)) as connection, pytest.raises(sqlstate.InsufficientPrivilege):
        connection.execute(f"SELECT {call}".encode())


@pytest.mark.parametrize("months", [0, -1])
def test_this_month_is_never_archived(database: Database, months: int) -> None:
    with psycopg.connect(database.jobs) as connection, pytest.raises(sqlstate.InvalidParameterValue):
        connection.execute("SELECT archive_event_partition(%s, NULL)", [months])


def test_archived_events_are_seen_by_jobs_and_readers_and_changed_by_nobody(database: Database) -> None:
    add_tenant(database.owner, "oaks", OFFERS)
    begin_three_months_ago(database)
    with psycopg.connect(database.owner) as owner:
        add_event(owner, 0, "oaks")
    age_events(database, 5)
    way = transaction.Database(database.jobs, pool_size=1, request_seconds=10)
    try:
        assert make_partitions(way, Budget(20), 2) == 4
    finally:
        way.close()
    count = "SELECT count(*) FROM archived_events"
    for role, without_tenant, with_tenant in (("jobs", 1, 1), ("readonly", 0, 1)):
        with psycopg.connect(getattr(database, role)) as connection:
            assert connection.execute(count).fetchone() == (without_tenant,)
            connection.execute("SELECT set_config('app.tenant_id', id::text, true) FROM tenants")
            assert connection.execute(count).fetchone() == (with_tenant,)
    with psycopg.connect(database.app) as connection, pytest.raises(sqlstate.InsufficientPrivilege):
        connection.execute(count)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        for name in ("archived_events", "events_first"):
            for text in ("UPDATE {} SET type = type", "DELETE FROM {}", "TRUNCATE {}"):
                with pytest.raises(sqlstate.InsufficientPrivilege, match="is append-only"):
                    owner.execute(SQL(text).format(Identifier(name)))


def test_events_of_before_are_carried_over_as_they_were(cluster: Cluster, tmp_path: Path) -> None:
    before = tmp_path / "before"
    shutil.copytree(FOLDER, before, ignore=lambda _, names: {BOOTSTRAP.name, *(one for one in names if one > "0016")})
    with new_database(cluster, template="template0") as database:
        migrate(database.owner, before)
        with psycopg.connect(database.owner) as owner:
            owner.execute(
                "INSERT INTO tenants (id, slug, name, timezone, currency)"
                " VALUES (gen_random_uuid(), 'oaks', 'Oaks', 'UTC', 'EUR')"
            )
            for _ in range(3):
                owner.execute(SQL(INSERT).format(Identifier("events")))
            kept = owner.execute("SELECT * FROM events ORDER BY id").fetchall()
            waiting = owner.execute("SELECT * FROM outbox ORDER BY event_id").fetchall()
        assert migrate(database.owner)[0] == "0016_partitions"
        with psycopg.connect(database.owner) as owner:
            carried = owner.execute("SELECT * FROM events ORDER BY id").fetchall()
            assert [row[: len(kept[0])] for row in carried] == kept  # later migrations add columns
            assert owner.execute("SELECT * FROM outbox ORDER BY event_id").fetchall() == waiting
            assert set(placed(owner).values()) == {"events_first"}
            owner.execute(
                "SELECT set_config('app.tenant_id', id::text, true), set_config('role', 'berth_app', true) FROM tenants"
            )
            owner.execute(SQL(INSERT).format(Identifier("events")))
            assert owner.execute("SELECT count(*) FROM events").fetchone() == (len(kept) + 1,)
