"""Keep events by month: make the tables of the months to come, and archive those that are old enough.

Each step is a transaction that stops everybody for some milliseconds. Before, it waits for who is reading or writing
just then, and others queue behind it: so it gives up soon, lets them pass, and tries again while there is budget.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.database.errors import LockWaitError
from chalicelib.http.container import container
from chalicelib.jobs.isolation import isolated
from chalicelib.jobs.storage import partitions

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.jobs.budget import Budget

PAUSE_SECONDS = 0.5


def make_configured_partitions(database: Database, budget: Budget) -> int:
    """Make the months to come of events, and archive old ones where that is configured."""
    return make_partitions(database, budget, keep_months())


def keep_months() -> int | None:
    """How many months of events stay where they are read; None: all."""
    return container().config.keep_months


def make_partitions(database: Database, budget: Budget, keep_months: int | None) -> int:
    """Make and archive what is due; return how many months were.

    `keep_months` of events stay beside the present one; None: all. Raises `LockWaitError` when others read or wrote
    all the time: the next run comes soon enough, as two months are made ahead.
    """
    with isolated(database, "make_partitions", budget) as run:
        made = run.one("make", partial(_repeat, run.database, budget, partitions.make_partition))
        if keep_months is not None:
            archive = partial(partitions.archive_partition, keep_months=keep_months)
            made += run.one("archive", partial(_repeat, run.database, budget, archive))
    return made


def _repeat(database: Database, budget: Budget, step: Callable[[Transaction], bool]) -> int:
    done = 0
    while True:
        try:
            if not database.run_without_tenant(step):
                return done
        except LockWaitError:
            if budget.spent:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            done += 1
            if budget.spent:
                return done
