"""Notifications that are pushed to the devices of those who work for a tenant.

Whom a device notifies, and whether they may and want to know, is looked at when the delivery is made and again when it
is sent: a role that was taken away in between counts.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.adapters.egress import REQUEST_SECONDS, EgressError
from chalicelib.adapters.web_push import Message, PushServices, Subscription
from chalicelib.delivery.channels.retry_after import seconds_wished
from chalicelib.delivery.deliver_events import DeliveryOutcome, NotBegunError, TargetError
from chalicelib.delivery.model.pauses import pause_before_next
from chalicelib.delivery.model.push import (
    EVENT_TYPES,
    KEPT_SECONDS,
    LONGEST_PAUSE_SECONDS,
    TRIED_FOR,
    URGENT,
    notifies,
)
from chalicelib.delivery.model.push_texts import SEVERAL, Place, notification
from chalicelib.delivery.storage import push_sending
from chalicelib.events.model import EventType
from chalicelib.telemetry.definitions import PUSH_REQUESTS
from chalicelib.telemetry.metrics import METRICS
from chalicelib.tenants.for_others import read_site

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.delivery.storage.outbox import Attempt, OutboxEvent

NAME = "push"
GONE = frozenset({404, 410})
"""The browser has ended its subscription (RFC 8030, 7.3)."""
NEVER = frozenset({400, 413})
"""It will not be taken the next time, either."""


@dataclass(frozen=True, slots=True)
class _Sending:
    """What is sent, to where; `now` is the transaction's."""

    to: Subscription
    message: Message
    now: datetime


@dataclass(frozen=True, slots=True)
class Push:
    """Sends through push services."""

    services: PushServices

    def wants(self, event: OutboxEvent) -> bool:
        """What members may choose from, and tests."""
        return event.type in EVENT_TYPES or event.type == EventType.PUSH_DEVICE_TESTED

    def reached(
        self, transaction: Transaction, events: Sequence[tuple[UUID, OutboxEvent]]
    ) -> Sequence[tuple[UUID, OutboxEvent, UUID]]:
        """Each event for every device whose member is notified of it."""
        recipients = push_sending.list_recipients(transaction, list({tenant_id for tenant_id, _ in events}))
        return [
            (tenant_id, event, recipient.device_id)
            for tenant_id, event in events
            for of, recipient in recipients
            if of == tenant_id and notifies(recipient, event)
        ]

    def send(self, database: Database, attempt: Attempt, until: float) -> DeliveryOutcome:
        """Push to one device. Raises `TargetError`, `NotBegunError`."""
        tenant = attempt.event.tenant
        sending = database.run(tenant, lambda transaction: _prepare(transaction, attempt))
        if sending is None:
            return DeliveryOutcome.SKIPPED
        if until - time.monotonic() < REQUEST_SECONDS:
            raise NotBegunError
        status, retry_after = self._request(sending, until)
        if status in GONE:
            endpoint = sending.to.endpoint
            database.run(tenant, lambda found: push_sending.remove_device(found, attempt.target_id, endpoint))
            return DeliveryOutcome.SKIPPED
        if status is not None and 200 <= status < 300:
            database.run(tenant, lambda found: push_sending.mark_sent(found, attempt.target_id))
            return DeliveryOutcome.DELIVERED
        wish = seconds_wished(retry_after, sending.now)
        pause = max(wish, pause_before_next(attempt.number, random.random(), LONGEST_PAUSE_SECONDS))  # noqa: S311 - not a secret
        given_up = status in NEVER or sending.now - attempt.created_at >= TRIED_FOR
        detail = "There was no answer." if status is None else f"The answer was {status}."
        raise TargetError(detail, None if given_up else pause, wish)

    def _request(self, sending: _Sending, until: float) -> tuple[int | None, str | None]:
        """Return the status of the answer, None where there was none, and for how long it asks to be left alone."""
        try:
            answer = self.services.send(sending.to, sending.message, sending.now, until)
        except EgressError as error:
            METRICS.count(PUSH_REQUESTS, error.failure)
            return None, None
        except ValueError:  # the keys of the browser are none
            METRICS.count(PUSH_REQUESTS, "invalid_keys")
            return min(GONE), None
        taken = 200 <= answer.status < 300
        METRICS.count(PUSH_REQUESTS, "taken" if taken else "gone" if answer.status in GONE else "refused")
        return answer.status, answer.headers.get("retry-after")


def _prepare(transaction: Transaction, attempt: Attempt) -> _Sending | None:
    """Return what is sent; None where the device is gone, or its member is not notified of this, or not now."""
    event, tenant = attempt.event, transaction.tenant
    found = push_sending.list_recipients(transaction, [tenant.id], attempt.target_id)
    if not found or not notifies(found[0][1], event):
        return None
    is_test = event.type == EventType.PUSH_DEVICE_TESTED
    quiet = found[0][1].preferences.quiet
    if quiet is not None and quiet.include(transaction.now) and not is_test:
        return None
    after = event.after or {}
    to, language = push_sending.read_keys(transaction, attempt.target_id)
    resource_name = "" if is_test else push_sending.read_resource_name(transaction, after["resource_id"])
    place = Place(read_site(transaction).name, resource_name, tenant.zone)
    said = notification(event.type, after, language, place)
    page = "notifications" if is_test else f"reservations/{event.entity_id}"
    content = {
        "title": said.title,
        "body": said.body,
        "url": f"/admin/{event.tenant}/{page}",
        "tag": event.entity_id.hex,
        "group": event.tenant,
        "several": SEVERAL[language],
        "language": language,
        "occurred_at": event.occurred_at.isoformat(),
    }
    message = Message(
        content=json.dumps(content, ensure_ascii=False).encode(),
        ttl=KEPT_SECONDS,
        urgent=event.type in URGENT or is_test,
        topic=event.entity_id.hex,
    )
    return _Sending(to, message, transaction.now)
