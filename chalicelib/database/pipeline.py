"""Statements that travel together: queued, sent with one write, answered in one round trip.

psycopg's own pipeline mode writes each statement to the socket as it is executed, so that the server wakes for each of
them; and it makes a cursor for each. A create took a third more of the processor that way, on both sides. Here psycopg
adapts the values, waits, and raises its errors; what is queued leaves when an answer is needed.
"""

from __future__ import annotations

import re
from collections import OrderedDict, namedtuple
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.rows import tuple_row

from chalicelib.database.errors import OutOfTimeError, StaleStatementError, UnansweredError
from chalicelib.telemetry.definitions import (
    DATABASE_FAILURES_AFTER_FAILURES,
    DATABASE_OUT_OF_TIME,
    DATABASE_ROLLBACK_FAILURES,
)
from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from psycopg.abc import PQGen
    from psycopg.abc import Transformer as AnyTransformer
    from psycopg.pq.abc import PGconn, PGresult
    from psycopg.rows import RowFactory

    from chalicelib.database.time_limits import TimeLimits

    Key = tuple[bytes, tuple[int, ...]]
    """A statement's text and the types of its parameters."""

PARAMETER = re.compile(r"%\((\w+)\)s")
MOST_PREPARED = 100
"""Statements that a connection keeps prepared, and unprepared ones whose uses it counts."""
STALE = frozenset({"0A000", "26000"})
"""What a prepared statement fails with when the type of its result has changed, or when it is not there any more."""


class Connection(psycopg.Connection[Any]):
    """A connection that remembers how often it ran each statement, and which of them it has prepared.

    `prepare_threshold` says after how many uses a statement is prepared; None: never.
    """

    def __init__(self, pgconn: PGconn, row_factory: RowFactory[Any] = tuple_row) -> None:
        super().__init__(pgconn, row_factory)
        self.uses: OrderedDict[Key, int] = OrderedDict()
        self.prepared: OrderedDict[Key, bytes] = OrderedDict()
        """Their names; in both, what was used longest ago comes first."""
        self.preparations = 0
        self.transformer: AnyTransformer | None = None
        """What the last batch adapted values with: it knows the types that it has met."""
        self.forgetting = False
        """Whether the server is still to be told that nothing is prepared any more."""

    def rollback(self) -> None:
        """End what failed. The pool goes on with another connection where that fails too: it is counted here."""
        try:
            super().rollback()
        except psycopg.Error as error:
            METRICS.count(DATABASE_ROLLBACK_FAILURES, detail=type(error).__name__)
            raise

    def forget_statements(self) -> None:
        """Use nothing that is prepared any more: the next batch drops all of it, and counting begins again."""
        self.prepared.clear()
        self.uses.clear()
        self.forgetting = True


class Pending:
    """A statement under way. Asking for its outcome waits for it."""

    __slots__ = ("_pipeline", "_text", "may_fail", "prepared", "result")

    def __init__(self, pipeline: Pipeline, text: bytes, *, prepared: bool = False) -> None:
        self._pipeline = pipeline
        self._text = text
        self.prepared = prepared
        self.may_fail = False
        """Whether its failure is no error: it has no rows then, and what follows it in its batch did not run."""
        self.result: PGresult | None = None

    @property
    def touched(self) -> int:
        """How many rows it returned or changed."""
        return self._landed().command_tuples or 0

    @property
    def sqlstate(self) -> str:
        """Of one that failed and may; "" where it did not."""
        told = self._landed().error_field(DiagnosticField.SQLSTATE)
        return "" if told is None else told.decode()

    def rows(self) -> list[Any]:
        """Its rows as named tuples."""
        result = self._landed()
        return self._pipeline.load(result, self._text) if result.ntuples else []

    def row(self) -> Any:  # noqa: ANN401 - each statement has its own columns
        """Its first row or None."""
        rows = self.rows()
        return rows[0] if rows else None

    def _landed(self) -> PGresult:
        if self.result is None:
            self._pipeline.flush()
        assert self.result is not None  # noqa: S101 - else flushing raised the error
        return self.result


