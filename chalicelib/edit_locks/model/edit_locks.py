"""Edit locks: an administrator's temporary claim on a resource and a range while they work on it."""

from __future__ import annotations

from datetime import timedelta

LIFETIME = timedelta(seconds=60)
"""Without a heartbeat. Holders renew every twenty seconds."""
GRACE = timedelta(seconds=15)
"""After its connection is gone, so that a page that is loaded again keeps it."""
LONGEST = timedelta(days=366)
"""Of the range that one lock claims."""
