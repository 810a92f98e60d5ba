"""What a replica answers and what the primary does, on a real replica: paused, late, gone, hung, promoted."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from threading import Barrier
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chalicelib.core.errors import NotFoundError
from chalicelib.database.log_position import FURTHEST, LatestPosition, Position
from chalicelib.database.replica import FIRST_PAUSE_SECONDS, Replica
from chalicelib.database.transaction import Database, Transaction
from chalicelib.telemetry.definitions import REPLICA_BEHIND, REPLICA_CONFLICTS, REPLICA_LEFT_OUT
from tests.counts import counted
from tests.eventually import eventually
from tests.offers import add_tenant
from tools.bench.round_trips import counting_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

    from tests import databases
    from tests.replicas.standby import Standby

TENANT = "harbour"
AGES_SECONDS = 3600.0
CHANGE = "UPDATE words SET word = %(word)s"
REPLICA, PRIMARY = "replica", "primary"
pytestmark = pytest.mark.database


@pytest.fixture(scope="module", autouse=True)
def tenant(stage: databases.Database, standby: Standby) -> None:
    add_tenant(stage.owner, TENANT, [])
    with psycopg.connect(stage.owner) as owner:
        owner.execute("CREATE TABLE words (word text)")
        owner.execute("GRANT SELECT, INSERT, UPDATE ON words TO berth_app")
        owner.execute("INSERT INTO words VALUES ('first')")
    standby.catch_up()


@dataclass(frozen=True, slots=True)
class House:
    """The primary, and the replica that reads may go to, as the functions have them."""

    database: Database
    replica: Replica

    def written(self, word: str, *, wait: Callable[[], object] = lambda: None) -> Position:
        """Store a word, wait for something before the COMMIT, and return the position."""
        latest = LatestPosition()

        def work(transaction: Transaction) -> None:
            transaction.touch(CHANGE, {"word": word})
            wait()

        self.database.noting(latest).run(TENANT, work)
        assert latest.position is not None
        return latest.position

    def read(self, *, seconds: float = AGES_SECONDS, after: Position | None = None) -> tuple[str, str]:
        """Return the word, and who told it."""
        return self.reads(seconds, after).run(TENANT, told)

    def reads(self, seconds: float = AGES_SECONDS, after: Position | None = None) -> Database:
        """The database of a request that only reads."""
        return self.database.reading_by(self.replica.reads(seconds, after))

    def teller(self, *, seconds: float = AGES_SECONDS, after: Position | None = None) -> str:
        """Who answers."""
        return self.read(seconds=seconds, after=after)[1]


def told(transaction: Transaction) -> tuple[str, str]:
    row = transaction.row("SELECT word, pg_is_in_recovery() AS by_replica FROM words", {})
    return row.word, REPLICA if row.by_replica else PRIMARY


def house(stage: databases.Database, standby: Standby, stack: ExitStack, prepare_after: int | None = None) -> House:
    primary, replica = (
        Database(dsn, pool_size=4, request_seconds=4, prepare_after=prepare_after, connection_seconds=1)
        for dsn in (stage.app, standby.app)
    )
    return House(stack.enter_context(closing(primary)), stack.enter_context(closing(Replica(replica))))


@pytest.fixture
def stack() -> Generator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def ours(stage: databases.Database, standby: Standby, stack: ExitStack) -> House:
    made = house(stage, standby, stack)
    made.written("first")
    standby.catch_up()
    return made


@pytest.fixture
def paused(standby: Standby) -> Generator[Standby]:
    standby.pause()
    yield standby
    standby.resume()


def test_a_replica_answers_as_the_application_in_a_snapshot_of_the_tenant(ours: House) -> None:
    def look(transaction: Transaction) -> tuple[str, ...]:
        query = "SELECT current_user AS role, current_setting('transaction_isolation') AS isolation"
        row = transaction.row(query, {})
        tenants = transaction.row("SELECT current_tenant_id()::text AS id, count(*) AS resources FROM resources", {})
        return row.role, row.isolation, tenants.id, transaction.tenant.slug, str(transaction.by_replica)

    tenant_id = ours.database.run(TENANT, lambda transaction: str(transaction.tenant.id))
    assert ours.reads().run(TENANT, look) == ("berth_app", "repeatable read", tenant_id, TENANT, "True")


def test_who_has_written_reads_it_though_the_replica_is_paused(ours: House, paused: Standby) -> None:
    position = ours.written("second")
    behind = counted(REPLICA_BEHIND)
    assert ours.read(after=position) == ("second", PRIMARY)
    assert counted(REPLICA_BEHIND) == behind + 1
    assert ours.read() == ("first", REPLICA), "Control: who carries nothing may be told what was."
    paused.resume()
    assert ours.read(after=position) == ("second", REPLICA)


def test_a_position_is_taken_behind_the_commit_since_before_it_a_replica_may_have_all_but_that(
    ours: House, standby: Standby
) -> None:
    before: list[Position] = []

    def let_the_replica_have_all_but_the_commit() -> None:
        with psycopg.connect(standby.database.owner) as owner:
            row = owner.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
            owner.execute("SELECT pg_logical_emit_message(true, 'berth', 'whose COMMIT sends what is logged by now')")
        assert row is not None
        before.append(Position.parse(row[0]))
        eventually(lambda: before[0].is_reached_by(replayed(standby)), "all but the COMMIT is replayed")
        standby.pause()

    try:
        position = ours.written("third", wait=let_the_replica_have_all_but_the_commit)
        assert ours.read(after=before[0]) == ("first", REPLICA), "Control: the position before the COMMIT is too early."
        assert ours.read(after=position) == ("third", PRIMARY)
        assert not position.is_reached_by(replayed(standby))
    finally:
        standby.resume()
    assert ours.read(after=position) == ("third", REPLICA)


def replayed(standby: Standby) -> Position:
    return Position.parse(str(standby.asked("SELECT pg_last_wal_replay_lsn()::text")))


def test_a_read_with_the_position_shows_the_change_while_the_replica_follows_close_behind(ours: House) -> None:
    position = ours.written("first")
    for number in range(100):
        position = ours.written(str(number))
        assert ours.read(after=position)[0] == str(number)
    eventually(lambda: ours.read(after=position) == ("99", REPLICA), "the replica has come so far")


def test_a_position_that_no_log_has_reached_leads_to_the_primary(ours: House) -> None:
    assert ours.teller(after=FURTHEST) == PRIMARY


def test_a_replica_that_lags_is_left_out_by_those_who_want_it_fresher_and_comes_back(
    ours: House, paused: Standby
) -> None:
    ours.written("late")
    left_out = counted(REPLICA_LEFT_OUT)
    eventually(lambda: ours.teller(seconds=0.2) == PRIMARY and counted(REPLICA_LEFT_OUT) > left_out, "it lags")
    assert ours.teller() == REPLICA, "Who accepts an hour goes on."
    tried, began = counted(REPLICA_LEFT_OUT), time.monotonic()
    assert {ours.teller(seconds=0.2) for _ in range(50)} == {PRIMARY}
    pauses = (time.monotonic() - began) / FIRST_PAUSE_SECONDS
    assert counted(REPLICA_LEFT_OUT) <= tried + 1 + pauses, "It was asked again before its pause was over."
    paused.resume()
    eventually(lambda: ours.teller(seconds=0.2) == REPLICA, "the replica is fresh, and asked again")


def test_where_nothing_happens_a_replica_is_known_to_be_fresh_by_what_the_primary_says(ours: House) -> None:
    """The last transaction grows old though nothing is missing."""
    time.sleep(
        2.2
    )  # not less: the server logs a word by itself at times, which reaches a replica late on a busy machine
    left_out = counted(REPLICA_LEFT_OUT)
    assert ours.teller(seconds=2) == PRIMARY
    eventually(lambda: ours.teller(seconds=2) == REPLICA, "what the primary said is known")
    assert counted(REPLICA_LEFT_OUT) == left_out


def test_a_replica_that_is_killed_is_left_out_and_comes_back_by_itself(ours: House, standby: Standby) -> None:
    assert ours.teller() == REPLICA
    left_out = counted(REPLICA_LEFT_OUT)
    standby.kill()
    try:
        began = time.monotonic()
        assert {ours.teller() for _ in range(50)} == {PRIMARY}
        pauses = (time.monotonic() - began) / FIRST_PAUSE_SECONDS
        assert left_out < counted(REPLICA_LEFT_OUT) <= left_out + 2 + pauses, "It was tried without a pause."
    finally:
        standby.start_again()
    eventually(lambda: ours.teller() == REPLICA, "the replica is asked again")


def test_a_replica_that_is_slower_than_a_checkpoint_still_gets_what_it_lacks(
    ours: House, stage: databases.Database, standby: Standby
) -> None:
    with psycopg.connect(stage.owner, autocommit=True) as owner:
        row = owner.execute("SELECT pid FROM pg_stat_replication WHERE application_name = 'standby'").fetchone()
        assert row is not None
        os.kill(row[0], signal.SIGSTOP)
        try:
            for word in ("one", "two"):
                ours.written(word)
                owner.execute("SELECT pg_switch_wal()")
                owner.execute("CHECKPOINT")
        finally:
            os.kill(row[0], signal.SIGCONT)
    standby.catch_up()
    assert ours.read() == ("two", REPLICA)


def test_all_connections_to_a_replica_that_was_started_again_are_given_up_at_once(
    ours: House, standby: Standby
) -> None:
    together = Barrier(3)

    def meet(transaction: Transaction) -> bool:
        together.wait(20)
        return transaction.row("SELECT true AS met", {}).met

    with ThreadPoolExecutor(3) as threads:
        reads = [threads.submit(ours.reads().run, TENANT, meet) for _ in range(3)]
        assert all(read.result() for read in reads)
    try:
        standby.kill()
    finally:
        standby.start_again()
    left_out = counted(REPLICA_LEFT_OUT)
    eventually(lambda: ours.teller() == REPLICA, "the replica is asked again")
    assert counted(REPLICA_LEFT_OUT) == left_out + 1, "Each connection was found broken by a read of its own."


def test_a_replica_that_says_nothing_is_waited_for_half_of_the_time_at_most(ours: House, standby: Standby) -> None:
    pid = int(ours.reads().run(TENANT, lambda transaction: transaction.row("SELECT pg_backend_pid() AS id", {}).id))
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert ours.teller() == PRIMARY
        waited = time.monotonic() - began
        began = time.monotonic()
        assert ours.teller() == PRIMARY
        assert time.monotonic() - began < waited / 2, "The next one waited as well."
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    assert standby.asked("SELECT 1") == 1
    eventually(lambda: ours.teller() == REPLICA, "the replica is asked again")


def test_a_refusal_of_the_work_shows_that_the_replica_is_there_again(ours: House) -> None:
    circuit = ours.replica.reads(AGES_SECONDS, None).freshness.circuit
    now = time.monotonic()
    for failed_at in (now - 100, now - 99):
        ticket = circuit.enter(failed_at)
        assert ticket is not None
        circuit.failed(ticket, failed_at)

    def refuse(transaction: Transaction) -> None:
        assert told(transaction)[1] == REPLICA
        message = "There is none."
        raise NotFoundError(message)

    with pytest.raises(NotFoundError):
        ours.reads().run(TENANT, refuse)
    assert {ours.teller() for _ in range(3)} == {REPLICA}


def test_a_replica_that_was_promoted_is_left_out(
    stage: databases.Database,
    follow: Callable[..., AbstractContextManager[Standby]],
    stack: ExitStack,
) -> None:
    promoted = stack.enter_context(follow("promoted"))
    theirs = house(stage, promoted, stack)
    theirs.written("ours")
    promoted.catch_up()
    assert theirs.read() == ("ours", REPLICA)
    assert promoted.asked("SELECT pg_promote(wait => true)")
    promoted.asked("WITH own AS (UPDATE words SET word = 'another way' RETURNING 1) SELECT count(*) FROM own")
    left_out = counted(REPLICA_LEFT_OUT)
    assert theirs.read() == ("ours", PRIMARY)
    assert counted(REPLICA_LEFT_OUT) == left_out + 1


def test_servers_that_do_not_tell_where_they_are_store_changes_and_are_not_read_from(
    stage: databases.Database, standby: Standby, stack: ExitStack
) -> None:
    theirs = house(stage, standby, stack)
    theirs.written("told")
    latest, left_out = LatestPosition(), counted(REPLICA_LEFT_OUT)
    functions = "pg_current_wal_insert_lsn, pg_last_wal_replay_lsn"
    with psycopg.connect(stage.owner, autocommit=True) as owner:
        owner.execute(f"REVOKE EXECUTE ON FUNCTION {functions} FROM PUBLIC".encode())
        try:
            standby.catch_up()
            for word in ("untold", "untold, again"):
                theirs.database.noting(latest).run(
                    TENANT, lambda transaction, word=word: transaction.touch(CHANGE, {"word": word})
                )
                assert theirs.read() == (word, PRIMARY)
            assert latest.position is None
            assert counted(REPLICA_LEFT_OUT) == left_out + 1
        finally:
            owner.execute(f"GRANT EXECUTE ON FUNCTION {functions} TO PUBLIC".encode())
    standby.catch_up()


def test_a_server_that_never_was_a_replica_is_left_out(stage: databases.Database, stack: ExitStack) -> None:
    primary = stack.enter_context(closing(Database(stage.app, pool_size=1, request_seconds=4)))
    itself = stack.enter_context(closing(Replica(Database(stage.app, pool_size=1, request_seconds=4))))
    left_out = counted(REPLICA_LEFT_OUT)
    assert House(primary, itself).teller() == PRIMARY
    assert counted(REPLICA_LEFT_OUT) == left_out + 1


def test_a_read_that_stands_in_the_way_of_replaying_is_ended_there_and_answered_by_the_primary(
    stage: databases.Database,
    follow: Callable[..., AbstractContextManager[Standby]],
    stack: ExitStack,
) -> None:
    hasty = stack.enter_context(follow("hasty", max_standby_streaming_delay="0"))
    theirs = house(stage, hasty, stack)
    with psycopg.connect(stage.owner) as owner:
        owner.execute("CREATE TABLE passing AS SELECT 1 AS number")
        owner.execute("GRANT SELECT ON passing TO berth_app")
    theirs.written("conflict")
    hasty.catch_up()
    tellers: list[bool] = []

    def read_twice(transaction: Transaction) -> int:
        tellers.append(transaction.by_replica)
        transaction.row("SELECT number FROM passing", {})
        if transaction.by_replica:
            with psycopg.connect(stage.owner) as owner:
                owner.execute("ALTER TABLE passing ADD COLUMN letter text")
            hasty.catch_up()
        return transaction.row("SELECT number FROM passing", {}).number

    conflicts = counted(REPLICA_CONFLICTS) + counted(REPLICA_LEFT_OUT)
    assert theirs.reads().run(TENANT, read_twice) == 1
    assert tellers == [True, False]
    assert counted(REPLICA_CONFLICTS) + counted(REPLICA_LEFT_OUT) == conflicts + 1
    eventually(lambda: theirs.teller() == REPLICA, "the next reads are answered by the replica")


def test_what_takes_too_long_on_the_replica_is_answered_by_the_primary(ours: House) -> None:
    def slow(transaction: Transaction) -> bool:
        seconds = 60 if transaction.by_replica else 0
        return transaction.row("SELECT pg_sleep(%(seconds)s) IS NOT NULL AS slept", {"seconds": seconds}).slept

    assert ours.reads().run(TENANT, slow)
    assert ours.teller() == REPLICA, "One that took long is no reason to leave it out."


def test_a_refusal_of_the_replica_stands_and_a_tenant_that_it_does_not_know_yet_is_found(
    ours: House, stage: databases.Database, paused: Standby
) -> None:
    def refuse(_: Transaction) -> None:
        raise NotFoundError(str(_.by_replica))

    with pytest.raises(NotFoundError, match="True"):
        ours.reads().run(TENANT, refuse)
    slug = f"new-{uuid4().hex[:8]}"
    add_tenant(stage.owner, slug, [])
    position = ours.written("and a tenant")
    with pytest.raises(NotFoundError):
        ours.reads().run(slug, told)
    assert ours.reads(after=position).run(slug, told) == ("and a tenant", PRIMARY)
    assert paused.asked("SELECT pg_get_wal_replay_pause_state()") == "paused"


def test_what_writes_though_it_is_declared_to_read_is_no_secret(ours: House) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        ours.reads().run(TENANT, lambda transaction: transaction.write("UPDATE words SET word = 'never'", {}))
    assert ours.read()[0] == "first"


def test_statements_that_are_prepared_there_outlive_a_change_of_their_table(
    stage: databases.Database, standby: Standby, stack: ExitStack
) -> None:
    theirs = house(stage, standby, stack, prepare_after=0)
    with psycopg.connect(stage.owner) as owner:
        owner.execute("CREATE TABLE growing AS SELECT 1 AS number")
        owner.execute("GRANT SELECT ON growing TO berth_app")
    theirs.written("grown")
    standby.catch_up()

    def every(transaction: Transaction) -> tuple[int, bool]:
        return len(transaction.row("SELECT * FROM growing", {})), transaction.by_replica

    assert [theirs.reads().run(TENANT, every) for _ in range(3)] == [(1, True)] * 3
    with psycopg.connect(stage.owner) as owner:
        owner.execute("ALTER TABLE growing ADD COLUMN letter text")
    standby.catch_up()
    assert theirs.reads().run(TENANT, every) == (2, False)
    assert [theirs.reads().run(TENANT, every) for _ in range(3)] == [(2, True)] * 3


def test_neither_a_position_nor_a_replica_costs_a_round_trip(
    stage: databases.Database, standby: Standby, stack: ExitStack
) -> None:
    turns_of: list[Callable[[], int]] = []
    databases_: list[Database] = []
    for dsn in (stage.app, standby.app):
        server = conninfo_to_dict(dsn)
        port, turns = stack.enter_context(counting_proxy(str(server["host"]), int(str(server["port"]))))
        made = Database(make_conninfo(dsn, port=port), pool_size=1, request_seconds=10)
        databases_.append(stack.enter_context(closing(made)))
        turns_of.append(turns.take)
    primary, replica = databases_
    theirs = House(primary, Replica(replica))
    theirs.written("counted")
    standby.catch_up()
    assert theirs.teller() == REPLICA  # both are connected

    def costs(work: Callable[[], object]) -> tuple[int, int]:
        for take in turns_of:
            take()
        work()
        return turns_of[0](), turns_of[1]()

    def write(transaction: Transaction) -> None:
        transaction.touch("UPDATE words SET word = 'once more'", {})

    assert costs(lambda: primary.run(TENANT, write)) == (2, 0)
    assert costs(lambda: theirs.written("and once more")) == (2, 0)
    assert costs(lambda: primary.run(TENANT, told)) == (2, 0)
    standby.catch_up()
    assert costs(theirs.read) == (0, 2)
    position = theirs.written("carried")
    standby.catch_up()
    assert costs(lambda: theirs.read(after=position)) == (0, 2)
