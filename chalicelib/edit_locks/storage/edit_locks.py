"""Edit locks: rows that are there as long as they hold, and a little longer until somebody notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.edit_locks import EditLock
from chalicelib.core.time_ranges import TimeRange
from chalicelib.database import statements
from chalicelib.database.identifiers import new_id
from chalicelib.edit_locks.model.edit_locks import GRACE, LIFETIME
from chalicelib.events.model import EventType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.jobs.picks import Pick

SQL = statements.beside(__file__)


def hold_inventory(transaction: Transaction, resource_id: UUID) -> UUID | None:
    """Return what a resource draws from; None: there is no such resource, or it has been archived.

    Until the transaction ends nobody else takes a lock on a resource that draws from it: whoever wants to waits.
    """
    transaction.changes = True
    row = transaction.row(SQL["hold_inventory"], {"resource_id": resource_id})
    return None if row is None else row.id


def remove_expired(transaction: Transaction, resource_id: UUID, during: TimeRange) -> list[EditLock]:
    """Remove what is over in the range; return it."""
    transaction.changes = True
    values = {"resource_id": resource_id, "starts_at": during.starts_at, "ends_at": during.ends_at}
    return [_lock(row) for row in transaction.rows(SQL["remove_expired"], values)]


def add_lock(
    transaction: Transaction,
    inventory_id: UUID,
    resource_id: UUID,
    during: TimeRange,
    holder: tuple[UUID, str],
    connection_id: str,
) -> EditLock | None:
    """Claim a range for a holder (id and name).

    None: somebody has a lock there, or the resource does not draw from this inventory any more.
    """
    transaction.changes = True
    values = {
        "id": new_id(),
        "inventory_id": inventory_id,
        "resource_id": resource_id,
        "starts_at": during.starts_at,
        "ends_at": during.ends_at,
        "holder_id": holder[0],
        "holder_name": holder[1],
        "connection_id": connection_id,
        "lifetime": LIFETIME,
    }
    return _or_none(transaction.row(SQL["add_lock"], values))


def list_locks(
    transaction: Transaction,
    *,
    resource_id: UUID | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    limit: int,
) -> list[EditLock]:
    """Return up to `limit` locks that hold on what is asked for and on what shares its units, by start."""
    values = {"resource_id": resource_id, "starts_at": starts_at, "ends_at": ends_at, "limit": limit}
    return [_lock(row) for row in transaction.rows(SQL["list_locks"], values)]


def locks_on(transaction: Transaction, resource_id: UUID, during: TimeRange) -> list[EditLock]:
    """Return what holds on a range of the resource itself, by start."""
    values = {"resource_id": resource_id, "starts_at": during.starts_at, "ends_at": during.ends_at}
    return [_lock(row) for row in transaction.rows(SQL["locks_on"], values)]


def find_lock(transaction: Transaction, lock_id: UUID) -> EditLock | None:
    """Return a lock that holds, or None."""
    return _or_none(transaction.row(SQL["find_lock"], {"id": lock_id}))


def locks_of_others(transaction: Transaction, resource_id: UUID, during: TimeRange, holder_id: UUID) -> list[EditLock]:
    """Return what others than the holder have on a range of resources that share units with this one, by start."""
    values = {"resource_id": resource_id, "starts_at": during.starts_at, "ends_at": during.ends_at}
    return [_lock(row) for row in transaction.rows(SQL["locks_of_others"], {**values, "holder_id": holder_id})]


def has_resource(transaction: Transaction, resource_id: UUID) -> bool:
    """Tell whether there is such a resource that has not been archived."""
    return transaction.row(SQL["has_resource"], {"resource_id": resource_id}) is not None


def renew_lock(transaction: Transaction, lock_id: UUID, holder_id: UUID, connection_id: str) -> EditLock | None:
    """Let a lock hold from now on, kept by this connection; None where it is not the holder's to renew."""
    transaction.changes = True
    values = {"id": lock_id, "holder_id": holder_id, "connection_id": connection_id, "lifetime": LIFETIME}
    return _or_none(transaction.row(SQL["renew_lock"], values))


def remove_lock(transaction: Transaction, lock: EditLock) -> None:
    """Queue the end of the lock that was read."""
    transaction.write(SQL["remove_lock"], {"id": lock.id, "fencing": lock.fencing})


def orphan_locks(transaction: Transaction, connection_id: str) -> datetime | None:
    """Give the locks of a connection that is gone their grace; return when the last one ends, None without any."""
    transaction.changes = True
    rows = transaction.rows(SQL["orphan_locks"], {"connection_id": connection_id, "grace": GRACE})
    return max((row.expires_at for row in rows), default=None)


def conflicting_locks(
    transaction: Transaction, touched: Sequence[tuple[UUID, TimeRange]], fencing: Sequence[int]
) -> list[EditLock]:
    """Return what holds on these ranges of resources, or has one of these numbers.

    Until the transaction ends nobody takes a lock on the resources: whoever wants to waits, and so does this for who
    is just taking one.
    """
    transaction.ask(SQL["hold_fences"], {"resource_ids": sorted({resource_id for resource_id, _ in touched})})
    values = {
        "resource_ids": [resource_id for resource_id, _ in touched],
        "starts": [during.starts_at for _, during in touched],
        "ends": [during.ends_at for _, during in touched],
        "fencing": list(fencing),
    }
    return [_lock(row) for row in transaction.rows(SQL["conflicting_locks"], values)]


def due_locks(transaction: Transaction, pick: Pick) -> list[tuple[UUID, UUID]]:
    """Return and lock those of all tenants that are over: their tenants' ids and their own."""
    return [(row.tenant_id, row.id) for row in transaction.rows(SQL["due_locks"], pick.parameters)]


def expire_locks(transaction: Transaction, due: Sequence[tuple[UUID, UUID]], actor: Actor) -> int:
    """Queue the end of locks that are over, with their events; return how many."""
    transaction.appended = True
    values = {
        "tenant_ids": [tenant_id for tenant_id, _ in due],
        "ids": [lock_id for _, lock_id in due],
        "event_ids": [new_id() for _ in due],
        "event_type": EventType.EDIT_LOCK_EXPIRED,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "request_id": actor.request_id,
    }
    transaction.write(SQL["expire_locks"], values, rows=len(due))
    return len(due)


def _or_none(row: Any) -> EditLock | None:  # noqa: ANN401 - the columns of every read here
    return None if row is None else _lock(row)


def _lock(row: Any) -> EditLock:  # noqa: ANN401 - the columns of every read here
    return EditLock(
        id=row.id,
        resource_id=row.resource_id,
        during=TimeRange(row.starts_at, row.ends_at),
        holder_id=row.holder_id,
        holder_name=row.holder_name,
        connection_id=row.connection_id,
        fencing=row.fencing,
        acquired_at=row.acquired_at,
        expires_at=row.expires_at,
    )
