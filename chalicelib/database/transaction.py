"""The only BEGIN: one tenant, one isolation level, bounded retries around the COMMIT.

A transaction's first batch carries BEGIN, the tenant and the work's first statement together (see `pipeline`), so a
use case that reads once and writes once costs three round trips: read, write, COMMIT.
"""

from __future__ import annotations

import math
import random
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, LiteralString, Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from psycopg import errors as sqlstate
from psycopg_pool import ConnectionPool, PoolTimeout

from chalicelib.core.errors import (
    DatabaseBusyError,
    DatabaseUnavailableError,
    NotFoundError,
    TenantSuspendedError,
    UnavailableError,
)
from chalicelib.core.resources import Tenant
from chalicelib.database import refusals, statements
from chalicelib.database.errors import (
    LockWaitError,
    NotAnsweredError,
    OutOfTimeError,
    StaleConnectionError,
    TryAgainError,
)
from chalicelib.database.log_position import Position
from chalicelib.database.pipeline import Connection, Pipeline, pipelined
from chalicelib.database.time_limits import LockPatience, TimeLimits
from chalicelib.telemetry.definitions import (
    DATABASE_CONNECTION_TIMEOUTS,
    DATABASE_LOCK_TIMEOUTS,
    DATABASE_RETRIES,
    DATABASE_STALE_CONNECTIONS,
)
from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Mapping, Sequence, Set
    from datetime import datetime

    from chalicelib.database.hooks import AccessProof, ServerCheck, Toll
    from chalicelib.database.log_position import LatestPosition
    from chalicelib.database.pipeline import Pending
    from chalicelib.database.transaction import Database

T = TypeVar("T")
SQL = statements.beside(__file__)
FIRST_BACKOFF_SECONDS = 0.002
LONGEST_BACKOFF_SECONDS = 0.2
CONNECTION_WAIT_SECONDS = 3.0
"""A database that is down should be said to be down soon, not at the end of the request's time."""
UNANSWERED_SECONDS = 15
"""What is sent and not acknowledged for so long ends the connection: a server that lost its power says nothing."""
CANNOT_TELL = frozenset({"0A000", "42501", "42883"})
"""SQLSTATEs of a server that has no such function, or does not let it be called: it is not asked again."""
CLAIMS = "idempotency_keys"
"""Who waits there repeats a request that is still being worked on: others of the tenant need not."""


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


class Reader(Protocol):
    """What may answer in the primary's place: see `chalicelib.database.replica`."""

    def read(self, tenant: str, work: Callable[[Transaction], T], of: Database, deadline: float) -> T:
        """Run work that only reads. Raises `NotAnsweredError` where the primary has to answer."""
        ...

    def primary_was_at(self, position: Position, at: float) -> None:
        """Note how far the log of the primary, which answered, was at an instant of `time.monotonic` or later."""
        ...


