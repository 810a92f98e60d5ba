"""One bad row is one bad row: scheduled functions do each item apart from the others where it fails.

What fails is recorded with its id and its error, and left out until its next attempt, later each time; all others are
done. Where many are done in one transaction and it fails, each half is tried alone, until what fails stands alone.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from chalicelib.core.errors import ContentionError, DatabaseBusyError, DatabaseUnavailableError, TenantSuspendedError
from chalicelib.database.transaction import Isolation
from chalicelib.jobs.budget import BATCH_SECONDS
from chalicelib.jobs.storage import jobs
from chalicelib.telemetry.definitions import ITEM_FAILURES
from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.jobs.budget import Budget

    Find = Callable[[Transaction, Sequence[str] | None], Sequence["T"]]
    """Returns and locks what is due: only items with these ids where some are given, and none that rests."""

T = TypeVar("T")
MOST_FAILURES = 100
"""In one run. If more fail, what is broken is not an item."""
logger = logging.getLogger("berth.jobs")


class TooManyFailuresError(Exception):
    """So many items failed that something else must be wrong."""


class Isolated:
    """One run of a scheduled function. `database` gives up when the run's time is over."""

    def __init__(self, database: Database, job: str, budget: Budget, *, records: bool) -> None:
        self.database = database.until(budget.ends_at, batch_seconds=BATCH_SECONDS)
        self.budget = budget
        self._job = job
        self._records = records
        self._known = database.run_without_tenant(lambda work: jobs.read_failures(work, job)) if records else {}
        self._failed: set[str] = set()

    @property
    def resting(self) -> list[str]:
        """The ids of what failed and is not to be tried again yet."""
        return [item for item, due in self._known.items() if not due or item in self._failed] + [
            item for item in self._failed if item not in self._known
        ]

    def one(self, item_id: object, work: Callable[[], int], tenant: str | None = None) -> int:
        """Do one item; return what `work` returns, 0 where it failed or rests."""
        if str(item_id) in self.resting:
            return 0
        try:
            return work()
        except TenantSuspendedError:
            return 0  # since it was found
        except Exception as failure:
            self.fail(str(item_id), failure, tenant)
            return 0

    def batch(
        self,
        find: Find[T],
        do: Callable[[Transaction, Sequence[T]], int],
        key: Callable[[T], object],
        *,
        tenant: str | None = None,
        isolation: Isolation = Isolation.READ_COMMITTED,
    ) -> tuple[int, int]:
        """Find items and do them in one transaction; return how many were found, and the sum of what `do` returns."""
        found: list[str] = []

        def work(transaction: Transaction, only: Sequence[str] | None) -> int:
            items = find(transaction, only)
            found[:] = [str(key(item)) for item in items]
            return do(transaction, items) if items else 0

        def run(only: Sequence[str] | None) -> int:
            attempt = partial(work, only=only)
            if tenant is None:
                return self.database.run_without_tenant(attempt, isolation=isolation)
            return self.database.run(tenant, attempt, isolation=isolation)

        try:
            done = run(None)
        except TenantSuspendedError:
            return 0, 0
        except Exception as failure:
            if not found:
                raise
            items = list(found)
            return len(items), self._halves(items, run, failure, tenant)
        return len(found), done

    def _halves(
        self, items: Sequence[str], run: Callable[[Sequence[str]], int], failure: Exception, tenant: str | None
    ) -> int:
        """Do both halves of what failed together, each alone; return what came of it."""
        if len(items) == 1:
            self.fail(items[0], failure, tenant)
            return 0
        done = 0
        for half in (items[: len(items) // 2], items[len(items) // 2 :]):
            if self.budget.spent:
                break
            try:
                done += run(half)
            except Exception as again:
                done += self._halves(half, run, again, tenant)
        return done

    def settle(self) -> None:
        """Forget what failed before and does no more, after a run that came to its end."""
        gone = [item for item, due in self._known.items() if due and item not in self._failed]
        if self._records and gone and not self.budget.spent:
            self.database.run_without_tenant(lambda work: jobs.forget_failures(work, self._job, gone))

    def fail(self, item_id: str, failure: Exception, tenant: str | None = None) -> None:
        """Record that an item failed. Raises `TooManyFailuresError`, and `failure` where the item is not to blame."""
        if isinstance(failure, DatabaseUnavailableError) or (
            isinstance(failure, ContentionError | DatabaseBusyError) and self.budget.spent
        ):
            raise failure  # nothing is wrong with the item
        self._failed.add(item_id)
        METRICS.count(ITEM_FAILURES, self._job)
        logger.error("%s failed for %s", self._job, item_id, exc_info=failure)
        if self._records:
            self.database.run_without_tenant(
                lambda work: jobs.add_failure(work, self._job, item_id, tenant, error_text(failure))
            )
        if len(self._failed) >= MOST_FAILURES:
            message = f"{len(self._failed)} items failed, the last one by {error_text(failure)}"
            raise TooManyFailuresError(message) from failure


@contextmanager
def isolated(database: Database, job: str, budget: Budget, *, records: bool = True) -> Generator[Isolated]:
    """Begin a run. `records` False: failures are logged alone, for who may not write them down."""
    run = Isolated(database, job, budget, records=records)
    yield run
    run.settle()


def error_text(failure: Exception) -> str:
    """Name a failure in one line: the others of a database's error hold the row, and so what is personal in it."""
    return f"{type(failure).__name__}: {(str(failure).splitlines() or [''])[0]}"
