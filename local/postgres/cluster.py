"""A server that answers, and the addresses of its roles."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import psycopg
from psycopg.sql import SQL, Identifier

from chalicelib.database.roles import give_passwords
from local.postgres.server import Server, fail, read_from

if TYPE_CHECKING:
    from subprocess import Popen


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server that answers.

    `owner` are libpq parameters of a role that may create roles and databases; `passwords` those of the roles that log
    in. On a server that is not ours there are none: the owner signs in and takes the role, and no password is changed.
    """

    major: int
    database: str
    owner: Mapping[str, str]
    passwords: Mapping[str, str]
    server: Server | None = None

    @property
    def process(self) -> Popen[bytes] | None:
        """Of a server of ours, the present one."""
        return None if self.server is None else self.server.process

    def owner_dsn(self, database: str | None = None) -> str:
        """Address for migrations."""
        return self._dsn(database, self.owner)

    def app_dsn(self, database: str | None = None) -> str:
        """Address for the functions that answer requests."""
        return self._role_dsn(database, "berth_app")

    def jobs_dsn(self, database: str | None = None) -> str:
        """Address for sweeps over all tenants."""
        return self._role_dsn(database, "berth_jobs")

    def readonly_dsn(self, database: str | None = None) -> str:
        """Address for looking."""
        return self._role_dsn(database, "berth_readonly")

    def give_passwords(self) -> None:
        """Let the roles that the migrations made log in to a server of ours."""
        if self.passwords:
            give_passwords(self.owner_dsn("postgres"), self.passwords)

    def create_database(self) -> None:
        """Make Berth's database on a server of ours, unless it is there. DATABASE_URL names an existing one."""
        if self.process is None:
            return
        with psycopg.connect(self.owner_dsn("postgres"), autocommit=True) as connection:
            query = "SELECT FROM pg_database WHERE datname = %s"
            if connection.execute(query, [self.database]).fetchone() is None:
                connection.execute(SQL("CREATE DATABASE {}").format(Identifier(self.database)))

    def check(self) -> None:
        """Raise `CommandError` with the last lines of its log when the server has ended on its own."""
        if self.server is not None and self.server.process.poll() is not None:
            fail(f"{self.server.name} has stopped", read_from(self.server.log_path, 0))

    def keep_running(self, seconds: float, say: Callable[[str], None]) -> None:
        """Watch a server of ours for so long, and start it again when it ends. Raises `CommandError` in the end."""
        if self.server is None:
            time.sleep(seconds)
        else:
            self.server.keep_running(seconds, say)

    def _role_dsn(self, database: str | None, role: str) -> str:
        if role in self.passwords:
            return self._dsn(database, {**self.owner, "user": role, "password": self.passwords[role]})
        options = f"{self.owner.get('options', '')} -c role={role}".strip()
        return self._dsn(database, {**self.owner, "options": options})

    def _dsn(self, database: str | None, parameters: Mapping[str, str]) -> str:
        return f"postgresql:///{quote(database or self.database, safe='')}?{urlencode(parameters, quote_via=quote)}"
