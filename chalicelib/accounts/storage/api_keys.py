"""The keys of other systems. Of their secrets only SHA-256 is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.access.model.people import Scope
from chalicelib.accounts.model.accounts import ApiKey
from chalicelib.database import statements
from chalicelib.database.identifiers import digest, new_id

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.accounts.model.accounts import NewApiKey
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class RevokedKey:
    """A key that ended with the right of who made it."""

    id: UUID
    name: str
    prefix: str


def add_api_key(transaction: Transaction, new: NewApiKey, prefix: str, secret: str) -> ApiKey:
    """Add a key."""
    transaction.changes = True
    key_id, ordered = new_id(), tuple(sorted(new.scopes))
    row = transaction.row(
        SQL["add_api_key"],
        {
            "id": key_id,
            "name": new.name,
            "prefix": prefix,
            "secret_hash": digest(secret),
            "scopes": list(ordered),
            "created_by": new.created_by,
            "expires_at": new.expires_at,
        },
    )
    return ApiKey(key_id, new.name, prefix, ordered, row.created_at, new.expires_at, None, new.created_by)


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
