"""How long Postgres may take: every wait of a transaction ends before the request that it belongs to does.

Statements get nine tenths of what is left, so that even the last one ends within it; a lock is waited for a quarter of
that time, so that the answer can say what was waited for, and a row that stays locked does not hold every connection
for long; a transaction whose function went away is ended by the server after half of it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock

STATEMENT_SHARE = 0.9
IDLE_SHARE = 0.5
LOCK_SHARE = 0.25
SHORTEST_SECONDS = 0.001
"""0 would mean: no limit."""
WARY_SECONDS = 10.0
"""How long a tenant's transactions wait shortly for locks, after one has waited in vain."""
SHORT_LOCK_SECONDS = 0.25
TOLL_LOCK_SECONDS = 1.0
"""For a row that a transaction holds which ends at once."""
MOST_WARY = 1000
UNANSWERED_SECONDS = 0.5
"""How long after the time of a request the server's own refusal may still be under way."""


class TimeLimits:
    """The limits of one transaction, which is to be over at an instant of `time.monotonic`."""

    __slots__ = ("_ends_at", "_lock_seconds", "_renew_at")

    def __init__(self, ends_at: float, lock_seconds: float) -> None:
        self._ends_at = ends_at
        self._lock_seconds = lock_seconds
        self._renew_at = 0.0

    def take(self) -> dict[str, str]:
        """Return the settings for the statements that follow."""
        now = time.monotonic()
        left = self._ends_at - now
        self._renew_at = now + (1 - STATEMENT_SHARE) * left
        statement = STATEMENT_SHARE * left
        return {
            "lock": _milliseconds(min(self._lock_seconds, statement / 2)),
            "statement": _milliseconds(statement),
            "idle": _milliseconds(IDLE_SHARE * left),
        }

    def of_toll(self) -> TimeLimits:
        """Return the limits for counting what comes before the work."""
        return TimeLimits(self._ends_at, min(self._lock_seconds, TOLL_LOCK_SECONDS))

    @property
    def outdated(self) -> bool:
        """Whether waiting as long as the last time would take longer than the time that is left."""
        return time.monotonic() > self._renew_at

    @property
    def over(self) -> bool:
        """Whether there is no time left."""
        return time.monotonic() >= self._ends_at

    @property
    def unanswered(self) -> bool:
        """Whether the server should have answered long since."""
        return time.monotonic() >= self._ends_at + UNANSWERED_SECONDS


class LockPatience:
    """How long to wait for a lock, for each tenant.

    The first transaction behind a row that stays locked waits for its whole share. The next ones of its tenant would
    as a rule wait for the same row, and each of them holds a connection meanwhile: for some seconds they wait shortly.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._wary_until: OrderedDict[str | None, float] = OrderedDict()

    def seconds(self, tenant: str | None, whole: float) -> float:
        """Return how long a transaction of so many seconds waits for a lock."""
        patient = LOCK_SHARE * whole
        if not self._wary_until or time.monotonic() >= self._wary_until.get(tenant, 0.0):
            return patient
        return min(patient, SHORT_LOCK_SECONDS)

    def waited_in_vain(self, tenant: str | None) -> None:
        """Note that a lock was not to be had."""
        with self._lock:
            self._wary_until[tenant] = time.monotonic() + WARY_SECONDS
            self._wary_until.move_to_end(tenant)
            if len(self._wary_until) > MOST_WARY:
                self._wary_until.popitem(last=False)


def _milliseconds(seconds: float) -> str:
    return f"{max(seconds, SHORTEST_SECONDS) * 1000:.0f}ms"
