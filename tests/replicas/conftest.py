"""A primary that lets replicas follow it, and one that does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chalicelib.database.migrations.migrate import migrate
from local.postgres import start_cluster
from tests.conftest import POSTGRES_MAJOR
from tests.databases import PASSWORDS, Database
from tests.folders import folder_for_clusters
from tests.replicas import standby as replicas

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from local.postgres.cluster import Cluster
    from tests.replicas.standby import Standby


@pytest.fixture(scope="session")
def folder() -> Generator[Path]:
    """A folder that the service user gets into."""
    with folder_for_clusters() as path:
        yield path


@pytest.fixture(scope="session")
def primary(folder: Path) -> Generator[Cluster]:
    """A server as it is run for real: one that was made for tests alone keeps no log to follow."""
    with start_cluster(folder / "primary", PASSWORDS, durable=True, major=POSTGRES_MAJOR) as cluster:
        cluster.create_database()
        migrate(cluster.owner_dsn())
        cluster.give_passwords()
        yield cluster


@pytest.fixture(scope="session")
def stage(primary: Cluster) -> Database:
    """Its database."""
    name = primary.database
    return Database(name, primary.owner_dsn(), primary.app_dsn(), primary.jobs_dsn(), primary.readonly_dsn())


@pytest.fixture(scope="session")
def follow(primary: Cluster, stage: Database, folder: Path) -> Callable[..., AbstractContextManager[Standby]]:
    """Make a replica, with settings of its own, that is gone at the end of its block."""

    def make(name: str, **settings: str) -> AbstractContextManager[Standby]:
        return replicas.follow(primary, folder / name, stage, **settings)

    return make


@pytest.fixture(scope="session")
def standby(follow: Callable[..., AbstractContextManager[Standby]]) -> Generator[Standby]:
    """The replica of all tests, each of which leaves it as it found it."""
    with follow("standby") as following:
        yield following
