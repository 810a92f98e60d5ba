"""The passwords by which roles sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg.sql import SQL, Identifier, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


def give_passwords(owner_dsn: str, passwords: Mapping[str, str]) -> None:
    """Let roles sign in with these passwords, by role, from now on. Raises `psycopg.Error`.

    The server gets what it keeps, and never sees the password: it may log the statement.
    """
    with psycopg.connect(owner_dsn, autocommit=True, connect_timeout=10) as connection:
        for role, password in passwords.items():
            kept = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
            connection.execute(SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(Identifier(role), Literal(kept)))


def sign_in(dsn: str) -> None:
    """See whether an address with a password opens. Raises `psycopg.Error`."""
    with psycopg.connect(dsn, connect_timeout=10):
        pass
