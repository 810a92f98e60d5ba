"""How often something was tried or done, by key. Keys, as all secrets of ours, are stored as SHA-256 only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.database import statements
from chalicelib.database.identifiers import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.database.pipeline import Pending, Pipeline
    from chalicelib.database.transaction import Transaction


SQL = statements.beside(__file__)


def take_attempt(transaction: Transaction, key: str, window: timedelta) -> tuple[int, datetime]:
    """Count an attempt under a key; return how many there were and when the count starts again."""
    row = transaction.row(SQL["take_attempt"], {"key_hash": digest(key), "window": window})
    return row.failures, row.window_ends_at


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something was done under a key, and for how long that counts yet."""

    times: int
    lasts: timedelta


def send_writes(
    pipeline: Pipeline, address: bytes, email: bytes, tenant: bytes, most_from_address: int, window: timedelta
) -> Pending:
    """Queue counting a write under the key of its address and, unless that has had its share, under the others.

    Keys are given as their digests.
    """
    values = {
        "address": address,
        "email": email,
        "tenant": tenant,
        "most": most_from_address,
        "window": window,
    }
    return pipeline.send(SQL["count_writes"], values)


def counted_writes(rows: Sequence[Any]) -> dict[bytes, Counted]:
    """Return what was counted, by the digest of its key."""
    return {row.key_hash: Counted(row.failures, row.window_ends_at - row.now) for row in rows}


def count_within(
    transaction: Transaction, limits: Mapping[str, int], window: timedelta, otherwise: type[Exception]
) -> None:
    """Queue counting a change under each key, and refusing it where one has reached its limit."""
    hashed = sorted((digest(key), most) for key, most in limits.items())
    values = {"keys": [key for key, _ in hashed], "most": [most for _, most in hashed], "window": window}
    transaction.write(SQL["count_within"], values, rows=len(hashed), otherwise=otherwise)


def return_attempt(transaction: Transaction, key: str) -> None:
    """Queue taking back one attempt."""
    transaction.write(SQL["return_attempt"], {"key_hash": digest(key)}, rows=None)


def forget_attempts(transaction: Transaction, key: str) -> None:
    """Queue forgetting all attempts under a key."""
    transaction.write(SQL["forget_attempts"], {"key_hash": digest(key)}, rows=None)
