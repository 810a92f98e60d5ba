"""Row security decides alone: statements without any WHERE, as the application's role, see and change one tenant.

Each table is tried with each verb, with no tenant set and with another tenant set; a control switches row security
off and shows that every one of these tests would notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors as sqlstate
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from chalicelib.access.model.people import Role
from tests.consistency.world import TENANT, make_world
from tests.databases import Database, new_database
from tools.people import add_member, add_user

if TYPE_CHECKING:
    from collections.abc import Generator

    from psycopg.sql import Composed

    from local.postgres.cluster import Cluster

    Connection = psycopg.Connection[Any]

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE")
Row = dict[str, Any]
Leaks = dict[tuple[str, str], int]
PUBLIC = {"schema_migrations", "simulated_clock", "throttles", "job_runs", "job_failures", "late_events"}
"""Tables without row security: nobody's data. Throttles hold hashes only, and everybody's functions share them."""
PERSONAL = {"users", "user_identities", "sessions", "refresh_tokens", "password_resets"}
"""A person's rows, which no tenant owns: seen by whom they belong to, and users by their colleagues."""
CONFINED = (
    "resources",
    "units",
    "availability_windows",
    "closures",
    "reservations",
    "reservation_changes",
    "earlier_rooms",
    "waitlist_entries",
    "series",
    "edit_locks",
)
"""What hosts see only of their own resources."""

