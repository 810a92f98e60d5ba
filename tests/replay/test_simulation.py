from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors as sqlstate

from local.data_directory import Purpose, open_data_directory
from local.errors import CommandError
from tools.replay.simulation import install_clock, open_simulation

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path
    from typing import LiteralString

    from tests.databases import Database

NOON = datetime(2016, 5, 1, 12, tzinfo=UTC)
ROLES = ["app", "jobs", "readonly"]


@pytest.fixture
def owner(database: Database) -> Generator[psycopg.Connection[Any]]:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        yield connection


def now(dsn: str) -> datetime:
    with psycopg.connect(dsn) as connection:
        [(instant,)] = connection.execute("SELECT clock_now()").fetchall()
    return instant


@pytest.mark.parametrize("role", ROLES)
def test_every_role_lives_by_the_simulated_clock(database: Database, owner: psycopg.Connection[Any], role: str) -> None:
    clock = install_clock(owner, NOON)
    assert now(getattr(database, role)) == NOON
    clock.move(NOON + timedelta(hours=1))
    assert now(getattr(database, role)) == NOON + timedelta(hours=1)


def test_time_does_not_go_back(database: Database, owner: psycopg.Connection[Any]) -> None:
    clock = install_clock(owner, NOON)
    with pytest.raises(ValueError, match="past"):
        clock.move(NOON - timedelta(microseconds=1))
    assert now(database.app) == NOON


MEDDLING: list[LiteralString] = [
    "UPDATE simulated_clock SET instant = instant + interval '1 day'",
    "DELETE FROM simulated_clock",
    "INSERT INTO simulated_clock (only_row, instant) VALUES (true, '2030-01-01')",
    "TRUNCATE simulated_clock",
    "SET ROLE berth_owner",
    "CREATE OR REPLACE FUNCTION clock_now() RETURNS timestamptz LANGUAGE sql STABLE RETURN timestamptz '2030-01-01'",
]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("statement", MEDDLING)
def test_nobody_but_the_owner_moves_the_clock(
    database: Database, owner: psycopg.Connection[Any], role: str, statement: LiteralString
) -> None:
    install_clock(owner, NOON)
    with psycopg.connect(getattr(database, role)) as connection, pytest.raises(sqlstate.InsufficientPrivilege):
        connection.execute(statement)
    assert now(database.app) == NOON


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "statement",
    [
        MEDDLING[-1],
        "CREATE TABLE public.simulated_clock (instant timestamptz)",
        "CREATE FUNCTION public.clock_now(integer) RETURNS integer LANGUAGE sql RETURN 1",
    ],
)
def test_a_normal_deployment_has_no_clock_to_move(database: Database, role: str, statement: LiteralString) -> None:
    with psycopg.connect(getattr(database, role)) as connection:
        assert connection.execute("SELECT to_regclass('simulated_clock')").fetchall() == [(None,)]
        with pytest.raises(sqlstate.InsufficientPrivilege):
            connection.execute(statement)
    assert abs(now(database.app) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_normal_data_directory_is_refused_and_keeps_its_data(tmp_path: Path) -> None:
    with open_data_directory(tmp_path / "berth", purpose=Purpose.NORMAL, fresh=False) as directory:
        (directory.path / "kept").touch()
    with (
        pytest.raises(CommandError, match="made for normal use"),
        open_simulation(tmp_path / "berth", NOON),
    ):
        pass
    assert (tmp_path / "berth" / "kept").exists()


def test_a_server_of_somebody_else_is_refused(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.owner)
    with pytest.raises(CommandError, match="DATABASE_URL"), open_simulation(tmp_path / "berth", NOON):
        pass
    assert not (tmp_path / "berth").exists()
    assert abs(now(database.app) - datetime.now(UTC)) < timedelta(minutes=1)
