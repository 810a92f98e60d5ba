"""Promote pending reservations, the oldest first, wherever there is room.

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

from chalicelib.events.event_log import Actor
from chalicelib.jobs.isolation import isolated
from chalicelib.jobs.pace import Pace
from chalicelib.reservations.model.reservations import WaitingChange
from chalicelib.reservations.sweep_reservations import reject_overdue
from chalicelib.waiting.storage.pending import (
    Place,
    Waiting,
    overdue_changes,
    read_queue,
    read_waiting_changes,
    waiting_in_tenant,
    waiting_resources,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.http.context import Context
    from chalicelib.jobs.budget import Budget
    from chalicelib.jobs.isolation import Isolated

PAGE = 1000
MOST_CHANGES = 1000
BEGINNING: Place = (datetime(2000, 1, 1, tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class Promotion:
    """What came of it: how many were promoted, and how many were given up after their grace."""

    promoted: int
    rejected: int


def promote_pending(database: Database, budget: Budget) -> int:
    """Give up in all tenants what waited too long, then promote; return how many reservations changed.

    What the clock decides comes first: it cannot fail for want of room, and is told even while there is more to promote
    than one run can. Resources come in random order, so that none is always the last when the budget is spent.
    """
    actor = Actor("job", "promote_pending", None)
    with isolated(database, "promote_pending", budget) as run:
        done = reject_overdue(run, actor)
        overdue = run.database.run_without_tenant(lambda work: overdue_changes(work, MOST_CHANGES))
        done += _give_up(run, overdue, actor)
        resources = run.database.run_without_tenant(waiting_resources)
        random.shuffle(resources)
        pace = Pace(run.database, budget) if resources else None
        for tenant, resource_id in resources:
            if budget.spent:
                break
            done += run.one(resource_id, partial(_promote_resource, run, tenant, resource_id, actor, pace), tenant)
    return done


def process_pending(context: Context, budget: Budget) -> Promotion:
    """Do now for one tenant what the scheduled function would do within the minute; what is left over, it does."""
    actor = replace(context.actor, edit_locks=None)
    with isolated(context.database, "promote_pending", budget, records=False) as run:
        rejected = reject_overdue(run, actor, context.tenant)
        overdue = run.database.run(context.tenant, lambda work: overdue_changes(work, MOST_CHANGES))
        rejected += _give_up(run, overdue, actor)
        promoted = 0
        resources = run.database.run(context.tenant, waiting_in_tenant)
        random.shuffle(resources)
        for resource_id in resources:
            if budget.spent:
                break
            promoted += run.one(
                resource_id,
                partial(_promote_resource, run, context.tenant, resource_id, actor, None),
                context.tenant,
            )
    return Promotion(promoted, rejected)


def _give_up(run: Isolated, overdue: Sequence[tuple[str, UUID]], actor: Actor) -> int:
    if not overdue:
        return 0
    # Here, as most runs find nothing to do.
    from chalicelib.http.context import Context
    from chalicelib.reservations.change_reservation import reject_change

    done = 0
    for tenant, reservation_id in overdue:
        if run.budget.spent:
            break
        done += run.one(
            reservation_id, partial(reject_change, Context(run.database, tenant, actor), reservation_id), tenant
        )
    return done


def _promote_resource(run: Isolated, tenant: str, resource_id: UUID, actor: Actor, pace: Pace | None) -> int:
    """Go through the queue of a resource once, page by page; one page at least.

    Without a pace it never rests: somebody waits for it.
    """
    promoted = 0
    after: Place | None = BEGINNING
    while after is not None:
        began = time.monotonic()
        done, after = _promote_page(run, tenant, resource_id, after, actor)
        promoted += done
        if run.budget.spent:
            break
        if pace is not None:
            pace.rest(began)
    return promoted


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Who stands in the queue: a reservation, or one with a change."""

    place: Place
    reservation_id: UUID
    reservation: Waiting | None
    change: WaitingChange | None


def _promote_page(
    run: Isolated, tenant: str, resource_id: UUID, after: Place, actor: Actor
) -> tuple[int, Place | None]:
    """Return how many were promoted, and the place after which the next page begins, None after the last page."""
    # Here, for the same reason.
    from chalicelib.terms.for_others import read_resource
    from chalicelib.waiting.promotion_page import Page

    last: list[Place | None] = [None]

    def find(transaction: Transaction, only: Sequence[str] | None) -> list[_Waiting]:
        found, last[0] = _read_page(transaction, resource_id, after)
        resting = set(run.resting)
        named = [(str(one.reservation_id), one) for one in found]
        return [one for name, one in named if name not in resting and (only is None or name in only)]

    def do(transaction: Transaction, waiting: Sequence[_Waiting]) -> int:
        queue = [one.reservation for one in waiting if one.reservation is not None]
        changes = [(one.reservation_id, one.change) for one in waiting if one.change is not None]
        page = Page(transaction, read_resource(transaction, resource_id), actor, queue, changes)
        for one in waiting:
            if one.reservation is not None:
                page.consider(one.reservation)
            if one.change is not None:
                page.consider_change(one.reservation_id, one.change)
        return page.store()

    _, done = run.batch(find, do, lambda one: one.reservation_id, tenant=tenant)
    return done, last[0]


def _read_page(transaction: Transaction, resource_id: UUID, after: Place) -> tuple[list[_Waiting], Place | None]:
    queue = read_queue(transaction, resource_id, after, PAGE)
    changes = read_waiting_changes(transaction, resource_id, MOST_CHANGES)
    last = (queue[-1].since, queue[-1].id) if len(queue) == PAGE else None
    found = [_Waiting((one.since, one.id), one.id, one, None) for one in queue]
    for reservation_id, change in changes:
        place = change.created_at, change.id
        if after < place and (last is None or place <= last):
            found.append(_Waiting(place, reservation_id, None, change))
    return sorted(found, key=lambda one: one.place), last
