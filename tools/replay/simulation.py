"""A Berth whose clock can be moved: only on a data directory made for that, on a server of our own."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

from local.data_directory import Purpose, read_data_directory
from local.environment import Environment, open_environment
from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime
    from pathlib import Path

# The application may read the table that its clock reads, and no more: only the owner moves time.
CLOCK = """
CREATE TABLE simulated_clock (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    instant timestamptz NOT NULL
);
GRANT SELECT ON simulated_clock TO berth_app, berth_jobs, berth_readonly;
CREATE OR REPLACE FUNCTION clock_now() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT simulated_clock.instant FROM simulated_clock);
"""
# A replay begins again after a crash: no commit needs to be on the disk before it is answered.
DO_NOT_WAIT = ("ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")
START = "INSERT INTO simulated_clock (instant) VALUES (%s)"
MOVE = "UPDATE simulated_clock SET instant = %(to)s WHERE instant <= %(to)s"


@dataclass(frozen=True, slots=True)
class Simulation:
    """A Berth with a clock of its own, and a connection as the superuser of its database."""

    environment: Environment
    connection: psycopg.Connection[Any]
    clock: Clock


class Clock:
    """The simulated clock of one database."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def move(self, to: datetime) -> None:
        """Let it be a later instant. Raises `ValueError` for an earlier one: time does not go back."""
        if self._connection.execute(MOVE, {"to": to}).rowcount != 1:
            message = f"The clock is past {to} already."
            raise ValueError(message)


@contextmanager
def open_simulation(path: Path, starts_at: datetime) -> Generator[Simulation]:
    """Make a simulated data directory again and run its server, with a clock that stands at `starts_at`.

    Raises `CommandError` for a data directory of another purpose, whose data is not touched, and under DATABASE_URL: a
    server that somebody else runs keeps its clock.
    """
    if os.environ.get("DATABASE_URL"):
        message = "DATABASE_URL is set, but a replay moves the clock, which only a server of its own allows. Unset it."
        raise CommandError(message)
    if (path / "berth.json").exists():
        purpose = read_data_directory(path).purpose
        if purpose is not Purpose.SIMULATED:
            message = (
                f"{path} was made for {purpose} use: its clock cannot be moved, and its data is not thrown away for a "
                "replay. Name another place with --data-dir."
            )
            raise CommandError(message)
    with (
        open_environment(path, purpose=Purpose.SIMULATED, fresh=True) as environment,
        psycopg.connect(environment.cluster.owner_dsn(), autocommit=True) as connection,
    ):
        for statement in DO_NOT_WAIT:
            connection.execute(statement)
        yield Simulation(environment, connection, install_clock(connection, starts_at))


def install_clock(connection: psycopg.Connection[Any], starts_at: datetime) -> Clock:
    """Replace the clock of a database, as its owner."""
    with connection.transaction():
        connection.execute("SET LOCAL ROLE berth_owner")
        connection.execute(CLOCK)
        connection.execute(START, [starts_at])
    return Clock(connection)
