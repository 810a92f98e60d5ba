"""What is sent to webhooks: where to, signed by which secrets, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.database import statements
from chalicelib.database.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.delivery.model.webhooks import DisabledBecause
    from chalicelib.delivery.storage.outbox import Attempt

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class Sending:
    """Where a webhook is, and the secrets that are valid, the latest first."""

    url: str
    disabled: bool
    secrets: tuple[bytes, ...]


def disable_webhook(transaction: Transaction, webhook_id: UUID, because: DisabledBecause) -> bool:
    """Disable a webhook; return whether it was enabled."""
    return transaction.touch(SQL["disable_webhook"], {"id": webhook_id, "because": because}) == 1


def read_for_sending(transaction: Transaction, webhook_id: UUID) -> Sending | None:
    """Return where events are sent, None where there is no such webhook any more."""
    for row in transaction.rows(SQL["read_for_sending"], {"id": webhook_id}):
        return Sending(row.url, row.disabled_at is not None, tuple(bytes(one) for one in row.secrets))
    return None


def list_enabled(transaction: Transaction, tenant_ids: Sequence[UUID]) -> list[tuple[UUID, UUID, tuple[str, ...]]]:
    """Return the tenant's id, the id and the event types of each webhook that is sent events."""
    rows = transaction.rows(SQL["list_enabled"], {"tenant_ids": list(tenant_ids)})
    return [(row.tenant_id, row.id, tuple(row.event_types)) for row in rows]


def add_attempt(
    transaction: Transaction, attempt: Attempt, status: int | None, failure: str | None, duration_ms: int
) -> None:
    """Queue an entry of the log."""
    values = {
        "id": new_id(),
        "delivery_id": attempt.id,
        "number": attempt.number,
        "status": status,
        "failure": failure,
        "duration_ms": duration_ms,
    }
    transaction.write(SQL["add_attempt"], values, rows=None)


def failing_since(transaction: Transaction, webhook_id: UUID) -> datetime | None:
    """Return since when a webhook has taken nothing; None where the last attempt did."""
    rows = transaction.rows(SQL["read_failing_since"], {"id": webhook_id})
    return next((row.failing_since for row in rows), None)
