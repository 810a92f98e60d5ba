"""Acquire, renew, release and take over edit locks.

The exclusion constraint decides who is first on a resource. Those who want resources that share units come one after
the other, by a lock on the inventory's row, so that the second one sees what the first one has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.access.model.people import DESK, Role
from chalicelib.core.edit_locks import EditLockedError
from chalicelib.core.errors import ForbiddenError, InvalidRangeError, NotFoundError
from chalicelib.database.errors import TryAgainError
from chalicelib.edit_locks.model.edit_locks import LONGEST
from chalicelib.edit_locks.storage import edit_locks
from chalicelib.events.event_log import Actor, append_event
from chalicelib.events.model import Event, EventType
from chalicelib.jobs.isolation import isolated
from chalicelib.jobs.picks import Pick

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.core.edit_locks import EditLock
    from chalicelib.core.time_ranges import TimeRange
    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.http.context import Context
    from chalicelib.jobs.budget import Budget

KIND = "edit_lock"
BATCH = 500
MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Holder:
    """Who wants a lock, over which connection."""

    id: UUID
    name: str
    role: Role
    connection_id: str

    @property
    def actor(self) -> Actor:
        """Who acts, for events."""
        return Actor("staff", str(self.id), None)


def acquire_edit_lock(
    context: Context, holder: Holder, resource_id: UUID, during: TimeRange, *, take_over: bool
) -> EditLock:
    """Lock a range of a resource. What the holder has already, to the second, is renewed.

    Raises `EditLockedError` where somebody has a lock on a part of it, or somebody else on a part of what shares units
    with it, unless an owner takes over: then that one ends. Raises `ForbiddenError`, `NotFoundError`,
    `InvalidRangeError`.
    """
    _check_role(holder)
    if take_over and holder.role is not Role.OWNER:
        message = "Only owners can take over the edit lock of another user."
        raise ForbiddenError(message)
    if during.ends_at - during.starts_at > LONGEST:
        message = f"An edit lock spans at most {LONGEST.days} days."
        raise InvalidRangeError("ends_at", message)

    def work(transaction: Transaction) -> EditLock:
        inventory_id = edit_locks.hold_inventory(transaction, resource_id)
        if inventory_id is None:
            message = "There is no such resource."
            raise NotFoundError(message)
        for lock in edit_locks.remove_expired(transaction, resource_id, during):
            append_event(transaction, Actor("system", None, None), _event(EventType.EDIT_LOCK_EXPIRED, before=lock))
        named = (holder.id, holder.name)
        taken = edit_locks.add_lock(transaction, inventory_id, resource_id, during, named, holder.connection_id)
        if taken is None:
            own = _make_way(transaction, holder, resource_id, during, take_over=take_over)
            if own is not None:
                return own
            taken = edit_locks.add_lock(transaction, inventory_id, resource_id, during, named, holder.connection_id)
            if taken is None:
                raise TryAgainError
        others = edit_locks.locks_of_others(transaction, resource_id, during, holder.id)
        _end(transaction, holder, others, take_over=take_over)
        append_event(transaction, holder.actor, _event(EventType.EDIT_LOCK_ACQUIRED, after=taken))
        return taken

    return context.run(work)


def _make_way(
    transaction: Transaction, holder: Holder, resource_id: UUID, during: TimeRange, *, take_over: bool
) -> EditLock | None:
    """Return the holder's own lock on the range, renewed, or end those that are on it."""
    present = edit_locks.locks_on(transaction, resource_id, during)
    if not present:
        raise TryAgainError  # the conflicting lock has gone meanwhile, or the resource is another one now
    if present[0].during == during and present[0].holder_id == holder.id:
        own = edit_locks.renew_lock(transaction, present[0].id, holder.id, holder.connection_id)
        if own is not None:
            return own
    _end(transaction, holder, present, take_over=take_over)
    return None


