"""A Berth on this machine as every command finds it: a data directory, a server, and the present schema."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from chalicelib.config import LIMITS
from chalicelib.database.migrations.migrate import MigrationError, migrate
from local.data_directory import DataDirectory, Purpose, open_data_directory, read_data_directory
from local.errors import DISK_FULL, CommandError
from local.postgres import Cluster, existing_server, open_cluster, running_cluster
from local.postgres.standby import streaming_replica

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

DEFAULT_PATH = Path(".local")
SIGNING_KID = "local"
VAPID_SUBJECT = "mailto:berth@example.com"
PORTS = 1 << 16
LOGS = {"BERTH_LOG_FORMAT": "text", "BERTH_LOG_LEVEL": "WARNING"}
"""For people, unless the environment says otherwise."""
MAPS = ("BERTH_MAP_TILES", "BERTH_MAP_CREDITS")
"""As the environment says, where it does."""
MANY_GUESTS = {
    f"BERTH_{name.upper()}": "1000000" for name in LIMITS if name.startswith(("writes_", "holds_", "visitors_from"))
}
"""Limits for programs that play the guests of many houses from one address: counted all the same."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An open data directory, the server on it, and the names of the migrations that this opening applied."""

    directory: DataDirectory
    cluster: Cluster
    applied: list[str]
    replica: Cluster | None = None
    """A server that follows, and answers what is only read."""

    def functions(self) -> dict[str, str]:
        """The environment variables of the Lambda functions; where they are found is added by what serves them."""
        return {
            "DATABASE_URL": self.cluster.app_dsn(),
            "BERTH_SIGNING_KEYS": f"{SIGNING_KID}:{self.directory.secrets.signing_key}",
            "BERTH_VAPID_KEY": self.directory.secrets.vapid_key,
            "BERTH_VAPID_SUBJECT": VAPID_SUBJECT,
            "BERTH_PREPARE_AFTER": "3",  # no proxy stands between
            **({} if self.replica is None else {"DATABASE_REPLICA_URL": self.replica.app_dsn()}),
            **{name: os.environ.get(name) or usual for name, usual in LOGS.items()},
            **{name: os.environ[name] for name in MAPS if os.environ.get(name)},
        }

    def keep_running(self, seconds: float, say: Callable[[str], None]) -> None:
        """Watch its servers for so long, and start again what ends. Raises `CommandError` in the end."""
        self.cluster.keep_running(seconds, say)
        if self.replica is not None:
            self.replica.keep_running(0, say)

    def metrics_port(self) -> int:
        """Where the metrics of the functions are served, 0 for any free port. Raises `CommandError`."""
        text = os.environ.get("BERTH_METRICS_PORT") or "0"
        if not text.isdecimal() or int(text) >= PORTS:
            message = f"BERTH_METRICS_PORT is {text!r}; it must be a port such as 9464, or 0 for any free one."
            raise CommandError(message)
        return int(text)

    def jobs(self) -> dict[str, str]:
        """What scheduled functions get besides."""
        return {"BERTH_JOBS_DATABASE_URL": self.cluster.jobs_dsn(), "BERTH_POOL_SIZE": "8"}


def read_functions(path: Path, cluster: Cluster) -> dict[str, str]:
    """The variables that the functions need for a job that is run by hand."""
    secret = read_data_directory(path).secrets.signing_key if not os.environ.get("DATABASE_URL") else "x" * 32
    return {"DATABASE_URL": cluster.app_dsn(), "BERTH_SIGNING_KEYS": f"{SIGNING_KID}:{secret}"}


@contextmanager
def open_environment(
    path: Path = DEFAULT_PATH, *, purpose: Purpose = Purpose.NORMAL, fresh: bool = False
) -> Generator[Environment]:
    """Open or make a data directory, run its server (or take DATABASE_URL's) and bring the schema up to date.

    The directory is ours alone until the block ends. `fresh` throws away what it held. Raises `CommandError`.
    """
    if fresh and os.environ.get("DATABASE_URL"):
        message = (
            "--fresh throws a data directory away, but DATABASE_URL names a server of its own. Unset one of the two."
        )
        raise CommandError(message)
    with (
        open_data_directory(path, purpose=purpose, fresh=fresh) as directory,
        open_cluster(directory.cluster_path, directory.secrets.passwords) as cluster,
        _explained(),
    ):
        cluster.create_database()
        applied = migrate(cluster.owner_dsn())
        cluster.give_passwords()
        yield Environment(directory, cluster, applied)


@contextmanager
def with_replica(environment: Environment) -> Generator[Environment]:
    """Let a streaming replica follow the embedded server until the block ends. Raises `CommandError`."""
    path = environment.directory.replica_path
    with streaming_replica(environment.cluster, path) as replica:
        yield replace(environment, replica=replica)


def bring_up_to_date(path: Path = DEFAULT_PATH) -> list[str]:
    """Migrate DATABASE_URL's database, which needs no data directory, or that of a data directory.

    Returns the names of the migrations that were applied. Raises `CommandError`.
    """
    if url := os.environ.get("DATABASE_URL"):
        with _explained():
            return migrate(existing_server(url).owner_dsn())
    with open_environment(path) as environment:
        return environment.applied


@contextmanager
def open_database(path: Path = DEFAULT_PATH) -> Generator[Cluster]:
    """The server of an existing data directory (or DATABASE_URL's), to look at what it holds.

    Joins the one that is running, for example for ./dev demo; without one, runs it until the block ends. Raises
    `CommandError`.
    """
    url = os.environ.get("DATABASE_URL")
    if url:
        yield existing_server(url)
        return
    directory = read_data_directory(path)
    running = running_cluster(directory.cluster_path, directory.secrets.passwords)
    if running is not None:
        yield running
        return
    with open_environment(path, purpose=directory.purpose) as environment:
        yield environment.cluster


@contextmanager
def _explained() -> Generator[None]:
    try:
        yield
    except MigrationError as error:
        raise CommandError(str(error)) from error
    except psycopg.errors.DiskFull as error:
        raise CommandError(DISK_FULL) from error
