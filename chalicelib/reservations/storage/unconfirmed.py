"""What anonymous callers asked for and have not confirmed by email yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.database import statements
from chalicelib.database.identifiers import digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class UnconfirmedRequest:
    """What was asked for: of which kind, and the JSON as it was sent."""

    id: UUID
    kind: str
    body: str


def add_request(
    transaction: Transaction, request: UnconfirmedRequest, email: str, secret: str, lifetime: timedelta
) -> None:
    """Queue keeping a request until it is confirmed, or its time is over."""
    values = {
        "id": request.id,
        "kind": request.kind,
        "email": email,
        "body": request.body,
        "secret_hash": digest(secret),
        "lifetime": lifetime,
    }
    transaction.write(SQL["add_request"], values)


def find_request(transaction: Transaction, secret: str) -> UnconfirmedRequest | None:
    """Return what a secret confirms; None for an unknown one, or one whose time is over."""
    row = transaction.row(SQL["find_request"], {"secret_hash": digest(secret)})
    return None if row is None else UnconfirmedRequest(row.id, row.kind, row.body)


def forget_requests(transaction: Transaction, emails: Sequence[str]) -> None:
    """Queue forgetting what was asked for by these emails."""
    transaction.write(SQL["forget_requests"], {"emails": list(emails)}, rows=None)
