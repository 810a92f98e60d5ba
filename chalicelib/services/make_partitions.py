"""Keep events by month: make the tables of the months to come, and archive those that are old enough.

Each step is a transaction that stops everybody for some milliseconds. Before, it waits for who is reading or writing
just then, and others queue behind it: so it gives up soon, lets them pass, and tries again while there is budget.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.services.isolation import isolated
from chalicelib.storage import partitions
from chalicelib.storage.errors import LockWaitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.services.budget import Budget
    from chalicelib.storage.transaction import Database, Transaction

PAUSE_SECONDS = 0.5


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
