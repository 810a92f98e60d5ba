"""The only BEGIN: one tenant, one isolation level, bounded retries around the COMMIT.

A transaction's first flight carries BEGIN, the tenant and the work's first statement together (see `pipeline`), so a
use case that reads once and writes once costs three round trips: read, write, COMMIT.
"""

from __future__ import annotations

import math
import random
import re
import time
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING, Any, LiteralString, Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from psycopg import errors as sqlstate
from psycopg_pool import ConnectionPool, PoolTimeout

from chalicelib.domain.errors import (
    ContentionError,
    DatabaseBusyError,
    DatabaseUnavailableError,
    NotFoundError,
    TenantSuspendedError,
    UnavailableError,
)
from chalicelib.domain.resources import Tenant
from chalicelib.storage import constraints, statements
from chalicelib.storage.errors import (
    DoFirstError,
    LockWaitError,
    OutOfTimeError,
    StaleConnectionError,
    TryAgainError,
    UnansweredError,
)
from chalicelib.storage.pipeline import Connection, Pipeline, pipelined
from chalicelib.storage.time_limits import LockPatience, TimeLimits
from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Mapping, Sequence, Set
    from datetime import datetime

    from chalicelib.storage.pipeline import Pending

T = TypeVar("T")
SQL = statements.load("transaction")
FIRST_BACKOFF_SECONDS = 0.002
LONGEST_BACKOFF_SECONDS = 0.2
CONNECTION_WAIT_SECONDS = 3.0
"""A database that is down should be said to be down soon, not at the end of the request's time."""
UNANSWERED_SECONDS = 15
"""What is sent and not acknowledged for so long ends the connection: a server that lost its power says nothing."""
CLAIMS = "idempotency_keys"
"""Who waits there repeats a request that is still being worked on: others of the tenant need not."""
LOCKED_RELATION = re.compile(r'in relation "([^"]+)"')


