"""Where races happen: a database with a gate that lets racers through only when they have all looked.

Without it most races would be over before the second racer looks, and tests and controls would prove nothing. The gate
is a trigger that waits before anything is taken for a lock which the arena holds, until enough racers wait for it.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

from chalicelib.database.transaction import Database
from chalicelib.reporting.storage.check import prove, snapshot
from tests import databases
from tests.eventually import eventually
from tests.offers import Offer, add_tenant
from tests.races.desk import TENANT, Attempt, Desk, Result, open_desk
from tools.consistency import LEGAL

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from contextlib import AbstractContextManager
    from uuid import UUID

THREADS = 8
"""Of each of the two processes."""
MEETING_SECONDS = 30
GATE = """
CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1);
    RETURN NULL;
END
$$;
CREATE TRIGGER gate BEFORE INSERT ON allocations FOR EACH STATEMENT EXECUTE FUNCTION wait_at_gate();
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = %s::oid"


@dataclass(frozen=True, slots=True)
class Arena:
    """A tenant whose resources are raced for by threads of this process and of another one."""

    database: databases.Database
    rivals: ProcessPoolExecutor

    def offer(self, *offers: Offer) -> dict[str, UUID]:
        """Make the tenant with what it offers; ids by slug."""
        ids = add_tenant(self.database.owner, TENANT, offers)
        self.execute(GATE)
        return ids

    def race(
        self,
        attempts: Sequence[Attempt],
        *,
        meeting: int,
        threads: int = THREADS,
        database_class: type[Database] = Database,
    ) -> list[Result]:
        """Let the attempts race, half of them in another process; results are in the order of the attempts.

        Nobody takes anything before `meeting` racers want to.
        """
        dsn = self.database.app
        with self.closed_gate() as gate, ThreadPoolExecutor(1) as starter:
            theirs = self.rivals.submit(run, dsn, attempts[::2], threads, database_class)
            ours = starter.submit(run, dsn, attempts[1::2], threads, database_class)
            gate.open_when_waiting(meeting)
            results = [*theirs.result(), *ours.result()]
            results[::2], results[1::2] = theirs.result(), ours.result()
        return results

    @contextmanager
    def closed_gate(self) -> Generator[Gate]:
        """Hold the gate closed until it is opened, at the latest at the end of the block."""
        with psycopg.connect(self.database.owner, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(1)")
            yield Gate(connection)

    def execute(self, statement: str) -> None:
        """Change the database as its owner."""
        with psycopg.connect(self.database.owner, autocommit=True) as connection:
            connection.execute(statement.encode())

    def count(self, query: str) -> int:
        """The number that a query returns."""
        with psycopg.connect(self.database.owner) as connection:
            row = connection.execute(query.encode()).fetchone()
            assert row is not None
            return row[0]

    def broken(self) -> set[str]:
        """The proofs of ./dev check that do not hold."""
        with snapshot(self.database.jobs) as connection:
            return {verdict.proof.statement for verdict in prove(connection, LEGAL, most=1) if verdict.broken}

    def desk(self) -> AbstractContextManager[Desk]:
        """A desk for what happens before and after the race."""
        return open_desk(self.database.app, 1)


class Gate:
    """The gate in front of the allocations, held closed by one connection."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def open_when_waiting(self, racers: int) -> None:
        """Open as soon as so many wait."""
        database = self._connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        [oid] = database.fetchone() or [0]

        def have_come() -> bool:
            [waiting] = self._connection.execute(WAITING, [oid]).fetchone() or [0]
            return waiting >= racers

        eventually(have_come, f"{racers} racers have come to the gate")
        self._connection.execute("SELECT pg_advisory_unlock(1)")


def run(app_dsn: str, attempts: Sequence[Attempt], threads: int, database_class: type[Database]) -> list[Result]:
    """Run attempts in threads, each with a connection of its own. Also where the other process begins."""
    threads = min(threads, len(attempts))
    if not threads:
        return []
    with open_desk(app_dsn, threads, database_class) as desk, ThreadPoolExecutor(threads) as pool:
        return [done.result() for done in [pool.submit(attempt, desk) for attempt in attempts]]