class Transaction:
    """One attempt of one use case, as the tenant it was begun for."""

    def __init__(
        self,
        pipeline: Pipeline,
        begun: Pending,
        slug: str | None,
        done_first: Set[Hashable] = frozenset(),
        checks: Sequence[Callable[[], None]] = (),
        *,
        believed_if: Callable[[], None] | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._begun = begun
        self._believed_if = believed_if
        self._slug = slug
        self._checks = checks
        self._beginning: tuple[Tenant | None, datetime] | None = None
        self._expected: list[tuple[Pending, int | None, type[Exception]]] = []
        self.changes = False
        """Whether it writes anything."""
        self.appended = False
        """Whether it records events."""
        self.ended = False
        """Whether its COMMIT is on its way already."""
        self.tells_position = False
        """Whether the answer tells how far the log is, though nothing is written: what was, an earlier one wrote."""
        self.done_first = done_first
        """What was done because earlier attempts of this work asked for it by `DoFirstError`."""
        self.afterwards: list[Callable[[Database], None]] = []

    @property
    def by_replica(self) -> bool:
        """Whether a replica answers, which cannot write: work that has to write raises `PrimaryNeededError`."""
        return self._believed_if is not None

    @property
    def tenant(self) -> Tenant:
        """The tenant. Raises `NotFoundError` for an unknown one, `TenantSuspendedError`."""
        tenant = (self._beginning or self._arrive())[0]
        assert tenant is not None, "a user's own transaction has no tenant"  # noqa: S101 - a mistake of ours
        return tenant

    @property
    def now(self) -> datetime:
        """The database's clock at the transaction's start: the only clock that decides (UTC)."""
        return (self._beginning or self._arrive())[1]

    def rows(self, statement: LiteralString, parameters: Mapping[str, Any]) -> list[Any]:
        """Run a statement and return its rows as named tuples."""
        rows = self._pipeline.send(statement, parameters).rows()
        if self._beginning is None:
            self._arrive()
        return rows

    def row(self, statement: LiteralString, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - each statement has its own columns
        """Run a statement and return its first row or None."""
        row = self._pipeline.send(statement, parameters).row()
        if self._beginning is None:
            self._arrive()
        return row

    def ask(self, statement: LiteralString, parameters: Mapping[str, Any]) -> Pending:
        """Queue a question whose answer is looked at after the transaction: it needs no round trip of its own."""
        return self._pipeline.send(statement, parameters)

    def end_with_questions(self) -> None:
        """Let the COMMIT travel with the questions that are queued: the last ones of work that only reads."""
        self._pipeline.send("COMMIT", {})
        self.ended = True

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
        self._pipeline.flush()
        self.arrive()
        return pending.touched

    def after_commit(self, work: Callable[[Database], None]) -> None:
        """Let something follow the COMMIT, with the whole tenant in sight. It raises nothing."""
        self.afterwards.append(work)

    def settle(self) -> None:
        """Wait for the queued changes, all in one round trip, and check that each did what was expected."""
        if not self._expected:
            return
        self._pipeline.flush()
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
            if self._believed_if is not None:
                self._believed_if()
            row = self._begun.row()
            if row is None:
                message = f"There is no tenant {self._slug!r}."
                raise NotFoundError(message)
            beginning = (None if self._slug is None else _tenant(row), row.now)
            for check in self._checks:
                check()
            self._beginning = beginning
        return self._beginning


def _tenant(row: Any) -> Tenant:  # noqa: ANN401 - a row of begin_tenant
    if row.suspended_reason is not None:
        message = f"{row.name} is suspended: {row.suspended_reason}"
        raise TenantSuspendedError(message)
    return Tenant(row.id, row.slug, ZoneInfo(row.timezone), row.currency, row.confirms_by_email, row.keeps_waitlist)


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
        connection_seconds: float = CONNECTION_WAIT_SECONDS,
    ) -> None:
        """Connect when needed. `on_events` is called after the COMMIT of a transaction that recorded events.

        Each transaction is over in `request_seconds`, see `until`, and waits so long for a connection.
        """
        self._patience = LockPatience()
        self._in_use = _InUse()
        self.connections = pool_size
        """How many it has at most."""
        self._acting = ANYONE
        self._ends_at = self._over_at = math.inf
        self._toll: list[Toll] = []
        self._proof: list[AccessProof] = []
        """What has not been asked yet; all views of one request share it."""
        self._latest: LatestPosition | None = None
        self._reader: Reader | None = None
        self._tells_no_position = Event()
        """Set where the server does not tell how far its log is, as Aurora may not: it is asked once."""
        self._server_check: ServerCheck | None = None
        self._on_events = on_events
        self._request_seconds = request_seconds
        self._connection_seconds = connection_seconds
        self._pool = ConnectionPool(
            dsn,
            connection_class=Connection,
            min_size=0,
            max_size=pool_size,
            open=False,
            num_workers=1,
            timeout=connection_seconds,
            reconnect_timeout=connection_seconds,
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

    def _with(self, **attributes: object) -> Database:
        """Return this database with other values of these: the same connections. `copy` takes five times as long."""
        view = object.__new__(type(self))
        view.__dict__ = self.__dict__ | attributes
        return view

    def acting_as(self, acting: Acting) -> Database:
        """Return this database for one caller: the same connections, with what that caller may see."""
        return self._with(_acting=acting)

    def counting(self, toll: Toll) -> Database:
        """Return this database for one request that is counted: once, with the first transaction that it begins."""
        return self._with(_toll=[toll])

    def uncounted(self) -> Database:
        """Return this database for what a request looks up before it begins."""
        return self._with(_toll=[])

    def proving(self, proof: AccessProof) -> Database:
        """Return this database for one request that has to prove something.

        It is asked in the first transaction that the request begins: before anything of that is told or stored.
        """
        return self._with(_proof=[proof])

    def prove(self) -> None:
        """Ask by itself what no transaction has asked yet. Raises what the request is refused with."""
        for proof in tuple(self._proof):
            self.uncounted().run(proof.tenant, lambda _: None)

    def noting(self, latest: LatestPosition) -> Database:
        """Return this database for one request, whose changes note how far the log was after each.

        The position is asked for behind the COMMIT, with the same batch: the end of the log is then behind all that
        was committed. It takes no round trip.
        """
        return self._with(_latest=latest)

    def reading_by(self, reader: Reader) -> Database:
        """Return this database for a request whose transactions of tenants only read: the reader is asked first."""
        return self._with(_reader=reader)

    def until(self, ends_at: float, *, batch_seconds: float = 0.0) -> Database:
        """Return this database for work that is to be over at an instant of `time.monotonic`, retries included.

        `batch_seconds`: how much longer a transaction may take that was begun before: no retry of it begins then.
        """
        return self._with(
            _ends_at=min(self._ends_at, ends_at),
            _over_at=min(self._over_at, ends_at + batch_seconds),
        )

    def run_without_tenant(
        self, work: Callable[[Transaction], T], *, isolation: Isolation = Isolation.READ_COMMITTED
    ) -> T:
        """Run `work` for the user that this database acts as: what belongs to tenants stays closed, as in `run`."""
        return self._run(None, work, isolation)

    def run(
        self, tenant: str, work: Callable[[Transaction], T], *, isolation: Isolation = Isolation.READ_COMMITTED
    ) -> T:
        """Run `work` in a transaction of the tenant with that slug and return its answer once it is committed.

        `work` may run several times and must not send anything. Raises `NotFoundError` for an unknown tenant,
        `TenantSuspendedError`, `ContentionError` when retries did not help until the deadline,
        `DatabaseUnavailableError`.
        """
        if self._reader is not None:
            with suppress(NotAnsweredError):
                return self._reader.read(tenant, work, self, self._deadline())
        return self._run(tenant, work, isolation)

    def run_read_only(
        self, tenant: str, work: Callable[[Transaction], T], *, of: Database, check: ServerCheck, until: float
    ) -> T:
        """Run `work` once in a snapshot that cannot write, as the caller of another database may see it.

        Nothing is believed unless the server passes `check`. It is over at an instant of `time.monotonic`. Raises what
        `check` does, `UnavailableError` and psycopg's errors: nothing is tried again.
        """
        view = self._with(_acting=of._acting, _server_check=check)
        try:
            return view._attempt(tenant, work, Isolation.SNAPSHOT, frozenset(), until)  # noqa: SLF001 - likewise
        except StaleConnectionError:
            self._pool.check()
            raise

    def _deadline(self) -> float:
        return min(time.monotonic() + self._request_seconds, self._over_at)

    def _run(self, tenant: str | None, work: Callable[[Transaction], T], isolation: Isolation) -> T:
        deadline = self._deadline()
        backoff = FIRST_BACKOFF_SECONDS
        if self._proof and tenant != self._proof[0].tenant:
            self.prove()
        reconnected = False
        done_first: set[Hashable] = set()
        last_lost: Exception | None = None
        while True:
            try:
                return self._attempt(tenant, work, isolation, done_first, deadline)
            except OutOfTimeError:
                if last_lost is None:
                    raise
                raise refusals.contention() from last_lost
            except DoFirstError as first:
                first.work(self.acting_as(ANYONE))
                done_first.add(first.key)
            except (sqlstate.SerializationFailure, sqlstate.DeadlockDetected, TryAgainError) as lost:
                METRICS.count(DATABASE_RETRIES, type(lost).__name__)
                pause = random.uniform(0, backoff)  # noqa: S311 - full jitter, not a secret
                if time.monotonic() + pause > min(deadline, self._ends_at):
                    raise refusals.contention() from lost
                last_lost = lost
                time.sleep(pause)
                backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)
            except StaleConnectionError as stale:
                METRICS.count(DATABASE_STALE_CONNECTIONS)
                if reconnected:
                    raise refusals.unavailable() from stale
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
        with self._connection(min(left, self._connection_seconds)) as connection:
            limits = TimeLimits(deadline, self._patience.seconds(tenant, left))
            try:
                transaction, answer = self._transact(connection, tenant, work, isolation, done_first, limits)
            except LockWaitError as waited:  # here, before the connection goes to one who may want the same row
                METRICS.count(DATABASE_LOCK_TIMEOUTS, detail=f"relation={waited.relation or 'unknown'}")
                if not waited.relation.startswith(CLAIMS):
                    self._patience.waited_in_vain(tenant)
                raise
        transaction.arrive()
        if transaction.appended and self._on_events is not None:
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
        began_at = time.monotonic()
        try:
            with pipelined(connection) as pipeline:
                believed_if = self._ask_server(pipeline)
                checks = self._count_and_begin(pipeline, limits, isolation)
                pipeline.limit(SQL["limit_time"], limits)
                begun = self._begin(pipeline, tenant)
                checks += self._ask_proof(pipeline)
                transaction = Transaction(pipeline, begun, tenant, done_first, checks, believed_if=believed_if)
                answer = work(transaction)
                if self._proof:  # whatever the work was, nothing of it is stored before
                    transaction.arrive()
                transaction.finish()
                storing = transaction.changes
                if not transaction.ended:
                    pipeline.send("COMMIT", {})
                position = self._ask_position(pipeline, transaction)
        except psycopg.Error as error:
            refusal = refusals.refusal_of(error, storing=storing, reading=isolation is Isolation.SNAPSHOT)
            if isinstance(refusal, (StaleConnectionError, DatabaseUnavailableError)):
                connection.close()  # the pool replaces it
            raise refusal from (None if refusal is error else error)
        if position is not None:
            self._note(position, began_at)
        return transaction, answer

    def _ask_server(self, pipeline: Pipeline) -> Callable[[], None] | None:
        server_check = self._server_check
        if server_check is None:
            return None
        pipeline.send(Isolation.READ_COMMITTED.value, {})
        asked = server_check.ask(pipeline)
        pipeline.send("COMMIT", {})
        return lambda: server_check.check(asked.rows())

    def _ask_position(self, pipeline: Pipeline, transaction: Transaction) -> Pending | None:
        tells = self._latest is not None and (transaction.changes or transaction.tells_position)
        if self._tells_no_position.is_set() or not (tells or self._reader is not None):
            return None
        position = pipeline.send(SQL["position"], {})
        position.may_fail = True  # what was committed before it is stored all the same
        return position

    def _note(self, asked: Pending, at: float) -> None:
        told = asked.row()
        if told is None:
            if asked.sqlstate in CANNOT_TELL:
                self._tells_no_position.set()
            return
        position = Position.parse(told.position)
        if self._latest is not None:
            self._latest.note(position)
        if self._reader is not None:
            self._reader.primary_was_at(position, at)

    def _count_and_begin(
        self, pipeline: Pipeline, limits: TimeLimits, isolation: Isolation
    ) -> list[Callable[[], None]]:
        """Begin the transaction, behind the one in which the request is counted, if it is."""
        if not self._toll:
            pipeline.send(isolation.value, {})
            return []
        toll = self._toll.pop()  # attempts that follow this one are the same request
        pipeline.send(Isolation.READ_COMMITTED.value, {})
        pipeline.limit(SQL["limit_toll"], limits.of_toll())
        counted = toll.send(pipeline)
        if isolation is Isolation.READ_COMMITTED:
            pipeline.send("COMMIT AND CHAIN", {})  # begins the next one alike, without a statement of its own
        else:
            pipeline.send("COMMIT", {})
            pipeline.send(isolation.value, {})
        return [lambda: toll.check(counted.rows())]

    def _ask_proof(self, pipeline: Pipeline) -> list[Callable[[], None]]:
        return [partial(self._check_proof, proof, proof.ask(pipeline)) for proof in self._proof]

    def _check_proof(self, proof: AccessProof, asked: Pending) -> None:
        proof.check(asked.rows())
        self._proof.clear()

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
    def _connection(self, seconds: float | None = None) -> Generator[Connection]:
        seconds = self._connection_seconds if seconds is None else seconds
        if self._pool.closed:
            self._pool.open()
        try:
            with self._pool.connection(seconds) as connection, self._in_use.one_more():
                yield connection
        except PoolTimeout as error:
            if self._in_use.number < self.connections:
                # Less than the usual wait says nothing of the database: the time of the work itself was over.
                raise (OutOfTimeError() if seconds < self._connection_seconds else refusals.unavailable()) from error
            METRICS.count(DATABASE_CONNECTION_TIMEOUTS)
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


class DoFirstError(Exception):
    """Something else has to be done, in transactions of its own, before this work can be judged: then it runs again.

    `key` names it in `Transaction.done_first`, so that it is done once.
    """

    def __init__(self, key: Hashable, work: Callable[[Database], None]) -> None:
        super().__init__(key)
        self.key = key
        self.work = work
