"""What the clock does to reservations, many at once: holds expire, nobody came, stays are over, waiting is given up.

Each function works in batches, one transaction each, until nothing is due or its budget is spent, and returns how many
reservations it changed. The database's clock decides. Who changes a reservation at that moment goes first: its row
is left out, and the next run looks again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.availability.for_others import Due, due_arrivals, due_reservations
from chalicelib.database.transaction import Transaction
from chalicelib.events.event_log import Actor
from chalicelib.events.model import EventType
from chalicelib.jobs.isolation import isolated
from chalicelib.jobs.pace import Pace
from chalicelib.jobs.picks import Pick
from chalicelib.reservations.model.reservations import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Database
    from chalicelib.jobs.budget import Budget
    from chalicelib.jobs.isolation import Isolated

BATCH = 2000
"""So many that their events stay within a backend's working memory, and so few that others soon have their turn."""

SLICE = 10 * BATCH
"""Of one tenant, before all others have their turn."""
MOST_AT_ONCE = 2
"""Batches: more would leave requests too little of a small server."""


def expire_holds(database: Database, budget: Budget) -> int:
    """Let go of what was held and not confirmed in time."""

    def find(transaction: Transaction, pick: Pick) -> list[Due]:
        return due_reservations(transaction, [State.HELD], pick, keep=False)

    return _batches(database, budget, "expire_holds", _Step(find, State.EXPIRED, EventType.RESERVATION_EXPIRED))


def mark_no_shows(database: Database, budget: Budget) -> int:
    """Mark who has not come by the time that their policy says; it says, too, whether their units are free then."""

    def find(transaction: Transaction, pick: Pick) -> list[Due]:
        return due_arrivals(transaction, pick, missed=True)

    return _batches(database, budget, "mark_no_shows", _Step(find, State.NO_SHOW, EventType.RESERVATION_NO_SHOW))


def complete_stays(database: Database, budget: Budget) -> int:
    """Complete what is over: who was checked in, and who is never checked in as their policy knows no no-show."""

    def find(transaction: Transaction, pick: Pick) -> list[Due]:
        return [
            *due_reservations(transaction, [State.CHECKED_IN], pick, keep=True),
            *due_arrivals(transaction, pick, missed=False),
        ]

    return _batches(database, budget, "complete_stays", _Step(find, State.COMPLETED, EventType.RESERVATION_COMPLETED))


def reject_overdue(run: Isolated, actor: Actor, tenant: str | None = None) -> int:
    """Reject what waited until the end of its grace, for room or for approval; return how many."""

    def find(transaction: Transaction, pick: Pick) -> list[Due]:
        return due_reservations(transaction, [State.PENDING], pick, keep=False)

    step, rejected, found = _Step(find, State.REJECTED, EventType.RESERVATION_REJECTED), 0, 1
    while found and not run.budget.spent:
        found, done = _batch(run, step, actor, tenant)
        rejected += done
    return rejected


@dataclass(frozen=True, slots=True)
class _Step:
    """What is due, the state that it is taken to, and the event that tells of it."""

    find: Callable[[Transaction, Pick], list[Due]]
    state: State
    event_type: EventType


class _Turns:
    """Whose turn it is: a tenant that has had its slice waits until nothing of the others is due."""

    def __init__(self) -> None:
        self._done: Counter[UUID] = Counter()

    @property
    def later(self) -> list[UUID]:
        """The tenants whose turn it is not."""
        return [tenant_id for tenant_id, done in list(self._done.items()) if done >= SLICE]

    def note(self, due: Sequence[Due]) -> None:
        """Count what is done."""
        self._done.update(one.tenant_id for one in due if one.tenant_id is not None)

    def begin_again(self) -> bool:
        """Let all have their turns again; return whether any had to wait."""
        waited = bool(self.later)
        self._done = Counter()
        return waited


def _batch(
    run: Isolated, step: _Step, actor: Actor, tenant: str | None = None, turns: _Turns | None = None
) -> tuple[int, int]:
    """Return how many were found, and how many of these took the step."""

    def do(transaction: Transaction, due: Sequence[Due]) -> int:
        # Here, as most runs find nothing due.
        from chalicelib.availability.ended_holds import sweep

        sweep(transaction, due, step.state, step.event_type, actor)
        if turns is not None:
            turns.note(due)
        return len(due)

    def pick(transaction: Transaction, only: Sequence[str] | None) -> list[Due]:
        return step.find(transaction, Pick(BATCH, run.resting, only, () if turns is None else turns.later))

    return run.batch(pick, do, lambda due: due.id, tenant=tenant)


def _batches(database: Database, budget: Budget, job: str, step: _Step) -> int:
    """Work in batches, each leaving out what another has: more than one at once only while nobody else is at work."""
    actor = Actor("job", job, None)
    with isolated(database, job, budget) as run:
        turns = _Turns()
        found, first = (0, 0) if budget.spent else _batch(run, step, actor, turns=turns)
        if found < BATCH:  # most often that was all
            return first
        pace = Pace(run.database, budget)

        def go_on(hand: int) -> int:
            changed = 0
            while not budget.spent and (hand == 0 or not pace.gives_way):
                began = time.monotonic()
                found, done = _batch(run, step, actor, turns=turns)
                if found == 0:
                    if turns.begin_again():
                        continue
                    break
                changed += done
                pace.rest(began)
            return changed

        hands = min(database.connections, MOST_AT_ONCE)
        with ThreadPoolExecutor(hands) as threads:
            return first + sum(threads.map(go_on, range(hands)))
