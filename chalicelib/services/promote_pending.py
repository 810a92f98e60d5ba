"""Promote what waits for room: the oldest first, wherever nothing that counts overlaps.

Everybody in a queue is given exactly what they would be given if they asked one after the other; a page of a resource's
queue is one transaction. The exclusion constraint has the last word: a page that loses a race begins again.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.services.change_reservation import reject_change
from chalicelib.services.pace import Pace
from chalicelib.services.promotion_page import Page
from chalicelib.services.sweep_reservations import reject_overdue
from chalicelib.storage import pending
from chalicelib.storage.events import Actor
from chalicelib.storage.resources import read_resource

if TYPE_CHECKING:
    from chalicelib.services.budget import Budget
    from chalicelib.storage.pending import Place
    from chalicelib.storage.transaction import Database, Transaction

PAGE = 1000
MOST_CHANGES = 1000
PROMOTING = 0.75
"""The part of a budget that promotion may spend."""
BEGINNING: Place = (datetime(2000, 1, 1, tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class Promotion:
    """What came of it: how many were promoted, and how many were given up after their grace."""

    promoted: int
    rejected: int


def promote_pending(database: Database, budget: Budget) -> int:
    """Promote in all tenants, then give up what waited too long; return how many reservations changed.

    Resources come in random order, so that none is always the last when the budget is spent. Promotion leaves a part of
    it over, as what waited too long is to be told so even while there is more to promote than one run can.
    """
    actor = Actor("job", "promote_pending", None)
    done = 0
    promoting = budget.share(PROMOTING)
    resources = database.run_without_tenant(pending.waiting_resources)
    random.shuffle(resources)
    pace = Pace(database, promoting) if resources else None
    for tenant, resource_id in resources:
        if promoting.spent:
            break
        done += _promote_resource(database, tenant, resource_id, actor, promoting, pace)
    while not budget.spent and (rejected := database.run_without_tenant(lambda work: reject_overdue(work, actor))):
        done += rejected
    overdue = database.run_without_tenant(lambda work: pending.overdue_changes(work, MOST_CHANGES))
    for tenant, reservation_id in overdue:
        if budget.spent:
            break
        done += reject_change(database, tenant, reservation_id, actor)
    return done


def process_pending(database: Database, tenant: str, actor: Actor, budget: Budget) -> Promotion:
    """Do now for one tenant what the scheduled function would do within the minute; what is left over, it does."""
    actor = replace(actor, edit_locks=None)
    promoting = budget.share(PROMOTING)
    promoted = rejected = 0
    resources = database.run(tenant, pending.waiting_in_tenant)
    random.shuffle(resources)
    for resource_id in resources:
        if promoting.spent:
            break
        promoted += _promote_resource(database, tenant, resource_id, actor, promoting)
    while not budget.spent and (given_up := database.run(tenant, lambda work: reject_overdue(work, actor))):
        rejected += given_up
    for _, reservation_id in database.run(tenant, lambda work: pending.overdue_changes(work, MOST_CHANGES)):
        if budget.spent:
            break
        rejected += reject_change(database, tenant, reservation_id, actor)
    return Promotion(promoted, rejected)


def _promote_resource(
    database: Database, tenant: str, resource_id: UUID, actor: Actor, budget: Budget, pace: Pace | None = None
) -> int:
    """Go through the queue of a resource once, page by page; one page at least.

    Without a pace it never rests: somebody waits for it.
    """
    promoted = 0
    after: Place | None = BEGINNING
    while after is not None:
        place = after
        began = time.monotonic()
        done, after = database.run(
            tenant, lambda transaction, place=place: _promote_page(transaction, resource_id, place, actor)
        )
        promoted += done
        if budget.spent:
            break
        if pace is not None:
            pace.rest(began)
    return promoted


def _promote_page(transaction: Transaction, resource_id: UUID, after: Place, actor: Actor) -> tuple[int, Place | None]:
    """Return how many were promoted, and the place after which the next page begins, None after the last page."""
    queue = pending.read_queue(transaction, resource_id, after, PAGE)
    changes = pending.read_waiting_changes(transaction, resource_id, MOST_CHANGES)
    resource = read_resource(transaction, resource_id)
    last = (queue[-1].since, queue[-1].id) if len(queue) == PAGE else None
    changes = [
        (reservation_id, change)
        for reservation_id, change in changes
        if after < (change.created_at, change.id) and (last is None or (change.created_at, change.id) <= last)
    ]
    if not (queue or changes):
        return 0, last
    page = Page(transaction, resource, actor, queue, changes)
    waiting = [((one.since, one.id), partial(page.consider, one)) for one in queue]
    waiting += [((change.created_at, change.id), partial(page.consider_change, who, change)) for who, change in changes]
    for _, consider in sorted(waiting, key=lambda item: item[0]):
        consider()
    return page.store(), last
