"""The migration runner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from tests.databases import Database


def test_the_application_role_owns_nothing(database: Database) -> None:
    with psycopg.connect(database.app) as connection:
        owned = connection.execute(
            "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
        ).fetchall()
    assert owned == []
