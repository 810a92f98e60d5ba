"""What the clock does to reservations, many at once: holds expire, nobody came, stays are over, waiting is given up.

Each function works in batches, one transaction each, until nothing is due or its budget is spent, and returns how many
reservations it changed. The database's clock decides. Whoever changes a reservation at that moment goes first: its row
is left out, and the next run looks again.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from chalicelib.domain.events import EventType
from chalicelib.domain.reservations import State
from chalicelib.services.ended_holds import sweep
from chalicelib.services.pace import Pace
from chalicelib.storage import sweeps
from chalicelib.storage.events import Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.services.budget import Budget
    from chalicelib.storage.sweeps import Due
    from chalicelib.storage.transaction import Database, Transaction

BATCH = 2000
"""So many that their events stay within a backend's working memory, and so few that others soon have their turn."""

MOST_AT_ONCE = 2
"""Batches: more would leave requests too little of a small server."""


def expire_holds(database: Database, budget: Budget) -> int:
    """Let go of what was held and not confirmed in time."""

    def work(transaction: Transaction) -> int:
        due = sweeps.due_reservations(transaction, [State.HELD], BATCH, keep=False)
        actor = Actor("job", "expire_holds", None)
        return _swept(transaction, due, State.EXPIRED, EventType.RESERVATION_EXPIRED, actor)

    return _batches(database, budget, work)


def mark_no_shows(database: Database, budget: Budget) -> int:
    """Mark who has not come by the time that their policy says; it says, too, whether their units are free then."""

    def work(transaction: Transaction) -> int:
        due = sweeps.due_arrivals(transaction, BATCH, missed=True)
        actor = Actor("job", "mark_no_shows", None)
        return _swept(transaction, due, State.NO_SHOW, EventType.RESERVATION_NO_SHOW, actor)

    return _batches(database, budget, work)


def complete_stays(database: Database, budget: Budget) -> int:
    """Complete what is over: who was checked in, and who is never checked in as their policy knows no no-show."""

    def work(transaction: Transaction) -> int:
        due = [
            *sweeps.due_reservations(transaction, [State.CHECKED_IN], BATCH, keep=True),
            *sweeps.due_arrivals(transaction, BATCH, missed=False),
        ]
        actor = Actor("job", "complete_stays", None)
        return _swept(transaction, due, State.COMPLETED, EventType.RESERVATION_COMPLETED, actor)

    return _batches(database, budget, work)


def reject_overdue(transaction: Transaction, actor: Actor, limit: int = BATCH) -> int:
    """Reject what waited until the end of its grace, for room or for approval; return how many."""
    due = sweeps.due_reservations(transaction, [State.PENDING], limit, keep=False)
    return _swept(transaction, due, State.REJECTED, EventType.RESERVATION_REJECTED, actor)


def _swept(transaction: Transaction, due: Sequence[Due], state: State, event_type: EventType, actor: Actor) -> int:
    if due:
        sweep(transaction, due, state, event_type, actor)
    return len(due)


def _batches(database: Database, budget: Budget, work: Callable[[Transaction], int]) -> int:
    """Work in batches, each leaving out what another has: more than one at once only while nobody else is at work."""
    first = 0 if budget.spent else database.run_without_tenant(work)
    if first < BATCH:  # most often that was all
        return first
    pace = Pace(database, budget)

    def go_on(hand: int) -> int:
        changed = 0
        while not budget.spent and (hand == 0 or not pace.gives_way):
            began = time.monotonic()
            done = database.run_without_tenant(work)
            if done == 0:
                break
            changed += done
            pace.rest(began)
        return changed

    hands = min(database.connections, MOST_AT_ONCE)
    with ThreadPoolExecutor(hands) as threads:
        return first + sum(threads.map(go_on, range(hands)))
