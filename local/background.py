"""What runs beside requests, in a process of its own: the cron of scheduled functions and the consumer of the queue.

The functions are those that app.py declares, called with the events that EventBridge and SQS send. `python -m
local.background` is started by `Background` alone, which starts it again should it end.
"""

from __future__ import annotations

import importlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from chalice.app import ScheduledEventConfig, SQSEventConfig

from local.errors import CommandError
from local.gateway.events import LambdaContext
from local.metrics import report_if_wanted
from local.schedules import Schedule, read_schedule
from local.supervision import LastWords, Restarts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
ACCOUNT = "123456789012"
PAUSE_SECONDS = 1.0
FIRST_PAUSE_SECONDS = 0.1
"""Before a consumer that failed is called again, twice as long each time: what it was to tell is late already."""
LONGEST_PAUSE_SECONDS = 30.0
POLL_SECONDS = 10
LONGEST_SLEEP = 30.0
STOP_SECONDS = 10
TIMEOUT_SECONDS = 29
"""Of each function, as .chalice/config.json has it."""
logger = logging.getLogger("berth.background")


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A function of app.py and when it is due."""

    name: str
    expression: str
    schedule: Schedule
    handler: Callable[[dict[str, Any], object], object]


def scheduled_functions(module: ModuleType) -> list[Scheduled]:
    """Return what app.py schedules. Raises `ScheduleError` for an expression that cannot be followed."""
    return [
        Scheduled(source.name, str(source.schedule_expression), read_schedule(str(source.schedule_expression)), handler)
        for source, handler in _sources(module)
        if isinstance(source, ScheduledEventConfig)
    ]


def scheduled_event(name: str, at: datetime) -> dict[str, Any]:
    """The event that EventBridge sends for a rule."""
    region = "us-east-1"
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [f"arn:aws:events:{region}:{ACCOUNT}:rule/berth-{name}"],
        "detail": {},
    }


class CronRunner:
    """Calls each function when it is due. One that is still running is left out: it comes again.

    After a sleep of the machine each is called once, however often it was due meanwhile.
    """

    def __init__(self, functions: list[Scheduled], pool: ThreadPoolExecutor) -> None:
        self._functions = functions
        self._pool = pool
        self._running: set[str] = set()
        self.left_out = 0
        """How many turns were left out."""

    def run(self, stopping: threading.Event) -> None:
        """Go on until told to stop."""
        now = datetime.now(UTC)
        due = {one.name: _next_after(one, now) for one in self._functions}
        while following := [at for at in due.values() if at is not None]:
            wait = (min(following) - datetime.now(UTC)).total_seconds()
            if stopping.wait(max(0.0, min(wait, LONGEST_SLEEP))):
                return
            now = datetime.now(UTC)
            for one in self._functions:
                at = due[one.name]
                if at is not None and at <= now:
                    self._call(one, at)
                    due[one.name] = _following(one, at, now)

    def _call(self, one: Scheduled, at: datetime) -> None:
        if one.name in self._running:
            self.left_out += 1
            logger.warning("%s is still running; its turn at %s is left out.", one.name, at)
            return
        self._running.add(one.name)

        def call() -> None:
            try:
                one.handler(scheduled_event(one.name, at), _context(one.name))
            except Exception:
                logger.exception("%s failed", one.name)
            finally:
                self._running.discard(one.name)

        self._pool.submit(call)


def _context(function_name: str) -> LambdaContext:
    return LambdaContext(str(uuid4()), time.monotonic() + TIMEOUT_SECONDS, function_name)


def _following(one: Scheduled, at: datetime, now: datetime) -> datetime | None:
    """The next time after one that has come: what was due between them and now is left out."""
    following = _next_after(one, at)
    return following if following is None or following > now else _next_after(one, now)


def _next_after(one: Scheduled, instant: datetime) -> datetime | None:
    following = one.schedule.next_after(instant)
    if following is None:  # also where the library gave up looking
        logger.warning(
            "%s does not run any more: no time after %s was found for %s.", one.name, instant, one.expression
        )
    return following


def consume(module: ModuleType, stopping: threading.Event) -> None:
    """Hand the queue's messages to app.py's consumer, and call it again soon when it fails.

    Messages are removed before they are handed over, not after. They say only that there is something to look for, so
    a consumer that looks after the removal has seen what each of them was about, and also what those were about that
    came meanwhile: moto loses a message that comes while it removes another. And a failure, as when the database is
    too busy to take a connection, costs a moment, not the time until a message is visible again.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    handlers = [handler for source, handler in _sources(module) if isinstance(source, SQSEventConfig)]
    queue_url = os.environ.get("BERTH_QUEUE_URL", "")
    if not handlers or not queue_url:
        return
    client = boto3.Session().client("sqs")  # pyright: ignore[reportUnknownMemberType] - one overload of many
    while not stopping.is_set():
        messages: list[Any] = []
        try:
            answer = client.receive_message(
                QueueUrl=queue_url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=POLL_SECONDS,
                MessageSystemAttributeNames=["All"],
            )
            messages += answer.get("Messages", [])
            for message in messages:
                client.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        except (BotoCoreError, ClientError) as error:
            logger.warning("The queue cannot be read: %s", error)
            stopping.wait(PAUSE_SECONDS)
        pause = FIRST_PAUSE_SECONDS
        while messages and not _consumed(handlers, messages) and not stopping.wait(pause):
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _consumed(handlers: list[Callable[[dict[str, Any], object], object]], messages: list[Any]) -> bool:
    try:
        for handler in handlers:
            handler({"Records": [_record(message) for message in messages]}, _context("deliver_events"))
    except Exception:
        logger.exception("The queue's consumer failed, and is called again")
        return False
    return True


