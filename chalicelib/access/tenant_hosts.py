"""Which tenant's public site is shown under a host, remembered for a short time: gateways ask with each request."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.access.storage.tenant_access import find_host
from chalicelib.core.errors import BerthError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.database.transaction import Database

MOST_REMEMBERED = 1000
REMEMBERED_SECONDS = 60


class HostsMemory:
    """The tenants of the hosts that were asked for last; one per container, shared by its threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds that only grow."""
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, tuple[float, str | None]] = {}

    def tenant_of(self, database: Database, host: str) -> str | None:
        """Return the slug of the tenant that has proven a host, by canonical name, suspended or not; None: no tenant.

        Where the database does not answer, what was known last is said; raises what it raises where nothing was.
        """
        before = self._known.get(host)
        now = self._clock()
        if before is not None and now - before[0] < REMEMBERED_SECONDS:
            return before[1]
        try:
            found = database.run_without_tenant(lambda transaction: find_host(transaction, host))
        except BerthError:
            if before is None:
                raise
            return before[1]
        with self._lock:
            self._known.pop(host, None)
            while len(self._known) >= MOST_REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[host] = now, found
        return found

    def clear(self) -> None:
        """Ask again next time: a tenant's domain has changed."""
        with self._lock:
            self._known.clear()
