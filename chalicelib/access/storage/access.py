"""What a session or an API key allows at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.access.model.people import Role, Scope
from chalicelib.database import statements
from chalicelib.database.transaction import Acting

if TYPE_CHECKING:
    from chalicelib.database.transaction import Database

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class Access:
    """What a user may do: `role` None is somebody who does not work for the tenant; hosts have `resource_ids`."""

    operator: bool
    role: Role | None
    resource_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """An API key that holds at this moment; `secret_hash` is SHA-256 of its secret."""

    id: UUID
    secret_hash: bytes
    scopes: frozenset[Scope]


def read_access(database: Database, user_id: UUID, session_id: UUID, tenant: str | None) -> Access | None:
    """Return what a session allows for the tenant with that slug, or None when it has ended. One round trip."""
    parameters = {"user_id": user_id, "session_id": session_id, "tenant": tenant}
    own = database.acting_as(Acting(user_id=user_id))
    row = own.run_without_tenant(lambda transaction: transaction.ask(SQL["read_access"], parameters)).row()
    if row is None:
        return None
    return Access(row.operator, None if row.role is None else Role(row.role), tuple(row.resource_ids))


def read_key(database: Database, tenant: str, prefix: str) -> Key | None:
    """Return the tenant's key with that prefix, if it holds. Raises `NotFoundError` for an unknown tenant."""
    row = database.run(tenant, lambda transaction: transaction.ask(SQL["read_key"], {"prefix": prefix})).row()
    if row is None:
        return None
    return Key(row.id, bytes(row.secret_hash), frozenset(Scope(scope) for scope in row.scopes))


def key_scopes(database: Database, tenant: str, key_id: UUID) -> frozenset[Scope]:
    """Return what a key of the tenant may be used for, nothing where it has ended."""
    row = database.run(tenant, lambda transaction: transaction.ask(SQL["key_scopes"], {"id": key_id})).row()
    return frozenset() if row is None else frozenset(Scope(scope) for scope in row.scopes)


def note_use(database: Database, tenant: str, key: Key) -> None:
    """Remember that a key was used, to the minute."""
    database.run(tenant, lambda transaction: transaction.write(SQL["note_use"], {"id": key.id}, rows=None))
