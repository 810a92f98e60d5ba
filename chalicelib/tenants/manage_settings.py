"""A tenant's settings: read by its people, changed by its managers."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from chalicelib.core.versions import check_version
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.tenants.storage import tenants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.tenants.model.settings import Settings


def read_settings(context: Context) -> tuple[Settings, int]:
    """Return the settings, and the tenant's version."""
    return context.run(tenants.read_settings)


def change_settings(context: Context, changes: Mapping[str, Any]) -> tuple[Settings, int]:
    """Change some settings. Raises `VersionMismatchError`."""

    def work(transaction: Transaction) -> tuple[Settings, int]:
        before, version = tenants.read_settings(transaction)
        check_version("tenant", version, context.expected_version)
        after = replace(before, **changes)
        tenants.change_settings(transaction, after, version)
        facts = asdict(before), asdict(after)
        event = Event(EventType.TENANT_SETTINGS_CHANGED, "tenant", transaction.tenant.id, *facts)
        append_event(transaction, context.actor, event)
        return after, version + 1

    return context.run(work)