def _end(transaction: Transaction, holder: Holder, locks: Sequence[EditLock], *, take_over: bool) -> None:
    """End locks for an owner who takes over. Raises `EditLockedError` for everybody else."""
    if locks and not take_over:
        raise EditLockedError(locks[0])
    for lock in locks:
        edit_locks.remove_lock(transaction, lock)
        append_event(transaction, holder.actor, _event(EventType.EDIT_LOCK_TAKEN_OVER, before=lock))
    transaction.settle()


def renew_edit_lock(context: Context, holder: Holder, lock_id: UUID) -> EditLock:
    """Let a lock hold on, over this connection from now on if the one before is gone.

    Raises `NotFoundError` for one that has ended or is somebody else's, `EditLockedError` for one that another
    connection of the same user keeps.
    """
    _check_role(holder)

    def work(transaction: Transaction) -> EditLock:
        renewed = edit_locks.renew_lock(transaction, lock_id, holder.id, holder.connection_id)
        if renewed is None:
            raise EditLockedError(_own(transaction, holder, lock_id))
        return renewed

    return context.run(work)


def release_edit_lock(context: Context, holder: Holder, lock_id: UUID) -> EditLock:
    """End a lock. Raises `NotFoundError` for one that has ended or is somebody else's."""
    _check_role(holder)

    def work(transaction: Transaction) -> EditLock:
        lock = _own(transaction, holder, lock_id)
        edit_locks.remove_lock(transaction, lock)
        append_event(transaction, holder.actor, _event(EventType.EDIT_LOCK_RELEASED, before=lock))
        return lock

    return context.run(work)


def list_edit_locks(
    context: Context, resource_id: UUID | None, starts_at: datetime | None, ends_at: datetime | None
) -> list[EditLock]:
    """Return the locks that keep others out of a resource, or of all that the caller sees, by start, up to a thousand.

    Those on what shares their units are among them; one on what the caller does not see is told as one on theirs.
    """
    return context.run(
        lambda transaction: edit_locks.list_locks(
            transaction, resource_id=resource_id, starts_at=starts_at, ends_at=ends_at, limit=MOST_LISTED
        ),
    )


def expire_edit_locks(database: Database, budget: Budget, *, records: bool = True) -> int:
    """End what nobody renewed in time, of all tenants, so that others hear of it; return how many.

    `records` False saves the transaction that reads earlier failures, for what runs after each event: a lock that
    fails is logged then, and the scheduled run writes it down.
    """
    actor = Actor("job", "expire_edit_locks", None)
    expired, found = 0, 1
    with isolated(database, "expire_edit_locks", budget, records=records) as run:

        def find(transaction: Transaction, only: Sequence[str] | None) -> list[tuple[UUID, UUID]]:
            return edit_locks.due_locks(transaction, Pick(BATCH, run.resting, only))

        def do(transaction: Transaction, due: Sequence[tuple[UUID, UUID]]) -> int:
            return edit_locks.expire_locks(transaction, due, actor)

        while found and not budget.spent:
            found, done = run.batch(find, do, lambda due: due[1])
            expired += done
    return expired


def _check_role(holder: Holder) -> None:
    if holder.role not in DESK:
        message = "Your role does not allow that."
        raise ForbiddenError(message)


def _own(transaction: Transaction, holder: Holder, lock_id: UUID) -> EditLock:
    lock = edit_locks.find_lock(transaction, lock_id)
    if lock is None or lock.holder_id != holder.id:
        message = "You have no such edit lock. It may have expired, or an owner has taken over."
        raise NotFoundError(message)
    return lock


def _event(event_type: EventType, *, before: EditLock | None = None, after: EditLock | None = None) -> Event:
    lock = before or after
    assert lock is not None  # noqa: S101 - one of them is given
    facts = {
        "resource_id": str(lock.resource_id),
        "starts_at": lock.during.starts_at.isoformat(),
        "ends_at": lock.during.ends_at.isoformat(),
        "holder_id": str(lock.holder_id),
        "fencing": lock.fencing,
        "expires_at": lock.expires_at.isoformat(),
    }
    known: tuple[dict[str, Any] | None, dict[str, Any] | None] = (facts, None) if after is None else (None, facts)
    return Event(event_type, KIND, lock.id, *known)