class Pipeline:
    """The statements of one transaction. See `pipelined`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._libpq = connection.pgconn
        self._transformer, connection.transformer = connection.transformer, None
        self._limits: TimeLimits | None = None
        self._limiting: LiteralString = ""
        self._queue: list[Pending | Key | None] = []
        """What each answer belongs to: a statement, the preparation of one, or None: the end of what was prepared."""
        if connection.forgetting:
            connection.forgetting = False
            self._deallocate(b"ALL")

    def limit(self, statement: LiteralString, limits: TimeLimits) -> None:
        """Let what is sent from now on end in time; `statement`, which sets it, travels with the others.

        To call behind the BEGIN.
        """
        self._limiting = statement
        self._limits = limits
        self._send(statement, limits.take())

    def send(self, statement: LiteralString, parameters: Mapping[str, Any]) -> Pending:
        """Queue a statement with parameters as `%(name)s`.

        Raises `psycopg.DataError` for what cannot be sent, `OutOfTimeError` when the transaction's time is over.
        """
        limits = self._limits
        if limits is not None and not self._queue and limits.outdated:
            if limits.over:
                METRICS.count(DATABASE_OUT_OF_TIME)
                raise OutOfTimeError
            self._send(self._limiting, limits.take())
        return self._send(statement, parameters)

    def _send(self, statement: LiteralString, parameters: Mapping[str, Any]) -> Pending:
        text, names, any_formats = _positional(statement)
        values: Sequence[Any] = ()
        types: tuple[int, ...] = ()
        formats = None
        if names:
            adapting = self._transformer or self._adapting
            values = adapting.dump_sequence([parameters[name] for name in names], any_formats)
            types, formats = adapting.types or (), adapting.formats
        key = text, types
        prepared = self._connection.prepared.get(key)
        if prepared is None:
            prepared = self._worth_preparing(key)
        else:
            self._connection.prepared.move_to_end(key)
        if prepared is None:
            self._libpq.send_query_params(text, values, types, formats)
        else:
            self._libpq.send_query_prepared(prepared, values, formats)
        pending = Pending(self, text, prepared=prepared is not None)
        self._queue.append(pending)
        return pending

    def flush(self) -> None:
        """Send what is queued and wait for all of it. Raises the first error; what came after that did not run.

        Raises `StaleStatementError` where a prepared statement cannot be used any more.
        """
        if self._queue:
            self._libpq.pipeline_sync()
            self._connection.wait(self._in_time(self._landing()))

    def load(self, result: PGresult, text: bytes) -> list[Any]:
        """Return the rows of a statement's result."""
        transformer = self._transformer or self._adapting
        transformer.set_pgresult(result)
        columns, maker = _makers.get(text, (-1, None))
        if maker is None or columns != result.nfields:
            names = tuple((result.fname(column) or b"").decode() for column in range(result.nfields))
            maker = _row_maker(names)
            _makers[text] = len(names), maker
        return transformer.load_rows(0, result.ntuples, maker)

    def leave(self) -> None:
        """Give the connection back as it was, whatever happened."""
        if self._libpq.status == ConnStatus.OK:
            # What is still queued belongs to work that has failed already.
            try:
                self.flush()
            except (psycopg.Error, StaleStatementError) as error:
                METRICS.count(DATABASE_FAILURES_AFTER_FAILURES, detail=type(error).__name__)
        if self._libpq.status == ConnStatus.OK:
            self._libpq.exit_pipeline_mode()
            # The next one who has the connection goes on with it; what is loaded from now on needs another.
            self._connection.transformer, self._transformer = self._transformer, None

    @property
    def _adapting(self) -> AnyTransformer:
        """What adapts values to Postgres and back."""
        if self._transformer is None:
            self._transformer = Transformer(self._connection)
        return self._transformer

    def _worth_preparing(self, key: Key) -> bytes | None:
        """Queue the preparation of a statement that was used often enough, and return its name."""
        connection = self._connection
        if connection.prepare_threshold is None:
            return None
        uses = connection.uses.pop(key, 0) + 1
        if uses > connection.prepare_threshold:
            return self._prepare(key)
        connection.uses[key] = uses
        if len(connection.uses) > MOST_PREPARED:
            connection.uses.popitem(last=False)
        return None

    def _prepare(self, key: Key) -> bytes:
        connection = self._connection
        if len(connection.prepared) >= MOST_PREPARED:
            _, oldest = connection.prepared.popitem(last=False)
            self._deallocate(oldest)
        connection.preparations += 1
        name = connection.prepared[key] = b"berth_%d" % connection.preparations
        self._libpq.send_prepare(name, *key)
        self._queue.append(key)
        return name

    def _deallocate(self, name: bytes) -> None:
        self._libpq.send_query_params(b"DEALLOCATE " + name, None)
        self._queue.append(None)

    def _unprepared(self, key: Key | None) -> None:
        """Note that a preparation did not take place, or that what was to be dropped (None) may still be there."""
        if key is None:
            self._connection.forget_statements()
        else:
            self._connection.prepared.pop(key, None)

    def _in_time(self, flushing: PQGen[None]) -> PQGen[None]:
        """Wait for no longer than the transaction has, also where the server does not even say that it took too long.

        psycopg comes back every tenth of a second in which nothing arrived. Raises `UnansweredError`.
        """
        with suppress(StopIteration):
            command = next(flushing)
            while True:
                ready = yield command
                if not ready and self._limits is not None and self._limits.unanswered:
                    self._connection.close()
                    raise UnansweredError
                command = flushing.send(ready)

    def _landing(self) -> PQGen[None]:
        error: psycopg.Error | None = None
        stale = False
        queue, self._queue = self._queue, []
        libpq = self._libpq
        yield from generators.send(libpq)
        for pending in queue:
            if libpq.is_busy():
                results = yield from generators.fetch_many(libpq)
                result = results[0] if results else None
            else:  # it has arrived with the one before
                result = libpq.get_result()
                libpq.get_result()  # None: the end of that statement's results
            if result is None:
                message = "The connection broke before all answers had arrived."
                raise error or psycopg.OperationalError(message)
            may_fail = isinstance(pending, Pending) and pending.may_fail
            if result.status == ExecStatus.FATAL_ERROR and error is None and not may_fail:
                error = error_from_result(result, encoding=self._connection.info.encoding)
                uses_prepared = pending is None or (isinstance(pending, Pending) and pending.prepared)
                stale = uses_prepared and error.sqlstate in STALE
            if isinstance(pending, Pending):
                pending.result = result
            elif result.status != ExecStatus.COMMAND_OK:
                self._unprepared(pending)
        yield from generators.fetch_many(libpq)  # the end of the batch
        if stale:
            self._connection.forget_statements()
            raise StaleStatementError from error
        if error is not None:
            raise error


@contextmanager
def pipelined(connection: Connection) -> Generator[Pipeline]:
    """Let statements travel together until the end of the block; what is queued then is sent and waited for."""
    connection.pgconn.enter_pipeline_mode()
    pipeline = Pipeline(connection)
    try:
        yield pipeline
        pipeline.flush()
    except Exception:
        pipeline.leave()
        raise
    except BaseException:
        connection.close()  # somebody stops the program in the middle of a batch: nothing is known of the rest of it
        raise
    else:
        pipeline.leave()


_makers: dict[bytes, tuple[int, Callable[[Sequence[Any]], Any]]] = {}
"""By statement, how many columns it has and what makes its rows: each lists its columns by name, so they stay."""


@cache
def _positional(statement: str) -> tuple[bytes, tuple[str, ...], list[PyFormat]]:
    """The statement with PostgreSQL's own parameters $1, $2 …, their names in that order, and that any form will do."""
    names = tuple(dict.fromkeys(PARAMETER.findall(statement)))
    text = PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", statement).replace("%%", "%")
    return text.encode(), names, [PyFormat.AUTO] * len(names)


@cache
def _row_maker(names: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    return namedtuple("Row", names)._make  # pyright: ignore[reportUntypedNamedTuple] - names are the statement's columns
