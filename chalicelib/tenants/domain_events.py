"""What events say of a tenant's own domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.tenants.model.domains import Domain


def append_domain_changed(transaction: Transaction, actor: Actor, before: Domain | None, after: Domain | None) -> None:
    """Record another domain, or another proof of it."""
    event = Event(
        EventType.TENANT_SETTINGS_CHANGED, "tenant", transaction.tenant.id, _facts_of(before), _facts_of(after)
    )
    append_event(transaction, actor, event)


def _facts_of(domain: Domain | None) -> dict[str, Any]:
    if domain is None:
        return {"domain": None, "domain_verified": False}
    return {"domain": domain.host, "domain_verified": domain.verified_at is not None}
