"""Postgres is waited for no longer than a request has, and the answer says what was waited for."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chalicelib.core.errors import ContentionError, DatabaseBusyError, DatabaseUnavailableError
from chalicelib.database.errors import LockWaitError, OutOfTimeError, TryAgainError
from chalicelib.database.pipeline import Connection
from chalicelib.database.transaction import Database, Isolation, Transaction
from chalicelib.telemetry.definitions import (
    DATABASE_DEADLOCKS,
    DATABASE_LOCK_TIMEOUTS,
    DATABASE_RETRIES,
    DATABASE_ROLLBACK_FAILURES,
    DATABASE_STATEMENT_TIMEOUTS,
    DATABASE_UNKNOWN_COMMITS,
)
from tests.counts import counted
from tests.eventually import eventually
from tests.offers import add_tenant
from tests.races.proxy import open_proxy

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests import databases

CHANGE = "UPDATE reservations_held SET word = 'changed' WHERE number = 1"
LOCKS_WAITED_FOR = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture(scope="module")
def stage(module_database: databases.Database) -> databases.Database:
    """Two tenants, and a table that the application changes."""
    for slug in ("harbour", "island"):
        add_tenant(module_database.owner, slug, [])
    with psycopg.connect(module_database.owner) as owner:
        owner.execute("CREATE TABLE reservations_held (number int PRIMARY KEY, word text)")
        owner.execute("INSERT INTO reservations_held VALUES (1, 'as it was')")
        owner.execute("GRANT SELECT, UPDATE ON reservations_held TO berth_app")
    return module_database


@contextmanager
def application(stage: databases.Database, seconds: float) -> Generator[Database]:
    with closing(Database(stage.app, pool_size=1, request_seconds=seconds, prepare_after=1)) as opened:
        yield opened


@contextmanager
def locked_row(stage: databases.Database) -> Generator[psycopg.Connection[Any]]:
    """Somebody who changes the row and does not come to an end."""
    with psycopg.connect(stage.owner) as holder:
        holder.execute("SELECT FROM reservations_held FOR UPDATE")
        yield holder


def change(transaction: Transaction) -> int:
    return transaction.touch(CHANGE, {})


def wait_for(stage: databases.Database, query: str, wanted: int) -> None:
    with psycopg.connect(stage.owner, autocommit=True) as owner:
        eventually(lambda: owner.execute(query.encode()).fetchone() == (wanted,), query)


def test_who_waits_for_a_locked_row_is_told_so_within_the_time_of_the_request(stage: databases.Database) -> None:
    before = counted(DATABASE_LOCK_TIMEOUTS)
    with application(stage, 1) as database:
        with locked_row(stage), pytest.raises(LockWaitError) as caught:
            database.run("harbour", change)
        assert (caught.value.code, caught.value.waited_for) == ("database_busy", "lock")
        assert "the same reservation" in caught.value.detail
        assert caught.value.retry_after > 0
        assert counted(DATABASE_LOCK_TIMEOUTS) == before + 1
        assert database.run("harbour", change) == 1  # on the same connection, with the whole of its time


def test_a_statement_that_takes_too_long_ends_within_the_time_of_the_request(stage: databases.Database) -> None:
    before = counted(DATABASE_STATEMENT_TIMEOUTS)
    with application(stage, 0.5) as database, pytest.raises(DatabaseBusyError) as caught:
        database.run("harbour", lambda transaction: transaction.row("SELECT pg_sleep(60)", {}))
    assert (caught.value.code, caught.value.waited_for) == ("database_busy", "statement")
    assert counted(DATABASE_STATEMENT_TIMEOUTS) == before + 1


def test_many_statements_together_take_no_longer_than_the_request_has(stage: databases.Database) -> None:
    seen: list[float] = []

    def work(transaction: Transaction) -> None:
        while len(seen) < 100:
            row = transaction.row("SELECT pg_sleep(0.1), current_setting('statement_timeout') AS most", {})
            seen.append(float(row.most.removesuffix("ms")))

    with application(stage, 1) as database, pytest.raises(DatabaseBusyError) as caught:
        database.run("harbour", work)
    assert caught.value.waited_for == "statement"
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] < seen[0] / 2


def test_transactions_of_one_request_share_its_time(stage: databases.Database) -> None:
    with application(stage, 30) as whole:
        request = whole.until(time.monotonic() + 0.5)
        with pytest.raises(DatabaseBusyError):
            request.run("harbour", lambda transaction: transaction.row("SELECT pg_sleep(60)", {}))
        with pytest.raises(DatabaseBusyError):
            request.run("harbour", lambda transaction: transaction.row("SELECT pg_sleep(0.2)", {}))


def test_a_batch_that_was_begun_in_time_is_finished(stage: databases.Database) -> None:
    with application(stage, 30) as whole:
        job = whole.until(time.monotonic(), batch_seconds=8)
        most = job.run("harbour", lambda tx: tx.row("SELECT current_setting('statement_timeout') AS most", {}).most)
    assert 5 < float(most.removesuffix("ms")) / 1000 < 8


def test_the_server_ends_a_transaction_whose_function_stays_away(stage: databases.Database) -> None:
    let_go = Event()
    attempts: list[int] = []

    def work(transaction: Transaction) -> int:
        attempts.append(transaction.touch(CHANGE, {}))
        if len(attempts) == 1:
            let_go.wait()
        return transaction.row("SELECT 1 AS one", {}).one

    with application(stage, 2) as database, ThreadPoolExecutor(1) as other_thread:
        away = other_thread.submit(database.run, "harbour", work)
        try:
            wait_for(stage, "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'", 1)
            with psycopg.connect(stage.owner, autocommit=True) as other:
                other.execute("SET statement_timeout = '30s'")
                other.execute(CHANGE)
        finally:
            let_go.set()
        assert away.result() == 1  # and goes on with another one
    assert len(attempts) == 2


def test_one_stuck_lock_does_not_keep_the_only_connection_from_other_tenants(
    stage: databases.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first waits as long as it may; those behind it, and they alone, wait shortly."""
    monkeypatch.setattr("chalicelib.database.transaction.CONNECTION_WAIT_SECONDS", 60.0)
    monkeypatch.setattr("chalicelib.database.time_limits.LOCK_SHARE", 1 / 60)
    patience: list[str] = []

    def asked(transaction: Transaction) -> str:
        return transaction.row("SELECT current_setting('lock_timeout') AS most", {}).most

    def change_patiently(transaction: Transaction) -> int:
        patience.append(asked(transaction))
        return change(transaction)

    with application(stage, 60) as database, ThreadPoolExecutor(8) as threads, locked_row(stage):
        stuck = [threads.submit(database.run, "harbour", change_patiently)]
        wait_for(stage, LOCKS_WAITED_FOR, 1)
        stuck += [threads.submit(database.run, "harbour", change_patiently) for _ in range(5)]
        eventually(lambda: database.waiting == len(stuck) - 1, "all others wait for the connection")
        other = threads.submit(database.run, "island", asked).result()
        for one in stuck:
            with pytest.raises(LockWaitError):
                one.result()
    assert patience[1:] == ["250ms"] * 5
    assert "250ms" not in {patience[0], other}