def _record(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:{ACCOUNT}:berth-events",
        "awsRegion": "us-east-1",
    }


def _sources(module: ModuleType) -> Iterator[tuple[Any, Callable[[dict[str, Any], object], object]]]:
    for source in module.app.event_sources:
        yield source, getattr(module, source.handler_string.partition(".")[2])


class Background:
    """Keeps the process alive until the block ends."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {"TZ": "UTC", **environment}
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._failure: str | None = None
        self._thread = threading.Thread(target=self._supervise, name="background", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()  # how it learns that it should leave, also if this process dies
        self._thread.join(STOP_SECONDS)
        if self._thread.is_alive() and self._process is not None:
            self._process.kill()  # a job that is killed half-way is as if it had not begun its last batch
        self._thread.join()

    @property
    def process_id(self) -> int | None:
        """The present process."""
        return None if self._process is None else self._process.pid

    def check(self) -> None:
        """Raise `CommandError` when it has ended so often that it is not started again."""
        if self._failure is not None:
            raise CommandError(self._failure)

    def _supervise(self) -> None:
        restarts = Restarts()
        while not self._stopping.is_set():
            self._process = process = subprocess.Popen(
                [sys.executable, "-m", "local.background"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            assert process.stderr is not None  # noqa: S101 - asked for above
            words = LastWords(process.stderr)
            if self._stopping.is_set() and process.stdin is not None:
                process.stdin.close()
            status = process.wait()
            if process.stdin is not None:
                process.stdin.close()
            if self._stopping.is_set():
                return
            pause = restarts.ended()
            if pause is None:
                said = words.after_its_end()
                self._failure = f"The background process keeps ending, with status {status}. Its last words:\n{said}"
                return
            logger.warning("The background process ended with status %d; starting another.", status)
            self._stopping.wait(pause)


def main() -> int:
    """Run both until the starting process closes our standard input."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    threading.excepthook = _leave_all
    sys.path.insert(0, str(ROOT))
    module = importlib.import_module("app")
    report_if_wanted()
    stopping = threading.Event()
    functions = scheduled_functions(module)
    pool = ThreadPoolExecutor(len(functions) or 1, thread_name_prefix="job")
    threads = [
        threading.Thread(target=CronRunner(functions, pool).run, args=(stopping,), name="cron"),
        threading.Thread(target=consume, args=(module, stopping), name="queue", daemon=True),
    ]
    for thread in threads:
        thread.start()
    sys.stdin.buffer.read()
    stopping.set()
    threads[0].join()
    pool.shutdown(wait=True, cancel_futures=True)
    return 0


def _leave_all(failure: threading.ExceptHookArgs) -> None:
    """Without one of its threads the process is of no use: the starting one makes another."""
    logger.error("The thread %s failed", failure.thread, exc_info=failure.exc_value)
    os._exit(1)


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # the queue's thread may be in the middle of a long poll
