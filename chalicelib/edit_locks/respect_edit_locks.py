"""Refuse writes into ranges that somebody else has locked, and with locks that the writer has lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chalicelib.core.edit_locks import EditLockedError, EditLockLostError
from chalicelib.edit_locks.storage import edit_locks

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.core.time_ranges import TimeRange
    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor


class Placed(Protocol):
    """Something that has its place on a resource at a time."""

    @property
    def resource_id(self) -> UUID:
        """Which resource."""
        ...

    @property
    def during(self) -> TimeRange:
        """When."""
        ...


def respect_edit_locks_of(transaction: Transaction, actor: Actor, *placed: Placed) -> None:
    """Check as `respect_edit_locks` does, for what is changed: as it was, and as it is to be."""
    respect_edit_locks(transaction, actor, *((one.resource_id, one.during) for one in placed))


def respect_edit_locks(transaction: Transaction, actor: Actor, *touched: tuple[UUID, TimeRange]) -> None:
    """Check that the actor may write on these ranges of resources until the transaction ends.

    Every lock on them has to be among those that the request carries the numbers of, and each of these has to be the
    actor's still, whether it is on the ranges or not. Also a holder's own lock has to be carried: their other window
    knows nothing of it. Raises `EditLockedError` and `EditLockLostError`.
    """
    # Guests reserve and cancel while others look at it, and so does the clock.
    if not actor.works_here or actor.edit_locks is None:
        return
    found = edit_locks.conflicting_locks(transaction, touched, actor.edit_locks)
    held = {lock.fencing for lock in found if actor.kind == "staff" and str(lock.holder_id) == actor.id}
    for fencing in actor.edit_locks:
        if fencing not in held:
            raise EditLockLostError(fencing)
    for lock in found:
        if lock.fencing not in held or lock.fencing not in actor.edit_locks:
            raise EditLockedError(lock)
