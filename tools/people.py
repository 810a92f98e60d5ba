"""People as the command line makes them: straight into the database, as its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

from chalicelib.access.model.people import MEMBER_ROLES, Role
from chalicelib.adapters.passwords import hash_password, is_password
from chalicelib.database.identifiers import new_id
from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from uuid import UUID

    from chalicelib.adapters.tokens import Tokens

    Connection = psycopg.Connection[Any]

ADD_PERSON = """
INSERT INTO users (id, email, name, password_hash, operator, created_at, updated_at)
VALUES (%(id)s, %(email)s, %(name)s, %(password_hash)s, %(operator)s, clock_now(), clock_now())
ON CONFLICT (email) DO UPDATE SET name = excluded.name
RETURNING id
"""
ADD_MEMBER = """
INSERT INTO memberships (tenant_id, user_id, role, created_at, updated_at)
SELECT tenant.id, %(user_id)s, %(role)s, clock_now(), clock_now()
FROM tenants AS tenant
WHERE tenant.slug = %(tenant)s
ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = excluded.role
"""
OPEN_SESSION = """
INSERT INTO sessions (id, user_id, created_at, refreshed_at, expires_at, user_agent)
VALUES (%(id)s, %(user_id)s, clock_now(), clock_now(), %(expires_at)s, 'command line')
"""
READ_HASH = "SELECT password_hash FROM users WHERE email = %(email)s"
SET_HASHES = """
UPDATE users SET password_hash = %(password_hash)s, updated_at = clock_now() WHERE email = ANY(%(emails)s)
"""
GIVE_RESOURCES = """
INSERT INTO membership_resources (tenant_id, user_id, resource_id)
SELECT resource.tenant_id, %(user_id)s, resource.id
FROM resources AS resource
INNER JOIN tenants AS tenant ON resource.tenant_id = tenant.id
WHERE tenant.slug = %(tenant)s
ORDER BY resource.position, resource.id
LIMIT 1
ON CONFLICT (tenant_id, user_id, resource_id) DO NOTHING
"""
OPERATOR = "operator@berth.example"
MOST_LASTING = "2199-01-01T00:00:00Z"
"""A session of the command line ends with its token, whichever clock the database has."""


def add_user(
    connection: Connection, email: str, name: str, *, password_hash: str | None = None, operator: bool = False
) -> UUID:
    """Add a person unless there is one with that address; return the id."""
    values = {"id": new_id(), "email": email, "name": name, "password_hash": password_hash, "operator": operator}
    row = connection.execute(ADD_PERSON, values).fetchone()
    assert row is not None  # noqa: S101 - DO UPDATE returns a row in either case
    return row[0]


def add_member(connection: Connection, tenant: str, user_id: UUID, role: str) -> None:
    """Let a person work for a tenant. Raises `CommandError` where there is no such tenant."""
    if not connection.execute(ADD_MEMBER, {"tenant": tenant, "user_id": user_id, "role": role}).rowcount:
        message = f"There is no tenant {tenant!r}. ./dev tenant list names those that there are."
        raise CommandError(message)


def add_demo_people(owner_dsn: str, tenants: Sequence[str], password: str) -> None:
    """Let everybody of the demo sign in with one password: each role of each tenant, and the platform's operator.

    The hosts work with the first resource of their tenant.
    """
    with psycopg.connect(owner_dsn) as connection:
        add_user(connection, OPERATOR, "Operator", operator=True)
        emails = [OPERATOR]
        for tenant in tenants:
            for role in MEMBER_ROLES:
                emails.append(f"{role}@{tenant}.example")
                user_id = add_user(connection, emails[-1], role.title())
                add_member(connection, tenant, user_id, role)
                if role is Role.HOST:
                    connection.execute(GIVE_RESOURCES, {"user_id": user_id, "tenant": tenant})
        (stored,) = connection.execute(READ_HASH, {"email": OPERATOR}).fetchone() or (None,)
        if not is_password(stored, password):
            connection.execute(SET_HASHES, {"password_hash": hash_password(password), "emails": emails})


def access_token(owner_dsn: str, tokens: Tokens, tenant: str, role: str, lifetime: timedelta) -> str:
    """Return a token of somebody with that role, in a session of its own."""
    with psycopg.connect(owner_dsn) as connection:
        user_id = add_user(connection, f"{role}@{tenant}.example", role.title())
        add_member(connection, tenant, user_id, role)
        return _token(connection, tokens, user_id, lifetime)


def operator_token(owner_dsn: str, tokens: Tokens, lifetime: timedelta) -> str:
    """Return a token of the platform's operator, in a session of its own."""
    with psycopg.connect(owner_dsn) as connection:
        user_id = add_user(connection, OPERATOR, "Operator", operator=True)
        return _token(connection, tokens, user_id, lifetime)


def _token(connection: Connection, tokens: Tokens, user_id: UUID, lifetime: timedelta) -> str:
    session_id = new_id()
    connection.execute(OPEN_SESSION, {"id": session_id, "user_id": user_id, "expires_at": MOST_LASTING})
    return tokens.issue_access_token(user_id, session_id, lifetime)
