"""Reads that a streaming replica answers in the primary's place, and when it is left out.

Nothing that a replica says is believed before it has shown three things, which it is asked together with the read:

- It is a replica. One that was promoted goes its own way.
- It has replayed the position that the caller carries, so that everybody reads what they have written.
- It is behind by no more than the endpoint's freshness. Either the last transaction that it has replayed is that
  young; or it has replayed all that the primary had logged at a moment that is that young, since nothing may have
  happened for long. Such a moment is each read that the primary answered in the replica's place: that is where a read
  goes of which neither can be said.

Whatever is wrong with the replica, the primary answers. A replica that is not reached, was promoted or lags is not
asked again for a while, which doubles from try to try, and then by one read at a time.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import errors as sqlstate

from chalicelib.core.errors import BerthError, DatabaseBusyError, DatabaseUnavailableError
from chalicelib.database import statements
from chalicelib.database.errors import (
    NotAnsweredError,
    PrimaryNeededError,
    StaleConnectionError,
    TryAgainError,
)
from chalicelib.database.log_position import Position
from chalicelib.database.transaction import Database
from chalicelib.telemetry.definitions import REPLICA_BEHIND, REPLICA_CONFLICTS, REPLICA_LEFT_OUT
from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.database.pipeline import Pending, Pipeline
    from chalicelib.database.transaction import Transaction

T = TypeVar("T")
SQL = statements.beside(__file__)
SHARE_OF_TIME = 0.5
"""Of what is left of a request: the primary gets the rest."""
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


class LeftOutError(Exception):
    """The replica must not answer, nor be asked again for a while; the text says why, for the metrics."""


class BehindError(Exception):
    """The replica is fresh, but has not come as far as this one caller."""


class UnprovenError(Exception):
    """Nothing shows how fresh the replica is."""


class Circuit:
    """Whether something is worth a try: after a failure not for a while, then by one at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pause = 0.0
        self._again_at = 0.0
        self._failures = 0

    def enter(self, now: float) -> int | None:
        """Return a ticket for a try at an instant of `time.monotonic`, None where none is due."""
        with self._lock:
            if self._pause and now < self._again_at:
                return None
            if self._pause:
                self._again_at = now + self._pause  # who comes during this try does not try as well
            return self._failures

    def failed(self, ticket: int, now: float) -> None:
        """Note that a try failed; others that were under way with it count as one."""
        with self._lock:
            if ticket == self._failures:
                self._failures += 1
                self._pause = min(max(2 * self._pause, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
                self._again_at = now + self._pause

    def worked(self) -> None:
        """Note that a try went well."""
        with self._lock:
            self._pause = 0.0


class Freshness:
    """What is known of how far a replica is, for all reads that accept the same age."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.circuit = Circuit()
        self._primary = (Position(0), -math.inf)
        """How far the primary's log was at an instant, the latest that is known."""
        self._behind_since: float | None = None
        """Since when nothing shows that the replica is fresh, and something that it is not."""

    def primary_was_at(self, position: Position, at: float) -> None:
        """Note how far the primary's log was at an instant of `time.monotonic`, or later."""
        self._primary = position, at

    def judge(self, replayed: Position, quiet_seconds: float | None, now: float) -> None:
        """Say whether a replica is fresh that has replayed so far.

        `quiet_seconds`: how old the last transaction is that it has replayed; None: there was none.
        Raises `LeftOutError` for one that lags, `UnprovenError` where neither is sure.
        """
        if quiet_seconds is not None and quiet_seconds <= self.seconds:
            self._behind_since = None
            return
        position, at = self._primary
        if position.is_reached_by(replayed):
            self._behind_since = None
            if now - at <= self.seconds:
                return
            raise UnprovenError
        if self._behind_since is None:
            self._behind_since = at
        if now - self._behind_since > self.seconds:
            message = "lagging"
            raise LeftOutError(message)
        raise UnprovenError


class Replica:
    """A streaming replica, for all requests of a container."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._by_age: dict[float, Freshness] = {}

    def reads(self, seconds: float, after: Position | None) -> ReplicaReads:
        """Return how one request reads: what it reads is no older than so many seconds, and not before a position."""
        return ReplicaReads(self._database, self._by_age.setdefault(seconds, Freshness(seconds)), after)

    def close(self) -> None:
        """Give all connections back to the server."""
        self._database.close()


@dataclass(frozen=True, slots=True)
class ReplicaReads:
    """How one request reads: see `Replica.reads`. It is a `Reader` and the `ServerCheck` of its transactions."""

    database: Database
    freshness: Freshness
    after: Position | None

    def read(self, tenant: str, work: Callable[[Transaction], T], of: Database, deadline: float) -> T:
        """Let the replica do work that only reads, as the caller of a database may see it.

        Raises what the work refuses, and `NotAnsweredError` where the primary has to answer.
        """
        circuit, now = self.freshness.circuit, time.monotonic()
        ticket = circuit.enter(now)
        if ticket is None:
            raise NotAnsweredError
        until = now + SHARE_OF_TIME * (deadline - now)
        try:
            answer = self.database.run_read_only(tenant, work, of=of, check=self, until=until)
        except (LeftOutError, StaleConnectionError, DatabaseUnavailableError) as error:
            because = str(error) if isinstance(error, LeftOutError) else "unreachable"
            METRICS.count(REPLICA_LEFT_OUT, because)
            circuit.failed(ticket, time.monotonic())
            raise NotAnsweredError from error
        except UnprovenError as error:
            raise NotAnsweredError from error
        except (BehindError, PrimaryNeededError) as error:
            circuit.worked()
            raise NotAnsweredError from error
        except (psycopg.Error, TryAgainError, DatabaseBusyError) as error:
            if isinstance(error, sqlstate.ReadOnlySqlTransaction):  # a mistake of ours, as it would be on the primary
                raise
            METRICS.count(REPLICA_CONFLICTS, type(error).__name__)
            raise NotAnsweredError from error
        except BerthError:  # what the work itself refuses
            circuit.worked()
            raise
        circuit.worked()
        return answer

    def primary_was_at(self, position: Position, at: float) -> None:
        """Note how far the primary was, which answered in the replica's place."""
        self.freshness.primary_was_at(position, at)

    def ask(self, pipeline: Pipeline) -> Pending:
        """Queue the question how far the server is. Not every server that follows another one can tell."""
        asked = pipeline.send(SQL["progress"], {})
        asked.may_fail = True
        return asked

    def check(self, rows: Sequence[Any]) -> None:
        """Raise `LeftOutError` or `BehindError` where what it says must not be believed."""
        row = next(iter(rows), None)
        if row is None or not row.in_recovery or row.replayed is None:
            message = "not_a_replica"
            raise LeftOutError(message)
        replayed = Position.parse(row.replayed)
        self.freshness.judge(replayed, row.quiet_seconds, time.monotonic())
        if self.after is not None and not self.after.is_reached_by(replayed):
            METRICS.count(REPLICA_BEHIND)
            raise BehindError
