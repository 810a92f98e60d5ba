"""Statements that travel together: queued, sent with one write, answered in one round trip.

psycopg's own pipeline mode writes each statement to the socket as it is executed, so that the server wakes for each of
them; and it makes a cursor for each. A create took a third more of the processor that way, on both sides. Here psycopg
adapts the values, waits, and raises its errors; what is queued leaves when an answer is needed.
"""

from __future__ import annotations

import re
from collections import Counter, namedtuple
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.rows import tuple_row

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGconn, PGresult
    from psycopg.rows import RowFactory

PARAMETER = re.compile(r"%\((\w+)\)s")


class Connection(psycopg.Connection[Any]):
    """A connection that remembers how often it ran each statement, and which of them it has prepared.

    `prepare_threshold` says after how many uses a statement is prepared; None: never.
    """

    def __init__(self, pgconn: PGconn, row_factory: RowFactory[Any] = tuple_row) -> None:
        super().__init__(pgconn, row_factory)
        self.uses: Counter[tuple[object, ...]] = Counter()
        self.prepared: dict[tuple[object, ...], bytes] = {}


class Pending:
    """A statement under way. Asking for its outcome waits for it."""

    __slots__ = ("_pipeline", "result")

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.result: PGresult | None = None

    @property
    def touched(self) -> int:
        """How many rows it returned or changed."""
        return self._landed().command_tuples or 0

    def rows(self) -> list[Any]:
        """Its rows as named tuples."""
        result = self._landed()
        return self._pipeline.load(result) if result.ntuples else []

    def row(self) -> Any:  # noqa: ANN401 - each statement has its own columns
        """Its first row or None."""
        rows = self.rows()
        return rows[0] if rows else None

    def _landed(self) -> PGresult:
        if self.result is None:
            self._pipeline.land()
        assert self.result is not None  # noqa: S101 - else landing raised the error
        return self.result


class Pipeline:
    """The statements of one transaction. See `pipelined`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._libpq = connection.pgconn
        self._transformer = Transformer(connection)
        self._queue: list[Pending | tuple[object, ...]] = []

    def send(self, statement: LiteralString, parameters: Mapping[str, Any]) -> Pending:
        """Queue a statement with parameters as `%(name)s`. Raises `psycopg.DataError` for what cannot be sent."""
        text, names = _positional(statement)
        values: Sequence[Any] = ()
        types: tuple[int, ...] = ()
        formats = None
        if names:
            values = self._transformer.dump_sequence([parameters[name] for name in names], [PyFormat.AUTO] * len(names))
            types, formats = self._transformer.types or (), self._transformer.formats
        prepared = self._prepared(text, types)
        if prepared is None:
            self._libpq.send_query_params(text, values, types, formats)
        else:
            self._libpq.send_query_prepared(prepared, values, formats)
        pending = Pending(self)
        self._queue.append(pending)
        return pending

    def land(self) -> None:
        """Send what is queued and wait for all of it. Raises the first error; what came after that did not run."""
        if self._queue:
            self._libpq.pipeline_sync()
            self._connection.wait(self._landing())

    def load(self, result: PGresult) -> list[Any]:
        """Return the rows of a result."""
        self._transformer.set_pgresult(result)
        names = tuple((result.fname(column) or b"").decode() for column in range(result.nfields))
        return self._transformer.load_rows(0, result.ntuples, _row_maker(names))

    def leave(self) -> None:
        """Give the connection back as it was, whatever happened."""
        if self._libpq.status == ConnStatus.OK:
            with suppress(psycopg.Error):  # what is still queued belongs to work that has failed already
                self.land()
        if self._libpq.status == ConnStatus.OK:
            self._libpq.exit_pipeline_mode()

    def _prepared(self, text: bytes, types: tuple[int, ...]) -> bytes | None:
        """The name of the prepared statement; queues its preparation when it was used often enough."""
        connection, key = self._connection, (text, types)
        name = connection.prepared.get(key)
        if name is None and connection.prepare_threshold is not None:
            connection.uses[key] += 1
            if connection.uses[key] > connection.prepare_threshold:
                name = connection.prepared[key] = b"berth_%d" % connection.uses.total()
                self._libpq.send_prepare(name, text, types)
                self._queue.append(key)
        return name

    def _landing(self) -> PQGen[None]:
        error: psycopg.Error | None = None
        queue, self._queue = self._queue, []
        yield from generators.send(self._libpq)
        for pending in queue:
            results = yield from generators.fetch_many(self._libpq)
            if not results:
                message = "The connection broke before all answers had arrived."
                raise error or psycopg.OperationalError(message)
            result = results[0]
            if result.status == ExecStatus.FATAL_ERROR and error is None:
                error = error_from_result(result, encoding=self._connection.info.encoding)
            if isinstance(pending, Pending):
                pending.result = result
            elif result.status != ExecStatus.COMMAND_OK:
                del self._connection.prepared[pending]
        yield from generators.fetch_many(self._libpq)  # the end of the flight
        if error is not None:
            raise error


@contextmanager
def pipelined(connection: Connection) -> Generator[Pipeline]:
    """Let statements travel together until the end of the block; what is queued then is sent and waited for."""
    connection.pgconn.enter_pipeline_mode()
    pipeline = Pipeline(connection)
    try:
        yield pipeline
        pipeline.land()
    except Exception:
        pipeline.leave()
        raise
    except BaseException:
        connection.close()  # somebody stops the program in the middle of a flight: nothing is known of the rest of it
        raise
    else:
        pipeline.leave()


@cache
def _positional(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement with PostgreSQL's own parameters $1, $2 …, and their names in that order."""
    names = tuple(dict.fromkeys(PARAMETER.findall(statement)))
    text = PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", statement).replace("%%", "%")
    return text.encode(), names


@cache
def _row_maker(names: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    return namedtuple("Row", names)._make  # pyright: ignore[reportUntypedNamedTuple] - names are the statement's columns
