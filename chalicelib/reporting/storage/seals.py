"""Seals over a tenant's events: read and added as the role of background jobs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.database import statements

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)
CANONICAL = (
    *("id", "transaction_id", "type", "entity_kind", "entity_id", "actor_kind", "actor_id", "request_id"),
    *("before", "after", "occurred_microseconds"),
)
"""What a hash is made of, in this order."""


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """An event as far as seals go: its place in the order, its hash, and whether it lies in the archive."""

    id: UUID
    transaction_id: int
    hash: bytes
    archived: bool


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal: the events it covers, those of transactions before `until_transaction`, and the chain up to it."""

    number: int
    until_transaction: int
    event_ids: Sequence[UUID]
    event_hashes: Sequence[bytes]
    digest: bytes


def event_hash(members: Sequence[Any]) -> bytes:
    """Return SHA-256 of an event's canonical form: a JSON array without spaces, in ASCII."""
    return hashlib.sha256(json.dumps(members, separators=(",", ":")).encode("ascii")).digest()


def chained(previous: bytes, hashes: Sequence[bytes]) -> bytes:
    """Return the digest of a seal."""
    return hashlib.sha256(b"".join((previous, *hashes))).digest()


def list_tenants(transaction: Transaction) -> list[str]:
    """Return the slugs of all tenants."""
    return [row.slug for row in transaction.rows(SQL["list_tenants_to_seal"], {})]


def list_active_tenants(transaction: Transaction) -> list[str]:
    """Return the slugs of all tenants that are not suspended."""
    return [row.slug for row in transaction.rows(SQL["list_active_tenants"], {})]


def last_seal(transaction: Transaction) -> tuple[int, int, bytes]:
    """Return number, end and digest of the last seal; zeros and nothing where there is none."""
    row = transaction.row(SQL["last_seal"], {})
    return (0, 0, b"") if row is None else (row.number, int(row.until_transaction), bytes(row.digest))


def list_seals(transaction: Transaction, after: int, limit: int) -> list[Seal]:
    """Return seals in their order."""
    return [
        Seal(
            row.number,
            int(row.until_transaction),
            row.event_ids,
            [bytes(one) for one in row.event_hashes],
            bytes(row.digest),
        )
        for row in transaction.rows(SQL["list_seals"], {"after": after, "limit": limit})
    ]


def events_between(
    transaction: Transaction, from_transaction: int, until_transaction: int | None, limit: int | None
) -> list[SealedEvent]:
    """Return events in the order of seals; without an end, all that nothing under way can precede."""
    rows = transaction.rows(
        SQL["events_between"],
        {
            "from_transaction": str(from_transaction),
            "until_transaction": None if until_transaction is None else str(until_transaction),
            "limit": limit,
        },
    )
    return [
        SealedEvent(
            row.id,
            int(row.transaction_id),
            event_hash([str(row.id), *(getattr(row, name) for name in CANONICAL[1:])]),
            row.archived,
        )
        for row in rows
    ]


def add_seal(transaction: Transaction, seal: Seal) -> None:
    """Queue a seal."""
    transaction.write(
        SQL["add_seal"],
        {
            "number": seal.number,
            "until_transaction": str(seal.until_transaction),
            "event_ids": list(seal.event_ids),
            "event_hashes": list(seal.event_hashes),
            "digest": seal.digest,
        },
    )
