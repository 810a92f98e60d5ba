"""Prepared statements that cannot be used any more, and sessions that the server ends: requests notice neither."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, LiteralString, cast

import psycopg
import pytest
from psycopg import errors as sqlstate

from chalicelib.core.errors import DatabaseUnavailableError
from chalicelib.database.errors import StaleStatementError
from chalicelib.database.pipeline import MOST_PREPARED, Connection, pipelined
from chalicelib.database.transaction import Database, Isolation, Transaction
from tests.eventually import eventually

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests import databases

PREPARED = "SELECT count(*) AS prepared FROM pg_prepared_statements WHERE name LIKE 'berth%%'"
READ: LiteralString = "SELECT * FROM kept ORDER BY number"


@pytest.fixture
def table(module_database: databases.Database) -> databases.Database:
    """A database with a table that the application reads and writes."""
    with psycopg.connect(module_database.owner) as owner:
        owner.execute("DROP TABLE IF EXISTS kept")
        owner.execute("CREATE TABLE kept (number int)")
        owner.execute("INSERT INTO kept VALUES (1)")
        owner.execute("GRANT SELECT, INSERT ON kept TO berth_app")
    return module_database


@pytest.fixture
def application(table: databases.Database) -> Generator[Database]:
    """Prepares what it uses for the second time, on one connection."""
    with closing(Database(table.app, pool_size=1, request_seconds=5, prepare_after=1)) as application:
        yield application


def read(application: Database) -> list[tuple[Any, ...]]:
    return application.run_without_tenant(lambda transaction: [tuple(row) for row in transaction.rows(READ, {})])


def run(connection: Connection, *texts: LiteralString) -> None:
    """Let statements without parameters travel together."""
    with pipelined(connection) as pipeline:
        for text in texts:
            pipeline.send(text, {})


def numbered(number: int) -> LiteralString:
    """One of many statements."""
    return cast("LiteralString", f"SELECT {number} AS number")


def session(application: Database) -> tuple[int, int]:
    """The server process of the connection, and how many statements it has prepared."""

    def work(transaction: Transaction) -> tuple[int, int]:
        row = transaction.row("SELECT pg_backend_pid() AS pid", {})
        return row.pid, transaction.row(PREPARED, {}).prepared

    return application.run_without_tenant(work)


def test_a_statement_whose_type_has_changed_is_prepared_again_unnoticed(
    table: databases.Database, application: Database
) -> None:
    assert [read(application) for _ in range(3)] == [[(1,)]] * 3
    before = session(application)
    with psycopg.connect(table.owner) as owner:
        owner.execute("ALTER TABLE kept ADD COLUMN word text DEFAULT 'new'")
    assert [read(application) for _ in range(3)] == [[(1, "new")]] * 3
    after = session(application)
    assert (after[0], after[1] > 0) == (before[0], True)  # the same connection, and it goes on preparing


def test_statements_that_were_discarded_are_prepared_again_unnoticed(application: Database) -> None:
    assert [read(application) for _ in range(3)] == [[(1,)]] * 3
    application.run_without_tenant(lambda transaction: transaction.ask("DEALLOCATE ALL", {}))
    assert [read(application) for _ in range(3)] == [[(1,)]] * 3


def test_work_whose_statement_was_stale_is_done_once(table: databases.Database, application: Database) -> None:
    def work(transaction: Transaction) -> int:
        transaction.write("INSERT INTO kept VALUES (%(number)s)", {"number": 2})
        return len(transaction.rows("SELECT * FROM kept WHERE number = 2", {}))

    assert [application.run_without_tenant(work) for _ in range(3)] == [1, 2, 3]
    with psycopg.connect(table.owner) as owner:
        owner.execute("ALTER TABLE kept ADD COLUMN word text")
    assert application.run_without_tenant(work) == 4


def test_what_postgres_cannot_do_is_not_tried_again_for_ever(application: Database) -> None:
    def work(transaction: Transaction) -> object:
        return transaction.rows("SELECT 1 AS one FROM kept GROUP BY number FOR UPDATE", {})

    for _ in range(3):
        with pytest.raises(sqlstate.FeatureNotSupported):
            application.run_without_tenant(work)


def test_a_connection_keeps_so_many_statements_prepared_and_drops_what_was_used_longest_ago(
    table: databases.Database,
) -> None:
    with Connection.connect(table.app, autocommit=True, prepare_threshold=0) as connection:
        for number in range(MOST_PREPARED + 20):
            run(connection, "SELECT 1 AS kept", numbered(number))
        query = "SELECT statement, name FROM pg_prepared_statements WHERE name LIKE 'berth%'"
        names = dict(connection.execute(query).fetchall())
    assert len(names) == MOST_PREPARED
    assert names["SELECT 1 AS kept"] == "berth_1"  # used all the time, so never dropped
    assert numbered(MOST_PREPARED + 19) in names
    assert numbered(0) not in names
    assert len(connection.prepared) == MOST_PREPARED


def test_a_connection_counts_the_uses_of_so_many_statements(table: databases.Database) -> None:
    with Connection.connect(table.app, autocommit=True, prepare_threshold=5) as connection:
        for number in range(MOST_PREPARED + 20):
            run(connection, numbered(number))
        assert len(connection.uses) == MOST_PREPARED


def test_a_drop_that_did_not_take_place_is_made_up_for(table: databases.Database) -> None:
    with Connection.connect(table.app, autocommit=True, prepare_threshold=0) as connection:
        for number in range(MOST_PREPARED):
            run(connection, numbered(number))
        with pytest.raises(sqlstate.DivisionByZero):
            run(connection, "SELECT 1 / 0 AS broken", "SELECT 'one more' AS number")
        run(connection, "SELECT 'again' AS number")
        found = connection.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'berth%'").fetchone()
    assert found == (len(connection.prepared),)


def test_a_stale_statement_among_others_is_found_at_the_end_of_the_batch(table: databases.Database) -> None:
    with Connection.connect(table.app, autocommit=True, prepare_threshold=0) as connection:
        run(connection, READ)
        connection.execute("DEALLOCATE ALL")
        with pytest.raises(StaleStatementError):
            run(connection, "BEGIN", READ)
        connection.execute("ROLLBACK")
        with pipelined(connection) as pipeline:
            assert pipeline.send(READ, {}).touched == 1


def ends_with(code: str) -> LiteralString:
    """A statement that fails with that SQLSTATE."""
    return cast("LiteralString", f"DO $$ BEGIN RAISE EXCEPTION 'over' USING ERRCODE = '{code}'; END $$")


@pytest.mark.parametrize("code", ["25006", "25P03", "25P04", "57P01", "57P02", "57P03", "08006"])
def test_what_a_server_says_that_stops_or_stands_by_is_unavailable_and_its_connection_goes(
    application: Database, code: str
) -> None:
    before = session(application)
    with pytest.raises(DatabaseUnavailableError) as caught:
        application.run_without_tenant(lambda transaction: transaction.touch(ends_with(code), {}))
    assert caught.value.retry_after > 0
    assert "Nothing was stored" in caught.value.detail
    assert session(application)[0] != before[0]


def wait_for_the_end_of(table: databases.Database, pid: int) -> None:
    with psycopg.connect(table.owner, autocommit=True) as owner:
        query = "SELECT FROM pg_stat_activity WHERE pid = %s"
        eventually(lambda: owner.execute(query, [pid]).fetchone() is None, "the session has ended")


def test_a_session_that_ends_meanwhile_is_replaced_unnoticed(table: databases.Database, application: Database) -> None:
    seen: list[int] = []

    def work(transaction: Transaction) -> int:
        transaction.rows("SET LOCAL idle_in_transaction_session_timeout = '50ms'", {})
        seen.append(transaction.row("SELECT pg_backend_pid() AS pid", {}).pid)
        if len(seen) == 1:
            wait_for_the_end_of(table, seen[0])
        return transaction.row("SELECT 1 AS one", {}).one

    assert application.run_without_tenant(work) == 1
    assert len(set(seen)) == 2


def test_writing_where_only_reading_was_begun_stays_a_mistake_of_ours(application: Database) -> None:
    with pytest.raises(sqlstate.ReadOnlySqlTransaction):
        application.run_without_tenant(
            lambda transaction: transaction.touch("INSERT INTO kept VALUES (1)", {}), isolation=Isolation.SNAPSHOT
        )
