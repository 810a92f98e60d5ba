"""Counts of what goes wrong and is mended: in memory, and in the log so that those of all containers can be added up.

Each name is logged at most once a second: a storm of retries is one line with a large number, not a storm of lines.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from threading import Lock

SECONDS_BETWEEN_LINES = 1.0
logger = logging.getLogger("berth.metrics")


class Metrics:
    """Counters by name, for all threads of a process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()
        self._unlogged: Counter[str] = Counter()
        self._logged_at: dict[str, float] = {}

    def count(self, name: str, amount: int = 1, *, detail: str = "") -> None:
        """Add to a counter; `detail` is one line for the log, without personal data."""
        now = time.monotonic()
        with self._lock:
            self._counts[name] += amount
            self._unlogged[name] += amount
            if now - self._logged_at.get(name, now - SECONDS_BETWEEN_LINES) < SECONDS_BETWEEN_LINES:
                return
            self._logged_at[name] = now
            fresh, total = self._unlogged.pop(name), self._counts[name]
        logger.warning("metric=%s count=%d total=%d%s", name, fresh, total, f" {detail}" if detail else "")

    def totals(self) -> dict[str, int]:
        """All counts since the process started."""
        with self._lock:
            return dict(self._counts)


METRICS = Metrics()
