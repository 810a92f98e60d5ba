"""The migration runner, on migrations of its own: what it refuses, and that two never get in each other's way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from chalicelib.database.migrations import migrate as runner
from chalicelib.database.migrations.migrate import MigrationError, Status, load, migrate, status
from local.postgres import start_cluster
from tests.databases import PASSWORDS, Database, new_database
from tests.folders import folder_for_clusters

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from local.postgres.cluster import Cluster

FIRST = "CREATE TABLE kayaks (id integer PRIMARY KEY);"
SECOND = "ALTER TABLE kayaks ADD COLUMN name text;"


@pytest.fixture
def empty_database(cluster: Cluster) -> Generator[Database]:
    """A database that no runner has seen."""
    with new_database(cluster, template="template0") as database:
        yield database


@pytest.fixture
def untouched_cluster(cluster: Cluster) -> Generator[Cluster]:
    """Another cluster of the same version, without any role of Berth."""
    with (
        folder_for_clusters() as folder,
        start_cluster(folder, PASSWORDS, durable=False, major=cluster.major) as untouched,
    ):
        yield untouched


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations."""
    (tmp_path / "0001_kayaks.sql").write_text(FIRST)
    (tmp_path / "0002_kayaks_have_names.sql").write_text(SECOND)
    return tmp_path


def test_migrations_are_applied_in_order_and_once(empty_database: Database, folder: Path) -> None:
    assert status(empty_database.owner, folder) == Status([], ["0001_kayaks", "0002_kayaks_have_names"])
    assert migrate(empty_database.owner, folder) == ["0001_kayaks", "0002_kayaks_have_names"]
    assert migrate(empty_database.owner, folder) == []
    assert status(empty_database.owner, folder) == Status(["0001_kayaks", "0002_kayaks_have_names"], [])


def test_a_later_migration_is_applied_to_what_is_there(empty_database: Database, folder: Path) -> None:
    migrate(empty_database.owner, folder)
    (folder / "0003_more.sql").write_text("CREATE TABLE paddles ();")
    assert migrate(empty_database.owner, folder) == ["0003_more"]


def test_a_changed_migration_that_was_applied_is_refused(empty_database: Database, folder: Path) -> None:
    migrate(empty_database.owner, folder)
    (folder / "0001_kayaks.sql").write_text(FIRST + "\n")
    with pytest.raises(MigrationError, match=r"0001_kayaks\.sql is not what was applied.*never changes"):
        migrate(empty_database.owner, folder)
    with pytest.raises(MigrationError, match="never changes"):
        status(empty_database.owner, folder)


def test_a_renamed_migration_that_was_applied_is_refused(empty_database: Database, folder: Path) -> None:
    migrate(empty_database.owner, folder)
    (folder / "0001_kayaks.sql").rename(folder / "0001_boats.sql")
    with pytest.raises(MigrationError, match=r"0001_boats\.sql is not what was applied.* as 0001_kayaks"):
        migrate(empty_database.owner, folder)


def test_a_database_of_a_newer_berth_is_refused(empty_database: Database, folder: Path) -> None:
    migrate(empty_database.owner, folder)
    (folder / "0002_kayaks_have_names.sql").unlink()
    with pytest.raises(MigrationError, match=r"newer Berth \(up to 0002_kayaks_have_names; this one knows 1"):
        migrate(empty_database.owner, folder)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("0004_gap.sql", "0004_gap.sql should have the number 0003"),
        ("0002_double.sql", "should have the number 0003"),
        ("3_short.sql", "3_short.sql is not named like 0001_what_it_does.sql"),
        ("0003-dashes.sql", "is not named like"),
    ],
)
def test_files_out_of_order_or_form_are_refused(folder: Path, name: str, complaint: str) -> None:
    (folder / name).write_text("SELECT 1;")
    with pytest.raises(MigrationError, match=complaint):
        load(folder)


def test_nothing_of_a_failing_migration_is_kept(empty_database: Database, folder: Path) -> None:
    (folder / "0003_fails.sql").write_text("CREATE TABLE paddles (); SELECT 1 / 0;")
    with pytest.raises(MigrationError, match="0003_fails failed and nothing of it was kept: division by zero"):
        migrate(empty_database.owner, folder)
    assert status(empty_database.owner, folder).pending == ["0003_fails"]
    with psycopg.connect(empty_database.owner) as connection:
        assert connection.execute("SELECT to_regclass('paddles')").fetchone() == (None,)


