"""What is pushed to devices: to whom, and with which keys."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.access.model.people import Role
from chalicelib.adapters.web_push import Subscription
from chalicelib.database import statements
from chalicelib.delivery.model.push import PushPreferences, Recipient
from chalicelib.delivery.storage.push import preferences_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


def list_recipients(
    transaction: Transaction, tenant_ids: Sequence[UUID], device_id: UUID | None = None
) -> list[tuple[UUID, Recipient]]:
    """Return the tenant's id and whom a device notifies, for each device of these tenants, or the one that is named."""
    rows = transaction.rows(SQL["list_recipients"], {"tenant_ids": list(tenant_ids), "id": device_id})
    return [
        (
            row.tenant_id,
            Recipient(
                device_id=row.id,
                user_id=row.user_id,
                role=Role(row.role),
                own_resource_ids=frozenset(row.own_resource_ids),
                preferences=PushPreferences() if row.version is None else preferences_of(row),
            ),
        )
        for row in rows
    ]


def read_keys(transaction: Transaction, device_id: UUID) -> tuple[Subscription, str]:
    """Return how to reach a device, and its language."""
    row = transaction.row(SQL["read_keys"], {"id": device_id})
    return Subscription(row.endpoint, bytes(row.p256dh), bytes(row.auth)), row.language


def read_resource_name(transaction: Transaction, resource_id: str) -> str:
    """Return what a resource is called now."""
    return transaction.row(SQL["read_resource_name"], {"id": UUID(resource_id)}).name


def mark_sent(transaction: Transaction, device_id: UUID) -> None:
    """Queue that something was sent to a device, as far as it is still there."""
    transaction.write(SQL["mark_sent"], {"id": device_id}, rows=None)


def remove_device(transaction: Transaction, device_id: UUID, endpoint: str) -> None:
    """Queue the end of a device that is gone, unless it was given another address meanwhile."""
    transaction.write(SQL["remove_device"], {"id": device_id, "endpoint": endpoint}, rows=None)
    transaction.write(SQL["wake_device"], {"id": device_id}, rows=None)