TABLES = """
SELECT class.relname::text FROM pg_class AS class
WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p') ORDER BY 1
"""
COLUMNS = """
SELECT attribute.attname::text FROM pg_attribute AS attribute
WHERE attribute.attrelid = %(table)s::regclass AND attribute.attnum > 0 AND NOT attribute.attisdropped
    AND attribute.attgenerated = ''
    AND has_column_privilege('berth_app', attribute.attrelid, attribute.attnum, %(privilege)s)
ORDER BY attribute.attnum
"""
FILL = (
    """INSERT INTO user_identities (issuer, subject, user_id, created_at)
    VALUES ('https://id.example', 'ada', %(user)s, clock_now())""",
    """INSERT INTO membership_resources (tenant_id, user_id, resource_id)
    VALUES (%(tenant)s, %(user)s, %(resource)s)""",
    """INSERT INTO invitations (tenant_id, id, email, role, token_hash, created_at, expires_at)
    VALUES (%(tenant)s, %(id)s, 'new@example.org', 'agent', sha256('invitation'), clock_now(),
        clock_now() + '7 days')""",
    """INSERT INTO sessions (id, user_id, created_at, refreshed_at, expires_at)
    VALUES (%(id)s, %(user)s, clock_now(), clock_now(), clock_now() + '30 days')""",
    """INSERT INTO refresh_tokens (token_hash, session_id, user_id, issued_at)
    VALUES (sha256('refresh'), %(id)s, %(user)s, clock_now())""",
    """INSERT INTO password_resets (token_hash, user_id, created_at, expires_at)
    VALUES (sha256('reset'), %(user)s, clock_now(), clock_now() + '1 hour')""",
    """INSERT INTO api_keys (tenant_id, id, name, prefix, secret_hash, scopes, created_at)
    VALUES (%(tenant)s, %(id)s, 'Channel', 'abcdefghijkl', sha256('key'), '{reservations:read}', clock_now())""",
    """INSERT INTO idempotency_keys (tenant_id, caller, route, key, body_hash, status, headers, body, created_at)
    VALUES (%(tenant)s, 'guest', 'POST /', 'once', sha256('{}'), 201, '{}', '{}', clock_now())""",
    """INSERT INTO event_seals (tenant_id, number, until_transaction, event_ids, event_hashes, digest, sealed_at)
    VALUES (%(tenant)s, 1, '3', ARRAY[%(id)s::uuid], ARRAY[sha256('event')], sha256('seal'), clock_now())""",
    "INSERT INTO statistics_progress (tenant_id, transaction_id) VALUES (%(tenant)s, '3')",
    """INSERT INTO daily_statistics (
        tenant_id, resource_id, on_date, reserved_minutes, nights, revenue, active, cancelled, came, no_shows,
        lead_minutes
    ) VALUES (%(tenant)s, %(resource)s, '2027-07-01', 60, 0, 100, 1, 0, 0, 0, 60)""",
    """INSERT INTO reservation_changes (
        id, tenant_id, reservation_id, state, action, resource_id, starts_at, ends_at, quantity, party_size, due_at,
        created_at
    ) SELECT %(id)s, tenant_id, id, 'waiting', 'move', resource_id, starts_at, ends_at, 1, 1, ends_at, created_at
    FROM reservations WHERE tenant_id = %(tenant)s AND resource_id = %(rooms)s LIMIT 1""",
    """INSERT INTO earlier_rooms (
        tenant_id, reservation_id, resource_id, next_resource_id, starts_at, ends_at, taken, units
    ) SELECT tenant_id, id, %(rooms)s, %(resource)s, starts_at, ends_at, 1, '{[1,2)}'
    FROM reservations WHERE tenant_id = %(tenant)s AND resource_id = %(rooms)s LIMIT 1""",
    """INSERT INTO waitlist_entries (
        id, tenant_id, resource_id, guest_id, state, starts_at, ends_at, quantity, party_size, joined_at
    ) SELECT %(id)s, tenant_id, %(rooms)s, guest_id, 'waiting', starts_at, ends_at, 1, 1, created_at
    FROM reservations WHERE tenant_id = %(tenant)s LIMIT 1""",
    """INSERT INTO series (
        tenant_id, id, resource_id, guest_id, rule, first_on, nights, quantity, party_size, created_at
    ) SELECT %(tenant)s, %(id)s, %(rooms)s, guest_id, 'FREQ=DAILY;COUNT=1', '2027-07-01', 1, 1, 1, created_at
    FROM reservations WHERE tenant_id = %(tenant)s LIMIT 1""",
    """INSERT INTO series_occurrences (tenant_id, series_id, on_date, reservation_id)
    SELECT %(tenant)s, %(id)s, '2027-07-01', id FROM reservations WHERE tenant_id = %(tenant)s LIMIT 1""",
    """INSERT INTO deliveries (tenant_id, id, event_id, channel, next_attempt_at, created_at)
    VALUES (%(tenant)s, %(id)s, %(id)s, 'guest_emails', clock_now(), clock_now())""",
    """INSERT INTO calendar_feeds (tenant_id, id, key_hash, resource_id, detailed, created_by, created_at)
    VALUES (%(tenant)s, %(id)s, sha256('feed'), %(resource)s, false, %(user)s, clock_now())""",
    """INSERT INTO resting_targets (tenant_id, target_id, failures, failing_since, resting_until)
    VALUES (%(tenant)s, %(id)s, 1, clock_now(), clock_now())""",
    """INSERT INTO push_devices (tenant_id, id, user_id, endpoint, p256dh, auth, name, language, created_at)
    SELECT %(tenant)s, %(id)s, user_id, 'https://push.example.com/', decode(repeat('04', 65), 'hex'),
    decode(repeat('04', 16), 'hex'), 'Firefox', 'en', clock_now() FROM memberships WHERE tenant_id = %(tenant)s""",
    """INSERT INTO push_preferences (tenant_id, user_id, event_types, resource_ids, version, updated_at)
    SELECT %(tenant)s, user_id, '{}', '{}', 2, clock_now() FROM memberships WHERE tenant_id = %(tenant)s""",
    """INSERT INTO webhooks (tenant_id, id, url, description, event_types, created_at, updated_at)
    VALUES (%(tenant)s, %(id)s, 'https://hooks.example.com/', '', '{}', clock_now(), clock_now())""",
    """INSERT INTO webhook_secrets (tenant_id, webhook_id, id, secret, created_at)
    VALUES (%(tenant)s, %(id)s, %(id)s, sha256('secret'), clock_now())""",
    """INSERT INTO webhook_attempts (tenant_id, id, delivery_id, number, status, duration_ms, attempted_at)
    VALUES (%(tenant)s, %(id)s, %(id)s, 1, 204, 1, clock_now())""",
    "CREATE TABLE archived_events_of_some_month PARTITION OF archived_events DEFAULT",
    "INSERT INTO archived_events SELECT * FROM events WHERE tenant_id = %(tenant)s",
    """INSERT INTO unconfirmed_requests (tenant_id, id, kind, email, body, secret_hash, created_at, expires_at)
    VALUES (%(tenant)s, %(id)s, 'series', 'ada@example.org', '{}', sha256('link'), clock_now(),
        clock_now() + '1 hour')""",
    """INSERT INTO manage_links (tenant_id, subject_id, generation, renewed_at)
    VALUES (%(tenant)s, %(id)s, 1, clock_now())""",
    """INSERT INTO connection_tickets (tenant_id, secret_hash, user_id, session_id, expires_at)
    VALUES (%(tenant)s, sha256('ticket'), %(user)s, %(id)s, clock_now() + '1 minute')""",
    """INSERT INTO connections (
        id, tenant_id, role, user_id, session_id, name, connected_at, last_seen_at, counted_from
    ) VALUES ('one', %(tenant)s, 'agent', %(user)s, %(id)s, 'Ada', clock_now(), clock_now(), clock_now())""",
    """INSERT INTO edit_locks (
        tenant_id, id, resource_id, during, holder_id, holder_name, fencing, acquired_at, expires_at
    ) VALUES (%(tenant)s, %(id)s, %(rooms)s, '[2027-07-01Z,2027-07-02Z)', %(user)s, 'Ada', 1, clock_now(),
        clock_now() + '1 minute')""",
    """INSERT INTO availability_windows (id, tenant_id, resource_id, starts_at, ends_at)
    VALUES (%(id)s, %(tenant)s, %(resource)s, '2027-07-01Z', '2027-07-02Z')""",
)
"""What the use cases of `make_world` leave empty."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A database in which every table has rows of one tenant; another tenant has nothing but itself."""

    database: Database
    tenant: UUID
    user: UUID
    stranger: UUID
    resources: dict[str, UUID]

    def application(self, **settings: object) -> Connection:
        """A connection as the application's role, with these settings."""
        connection = psycopg.connect(self.database.app)
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", [f"app.{name}", str(value)])
        connection.commit()
        return connection


