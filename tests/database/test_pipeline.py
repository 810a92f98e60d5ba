"""Statements that travel together: what one failure leaves behind, and what is prepared."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg.pq import PipelineStatus, TransactionStatus

from chalicelib.database.pipeline import Connection, pipelined
from tests.eventually import eventually
from tests.work import calls_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.databases import Database


@pytest.fixture
def connection(module_database: Database) -> Generator[Connection]:
    with Connection.connect(module_database.owner, autocommit=True, prepare_threshold=None) as connected:
        yield connected


def run(connection: Connection, *texts: LiteralString) -> None:
    """Let statements without parameters travel together."""
    with pipelined(connection) as pipeline:
        for text in texts:
            pipeline.send(text, {})


def is_clean(connection: Connection) -> bool:
    info = connection.pgconn
    return (info.pipeline_status, info.transaction_status) == (PipelineStatus.OFF, TransactionStatus.IDLE)


def test_statements_are_answered_in_order_whichever_answer_is_asked_for_first(connection: Connection) -> None:
    with pipelined(connection) as pipeline:
        first = pipeline.send("SELECT %(number)s::int AS number", {"number": 1})
        second = pipeline.send("SELECT generate_series(1, 3) AS number", {})
        assert [row.number for row in second.rows()] == [1, 2, 3]
        assert first.row().number == 1
        assert second.touched == 3
        assert pipeline.send("SELECT 1 AS one WHERE false", {}).row() is None
    assert is_clean(connection)


def test_a_parameter_may_come_twice_and_a_percent_sign_is_one(connection: Connection) -> None:
    statement = "SELECT %(word)s || %(word)s AS twice, 7 %% 4 AS rest, 'a' LIKE '%%' AS anything, %(id)s::uuid AS id"
    identifier = uuid4()
    with pipelined(connection) as pipeline:
        row = pipeline.send(statement, {"word": "ab", "id": identifier}).row()
    assert (row.twice, row.rest, row.anything, row.id) == ("abab", 3, True, identifier)


def test_after_a_failure_nothing_that_was_queued_has_run(connection: Connection) -> None:
    connection.execute("CREATE TEMPORARY TABLE kept (number int PRIMARY KEY)")
    work = (
        "BEGIN",
        "INSERT INTO kept VALUES (1)",
        "INSERT INTO kept VALUES (1)",
        "INSERT INTO kept VALUES (2)",
        "COMMIT",
    )
    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        run(connection, *work)
    assert caught.value.diag.constraint_name == "kept_pkey"
    assert connection.pgconn.pipeline_status == PipelineStatus.OFF
    connection.execute("ROLLBACK")
    assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_the_first_of_several_failures_is_told(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        run(connection, "SELECT 1 / 0", "SELECT * FROM nowhere")
    assert is_clean(connection)


def test_work_that_fails_leaves_the_connection_as_it_was(connection: Connection) -> None:
    def work() -> None:
        with pipelined(connection) as pipeline:
            pipeline.send("SELECT 1 AS one", {})
            raise LookupError

    with pytest.raises(LookupError):
        work()
    assert is_clean(connection)
    assert connection.execute("SELECT 2").fetchone() == (2,)


def test_an_interruption_in_the_middle_of_a_flight_comes_out_as_it_is_and_ends_the_connection(
    connection: Connection, module_database: Database
) -> None:
    def interrupt() -> None:
        with psycopg.connect(module_database.owner, autocommit=True) as other:
            query = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
            eventually(lambda: other.execute(query).fetchone() is not None, "the server is at work")
        signal.raise_signal(signal.SIGINT)

    def interrupted() -> None:
        with ThreadPoolExecutor(1) as threads, pipelined(connection) as pipeline:
            threads.submit(interrupt)
            pipeline.send("SELECT pg_sleep(60)", {}).rows()

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert connection.closed


def test_what_cannot_be_sent_is_told_before_anything_is(connection: Connection) -> None:
    with pytest.raises(psycopg.DataError), pipelined(connection) as pipeline:
        pipeline.send("SELECT %(text)s::text AS text", {"text": "a\0b"})
    assert is_clean(connection)


def test_a_connection_that_breaks_is_an_operational_error(module_database: Database) -> None:
    connected = Connection.connect(module_database.owner, autocommit=True)

    def work() -> None:
        with pipelined(connected) as pipeline:
            identifier = pipeline.send("SELECT pg_backend_pid() AS id", {}).row().id
            with psycopg.connect(module_database.owner, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [identifier])
            for _ in range(3):
                pipeline.send("SELECT 1 AS one", {}).row()

    with pytest.raises(psycopg.OperationalError):
        work()
    connected.close()


def prepared(connection: Connection) -> list[str]:
    query = "SELECT statement FROM pg_prepared_statements WHERE name LIKE 'berth%'"
    return [row[0] for row in connection.execute(query).fetchall()]


def test_what_is_used_often_is_prepared_once(connection: Connection) -> None:
    connection.prepare_threshold = 2
    for number in range(5):
        with pipelined(connection) as pipeline:
            assert pipeline.send("SELECT %(number)s::int + 1 AS sum", {"number": number}).row().sum == number + 1
        assert len(prepared(connection)) == (number >= 2)
    assert prepared(connection) == ["SELECT $1::int + 1 AS sum"]


def test_behind_a_proxy_nothing_is_prepared(connection: Connection) -> None:
    for _ in range(20):
        with pipelined(connection) as pipeline:
            pipeline.send("SELECT 5 AS five", {})
    assert prepared(connection) == []


def test_a_preparation_that_fails_is_tried_again(connection: Connection) -> None:
    connection.prepare_threshold = 0
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedTable), pipelined(connection) as pipeline:
            pipeline.send("SELECT number FROM later", {})
    connection.execute("CREATE TEMPORARY TABLE later (number int)")
    with pipelined(connection) as pipeline:
        assert pipeline.send("SELECT number FROM later", {}).rows() == []
    assert prepared(connection) == ["SELECT number FROM later"]


def test_what_was_asked_is_loaded_as_it_was_after_others_had_the_connection(connection: Connection) -> None:
    with pipelined(connection) as pipeline:
        asked = pipeline.send("SELECT 1::int2 AS number, 'a'::text AS letter", {})
    with pipelined(connection) as following:
        other = following.send("SELECT now() AS at", {})
        assert [tuple(row) for row in asked.rows()] == [(1, "a")]
        assert other.row().at.tzinfo is not None
    assert [tuple(row) for row in asked.rows()] == [(1, "a")]


def test_a_type_that_a_connection_has_met_is_not_looked_up_again(connection: Connection) -> None:
    def take() -> int:
        return calls_of(ask, module="psycopg._adapters_map")

    def ask() -> None:
        with pipelined(connection) as pipeline:
            pipeline.send("SELECT %(id)s::uuid AS id, %(ids)s::uuid[] AS ids", {"id": uuid4(), "ids": [uuid4()]}).rows()

    assert take() > 0
    assert take() == 0
