"""Offer places that have come free to the waitlist in all tenants: what the clock does beside those who free them.

A queue that somebody waits in is worked off by `offer_places`, which is imported then: most runs find nobody.
"""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.jobs.isolation import isolated
from chalicelib.waiting.storage import waitlist

if TYPE_CHECKING:
    from chalicelib.database.transaction import Database
    from chalicelib.jobs.budget import Budget


def offer_waitlist_places(database: Database, budget: Budget) -> int:
    """Offer in all tenants what came free in another way than by somebody's doing; return how many entries changed."""
    done = 0
    with isolated(database, "offer_waitlist_places", budget) as run:
        queues = run.database.run_without_tenant(waitlist.where_somebody_waits)
        random.shuffle(queues)
        for tenant, resource_id in queues:
            if budget.spent:
                break
            from chalicelib.waiting.offer_places import work_off

            done += run.one(resource_id, partial(work_off, run, tenant, resource_id), tenant)
    return done
