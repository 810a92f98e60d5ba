"""A claim on a resource and a range, as refusals and answers name it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chalicelib.core.errors import ConflictError
from chalicelib.core.time_ranges import TimeRange


@dataclass(frozen=True, slots=True)
class EditLock:
    """A claim that holds until `expires_at`.

    `fencing` is greater than that of every earlier lock on the resource; the holder's writes carry it. `connection_id`
    is the connection whose heartbeats keep the lock, None after that is gone.
    """

    id: UUID
    resource_id: UUID
    during: TimeRange
    holder_id: UUID
    holder_name: str
    connection_id: str | None
    fencing: int
    acquired_at: datetime
    expires_at: datetime


class EditLockedError(ConflictError):
    """Another user is working on the range: `edit_lock` says who, and until when."""

    code = "edit_locked"
    advice = "Wait until `expires_at`, or let an owner take the lock over."

    def __init__(self, lock: EditLock) -> None:
        until = f"{lock.expires_at:%H:%M:%S} UTC"
        super().__init__(
            f"{lock.holder_name} is working on this, until {until} unless they go on. "
            "Wait, or ask an owner to take over."
        )
        self.lock = lock


class EditLockLostError(ConflictError):
    """The number in Edit-Lock is not the caller's any more; others may have changed the range."""

    code = "edit_lock_lost"
    advice = "Read the range again, take a new lock, and repeat the change."

    def __init__(self, fencing: int) -> None:
        super().__init__(
            f"The edit lock {fencing} is not yours any more. Others may have changed what you see: read it again, "
            "take a new lock, and repeat the change."
        )
        self.fencing = fencing
