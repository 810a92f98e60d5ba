"""Webhooks: where a tenant's events are sent, signed after the Standard Webhooks specification (version 1.0.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.events.model import EventType

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_WEBHOOKS = 20
"""Of a tenant."""
KINDS = frozenset(
    {
        "reservation",
        "series",
        "waitlist",
        "closure",
        "availability_window",
        "resource",
        "inventory",
        "policy",
        "guest",
    }
)
"""What types of events that are sent begin with: nothing of who works for the tenant, and of their edit locks."""
EVENT_TYPES = tuple(one for one in EventType if one.partition(".")[0] in KINDS)
"""What a webhook may choose from."""
TRIED_FOR = timedelta(days=3)
"""After which a delivery is given up, and a webhook that took nothing meanwhile is disabled."""
LONGEST_PAUSE_SECONDS = 12 * 3600
"""Between attempts."""
SECRET_BYTES = 32
SECRET_MARK = "whsec_"  # noqa: S105 - how secrets begin, as the specification says
GONE = 410
USER_AGENT = "Berth-Webhooks/1"


class DisabledBecause(StrEnum):
    """Why nothing is sent to a webhook."""

    STAFF = "staff"
    """Somebody who works for the tenant has disabled it."""
    GONE = "gone"
    """It answered 410."""
    FAILING = "failing"
    """It took nothing for `TRIED_FOR`."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events are sent: those of `event_types`, all where it is empty. `failing_since`: it has taken nothing."""

    id: UUID
    url: str
    description: str
    event_types: tuple[str, ...]
    version: int
    disabled_because: DisabledBecause | None
    disabled_at: datetime | None
    failing_since: datetime | None
    previous_secret_until: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class WebhookAttempt:
    """One request to a webhook: the `status` of its answer, or the `failure` why there was none."""

    number: int
    status: int | None
    failure: str | None
    duration_ms: int
    attempted_at: datetime


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """An event on its way to a webhook; `outcome` None while it is."""

    id: UUID
    webhook_id: UUID
    event_id: UUID
    type: str
    entity_kind: str
    entity_id: UUID
    outcome: str | None
    attempts: int
    next_attempt_at: datetime
    created_at: datetime
    settled_at: datetime | None
    last: WebhookAttempt | None


def wants(webhook_events: Sequence[str], event_type: str) -> bool:
    """Whether a webhook with these event types is sent an event of that type."""
    return event_type in EVENT_TYPES and (not webhook_events or event_type in webhook_events)


def secret_text(secret: bytes) -> str:
    """The form in which a secret is shown, and libraries take it."""
    return SECRET_MARK + base64.b64encode(secret).decode()


def signature_of(secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each secret that is valid, with a space between them."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digests = (hmac.new(secret, signed, hashlib.sha256).digest() for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def headers_of(message_id: str) -> dict[str, str]:
    """The headers that all attempts have; each has `webhook-timestamp` and `webhook-signature` of its own."""
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": message_id,
    }


def payload(event_type: str, occurred_at: str, data: dict[str, Any]) -> dict[str, Any]:
    """What is sent, as the specification recommends: type, time, and the data of that type."""
    return {"type": event_type, "timestamp": occurred_at, "data": data}
