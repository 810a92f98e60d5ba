"""The keys of other systems. Of their secrets only SHA-256 is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.domain.people import Scope
from chalicelib.storage import statements
from chalicelib.storage.sign_in import digest

if TYPE_CHECKING:
    from collections.abc import Set

    from chalicelib.storage.transaction import Transaction

SQL = statements.load("api_keys")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as administrators see it: everything but its secret."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    created_by: UUID | None
    created_by_name: str | None = None
    """Of those who still work for the tenant."""


@dataclass(frozen=True, slots=True)
class RevokedKey:
    """A key that ended with the right of who made it."""

    id: UUID
    name: str
    prefix: str


def add_api_key(
    transaction: Transaction,
    *,
    key_id: UUID,
    name: str,
    prefix: str,
    secret: str,
    scopes: Set[Scope],
    created_by: UUID,
    expires_at: datetime | None,
) -> ApiKey:
    """Add a key."""
    transaction.changes = True
    ordered = tuple(sorted(scopes))
    row = transaction.row(
        SQL["add_api_key"],
        {
            "id": key_id,
            "name": name,
            "prefix": prefix,
            "secret_hash": digest(secret),
            "scopes": list(ordered),
            "created_by": created_by,
            "expires_at": expires_at,
        },
    )
    return ApiKey(key_id, name, prefix, ordered, row.created_at, expires_at, None, created_by)


def list_api_keys(transaction: Transaction, before: tuple[datetime, UUID] | None, limit: int) -> list[ApiKey]:
    """Return the keys that were not revoked, the latest first; `before`: when and which was the last one listed."""
    before_at, before_id = before or (None, None)
    values = {"before_at": before_at, "before_id": before_id, "limit": limit}
    return [
        ApiKey(
            row.id,
            row.name,
            row.prefix,
            tuple(Scope(scope) for scope in row.scopes),
            row.created_at,
            row.expires_at,
            row.last_used_at,
            row.created_by,
            row.created_by_name,
        )
        for row in transaction.rows(SQL["list_api_keys"], values)
    ]


def revoke_api_key(transaction: Transaction, key_id: UUID, *, otherwise: type[Exception]) -> None:
    """Queue the end of a key; `otherwise` is raised if there is none that holds."""
    transaction.write(SQL["revoke_api_key"], {"id": key_id}, otherwise=otherwise)


def revoke_api_keys_of(transaction: Transaction, user_id: UUID) -> tuple[RevokedKey, ...]:
    """End all keys that somebody made; return them."""
    transaction.changes = True
    rows = transaction.rows(SQL["revoke_api_keys_of"], {"user_id": user_id})
    return tuple(RevokedKey(row.id, row.name, row.prefix) for row in rows)
