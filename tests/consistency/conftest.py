from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.consistency.world import World, make_world
from tests.databases import Database, new_database

if TYPE_CHECKING:
    from collections.abc import Generator

    from local.postgres.cluster import Cluster


@pytest.fixture(scope="package")
def original(cluster: Cluster) -> Generator[tuple[Database, World]]:
    """The database that tests copy, and what is in it."""
    with new_database(cluster) as database:
        yield database, make_world(database)


@pytest.fixture
def copy(cluster: Cluster, original: tuple[Database, World]) -> Generator[Database]:
    """A copy of the world for one test to break."""
    with new_database(cluster, original[0].name) as database:
        yield database