def test_who_gets_no_connection_is_told_so(stage: databases.Database) -> None:
    let_go = Event()

    def work(transaction: Transaction) -> bool:
        transaction.arrive()
        return let_go.wait()

    with application(stage, 30) as database, ThreadPoolExecutor(1) as other_thread:
        kept = other_thread.submit(database.run, "harbour", work)
        try:
            wait_for(stage, "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'", 1)
            with pytest.raises(DatabaseBusyError) as caught:
                database.until(time.monotonic() + 0.2).run("island", lambda transaction: transaction.now)
        finally:
            let_go.set()
        assert kept.result()
    assert caught.value.waited_for == "connection"


def test_a_server_that_says_nothing_is_unavailable_within_the_time_of_the_request(stage: databases.Database) -> None:
    seen: list[int] = []

    def work(transaction: Transaction) -> None:
        seen.append(transaction.row("SELECT pg_backend_pid() AS pid", {}).pid)
        if len(seen) == 1:
            os.kill(seen[0], signal.SIGSTOP)
        assert transaction.row("SELECT 1 AS one", {}).one

    with application(stage, 1) as database:
        try:
            with pytest.raises(DatabaseUnavailableError) as caught:
                database.run("harbour", work)
        finally:
            os.kill(seen[0], signal.SIGCONT)
        assert caught.value.retry_after > 0
        database.run("harbour", work)
    assert len(set(seen)) == 2


