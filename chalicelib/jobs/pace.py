"""How fast a scheduled function goes through its batches: it gives way to everybody who waits for an answer."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.jobs.storage.jobs import read_activity

if TYPE_CHECKING:
    from chalicelib.database.transaction import Database
    from chalicelib.jobs.budget import Budget

LOOK_SECONDS = 0.1
REPORT_SECONDS = 1.25
"""Sessions report their transactions once a second."""
QUIET = 50
"""Transactions of others per second that nobody would feel."""
REST = 7
"""Times as long as it worked."""


class Pace:
    """Full speed while nobody else uses the database, an eighth of the time otherwise.

    A hundred thousand that are due at once are over in seconds at night, and by day nobody notices them.
    """

    def __init__(self, database: Database, budget: Budget) -> None:
        self.gives_way = False
        """Whether others were at work when it last looked."""
        self._database = database
        self._budget = budget
        self._looking = Lock()
        self._own = 0
        activity = database.run_without_tenant(read_activity)
        self._stored = _Rate(LOOK_SECONDS, activity.storing)
        # Anyone who only reads shows here alone, and late.
        self._reported = _Rate(REPORT_SECONDS, activity.reported)

    def rest(self, since: float) -> None:
        """Rest after a batch that began then (of `time.monotonic`), if others are at work; never beyond the budget."""
        worked = time.monotonic() - since
        with self._looking:
            self._own += 1
            if self._stored.is_due:
                activity = self._database.run_without_tenant(read_activity)
                self._own += 1
                stored = self._stored.at(activity.storing, self._own)
                reported = self._reported.at(activity.reported, self._own)
                self.gives_way = max(stored, reported) > QUIET
        if self.gives_way:
            time.sleep(min(worked * REST, self._budget.left))


class _Rate:
    """How fast others raise a counter, measured over so many seconds or more."""

    def __init__(self, seconds: float, count: int) -> None:
        self._seconds = seconds
        self._count = count
        self._own = 0
        self._since = time.monotonic()
        self._rate = 0.0

    @property
    def is_due(self) -> bool:
        """Whether so many seconds have passed."""
        return time.monotonic() - self._since >= self._seconds

    def at(self, count: int, own: int) -> float:
        """Per second, now that the counter stands there, and its own transactions at that."""
        if self.is_due:
            passed = time.monotonic() - self._since
            # Twice: reports of two seconds may have come in one.
            self._rate = (count - self._count - 2 * (own - self._own)) / passed
            self._since, self._count, self._own = self._since + passed, count, own
        return self._rate
