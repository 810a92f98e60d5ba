"""What was sent to a webhook, and sending it once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.access.throttle import WEBHOOK_REQUESTS, count_attempt
from chalicelib.core.errors import ConflictError, NotFoundError
from chalicelib.delivery.manage_webhooks import KIND, find
from chalicelib.delivery.model.webhooks import WebhookAttempt, WebhookDelivery, headers_of
from chalicelib.delivery.storage import webhooks
from chalicelib.delivery.storage.outbox import OutboxEvent
from chalicelib.delivery.webhook_body import body_of
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.delivery.model.webhooks import Webhook
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer

MOST_ATTEMPTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class LoggedDelivery:
    """A delivery with the event that is sent, and its attempts, the latest first."""

    delivery: WebhookDelivery
    url: str
    event: OutboxEvent
    attempts: tuple[WebhookAttempt, ...]

    @property
    def headers(self) -> dict[str, str]:
        """The headers that all attempts have."""
        return headers_of(str(self.event.id))

    @property
    def body(self) -> str:
        """What is sent."""
        return body_of(self.event).decode()


def list_deliveries(
    context: Context, webhook_id: UUID, state: str | None, before: UUID | None, limit: int
) -> tuple[list[WebhookDelivery], bool]:
    """Return a page of the log, the latest first, and whether there is more. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> list[WebhookDelivery]:
        find(transaction, webhook_id)
        return webhooks.list_deliveries(transaction, webhook_id, state, before, limit + 1)

    found = context.run(work)
    return found[:limit], len(found) > limit


def read_delivery(context: Context, webhook_id: UUID, delivery_id: UUID) -> LoggedDelivery:
    """Return a delivery with all that is known of it. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> LoggedDelivery:
        webhook = find(transaction, webhook_id)
        delivery = _find(transaction, webhook_id, delivery_id)
        event = webhooks.read_delivered_event(transaction, webhook_id, delivery_id)
        if event is None:
            raise _NoDeliveryError
        attempts = webhooks.list_attempts(transaction, delivery_id, MOST_ATTEMPTS_SHOWN)
        return LoggedDelivery(delivery, webhook.url, event, tuple(attempts))

    return context.run(work)


def replay_delivery(
    context: Context, webhook_id: UUID, delivery_id: UUID, render: Callable[[WebhookDelivery], Answer]
) -> Outcome:
    """Send an event once more, with all its attempts before it. Raises `NotFoundError`, `ConflictError`."""

    def work(transaction: Transaction) -> WebhookDelivery:
        _find_enabled(transaction, webhook_id)
        _find(transaction, webhook_id, delivery_id)
        _count(transaction)
        webhooks.replay_delivery(transaction, webhook_id, delivery_id)
        told = {"delivery_id": str(delivery_id)}
        append_event(transaction, context.actor, Event(EventType.WEBHOOK_REPLAYED, KIND, webhook_id, None, told))
        return _find(transaction, webhook_id, delivery_id)

    return context.run_once(work, render)


def send_test(context: Context, webhook_id: UUID, render: Callable[[UUID], Answer]) -> Outcome:
    """Send an event that says nothing else; return its id. Raises `NotFoundError`, `ConflictError`."""

    def work(transaction: Transaction) -> UUID:
        _find_enabled(transaction, webhook_id)
        _count(transaction)
        return append_event(transaction, context.actor, Event(EventType.WEBHOOK_TESTED, KIND, webhook_id, None, None))

    return context.run_once(work, render)


def _find(transaction: Transaction, webhook_id: UUID, delivery_id: UUID) -> WebhookDelivery:
    found = webhooks.find_delivery(transaction, webhook_id, delivery_id)
    if found is None:
        raise _NoDeliveryError
    return found


def _find_enabled(transaction: Transaction, webhook_id: UUID) -> Webhook:
    webhook = find(transaction, webhook_id)
    if webhook.disabled_at is not None:
        message = "The webhook is disabled. Enable it first."
        raise ConflictError(message)
    return webhook


def _count(transaction: Transaction) -> None:
    count_attempt(transaction, f"webhook requests of {transaction.tenant.id}", WEBHOOK_REQUESTS)


class _NoDeliveryError(NotFoundError):
    def __init__(self) -> None:
        super().__init__("There is no such delivery.")
