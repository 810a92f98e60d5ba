"""Webhooks, their secrets, and the log of what was sent to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.database import statements
from chalicelib.database.identifiers import new_id
from chalicelib.delivery.model.webhooks import DisabledBecause, Webhook, WebhookAttempt, WebhookDelivery
from chalicelib.delivery.storage.outbox import OutboxEvent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


def list_webhooks(transaction: Transaction, after: UUID | None, limit: int) -> list[Webhook]:
    """Return webhooks, the oldest first."""
    return _read(transaction, None, after, limit)


def find_webhook(transaction: Transaction, webhook_id: UUID) -> Webhook | None:
    """Return a webhook."""
    return next(iter(_read(transaction, webhook_id, None, 1)), None)


def _read(transaction: Transaction, webhook_id: UUID | None, after: UUID | None, limit: int) -> list[Webhook]:
    rows = transaction.rows(SQL["list_webhooks"], {"id": webhook_id, "after": after, "limit": limit})
    return [
        Webhook(
            id=row.id,
            url=row.url,
            description=row.description,
            event_types=tuple(row.event_types),
            version=row.version,
            disabled_because=None if row.disabled_because is None else DisabledBecause(row.disabled_because),
            disabled_at=row.disabled_at,
            failing_since=row.failing_since,
            previous_secret_until=row.previous_secret_until,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]


def count_webhooks(transaction: Transaction) -> int:
    """Return how many the tenant has."""
    return transaction.row(SQL["count_webhooks"], {}).webhooks


def add_webhook(
    transaction: Transaction, webhook_id: UUID, url: str, description: str, event_types: Sequence[str], secret: bytes
) -> None:
    """Queue a new webhook with its first secret."""
    values = {"id": webhook_id, "url": url, "description": description, "event_types": list(event_types)}
    transaction.write(SQL["add_webhook"], values)
    add_secret(transaction, webhook_id, secret)


def change_webhook(transaction: Transaction, webhook: Webhook, version: int) -> None:
    """Queue what a webhook is from now on, for the version that was read; enabled, it does not rest."""
    values = {
        "id": webhook.id,
        "url": webhook.url,
        "description": webhook.description,
        "event_types": list(webhook.event_types),
        "disabled_because": webhook.disabled_because,
        "version": version,
    }
    transaction.write(SQL["change_webhook"], values)
    if webhook.disabled_because is None:
        transaction.write(SQL["wake_webhook"], {"id": webhook.id}, rows=None)


def delete_webhook(transaction: Transaction, webhook_id: UUID) -> None:
    """Queue the end of a webhook and its secrets."""
    transaction.write(SQL["delete_webhook"], {"id": webhook_id})
    transaction.write(SQL["wake_webhook"], {"id": webhook_id}, rows=None)


def add_secret(transaction: Transaction, webhook_id: UUID, secret: bytes) -> None:
    """Queue another secret."""
    transaction.write(SQL["add_secret"], {"webhook_id": webhook_id, "id": new_id(), "secret": secret})


def expire_secrets(transaction: Transaction, webhook_id: UUID, overlap_hours: int) -> None:
    """Queue that the present secret is valid for so many hours more, and those before it not any more."""
    transaction.write(SQL["expire_secrets"], {"webhook_id": webhook_id, "overlap_hours": overlap_hours}, rows=None)
    transaction.write(SQL["remove_expired_secrets"], {"webhook_id": webhook_id}, rows=None)


def list_deliveries(
    transaction: Transaction, webhook_id: UUID, state: str | None, before: UUID | None, limit: int
) -> list[WebhookDelivery]:
    """Return deliveries to a webhook, the latest first."""
    return _deliveries(transaction, webhook_id, state=state, before=before, limit=limit)


def find_delivery(transaction: Transaction, webhook_id: UUID, delivery_id: UUID) -> WebhookDelivery | None:
    """Return a delivery to a webhook."""
    return next(iter(_deliveries(transaction, webhook_id, delivery_id=delivery_id, limit=1)), None)


def _deliveries(
    transaction: Transaction,
    webhook_id: UUID,
    *,
    delivery_id: UUID | None = None,
    state: str | None = None,
    before: UUID | None = None,
    limit: int,
) -> list[WebhookDelivery]:
    values = {"webhook_id": webhook_id, "id": delivery_id, "state": state, "before": before, "limit": limit}
    return [
        WebhookDelivery(
            id=row.id,
            webhook_id=row.webhook_id,
            event_id=row.event_id,
            type=row.type,
            entity_kind=row.entity_kind,
            entity_id=row.entity_id,
            outcome=row.outcome,
            attempts=row.attempts,
            next_attempt_at=row.next_attempt_at,
            created_at=row.created_at,
            settled_at=row.settled_at,
            last=None if row.number is None else _attempt(row),
        )
        for row in transaction.rows(SQL["list_deliveries"], values)
    ]


def list_attempts(transaction: Transaction, delivery_id: UUID, limit: int) -> list[WebhookAttempt]:
    """Return the attempts of a delivery, the latest first."""
    return [
        _attempt(row) for row in transaction.rows(SQL["list_attempts"], {"delivery_id": delivery_id, "limit": limit})
    ]


def _attempt(row: Any) -> WebhookAttempt:  # noqa: ANN401 - the columns of both reads
    return WebhookAttempt(row.number, row.status, row.failure, row.duration_ms, row.attempted_at)


def read_delivered_event(transaction: Transaction, webhook_id: UUID, delivery_id: UUID) -> OutboxEvent | None:
    """Return the event that a delivery to a webhook is about."""
    values = {"webhook_id": webhook_id, "delivery_id": delivery_id}
    return next((OutboxEvent(**row._asdict()) for row in transaction.rows(SQL["read_delivered_event"], values)), None)


def replay_delivery(transaction: Transaction, webhook_id: UUID, delivery_id: UUID) -> None:
    """Queue that a delivery is due now, and its webhook does not rest."""
    transaction.write(SQL["replay_delivery"], {"webhook_id": webhook_id, "delivery_id": delivery_id})
    transaction.write(SQL["wake_webhook"], {"id": webhook_id}, rows=None)
