"""The scheduled functions in simulated time: those of app.py, when the rates that stand there say that they are due."""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.database.transaction import Database
from chalicelib.reporting.seal_events import SealsVerdict, verify_events
from chalicelib.reservations.model.reservations import State
from chalicelib.run_jobs import run_on
from local.background import scheduled_functions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import Self
    from uuid import UUID

    import psycopg

    from local.background import Scheduled

LEFT_OUT = {"sweep_events", "make_partitions", "reap_connections", "expire_edit_locks"}
"""The guests are made up, and so are their addresses; ids and connections live by the real clock, not the simulated."""
ONCE_A_DAY = {"remove_old_records", "seal_events", "refresh_statistics"}
"""What follows the reservations and never changes them: at their own rates they took longer than the others."""
SECONDS = 60
"""How long one run may go on: longer than any needs, so that none stops half-way."""
READ_STATES = "SELECT id, state FROM reservations WHERE id = ANY(%s)"


@dataclass(slots=True)
class Runs:
    """How often a job ran, how much it changed in all, and how long that took."""

    times: int = 0
    changed: int = 0
    seconds: float = 0.0


class Jobs:
    """Runs jobs as the role berth_jobs when they are due. A context manager. What a job raises ends the replay.

    `connection` is one as the superuser of the database, to look at what came of it.
    """

    def __init__(self, jobs_dsn: str, connection: psycopg.Connection[Any], functions: Iterable[Scheduled]) -> None:
        self._database = Database(jobs_dsn, pool_size=1, request_seconds=SECONDS, prepare_after=3)
        self._connection = connection
        self._functions = list(functions)
        self._ran_at: dict[str, datetime] = {}
        self.runs = {one.name: Runs() for one in self._functions}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def run(self, now: datetime) -> None:
        """Run once, in the order of app.py, what has come due since its last run: as after a sleep of the machine.

        `now` is a local time of the hotel: its days are what `ONCE_A_DAY` means.
        """
        for one in self._functions:
            ran_at = self._ran_at.get(one.name)
            if ran_at is not None and not _is_due(one, ran_at, now):
                continue
            self._ran_at[one.name] = now
            began = time.monotonic()
            runs = self.runs[one.name]
            runs.changed += run_on(self._database, one.name, SECONDS)
            runs.times += 1
            runs.seconds += time.monotonic() - began

    def seals(self, tenant: str) -> SealsVerdict:
        """Check that the events of a tenant are as a job sealed them."""
        return verify_events(self._database, tenant)

    def states(self, reservation_ids: Sequence[UUID]) -> dict[UUID, State]:
        """How these reservations stand."""
        rows = self._connection.execute(READ_STATES, [reservation_ids]).fetchall()
        return {reservation_id: State(state) for reservation_id, state in rows}


def _is_due(one: Scheduled, ran_at: datetime, now: datetime) -> bool:
    due_at = one.schedule.next_after(ran_at)
    if due_at is None or due_at > now:
        return False
    return one.name not in ONCE_A_DAY or ran_at.date() != now.date()


def jobs_to_run() -> list[Scheduled]:
    """What app.py schedules, except what sends emails."""
    return [one for one in scheduled_functions(importlib.import_module("app")) if one.name not in LEFT_OUT]