def test_no_limit_outlives_its_transaction(stage: databases.Database) -> None:
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")

    def look(transaction: Transaction) -> list[str]:
        return [transaction.row("SELECT current_setting(%(name)s) AS one", {"name": name}).one for name in names]

    def look_after_commit(transaction: Transaction) -> list[str]:
        transaction.rows("COMMIT", {})
        return look(transaction)

    with application(stage, 10) as database:
        assert "0" not in database.run("harbour", look, isolation=Isolation.SNAPSHOT)
        assert database.run("harbour", look_after_commit) == ["0"] * 3


def test_an_unknown_commit_is_counted(stage: databases.Database) -> None:
    before = counted(DATABASE_UNKNOWN_COMMITS)
    server = conninfo_to_dict(stage.app)
    with (
        open_proxy(str(server["host"]), int(str(server["port"]))) as proxy,
        closing(Database(make_conninfo(stage.app, port=proxy.port), pool_size=1, request_seconds=10)) as database,
        ThreadPoolExecutor(1) as other_thread,
    ):
        database.run("harbour", change)
        proxy.hold_next_commit()
        lost = other_thread.submit(database.run, "harbour", change)
        proxy.wait_until_committed()
        proxy.drop()
        with pytest.raises(DatabaseUnavailableError):
            lost.result()
    assert counted(DATABASE_UNKNOWN_COMMITS) == before + 1


def test_a_rollback_that_fails_is_counted(stage: databases.Database) -> None:
    before = counted(DATABASE_ROLLBACK_FAILURES)

    def work() -> None:
        with Connection.connect(stage.app, autocommit=True) as connection:
            connection.execute("BEGIN")
            with psycopg.connect(stage.owner, autocommit=True) as owner:
                owner.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
            raise LookupError

    with pytest.raises(LookupError):
        work()
    assert counted(DATABASE_ROLLBACK_FAILURES) == before + 1


def test_a_repeated_attempt_that_runs_out_of_time_says_why_it_was_repeated(stage: databases.Database) -> None:
    tried: list[float] = []

    def work(transaction: Transaction) -> None:
        tried.append(time.monotonic())
        if len(tried) == 1:
            raise TryAgainError
        time.sleep(1)
        transaction.touch(CHANGE, {})

    with application(stage, 1) as database, pytest.raises(ContentionError):
        database.run("harbour", work)
    assert len(tried) == 2


def test_who_has_hardly_any_time_is_not_told_that_the_database_is_gone() -> None:
    nowhere = "host=127.0.0.1 port=1 dbname=berth user=berth_app"
    with closing(Database(nowhere, pool_size=1, request_seconds=30)) as database, pytest.raises(OutOfTimeError):
        database.until(time.monotonic() + 0.1).run("harbour", change)


def test_retries_and_deadlocks_are_counted(stage: databases.Database) -> None:
    def lose_once(code: str) -> None:
        lost: list[str] = []

        def work(transaction: Transaction) -> None:
            if not lost:
                lost.append(code)
                transaction.touch(f"DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{code}'; END $$", {})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

        database.run("harbour", work)

    before = counted(DATABASE_RETRIES), counted(DATABASE_DEADLOCKS)
    with application(stage, 5) as database:
        lose_once("40P01")
        lose_once("40001")
    assert (counted(DATABASE_RETRIES), counted(DATABASE_DEADLOCKS)) == (before[0] + 2, before[1] + 1)
