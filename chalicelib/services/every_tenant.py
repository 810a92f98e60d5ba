"""Go through all tenants, for use cases that scheduled functions repeat for each."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING

from chalicelib.domain.errors import TenantSuspendedError
from chalicelib.storage.seals import list_tenants

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.services.budget import Budget
    from chalicelib.storage.transaction import Database


def in_every_tenant(database: Database, budget: Budget, work: Callable[[str], int]) -> int:
    """Return the sum of `work` for each tenant that is not suspended, until the budget is spent.

    In random order, so that none is always the one that is left for the next run.
    """
    tenants = database.run_without_tenant(list_tenants)
    random.shuffle(tenants)
    done = 0
    for tenant in tenants:
        if budget.spent:
            break
        with suppress(TenantSuspendedError):
            done += work(tenant)
    return done
