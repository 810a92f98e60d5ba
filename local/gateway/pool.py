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
    """The function did not answer in time. It runs on (threads cannot be stopped), but nobody hears it any more."""


class _Job(NamedTuple):
    event: Event
    context: LambdaContext
    outcome: asyncio.Future[object]


class FunctionPool:
    """`threads` threads that run one function, and a queue of at most `queue_limit` waiting calls.

    A tenant has at most `tenant_threads` of the threads and `tenant_limit` unfinished calls, and tenants take turns.
    None: as much as there is.
    """

    def __init__(
        self,
        function: Function,
        *,
        threads: int,
        queue_limit: int,
        deadline_seconds: float,
        tenant_threads: int | None = None,
        tenant_limit: int | None = None,
    ) -> None:
        self._function = function
        self._deadline_seconds = deadline_seconds
        self._limit = threads + queue_limit
        self._unfinished = 0  # only the event loop's thread touches it
        self._tenant_limit = self._limit if tenant_limit is None else tenant_limit
        self._unfinished_of: Counter[str] = Counter()
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
        timer = loop.call_later(self._deadline_seconds, _expire, outcome)
        self._jobs.put(tenant, _Job(event, context, outcome))
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
                try:
                    result = self._function(event, context)
                # Even SystemExit is this call's failure and not the thread's end.
                except BaseException as raised:
                    error = raised
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


class FunctionError(Exception):
    """The function raised; the cause is its exception."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(repr(error))
        self.__cause__ = error


def _is_unknown(result: Any) -> bool:  # noqa: ANN401 - any function's
    """Whether a function says that there is no such thing: names of tenants that do not exist share nothing out."""
    return isinstance(result, Mapping) and result.get("statusCode") == NOT_FOUND  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def _expire(outcome: asyncio.Future[object]) -> None:
    if not outcome.done():
        outcome.set_exception(DeadlineError())
