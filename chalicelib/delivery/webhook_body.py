"""What is sent to webhooks of an event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalicelib.core.time_ranges import instant_text
from chalicelib.delivery.model.webhooks import payload
from chalicelib.events.as_sent import as_sent

if TYPE_CHECKING:
    from chalicelib.delivery.storage.outbox import OutboxEvent


def body_of(event: OutboxEvent) -> bytes:
    """The body of a request: the same for every attempt, so that it can be shown later."""
    data: dict[str, Any] = {
        "id": str(event.id),
        "tenant": event.tenant,
        "entity_kind": event.entity_kind,
        "entity_id": str(event.entity_id),
        "actor_kind": event.actor_kind,
        "actor_id": event.actor_id,
        "before": as_sent(event.before),
        "after": as_sent(event.after),
    }
    told = payload(event.type, instant_text(event.occurred_at), data)
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
