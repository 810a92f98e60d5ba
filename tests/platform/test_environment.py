"""A Berth on this machine: the data directory, its server and its schema together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from local.data_directory import Purpose
from local.environment import open_database, open_environment
from local.errors import CommandError
from tests.folders import folder_for_clusters

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.databases import Database


@pytest.fixture
def path() -> Generator[Path]:
    """Where a data directory may be made; the service user gets there too."""
    with folder_for_clusters() as folder:
        yield folder / "data"


def tenants(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM tenants").fetchone()
    assert row is not None
    return row[0]


def test_the_first_opening_migrates_and_the_second_finds_everything_in_place(path: Path) -> None:
    with open_environment(path) as environment:
        assert environment.applied[0] == "0001_foundation"
        functions = environment.functions()
        assert tenants(functions["DATABASE_URL"]) == 0
    with open_environment(path) as environment:
        assert environment.applied == []
        assert environment.functions()["BERTH_SIGNING_KEYS"] == functions["BERTH_SIGNING_KEYS"]


def test_what_is_running_can_be_looked_at(path: Path) -> None:
    with open_environment(path) as environment, open_database(path) as joined:
        assert joined.owner == environment.cluster.owner
        assert tenants(joined.readonly_dsn()) == 0
    with open_database(path) as started:
        assert started.process is not None
        assert tenants(started.readonly_dsn()) == 0


def test_data_for_a_simulation_can_be_looked_at(path: Path) -> None:
    with open_environment(path, purpose=Purpose.SIMULATED):
        pass
    with open_database(path) as cluster:
        assert tenants(cluster.readonly_dsn()) == 0


def test_looking_makes_no_data_directory(path: Path) -> None:
    with pytest.raises(CommandError, match="There is no data in"), open_database(path):
        pass
    assert not path.exists()


def test_a_server_of_ones_own_can_be_looked_at(database: Database, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database.owner)
    with open_database(path) as cluster:
        assert tenants(cluster.readonly_dsn()) == 0


def test_throwing_away_a_server_that_is_not_ours_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere")
    with pytest.raises(CommandError, match="--fresh throws a data directory away, but DATABASE_URL"):
        open_environment(path, fresh=True).__enter__()


def test_a_database_of_a_newer_berth_is_refused_in_a_sentence(path: Path) -> None:
    with open_environment(path) as environment, psycopg.connect(environment.cluster.owner_dsn()) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, '9999_of_tomorrow', 'x')")
    with pytest.raises(CommandError, match=r"newer Berth \(up to 9999_of_tomorrow"):
        open_environment(path).__enter__()
