"""A tenant's settings: read by its people, changed by its managers."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import VersionMismatchError
from chalicelib.domain.events import Event, EventType
from chalicelib.storage import tenants
from chalicelib.storage.events import append_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.domain.settings import Settings
    from chalicelib.storage.events import Actor
    from chalicelib.storage.transaction import Database, Transaction


def read_settings(database: Database, tenant: str) -> tuple[Settings, int]:
    """Return the settings, and the tenant's version."""
    return database.run(tenant, tenants.read_settings)


def change_settings(
    database: Database, tenant: str, changes: Mapping[str, Any], actor: Actor, expected_version: int | None
) -> tuple[Settings, int]:
    """Change some settings. Raises `VersionMismatchError`."""

    def work(transaction: Transaction) -> tuple[Settings, int]:
        before, version = tenants.read_settings(transaction)
        if expected_version not in {None, version}:
            message = f"The tenant was changed meanwhile: version {version}, not {expected_version}."
            raise VersionMismatchError(message)
        after = replace(before, **changes)
        tenants.change_settings(transaction, after, version)
        facts = asdict(before), asdict(after)
        event = Event(EventType.TENANT_SETTINGS_CHANGED, "tenant", transaction.tenant.id, *facts)
        append_event(transaction, actor, event)
        return after, version + 1

    return database.run(tenant, work)