@pytest.fixture(scope="module")
def filled(cluster: Cluster) -> Generator[Filled]:
    with new_database(cluster) as database:
        yield _filled(database)


def _filled(database: Database) -> Filled:
    world = make_world(database)
    with psycopg.connect(database.owner) as owner:
        found = owner.execute("SELECT id FROM tenants WHERE slug = %s", [TENANT]).fetchone()
        assert found is not None
        stranger = uuid4()
        copy = """
        INSERT INTO tenants
        SELECT (jsonb_populate_record(tenant, jsonb_build_object('id', %s::uuid, 'slug', 'stranger'))).*
        FROM tenants AS tenant WHERE tenant.id = %s"""
        owner.execute(copy, [stranger, found[0]])
        user = add_user(owner, "ada@lake.example", "Ada")
        add_member(owner, TENANT, user, Role.HOST)
        values = {"tenant": found[0], "user": user, "id": uuid4(), "resource": world.resources["kayaks"]}
        values["rooms"] = world.resources["rooms"]
        for statement in FILL:
            owner.execute(statement.encode(), values)
    return Filled(database, found[0], user, stranger, world.resources)


def tables(filled: Filled) -> list[str]:
    """All tables but those that hold nobody's data."""
    with psycopg.connect(filled.database.owner) as owner:
        return [name for (name,) in owner.execute(TABLES) if name not in PUBLIC]


def any_row(filled: Filled, table: str) -> Row:
    """A row of the tenant, or of its member, as JSON."""
    with psycopg.connect(filled.database.owner) as owner:
        query = SQL("SELECT to_jsonb(one) FROM {} AS one").format(Identifier(table))
        rows: list[Row] = [row for (row,) in owner.execute(query)]
    mine = [row for row in rows if row.get("tenant_id", str(filled.tenant)) == str(filled.tenant)]
    assert mine, f"{table} has no row that could leak: fill it"
    return mine[0]


def statement(connection: Connection, table: str, verb: str, victim: Row) -> Composed | None:
    """The verb with all columns that the application may write, without WHERE; None where it may write none."""
    name = Identifier(table)
    if verb in {"SELECT", "DELETE"}:
        return (SQL("SELECT FROM {}") if verb == "SELECT" else SQL("DELETE FROM {}")).format(name)
    granted = connection.execute(COLUMNS, {"table": table, "privilege": verb}).fetchall()
    columns = [Identifier(column) for (column,) in granted]
    if not columns:
        return None
    if verb == "UPDATE":
        same = SQL(", ").join(SQL("{0} = {0}").format(column) for column in columns)
        return SQL("UPDATE {} SET {}").format(name, same)
    query = "INSERT INTO {0} ({1}) SELECT {1} FROM jsonb_populate_record(NULL::{0}, {2})"
    return SQL(query).format(name, SQL(", ").join(columns), Jsonb(victim))


def attempt(connection: Connection, table: str, verb: str, victim: Row) -> int:
    """How many rows the statement returned or would have changed. It is undone."""
    tried = statement(connection, table, verb, victim)
    if tried is None:
        return 0
    try:
        return connection.execute(tried).rowcount
    except sqlstate.InsufficientPrivilege:
        return 0
    except psycopg.IntegrityError:
        return 1  # stopped by a constraint only: row security had let it pass
    finally:
        connection.rollback()


def leaks(filled: Filled, connection: Connection) -> Leaks:
    """What got through, by table and verb."""
    found: Leaks = {}
    for table in tables(filled):
        victim = any_row(filled, table)
        for verb in VERBS:
            rows = attempt(connection, table, verb, victim)
            if rows:
                found[table, verb] = rows
    return found


def test_without_a_tenant_nothing_is_seen_or_changed(filled: Filled) -> None:
    with filled.application() as connection:
        found = leaks(filled, connection)
    assert found.keys() == {("tenants", "SELECT")}


