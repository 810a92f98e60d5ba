"""Devices of members, and what they want to be notified of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.database import statements
from chalicelib.database.identifiers import new_id
from chalicelib.delivery.model.push import PushDevice, PushPreferences, QuietHours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.adapters.web_push import Subscription
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


def list_devices(transaction: Transaction, user_id: UUID, device_id: UUID | None = None) -> list[PushDevice]:
    """Return the devices of a member, the oldest first, or the one that is named."""
    rows = transaction.rows(SQL["list_devices"], {"user_id": user_id, "id": device_id})
    return [PushDevice(**row._asdict()) for row in rows]


def put_device(transaction: Transaction, user_id: UUID, to: Subscription, name: str, language: str) -> UUID:
    """Queue a device of a member, in the place of what the browser was before; return its id."""
    whose = {"user_id": user_id, "endpoint": to.endpoint}
    known = next((row.id for row in transaction.rows(SQL["find_endpoint"], whose)), None)
    device_id = known or new_id()
    transaction.write(SQL["remove_endpoint"], {"endpoint": to.endpoint}, rows=None)
    values = {"id": device_id, "public_key": to.p256dh, "auth": to.auth, "name": name, "language": language}
    transaction.write(SQL["add_device"], {**values, **whose})
    return device_id


def delete_device(transaction: Transaction, user_id: UUID, device_id: UUID) -> None:
    """Queue the end of a device."""
    transaction.write(SQL["delete_device"], {"id": device_id, "user_id": user_id})
    transaction.write(SQL["wake_device"], {"id": device_id}, rows=None)


def read_preferences(transaction: Transaction, user_id: UUID) -> PushPreferences:
    """Return what a member has chosen, or the usual."""
    rows = transaction.rows(SQL["read_preferences"], {"user_id": user_id})
    return next((preferences_of(row) for row in rows), PushPreferences())


def write_preferences(transaction: Transaction, user_id: UUID, chosen: PushPreferences) -> None:
    """Queue what a member has chosen, for the version that was read."""
    quiet = chosen.quiet
    values = {
        "user_id": user_id,
        "event_types": list(chosen.event_types),
        "resource_ids": list(chosen.resource_ids),
        "quiet_from": quiet and quiet.starts,
        "quiet_until": quiet and quiet.ends,
        "quiet_zone": quiet and quiet.zone,
        "version": chosen.version,
    }
    transaction.write(SQL["write_preferences"], values)


def count_resources(transaction: Transaction, resource_ids: Sequence[UUID]) -> int:
    """Return how many of these there are, as far as the caller may see."""
    return transaction.row(SQL["count_resources"], {"resource_ids": list(resource_ids)}).resources


def preferences_of(row: Any) -> PushPreferences:  # noqa: ANN401 - the columns of both reads
    """What a row says that a member has chosen."""
    quiet = None if row.quiet_from is None else QuietHours(row.quiet_from, row.quiet_until, row.quiet_zone)
    return PushPreferences(tuple(row.event_types), tuple(row.resource_ids), quiet, row.version)
