"""Runs the synchronous functions in a bounded number of threads, each call with a deadline.

Not concurrent.futures: its threads keep a process alive at exit while a stuck function runs, and its future has to be
chained to the event loop's; here the loop's own future is all there is.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from local.gateway.events import LambdaContext
from local.gateway.fair_queue import FairQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.gateway.events import Event

    Function = Callable[[Event, LambdaContext], object]


NOT_FOUND = 404


class PoolFullError(Exception):
    """Every thread is busy and the queue is as long as it may get."""


class TenantBusyError(Exception):
    """As many calls of one tenant are unfinished as it may have."""


class DeadlineError(Exception):
    """The function did not answer in time. Nobody hears it any more; see `FunctionPool` for what becomes of it."""


class _Job(NamedTuple):
    event: Event
    context: LambdaContext
    outcome: asyncio.Future[object]


class FunctionPool:
    """`threads` threads that run one function, and a queue of at most `queue_limit` waiting calls.

    A tenant has at most `tenant_threads` of the threads and `tenant_limit` unfinished calls, and tenants take turns.
    None: as much as there is.

    A function knows its deadline and is over by then as a rule. Threads cannot be stopped, so one that still runs
    `stuck_seconds` after its deadline is told to `on_stuck`, with the id of its request: only the end of the process
    ends it.
    """

    def __init__(
        self,
        function: Function,
        *,
        threads: int,
        queue_limit: int,
        deadline_seconds: float,
        stuck_seconds: float,
        on_stuck: Callable[[str], None],
        tenant_threads: int | None = None,
        tenant_limit: int | None = None,
    ) -> None:
        self._function = function
        self._deadline_seconds = deadline_seconds
        self._stuck_seconds = stuck_seconds
        self._on_stuck = on_stuck
        self._limit = threads + queue_limit
        self._unfinished = 0  # only the event loop's thread touches it
        self._tenant_limit = self._limit if tenant_limit is None else tenant_limit
        self._unfinished_of: Counter[str] = Counter()
        self._running: set[LambdaContext] = set()
        self._jobs: FairQueue[_Job] = FairQueue(threads, threads if tenant_threads is None else tenant_threads)
        for number in range(threads):
            threading.Thread(target=self._work, name=f"function-{number}", daemon=True).start()

    async def call(self, event: Event, request_id: str, tenant: str = "") -> object:
        """Run the function and return its result or raise its exception; `tenant`: on whose behalf, "" for nobody's.

        Raises `PoolFullError` and `TenantBusyError` at once, `DeadlineError` when time is up; waiting for a thread
        counts.
        """
        if self._unfinished >= self._limit:
            raise PoolFullError
        if tenant and self._unfinished_of[tenant] >= self._tenant_limit:
            raise TenantBusyError
        self._unfinished += 1
        self._unfinished_of[tenant] += 1
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[object] = loop.create_future()
        context = LambdaContext(request_id, time.monotonic() + self._deadline_seconds)
        job = _Job(event, context, outcome)
        timer = loop.call_later(self._deadline_seconds, self._expire, job)
        self._jobs.put(tenant, job)
        try:
            return await outcome
        finally:
            timer.cancel()

    def _work(self) -> None:
        while True:
            tenant, (event, context, outcome) = self._jobs.get()
            result: object = None
            error: BaseException | None = None
            if not outcome.done():  # the deadline may have passed in the queue
                self._running.add(context)
                try:
                    result = self._function(event, context)
                # Even SystemExit is this call's failure and not the thread's end.
                except BaseException as raised:
                    error = raised
                self._running.discard(context)
            self._jobs.done(tenant, counts=not _is_unknown(result))
            try:
                outcome.get_loop().call_soon_threadsafe(self._settle, tenant, outcome, result, error)
            except RuntimeError:  # the loop has ended: nobody waits for this any more
                return

    def _settle(
        self, tenant: str, outcome: asyncio.Future[object], result: object, error: BaseException | None
    ) -> None:
        self._unfinished -= 1
        self._unfinished_of[tenant] -= 1
        if not self._unfinished_of[tenant]:
            del self._unfinished_of[tenant]
        if outcome.done():
            return
        if error is None:
            outcome.set_result(result)
        else:
            outcome.set_exception(FunctionError(error))

    def _expire(self, job: _Job) -> None:
        if job.outcome.done():
            return
        job.outcome.set_exception(DeadlineError())
        job.outcome.get_loop().call_later(self._stuck_seconds, self._look_after, job.context)

    def _look_after(self, context: LambdaContext) -> None:
        if context in self._running:
            self._on_stuck(context.aws_request_id)


class FunctionError(Exception):
    """The function raised; the cause is its exception."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(repr(error))
        self.__cause__ = error


def _is_unknown(result: Any) -> bool:  # noqa: ANN401 - any function's
    """Whether a function says that there is no such thing: names of tenants that do not exist share nothing out."""
    return isinstance(result, Mapping) and result.get("statusCode") == NOT_FOUND  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
