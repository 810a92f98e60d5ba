"""Applies `NNNN_name.sql` in order, each once, each in one transaction of its own, as berth_owner.

What was applied is recorded with its checksum in schema_migrations. Two runners take turns on an advisory lock that
ends with the transaction. A migration suits the release that is still running: it waits for locks only briefly, so that
it never queues everybody else behind itself.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors as sqlstate

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

FOLDER = Path(__file__).parent
BOOTSTRAP = FOLDER / "bootstrap.sql"
ADVISORY_LOCK = 0x6265_7274_68  # "berth"
TURN_TIMEOUT = "2min"
LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"

_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+")


class MigrationError(Exception):
    """The schema was not brought up to date; says why, and that nothing of the failing step was kept."""

    for_the_log = True


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. `name` is its name without the suffix, as in `0001_foundation`."""

    number: int
    name: str
    statements: bytes

    @property
    def checksum(self) -> str:
        """SHA-256 of the file, in hexadecimal."""
        return hashlib.sha256(self.statements).hexdigest()


@dataclass(frozen=True, slots=True)
class Status:
    """Names of the migrations that a database has, and of those that it still lacks."""

    applied: list[str]
    pending: list[str]


def migrate(owner_dsn: str, folder: Path = FOLDER) -> list[str]:
    """Apply what is missing and return the names of what this call applied.

    `owner_dsn` signs in a superuser, or the database's owner with the right to make roles. Raises `MigrationError`.
    """
    migrations = load(folder)
    applied: list[str] = []
    with _connected(owner_dsn) as connection:
        with _turn(connection), _explained(BOOTSTRAP.stem):
            connection.execute(BOOTSTRAP.read_bytes())
        while migration := _apply_next(connection, migrations):
            applied.append(migration.name)
    return applied


def status(owner_dsn: str, folder: Path = FOLDER) -> Status:
    """Compare a database with the files, changing nothing. Raises `MigrationError` when they contradict each other."""
    migrations = load(folder)
    with _connected(owner_dsn) as connection:
        known = connection.execute("SELECT to_regclass('public.schema_migrations') IS NOT NULL").fetchone()
        missing = _missing(connection, migrations) if known == (True,) else migrations
    names = [migration.name for migration in migrations]
    split = len(migrations) - len(missing)
    return Status(names[:split], names[split:])


def load(folder: Path) -> list[Migration]:
    """Read the files of a folder in order. Raises `MigrationError` for a name out of form, a gap or a double number."""
    migrations: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        if path == BOOTSTRAP:
            continue
        form = _FILE_NAME.fullmatch(path.stem)
        if form is None:
            message = f"{path.name} is not named like 0001_what_it_does.sql."
            raise MigrationError(message)
        if int(form[1]) != len(migrations) + 1:
            message = f"{path.name} should have the number {len(migrations) + 1:04}: no gaps and no doubles."
            raise MigrationError(message)
        migrations.append(Migration(int(form[1]), path.stem, path.read_bytes()))
    return migrations


def _apply_next(connection: psycopg.Connection[Any], migrations: Sequence[Migration]) -> Migration | None:
    """Apply the first missing migration; None when there is none (another runner may have applied it meanwhile)."""
    with _turn(connection):
        missing = _missing(connection, migrations)
        if not missing:
            return None
        migration = missing[0]
        with _explained(migration.name):
            connection.execute("SET LOCAL ROLE berth_owner")
            connection.execute(migration.statements)
            connection.execute(
                "INSERT INTO schema_migrations (number, name, checksum) VALUES (%s, %s, %s)",
                [migration.number, migration.name, migration.checksum],
            )
        return migration


def _missing(connection: psycopg.Connection[Any], migrations: Sequence[Migration]) -> Sequence[Migration]:
    """Compare what is recorded with the files. Raises `MigrationError` when the database went another way."""
    rows = connection.execute("SELECT number, name, checksum FROM schema_migrations ORDER BY number").fetchall()
    if len(rows) > len(migrations):
        message = (
            f"The database was migrated by a newer Berth (up to {rows[-1][1]}; this one knows {len(migrations)} "
            "migrations). Use that Berth, or another database."
        )
        raise MigrationError(message)
    for row, migration in zip(rows, migrations, strict=False):
        if row != (migration.number, migration.name, migration.checksum):
            message = (
                f"{migration.name}.sql is not what was applied to this database as {row[1]}. An applied migration "
                "never changes: restore the file and put the change into a new one."
            )
            raise MigrationError(message)
    return migrations[len(rows) :]


@contextmanager
def _connected(owner_dsn: str) -> Generator[psycopg.Connection[Any]]:
    try:
        connection = psycopg.connect(owner_dsn, autocommit=True, connect_timeout=10, application_name="berth migrate")
    except psycopg.OperationalError as error:
        message = f"The database cannot be reached: {str(error).strip()}"
        raise MigrationError(message) from error
    with connection:
        yield connection


@contextmanager
def _turn(connection: psycopg.Connection[Any]) -> Generator[None]:
    """One transaction, alone among all runners on this database, with the timeouts of a migration."""
    with connection.transaction():
        set_local = "SELECT set_config(%s, %s, true)"
        connection.execute(set_local, ["lock_timeout", TURN_TIMEOUT])
        try:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        except sqlstate.LockNotAvailable as error:
            message = f"Another migration of this database has been running for {TURN_TIMEOUT}. Try again later."
            raise MigrationError(message) from error
        connection.execute(set_local, ["lock_timeout", LOCK_TIMEOUT])
        connection.execute(set_local, ["statement_timeout", STATEMENT_TIMEOUT])
        connection.execute(set_local, ["search_path", "public"])
        yield


@contextmanager
def _explained(name: str) -> Generator[None]:
    try:
        yield
    except sqlstate.LockNotAvailable as error:
        message = (
            f"{name} waited {LOCK_TIMEOUT} for a lock that somebody else holds and gave up: nobody should queue behind "
            "it. Nothing of it was kept. Try again when it is quieter."
        )
        raise MigrationError(message) from error
    except sqlstate.QueryCanceled as error:
        message = f"{name} has a statement that took longer than {STATEMENT_TIMEOUT}. Nothing of it was kept."
        raise MigrationError(message) from error
    except psycopg.Error as error:
        message = f"{name} failed and nothing of it was kept: {str(error).strip()}"
        raise MigrationError(message) from error
