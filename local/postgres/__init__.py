"""A PostgreSQL of our own, or the one that DATABASE_URL names.

As root everything of Postgres runs as an unprivileged user (`service_user`). A server of ours listens on 127.0.0.1, on
a port that the operating system gives, and asks for a password.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import conninfo_to_dict

from local.errors import CommandError
from local.postgres.cluster import Cluster
from local.postgres.programs import OLDEST_MAJOR
from local.postgres.server import SUPERUSER, prepare, running_address, start, stop

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from local.postgres.server import Server

DATABASE = "berth"


@contextmanager
def open_cluster(path: Path, passwords: Mapping[str, str]) -> Generator[Cluster]:
    """Take the server that DATABASE_URL names; without one, run our own on the data in `path` until the block ends.

    `passwords` as for `start_cluster`. Raises `CommandError` with what to do.
    """
    url = os.environ.get("DATABASE_URL")
    if url:
        yield existing_server(url)
        return
    with start_cluster(path, passwords, durable=True) as cluster:
        yield cluster


@contextmanager
def start_cluster(
    path: Path, passwords: Mapping[str, str], *, durable: bool, major: int | None = None
) -> Generator[Cluster]:
    """Run a server on the cluster in `path`, making it when there is none, until the block ends.

    `passwords` maps `postgres` and the roles that log in to their passwords. A cluster that is not `durable` may be
    lost when the machine stops: it is for tests. `major` asks for one version. Raises `CommandError`.
    """
    user, programs = prepare(path, passwords[SUPERUSER], durable=durable, major=major)
    server = start(path, programs, user, durable=durable)
    try:
        yield _cluster(programs.major, server.address, passwords, server)
    finally:
        stop(server.process)


@contextmanager
def throwaway_cluster(passwords: Mapping[str, str], major: int | None = None) -> Generator[Cluster]:
    """Run a server on a new cluster that is gone, with all it held, when the block ends."""
    with TemporaryDirectory(prefix="berth-") as folder:
        path = Path(folder)
        # ast-grep-ignore: open-to-others - the service user has to get in; nothing is in it but this throwaway cluster
        path.chmod(0o755)
        with start_cluster(path, passwords, durable=False, major=major) as cluster:
            yield cluster


def running_cluster(path: Path, passwords: Mapping[str, str]) -> Cluster | None:
    """The server that another process runs on the cluster in `path`; None when there is none."""
    address = running_address(path)
    if address is None:
        return None
    major = int((path / "data" / "PG_VERSION").read_text())
    return _cluster(major, address, passwords)


def existing_server(url: str) -> Cluster:
    """Take a server that somebody else runs; `url` must sign in a role that may create roles. Raises `CommandError`."""
    try:
        owner = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
        with psycopg.connect(url, connect_timeout=10) as connection:
            major, database = connection.info.server_version // 10_000, connection.info.dbname
    except psycopg.Error as error:
        message = f"DATABASE_URL names a server that cannot be used: {str(error).strip()}"
        raise CommandError(message) from error
    if major < OLDEST_MAJOR:
        message = (
            f"DATABASE_URL names PostgreSQL {major}; Berth needs {OLDEST_MAJOR} or newer. "
            "Name a newer server, or unset DATABASE_URL to let Berth run its own."
        )
        raise CommandError(message)
    owner.pop("dbname", None)
    return Cluster(major, database, owner, {})


def _cluster(
    major: int,
    address: Mapping[str, str],
    passwords: Mapping[str, str],
    server: Server | None = None,
) -> Cluster:
    owner = {**address, "user": SUPERUSER, "password": passwords[SUPERUSER]}
    roles = {role: password for role, password in passwords.items() if role != SUPERUSER}
    return Cluster(major, DATABASE, owner, roles, server)