def test_another_tenant_sees_and_changes_nothing(filled: Filled) -> None:
    with filled.application(tenant_id=filled.stranger, user_id=uuid4()) as connection:
        found = leaks(filled, connection)
        changed = connection.execute("UPDATE tenants SET name = name RETURNING id").fetchall()
    assert found.keys() == {("tenants", "SELECT"), ("tenants", "UPDATE")}
    assert changed == [(filled.stranger,)]


def test_these_attempts_would_notice_a_missing_policy(cluster: Cluster) -> None:
    with new_database(cluster) as database:
        filled = _filled(database)
        with psycopg.connect(database.owner, autocommit=True) as owner:
            for table in tables(filled):
                owner.execute(SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(Identifier(table)))
        with filled.application() as connection:
            found = leaks(filled, connection)
            for table in tables(filled):
                victim = any_row(filled, table)
                granted = {
                    verb
                    for verb in VERBS
                    if may(connection, table, verb) and statement(connection, table, verb, victim)
                }
                assert {verb for leaked, verb in found if leaked == table} == granted, table


def may(connection: Connection, table: str, verb: str) -> bool:
    """Whether the application was granted the verb, at least for some columns."""
    function = "has_table_privilege" if verb == "DELETE" else "has_any_column_privilege"
    row = connection.execute(SQL("SELECT {}(%s, %s)").format(SQL(function)), [table, verb]).fetchone()
    return row is not None and row[0]


def test_no_row_can_be_given_to_another_tenant(filled: Filled) -> None:
    tried = 0
    with filled.application(tenant_id=filled.tenant) as connection:
        for table in tables(filled):
            granted = {name for (name,) in connection.execute(COLUMNS, {"table": table, "privilege": "UPDATE"})}
            if "tenant_id" in granted:
                move = SQL("UPDATE {} SET tenant_id = {}").format(Identifier(table), filled.stranger)
                with pytest.raises(sqlstate.InsufficientPrivilege):
                    connection.execute(move)
                connection.rollback()
                tried += 1
    assert tried


def test_nobody_sees_the_sessions_and_tokens_of_somebody_else(filled: Filled) -> None:
    with filled.application(tenant_id=filled.tenant, user_id=uuid4()) as connection:
        for table in PERSONAL - {"users"}:
            assert attempt(connection, table, "SELECT", {}) == 0, table
    with filled.application(user_id=filled.user) as connection:
        for table in PERSONAL:
            assert attempt(connection, table, "SELECT", {}) == 1, table


def test_whether_a_session_lasts_is_said_to_the_tenant_of_its_connection_alone(filled: Filled) -> None:
    with psycopg.connect(filled.database.owner) as owner:
        (session,) = owner.execute("SELECT id FROM sessions").fetchall()
    said: dict[UUID | str, bool] = {}
    for tenant in (filled.tenant, filled.stranger, ""):
        with filled.application(tenant_id=tenant) as connection:
            said[tenant] = connection.execute("SELECT session_lasts(%s)", session).fetchall() == [(True,)]
    assert said == {filled.tenant: True, filled.stranger: False, "": False}


def test_whoever_signs_in_is_found_by_their_own_address_only(filled: Filled) -> None:
    with filled.application(user_email="ada@lake.example") as connection:
        assert attempt(connection, "users", "SELECT", {}) == 1
    with filled.application(user_email="somebody@lake.example") as connection:
        assert attempt(connection, "users", "SELECT", {}) == 0


def test_nobody_makes_themselves_an_operator(filled: Filled) -> None:
    with filled.application(user_id=filled.user) as connection:
        with pytest.raises(sqlstate.InsufficientPrivilege):
            connection.execute("UPDATE users SET operator = true")
        connection.rollback()
        assert attempt(connection, "tenants", "UPDATE", {}) == 0


@pytest.mark.parametrize("table", CONFINED)
def test_hosts_see_and_change_their_own_resources_only(filled: Filled, table: str) -> None:
    own = {"resources": "kayaks", "availability_windows": "kayaks", "units": "huts"}.get(table, "rooms")
    column = Identifier("id" if table == "resources" else "resource_id")
    seen = SQL("SELECT DISTINCT {} FROM {}").format(column, Identifier(table))
    with filled.application(tenant_id=filled.tenant, resource_ids=f"{{{filled.resources[own]}}}") as connection:
        assert connection.execute(seen).fetchall() == [(filled.resources[own],)]
    with filled.application(tenant_id=filled.tenant, resource_ids=f"{{{uuid4()}}}") as connection:
        victim = any_row(filled, table)
        assert {verb: attempt(connection, table, verb, victim) for verb in VERBS} == dict.fromkeys(VERBS, 0)


def test_hosts_of_nothing_see_nothing(filled: Filled) -> None:
    with filled.application(tenant_id=filled.tenant, resource_ids="{}") as connection:
        tables = (*CONFINED, "series_occurrences")
        assert {table: attempt(connection, table, "SELECT", {}) for table in tables} == dict.fromkeys(tables, 0)
