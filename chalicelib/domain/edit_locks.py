"""Edit locks: an administrator's temporary claim on a resource and a range while they work on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chalicelib.domain.time_ranges import TimeRange

LIFETIME = timedelta(seconds=60)
"""Without a heartbeat. Holders renew every twenty seconds."""
GRACE = timedelta(seconds=15)
"""After its connection is gone, so that a page that is loaded again keeps it."""
LONGEST = timedelta(days=366)
"""Of the range that one lock claims."""


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