class Isolation(Enum):
    """How a transaction begins. The exclusion constraint holds at every level."""

    READ_COMMITTED = "BEGIN ISOLATION LEVEL READ COMMITTED"
    SERIALIZABLE = "BEGIN ISOLATION LEVEL SERIALIZABLE"
    """For work whose rules read other reservations: no constraint can express those."""
    SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    """For answers that are put together from several reads."""


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom a transaction works, beyond its tenant. Row security reads it; see migration 0002.

    `email` is the address somebody signs in with; `resource_ids` what a host is confined to, None: everything;
    `connection_id` the WebSocket connection that a message came over.
    """

    user_id: UUID | None = None
    email: str | None = None
    resource_ids: tuple[UUID, ...] | None = None
    connection_id: str | None = None


ANYONE = Acting()


class Toll(Protocol):
    """What is counted at the beginning of work, in a transaction of its own that is committed in any case."""

    def send(self, pipeline: Pipeline) -> Pending:
        """Queue it."""
        ...

    def check(self, rows: Sequence[Any]) -> None:
        """Look at what was counted. Raises what stops the work."""
        ...


class Transaction:
    """One attempt of one use case, as the tenant it was begun for."""

    def __init__(
        self,
        pipeline: Pipeline,
        begun: Pending,
        slug: str | None,
        done_first: Set[Hashable] = frozenset(),
        check: Callable[[], None] | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._begun = begun
        self._slug = slug
        self._check = check
        self._beginning: tuple[Tenant | None, datetime] | None = None
        self._expected: list[tuple[Pending, int | None, type[Exception]]] = []
        self.changes = False
        """Whether it writes anything."""
        self.told = False
        """Whether it records events."""
        self.done_first = done_first
        """What was done because earlier attempts of this work asked for it by `DoFirstError`."""
        self.afterwards: list[Callable[[Database], None]] = []

    @property
    def tenant(self) -> Tenant:
        """The tenant. Raises `NotFoundError` for an unknown one, `TenantSuspendedError`."""
        tenant = self._arrive()[0]
        assert tenant is not None, "a person's own transaction has no tenant"  # noqa: S101 - a mistake of ours
        return tenant

    @property
    def now(self) -> datetime:
        """The database's clock at the transaction's start: the only clock that decides (UTC)."""
        return self._arrive()[1]

    def rows(self, statement: LiteralString, parameters: Mapping[str, Any]) -> list[Any]:
        """Run a statement and return its rows as named tuples."""
        rows = self._pipeline.send(statement, parameters).rows()
        self._arrive()
        return rows

    def row(self, statement: LiteralString, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - each statement has its own columns
        """Run a statement and return its first row or None."""
        row = self._pipeline.send(statement, parameters).row()
        self._arrive()
        return row

    def ask(self, statement: LiteralString, parameters: Mapping[str, Any]) -> Pending:
        """Queue a question whose answer is looked at after the transaction: it needs no round trip of its own."""
        return self._pipeline.send(statement, parameters)

    def write(
        self,
        statement: LiteralString,
        parameters: Mapping[str, Any],
        *,
        rows: int | None = 1,
        otherwise: type[Exception] = TryAgainError,
    ) -> None:
        """Queue a change. It travels with the other queued ones; unless it touches `rows` rows, `otherwise` is raised.

        None accepts any number of rows.
        """
        self.changes = True
        self._expected.append((self._pipeline.send(statement, parameters), rows, otherwise))

    def touch(self, statement: LiteralString, parameters: Mapping[str, Any]) -> int:
        """Make a change at once, and return how many rows it touched."""
        self.changes = True
        pending = self._pipeline.send(statement, parameters)
        self._pipeline.land()
        self.arrive()
        return pending.touched

    def after_commit(self, work: Callable[[Database], None]) -> None:
        """Let something follow the COMMIT, with the whole tenant in sight. It raises nothing."""
        self.afterwards.append(work)

    def settle(self) -> None:
        """Wait for the queued changes, all in one round trip, and check that each did what was expected."""
        if not self._expected:
            return
        self._pipeline.land()
        self.arrive()
        for pending, rows, otherwise in self._expected:
            if rows is not None and pending.touched != rows:
                raise otherwise
        self._expected.clear()

    def finish(self) -> None:
        """Before the COMMIT, check what has to be checked; what may touch any number of rows travels with it."""
        if self._slug is not None or any(rows is not None for _, rows, _ in self._expected):
            self.settle()

    def arrive(self) -> None:
        """Take in what the transaction began with. Raises `NotFoundError` and `TenantSuspendedError`."""
        self._arrive()

    def _arrive(self) -> tuple[Tenant | None, datetime]:
        """What the transaction began with, at no cost of its own where another result is awaited anyway."""
        if self._beginning is None:
            row = self._begun.row()
            if row is None:
                message = f"There is no tenant {self._slug!r}."
                raise NotFoundError(message)
            self._beginning = (None if self._slug is None else _tenant(row), row.now)
            if self._check is not None:
                self._check()
        return self._beginning


def _tenant(row: Any) -> Tenant:  # noqa: ANN401 - a row of begin_tenant
    if row.suspended_reason is not None:
        message = f"{row.name} is suspended: {row.suspended_reason}"
        raise TenantSuspendedError(message)
    return Tenant(row.id, row.slug, ZoneInfo(row.timezone), row.currency, row.confirms_by_email)


class Database:
    """A pool of connections as one role. Each of `run`'s calls is one use case in one transaction."""

    def __init__(
        self,
        dsn: str,
        *,
        pool_size: int,
        request_seconds: float,
        prepare_after: int | None = None,
        on_events: Callable[[], None] | None = None,
    ) -> None:
        """Connect when needed. `on_events` is called after the COMMIT of a transaction that recorded events.

        Each transaction is over in `request_seconds`; see `until`.
        """
        self._patience = LockPatience()
        self._in_use = _InUse()
        self.connections = pool_size
        """How many it has at most."""
        self._acting = ANYONE
        self._ends_at = self._over_at = math.inf
        self._toll: list[Toll] = []
        self._on_events = on_events
        self._request_seconds = request_seconds
        self._pool = ConnectionPool(
            dsn,
            connection_class=Connection,
            min_size=0,
            max_size=pool_size,
            open=False,
            num_workers=1,
            timeout=CONNECTION_WAIT_SECONDS,
            reconnect_timeout=CONNECTION_WAIT_SECONDS,
            # Preparing saves planning, but RDS Proxy pins a client to one connection for it: the deployment says.
            kwargs={
                "autocommit": True,
                "prepare_threshold": prepare_after,
                "connect_timeout": 5,
                "tcp_user_timeout": UNANSWERED_SECONDS * 1000,
            },
        )

    @property
    def waiting(self) -> int:
        """How many transactions wait for a connection."""
        return self._pool.get_stats().get("requests_waiting", 0)

    def close(self) -> None:
        """Give all connections back to the server."""
        self._pool.close()

    def acting_as(self, acting: Acting) -> Database:
        """Return this database for one caller: the same connections, with what that caller may see."""
        view = copy(self)
        view._acting = acting  # noqa: SLF001 - a copy of this very object
        return view

    def counting(self, toll: Toll) -> Database:
        """Return this database for one request that is counted: once, with the first transaction that it begins."""
        view = copy(self)
        view._toll = [toll]  # noqa: SLF001 - a copy of this very object
        return view

    def uncounted(self) -> Database:
        """Return this database for what a request looks up before it begins."""
        view = copy(self)
        view._toll = []  # noqa: SLF001 - a copy of this very object
        return view

    def until(self, ends_at: float, *, batch_seconds: float = 0.0) -> Database:
        """Return this database for work that is to be over at an instant of `time.monotonic`, retries included.

        `batch_seconds`: how much longer a transaction may take that was begun before: no retry of it begins then.
        """
        view = copy(self)
        view._ends_at = min(self._ends_at, ends_at)  # noqa: SLF001 - a copy of this very object
        view._over_at = min(self._over_at, ends_at + batch_seconds)  # noqa: SLF001 - likewise
        return view

    def run_without_tenant(
        self, work: Callable[[Transaction], T], *, isolation: Isolation = Isolation.READ_COMMITTED
    ) -> T:
        """Run `work` for the person that this database acts as: what belongs to tenants stays closed, as in `run`."""
        return self._run(None, work, isolation)

    def run(
        self, tenant: str, work: Callable[[Transaction], T], *, isolation: Isolation = Isolation.READ_COMMITTED
    ) -> T:
        """Run `work` in a transaction of the tenant with that slug and return its answer once it is committed.

        `work` may run several times and must not send anything. Raises `NotFoundError` for an unknown tenant,
        `TenantSuspendedError`, `ContentionError` when retries did not help until the deadline,
        `DatabaseUnavailableError`.
        """
        return self._run(tenant, work, isolation)

    def _run(self, tenant: str | None, work: Callable[[Transaction], T], isolation: Isolation) -> T:
        deadline = min(time.monotonic() + self._request_seconds, self._over_at)
        backoff = FIRST_BACKOFF_SECONDS
        reconnected = False
        done_first: set[Hashable] = set()
        while True:
            try:
                return self._attempt(tenant, work, isolation, done_first, deadline)
            except DoFirstError as first:
                first.work(self.acting_as(ANYONE))
                done_first.add(first.key)
            except (sqlstate.SerializationFailure, sqlstate.DeadlockDetected, TryAgainError) as lost:
                METRICS.count("database_retries", detail=f"because={type(lost).__name__}")
                pause = random.uniform(0, backoff)  # noqa: S311 - full jitter, not a secret
                if time.monotonic() + pause > min(deadline, self._ends_at):
                    METRICS.count("database_contention")
                    message = "Too many others are changing the same thing. Nothing was stored; please try again."
                    raise ContentionError(message) from lost
                time.sleep(pause)
                backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)
            except LockWaitError as waited:
                METRICS.count("database_lock_timeouts", detail=f"relation={waited.relation or 'unknown'}")
                if not waited.relation.startswith(CLAIMS):
                    self._patience.waited_in_vain(tenant)
                raise
            except StaleConnectionError as stale:
                METRICS.count("database_stale_connections")
                if reconnected:
                    raise _unavailable() from stale
                reconnected = True
                self._pool.check()

    def answers(self) -> bool:
        """Tell whether the database answers a query now."""
        with suppress(psycopg.Error, UnavailableError), self._connection() as connection:
            return connection.execute(SQL["answers"], prepare=False).fetchone() is not None
        return False

    def _attempt(
        self,
        tenant: str | None,
        work: Callable[[Transaction], T],
        isolation: Isolation,
        done_first: Set[Hashable],
        deadline: float,
    ) -> T:
        left = deadline - time.monotonic()
        if left <= 0:
            raise OutOfTimeError
        with self._connection(min(left, CONNECTION_WAIT_SECONDS)) as connection:
            limits = TimeLimits(deadline, self._patience.seconds(tenant, left))
            transaction, answer = self._transact(connection, tenant, work, isolation, done_first, limits)
        transaction.arrive()
        if transaction.told and self._on_events is not None:
            self._on_events()
        for follow in transaction.afterwards:
            follow(self.acting_as(ANYONE))
        return answer

    def _transact(
        self,
        connection: Connection,
        tenant: str | None,
        work: Callable[[Transaction], T],
        isolation: Isolation,
        done_first: Set[Hashable],
        limits: TimeLimits,
    ) -> tuple[Transaction, T]:
        storing = False
        try:
            with pipelined(connection) as pipeline:
                check = self._count(pipeline, limits)
                pipeline.send(isolation.value, {})
                pipeline.limit(SQL["limit_time"], limits)
                begun = self._begin(pipeline, tenant)
                transaction = Transaction(pipeline, begun, tenant, done_first, check)
                answer = work(transaction)
                transaction.finish()
                storing = transaction.changes
                pipeline.send("COMMIT", {})
        except psycopg.Error as error:
            refusal = _refusal_of(error, storing=storing, reading=isolation is Isolation.SNAPSHOT)
            if isinstance(refusal, (StaleConnectionError, DatabaseUnavailableError)):
                connection.close()  # the pool replaces it
            raise refusal from (None if refusal is error else error)
        return transaction, answer

    def _count(self, pipeline: Pipeline, limits: TimeLimits) -> Callable[[], None] | None:
        if not self._toll:
            return None
        toll = self._toll.pop()  # attempts that follow this one are the same request
        pipeline.send(Isolation.READ_COMMITTED.value, {})
        pipeline.limit(SQL["limit_time"], limits)
        counted = toll.send(pipeline)
        pipeline.send("COMMIT", {})
        return lambda: toll.check(counted.rows())

    def _begin(self, pipeline: Pipeline, tenant: str | None) -> Pending:
        if tenant is None:
            begun = pipeline.send(SQL["begin_without_tenant"], {})
        else:
            begun = pipeline.send(SQL["begin_tenant"], {"slug": tenant})
        acting = self._acting
        if acting != ANYONE:
            ids = acting.resource_ids
            settings = {
                "user_id": "" if acting.user_id is None else str(acting.user_id),
                "email": acting.email or "",
                "resource_ids": "" if ids is None else "{" + ",".join(map(str, ids)) + "}",
                "connection_id": acting.connection_id or "",
            }
            pipeline.send(SQL["begin_acting"], settings)
        return begun

    @contextmanager
    def _connection(self, seconds: float = CONNECTION_WAIT_SECONDS) -> Generator[Connection]:
        if self._pool.closed:
            self._pool.open()
        try:
            with self._pool.connection(seconds) as connection, self._in_use.one_more():
                yield connection
        except PoolTimeout as error:
            if self._in_use.number < self.connections:
                raise _unavailable() from error
            METRICS.count("database_connection_timeouts")
            message = "All connections to the database are in use. Nothing was stored; please try again."
            raise DatabaseBusyError(message, waited_for="connection") from error