def test_runners_at_the_same_time_apply_each_migration_once(empty_database: Database, folder: Path) -> None:
    (folder / "0003_slow.sql").write_text("SELECT pg_sleep(0.2);")
    with ThreadPoolExecutor(4) as threads:
        applied = threads.map(partial(migrate, folder=folder), [empty_database.owner] * 4)
    assert sorted(chain.from_iterable(applied)) == ["0001_kayaks", "0002_kayaks_have_names", "0003_slow"]


@pytest.mark.parametrize("superuser", [True, False], ids=["superuser", "main user of a managed server"])
def test_databases_of_a_new_cluster_can_be_migrated_at_the_same_time(
    untouched_cluster: Cluster, folder: Path, *, superuser: bool
) -> None:
    """Roles belong to the whole cluster and none is there yet: every runner tries to make them."""
    rights = "SUPERUSER" if superuser else "CREATEROLE CREATEDB"
    with psycopg.connect(untouched_cluster.owner_dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE main_user LOGIN PASSWORD 'x' {rights}".encode())
        for number in range(8):
            connection.execute(f"CREATE DATABASE d{number} OWNER main_user".encode())
    dsns = [
        make_conninfo(untouched_cluster.owner_dsn(f"d{number}"), user="main_user", password="x") for number in range(8)
    ]
    with ThreadPoolExecutor(8) as threads:
        applied = list(threads.map(partial(migrate, folder=folder), dsns))
    assert applied == [["0001_kayaks", "0002_kayaks_have_names"]] * 8
    assert migrate(dsns[0], folder) == []
    with psycopg.connect(make_conninfo(dsns[0], options="-c role=berth_app")) as connection:
        assert connection.execute("SELECT current_user, count(*) FROM schema_migrations").fetchone() == ("berth_app", 2)


def test_waiting_for_a_lock_is_given_up_soon(
    empty_database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", "100ms")
    (folder / "0002_kayaks_have_names.sql").unlink()
    migrate(empty_database.owner, folder)
    (folder / "0002_kayaks_have_names.sql").write_text(SECOND)
    with psycopg.connect(empty_database.owner) as reader:
        reader.execute("SELECT FROM kayaks")
        with pytest.raises(
            MigrationError, match=r"0002_kayaks_have_names waited 100ms for a lock .* Nothing of it was"
        ):
            migrate(empty_database.owner, folder)
    assert migrate(empty_database.owner, folder) == ["0002_kayaks_have_names"]


def test_a_statement_that_takes_too_long_is_given_up(
    empty_database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "STATEMENT_TIMEOUT", "3s")  # the other statements have to be over by then
    (folder / "0003_slow.sql").write_text("SELECT pg_sleep(60);")
    with pytest.raises(MigrationError, match="0003_slow has a statement that took longer than 3s"):
        migrate(empty_database.owner, folder)


def test_another_runner_that_does_not_end_is_not_waited_for_for_ever(
    empty_database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TURN_TIMEOUT", "100ms")
    with psycopg.connect(empty_database.owner) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [runner.ADVISORY_LOCK])
        with pytest.raises(MigrationError, match="Another migration of this database has been running for 100ms"):
            migrate(empty_database.owner, folder)


def test_a_server_that_cannot_be_reached_is_named(empty_database: Database) -> None:
    with pytest.raises(MigrationError, match=r"The database cannot be reached: .*no_such_database"):
        migrate(make_conninfo(empty_database.owner, dbname="no_such_database"))


def test_everything_that_migrations_make_belongs_to_the_owner_role(database: Database) -> None:
    query = """
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND pg_get_userbyid(relowner) <> 'berth_owner'
    """
    with psycopg.connect(database.owner) as connection:
        assert connection.execute(query).fetchall() == []


@pytest.mark.parametrize("role", ["app", "jobs", "readonly"])
def test_roles_that_log_in_are_not_privileged_and_can_make_nothing(database: Database, role: str) -> None:
    query = "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    with psycopg.connect(getattr(database, role)) as connection:
        assert connection.execute(query).fetchone() == (False,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine ()")
