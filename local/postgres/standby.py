"""A streaming replica of a server of ours, beside it: a copy that follows, and is gone at the end of the block.

Each start copies again: a primary has another port each time, and what was copied before may be of another time line.
"""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import make_conninfo

from local.errors import CommandError
from local.postgres.server import SUPERUSER, end_leftover, fail, start, stop
from local.postgres.service_user import make_folder_for

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from local.postgres.cluster import Cluster
    from local.postgres.server import Server
    from local.postgres.service_user import ServiceUser

NAME = "The replica"
FOLLOW_SECONDS = 60.0
LOOK_SECONDS = 0.05
SETTINGS = {"hot_standby_feedback": "on"}
"""Reads are not ended because the primary has removed what they look at."""
STATE = """
SELECT state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint AS behind
FROM pg_stat_replication WHERE application_name = %s AND replay_lsn IS NOT NULL
"""


@contextmanager
def streaming_replica(primary: Cluster, path: Path, **settings: str) -> Generator[Cluster]:
    """Copy a server of ours that runs into `path`, and let the copy follow it until the block ends.

    What an earlier one left in `path` is removed. `settings` are Postgres's, in place of ours. Raises `CommandError`.
    """
    server = primary.server
    assert server is not None  # noqa: S101 - nobody else's is copied
    end_leftover(path)
    shutil.rmtree(path, ignore_errors=True)
    make_folder_for(server.user, path)
    try:
        _copy(primary, server, path, settings or SETTINGS)
        running = start(path, server.programs, server.user, durable=True, name=NAME)
        try:
            yield replace(primary, owner={**primary.owner, **running.address}, server=running)
        finally:
            stop(running.process)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def wait_until_streaming(primary: Cluster, replica: Cluster) -> str:
    """Wait until a replica follows, and say how it does. Raises `CommandError`."""
    until = time.monotonic() + FOLLOW_SECONDS
    with psycopg.connect(primary.owner_dsn(), autocommit=True) as connection:
        while True:
            row = connection.execute(STATE, [_application(replica)]).fetchone()
            if row is not None and row[0] == "streaming":
                return f"{row[0]}, {row[1]} bytes behind"
            replica.check()
            if time.monotonic() > until:
                message = f"{NAME} does not follow after {FOLLOW_SECONDS:g} seconds. Its log says why."
                raise CommandError(message)
            time.sleep(LOOK_SECONDS)


def _application(replica: Cluster) -> str:
    """The name by which a primary knows a replica: its folder, as several may follow one."""
    assert replica.server is not None  # noqa: S101 - `streaming_replica` gives one that has
    return replica.server.path.name


def _copy(primary: Cluster, server: Server, path: Path, settings: dict[str, str]) -> None:
    user, data, password = server.user, path / "data", path / "password"
    data.mkdir(mode=0o700)
    user.own(data)
    _write_password(password, primary.owner["password"], user)
    # By a file, which the replica reads again whenever it connects: everybody may see the arguments of a process.
    address = {name: value for name, value in primary.owner.items() if name != "password"}
    source = make_conninfo(**address, passfile=str(password), application_name=path.name)
    done = user.run(
        [
            server.programs.bin_path / "pg_basebackup",
            f"--pgdata={data}",
            f"--dbname={source}",
            "--checkpoint=fast",
            "--wal-method=stream",
            "--write-recovery-conf",
            "--no-sync",
        ]
    )
    if done.returncode:
        fail("The database could not be copied for a replica", done.stdout + done.stderr)
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as configured:
        configured.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


def _write_password(path: Path, password: str, user: ServiceUser) -> None:
    """Write what libpq looks for, for this user alone (a colon and a backslash would be taken for its own)."""
    escaped = password.replace("\\", r"\\").replace(":", r"\:")
    path.touch(mode=0o600)
    path.write_text(f"*:*:*:{SUPERUSER}:{escaped}\n", encoding="utf-8")
    user.own(path)
