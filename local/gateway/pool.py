"""Runs the synchronous functions in a bounded number of threads, each call with a deadline.

Not concurrent.futures: its threads keep a process alive at exit while a stuck function runs, and its future has to be
chained to the event loop's; here the loop's own future is all there is.
"""

from __future__ import annotations

import asyncio
import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from local.gateway.events import LambdaContext

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.gateway.events import Event

    Function = Callable[[Event, LambdaContext], object]


class PoolFullError(Exception):
    """Every thread is busy and the queue is as long as it may get."""


class DeadlineError(Exception):
    """The function did not answer in time. It runs on (threads cannot be stopped), but nobody hears it any more."""


class _Job(NamedTuple):
    event: Event
    context: LambdaContext
    outcome: asyncio.Future[object]


class FunctionPool:
    """`threads` threads that run one function, and a queue of at most `queue_limit` waiting calls."""

    def __init__(self, function: Function, *, threads: int, queue_limit: int, deadline_seconds: float) -> None:
        self._function = function
        self._deadline_seconds = deadline_seconds
        self._limit = threads + queue_limit
        self._unfinished = 0  # only the event loop's thread touches it
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"function-{number}", daemon=True).start()

    async def call(self, event: Event, request_id: str) -> object:
        """Run the function and return its result or raise its exception.

        Raises `PoolFullError` at once, `DeadlineError` when time is up; waiting for a thread counts.
        """
        if self._unfinished >= self._limit:
            raise PoolFullError
        self._unfinished += 1
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[object] = loop.create_future()
        context = LambdaContext(request_id, time.monotonic() + self._deadline_seconds)
        timer = loop.call_later(self._deadline_seconds, _expire, outcome)
        self._jobs.put(_Job(event, context, outcome))
        try:
            return await outcome
        finally:
            timer.cancel()

    def _work(self) -> None:
        while True:
            event, context, outcome = self._jobs.get()
            result: object = None
            error: BaseException | None = None
            if not outcome.done():  # the deadline may have passed in the queue
                try:
                    result = self._function(event, context)
                # Even SystemExit is this call's failure and not the thread's end.
                except BaseException as raised:
                    error = raised
            try:
                outcome.get_loop().call_soon_threadsafe(self._settle, outcome, result, error)
            except RuntimeError:  # the loop has ended: nobody waits for this any more
                return

    def _settle(self, outcome: asyncio.Future[object], result: object, error: BaseException | None) -> None:
        self._unfinished -= 1
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


def _expire(outcome: asyncio.Future[object]) -> None:
    if not outcome.done():
        outcome.set_exception(DeadlineError())
