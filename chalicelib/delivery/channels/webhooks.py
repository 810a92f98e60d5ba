"""Webhooks: each event to every address that a tenant has given for it, signed, in the order of what it is about.

Events about one thing reach a webhook one after the other: the next is sent when the one before was taken, or given up.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.adapters.egress import REQUEST_SECONDS, Egress, EgressError
from chalicelib.delivery.channels.retry_after import seconds_wished
from chalicelib.delivery.deliver_events import DeliveryOutcome, NotBegunError, TargetError
from chalicelib.delivery.manage_webhooks import KIND, facts, find
from chalicelib.delivery.model.pauses import pause_before_next
from chalicelib.delivery.model.webhooks import (
    GONE,
    LONGEST_PAUSE_SECONDS,
    TRIED_FOR,
    DisabledBecause,
    headers_of,
    signature_of,
    wants,
)
from chalicelib.delivery.storage import webhook_sending
from chalicelib.delivery.webhook_body import body_of
from chalicelib.events.event_log import Actor, append_event
from chalicelib.events.model import Event, EventType
from chalicelib.telemetry.definitions import WEBHOOK_DURATION, WEBHOOK_REQUESTS
from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.delivery.storage.outbox import Attempt, OutboxEvent
    from chalicelib.delivery.storage.webhook_sending import Sending

NAME = "webhooks"
BY_ITSELF = Actor("job", "deliver_events", None)


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of a request: the `status` of its answer, or the `failure` why there was none."""

    status: int | None
    failure: str | None
    retry_after: str | None
    seconds: float

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def outcome(self) -> str:
        if self.taken:
            return "taken"
        return self.failure or "refused"

    @property
    def detail(self) -> str:
        return f"There was no answer: {self.failure}." if self.status is None else f"The answer was {self.status}."


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Sends through the egress guard."""

    egress: Egress

    def wants(self, event: OutboxEvent) -> bool:
        """What webhooks may be sent, and their tests."""
        return wants((), event.type) or event.type == EventType.WEBHOOK_TESTED

    def reached(
        self, transaction: Transaction, events: Sequence[tuple[UUID, OutboxEvent]]
    ) -> Sequence[tuple[UUID, OutboxEvent, UUID]]:
        """Each event for every enabled webhook that wants its type; a test for the one that it tests."""
        enabled = webhook_sending.list_enabled(transaction, list({tenant_id for tenant_id, _ in events}))
        return [
            (tenant_id, event, webhook_id)
            for tenant_id, event in events
            for of, webhook_id, types in enabled
            if of == tenant_id and (wants(types, event.type) or event.entity_id == webhook_id)
        ]

    def send(self, database: Database, attempt: Attempt, until: float) -> DeliveryOutcome:
        """Send an event, and log what became of that. Raises `TargetError`, `NotBegunError`."""
        event = attempt.event

        def look(transaction: Transaction) -> tuple[Sending | None, datetime]:
            return webhook_sending.read_for_sending(transaction, attempt.target_id), transaction.now

        sending, now = database.run(event.tenant, look)
        if sending is None or sending.disabled:
            return DeliveryOutcome.SKIPPED
        if until - time.monotonic() < REQUEST_SECONDS:
            raise NotBegunError
        result = self._request(sending, event, int(now.timestamp()), until)
        METRICS.count(WEBHOOK_REQUESTS, result.outcome)
        METRICS.observe(WEBHOOK_DURATION, result.seconds, result.outcome)
        given_up = database.run(event.tenant, lambda transaction: _log(transaction, attempt, result))
        if result.taken:
            return DeliveryOutcome.DELIVERED
        wish = seconds_wished(result.retry_after, now)
        pause = max(wish, pause_before_next(attempt.number, random.random(), LONGEST_PAUSE_SECONDS))  # noqa: S311 - not a secret
        raise TargetError(result.detail, None if given_up else pause, wish)

    def _request(self, sending: Sending, event: OutboxEvent, timestamp: int, until: float) -> _Result:
        message_id, body = str(event.id), body_of(event)
        signature = signature_of(sending.secrets, message_id, timestamp, body)
        own = {"webhook-timestamp": str(timestamp), "webhook-signature": signature}
        begun = time.monotonic()
        try:
            answer = self.egress.request(
                "POST", sending.url, headers=headers_of(message_id) | own, body=body, until=until
            )
        except EgressError as error:
            return _Result(None, error.failure, None, time.monotonic() - begun)
        return _Result(answer.status, None, answer.headers.get("retry-after"), time.monotonic() - begun)


def _log(transaction: Transaction, attempt: Attempt, result: _Result) -> bool:
    """Log a request, and disable a webhook that is gone or has failed for long; return whether to give up."""
    webhook_id = attempt.target_id
    webhook_sending.add_attempt(transaction, attempt, result.status, result.failure, round(result.seconds * 1000))
    if result.taken:
        return False
    since = webhook_sending.failing_since(transaction, webhook_id)
    if result.status == GONE:
        _disable(transaction, webhook_id, DisabledBecause.GONE)
    elif since is not None and transaction.now - since >= TRIED_FOR:
        _disable(transaction, webhook_id, DisabledBecause.FAILING)
    return result.status == GONE or transaction.now - attempt.created_at >= TRIED_FOR


def _disable(transaction: Transaction, webhook_id: UUID, because: DisabledBecause) -> None:
    if webhook_sending.disable_webhook(transaction, webhook_id, because):
        after = facts(find(transaction, webhook_id))
        before = {**after, "disabled_because": None}
        append_event(transaction, BY_ITSELF, Event(EventType.WEBHOOK_DISABLED, KIND, webhook_id, before, after))
