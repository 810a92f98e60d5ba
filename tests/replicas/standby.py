"""A streaming replica of a server of the tests, as it may be found: paused, gone, late, promoted."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import make_conninfo

from local.postgres import server
from local.postgres.standby import streaming_replica
from tests.databases import Database
from tests.eventually import eventually

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from local.postgres.cluster import Cluster


@dataclass(slots=True)
class Standby:
    """A replica on a port of its own; `database` is the one whose primary is looked at."""

    running: server.Server
    database: Database

    @property
    def app(self) -> str:
        """Its address as the application's role."""
        return make_conninfo(self.database.app, port=self.running.port)

    def asked(self, query: str) -> object:
        """Ask it something, as its superuser."""
        with psycopg.connect(make_conninfo(self.database.owner, port=self.running.port), autocommit=True) as owner:
            row = owner.execute(query.encode()).fetchone()
            assert row is not None
            return row[0]

    def pause(self) -> None:
        """Let it replay nothing until the end of `resume`."""
        self.asked("SELECT pg_wal_replay_pause() IS NULL")
        eventually(lambda: self.asked("SELECT pg_get_wal_replay_pause_state()") == "paused", "replaying has paused")

    def resume(self) -> None:
        """Let it replay again."""
        self.asked("SELECT pg_wal_replay_resume() IS NULL")
        self.catch_up()

    def catch_up(self) -> None:
        """Wait until it has replayed all that is committed by now."""
        with psycopg.connect(self.database.owner, autocommit=True) as primary:
            row = primary.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
        assert row is not None
        query = f"SELECT pg_last_wal_replay_lsn() >= '{row[0]}'"
        eventually(lambda: self.asked(query), "the replica has replayed what was committed")

    def kill(self) -> None:
        """End it as a machine ends that loses its power."""
        self.running.process.kill()
        self.running.process.wait()

    def start_again(self) -> None:
        """Start it on the same port."""
        was = self.running
        server.end_leftover(was.path)
        was.process = server.start(was.path, was.programs, was.user, durable=True, port=was.port).process
        self.catch_up()


@contextmanager
def follow(primary: Cluster, path: Path, database: Database, **settings: str) -> Generator[Standby]:
    """Let a copy of a server that runs follow it until the block ends; with settings of its own."""
    with streaming_replica(primary, path, **settings) as replica:
        assert replica.server is not None
        standby = Standby(replica.server, database)
        if not settings:
            standby.catch_up()
        yield standby
