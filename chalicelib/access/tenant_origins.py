"""Which origins (RFC 6454) a tenant's own settings let call the API, remembered for a short time.

Only requests that name an origin ask, and most of them find the answer here. What is remembered decides what a page may
read, never what a caller may do: so a list that was changed may be a minute late in other containers.
"""

from __future__ import annotations

import re
import time
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.access.storage.tenant_access import read_origins
from chalicelib.core.errors import BerthError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.database.transaction import Database

MOST_REMEMBERED = 1000
REMEMBERED_SECONDS = 60
SLUG = re.compile(r"[a-z0-9-]{1,63}")


class OriginsMemory:
    """The origins of the tenants that were asked for last; one per container, shared by its threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds that only grow."""
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, tuple[float, frozenset[str]]] = {}

    def of_tenant(self, database: Database, slug: str) -> frozenset[str]:
        """Return a tenant's origins, also while it is suspended; none for a tenant that does not exist.

        Where the database does not answer, what was known last is still true enough to say so to the page.
        """
        if not SLUG.fullmatch(slug):
            return frozenset()
        at, known = self._known.get(slug, (None, frozenset[str]()))
        now = self._clock()
        if at is not None and now - at < REMEMBERED_SECONDS:
            return known
        try:
            found = database.run_without_tenant(lambda transaction: read_origins(transaction, slug))
        except BerthError:
            return known
        with self._lock:
            self._known.pop(slug, None)
            while len(self._known) >= MOST_REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[slug] = now, found
        return found

    def forget(self, slug: str) -> None:
        """Ask again next time: the tenant's list has changed."""
        with self._lock:
            self._known.pop(slug, None)
