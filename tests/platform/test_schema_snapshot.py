"""chalicelib/database/schema.sql: what people read is what the migrations make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from chalicelib.database.migrations.migrate import BOOTSTRAP
from local.postgres.programs import choose_programs
from tests.databases import Database, new_database
from tools.schema import SNAPSHOT, snapshot

if TYPE_CHECKING:
    from local.postgres.cluster import Cluster


def test_the_snapshot_is_what_the_migrations_make(cluster: Cluster, database: Database) -> None:
    made = snapshot(database.owner, choose_programs(cluster.major))
    assert SNAPSHOT.read_text() == made, "The migrations changed: run ./dev schema and read what it changes."


def test_a_database_built_from_the_snapshot_equals_a_migrated_one(cluster: Cluster, database: Database) -> None:
    programs = choose_programs(cluster.major)
    with new_database(cluster, template="template0") as built:
        with psycopg.connect(built.owner) as connection:
            connection.execute(BOOTSTRAP.read_bytes())
            connection.execute(SNAPSHOT.read_bytes())
        assert snapshot(built.owner, programs) == snapshot(database.owner, programs)
        assert _owners(built) == _owners(database)


def _owners(database: Database) -> list[tuple[str, str]]:
    """Who owns what: the snapshot leaves owners out."""
    query = """
        SELECT relname, pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT proname, pg_get_userbyid(proowner) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')
        ORDER BY 1, 2
    """
    with psycopg.connect(database.owner) as connection:
        return connection.execute(query).fetchall()