class _InUse:
    """How many connections transactions have at the moment."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.number = 0

    @contextmanager
    def one_more(self) -> Generator[None]:
        """Count one until the block ends."""
        with self._lock:
            self.number += 1
        try:
            yield
        finally:
            with self._lock:
                self.number -= 1


def _refusal_of(error: psycopg.Error, *, storing: bool, reading: bool) -> Exception:
    """Return what to raise instead of the driver's error; the error itself where it is told as it is.

    `storing`: the COMMIT was on its way; `reading`: a read-only transaction, in which writing is a mistake of ours.
    """
    match error:
        case sqlstate.SerializationFailure():
            return error
        case sqlstate.DeadlockDetected():
            METRICS.count("database_deadlocks")
            return error
        case psycopg.IntegrityError():
            return constraints.refusal_of(error)
        case sqlstate.LockNotAvailable():
            found = LOCKED_RELATION.search(error.diag.context or "")
            return LockWaitError(found[1] if found else "")
        case sqlstate.QueryCanceled():
            METRICS.count("database_statement_timeouts")
            return OutOfTimeError()
        case sqlstate.IdleInTransactionSessionTimeout() | sqlstate.TransactionTimeout():
            METRICS.count("database_idle_timeouts")
            return StaleConnectionError()
        case sqlstate.ReadOnlySqlTransaction() if not reading:  # the server has become a standby
            return StaleConnectionError()
        case UnansweredError() if not storing:
            METRICS.count("database_unanswered")
            return _unavailable()
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return _unknown_outcome() if storing else StaleConnectionError()
        case _:
            return error


def _unknown_outcome() -> DatabaseUnavailableError:
    METRICS.count("database_unknown_commits")
    return DatabaseUnavailableError(
        "The connection broke while the change was being stored, so its outcome is unknown. "
        "Repeat the request with the same Idempotency-Key: it takes effect once."
    )


def _unavailable() -> DatabaseUnavailableError:
    return DatabaseUnavailableError(
        "The database cannot be reached at the moment. Nothing was stored; please try again.", retry_after=2
    )
