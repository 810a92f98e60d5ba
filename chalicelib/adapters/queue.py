"""Notifications of the consumer: a message on an SQS queue that says only that there is something in the outbox.

Amazon SQS, or whatever speaks its API at AWS_ENDPOINT_URL_SQS. A notification that is lost or late costs time and
nothing else: a scheduled function looks into the outbox, too.
"""

from __future__ import annotations

import logging
import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

TIMEOUT_SECONDS = 1
QUIET_SECONDS = 30
"""After a failure, so that a queue that is down does not slow every request: the sweep looks in the meantime."""
FIRST_AGAIN_SECONDS, AGAIN_SECONDS = 0.1, 5
"""After failures where a thread sends, twice as long each time up to the second: no one waits for that thread, but
for what it says. A pause of five seconds after one slow answer kept everyone who looks at a lock waiting that long."""
BODY = "look into the outbox"
logger = logging.getLogger("berth.queue")


class QueueNotifier:
    """Sends notifications to one queue, none without its address. A failure is logged and is nobody's problem.

    `background`: for servers that stay running; a thread sends, until it has, and sends once more for
    what happens meanwhile. On Lambda nothing runs after the answer, so there the caller waits for it, once.
    """

    def __init__(self, queue_url: str, *, background: bool) -> None:
        self._queue_url = queue_url
        self._background = background
        self._wanted = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._quiet_until = 0.0

    def notify(self) -> None:
        """Say that there is something in the outbox."""
        if not self._queue_url:
            return
        if not self._background:
            self._send_unless_quiet()
            return
        self._wanted.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="notifier", daemon=True)
                    self._thread.start()

    def notify_later(self, seconds: int) -> None:
        """Have somebody look when so much time has passed (up to 15 minutes): something will be over then."""
        if self._queue_url:
            self._send_unless_quiet(max(1, seconds))

    def _work(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            pause = FIRST_AGAIN_SECONDS
            while not self._send():
                time.sleep(pause)
                pause = min(2 * pause, AGAIN_SECONDS)

    def _send_unless_quiet(self, delay_seconds: int = 0) -> None:
        """Send where a request waits for it, unless that has just failed."""
        if time.monotonic() >= self._quiet_until and not self._send(delay_seconds):
            self._quiet_until = time.monotonic() + QUIET_SECONDS

    def _send(self, delay_seconds: int = 0) -> bool:
        """Say whether it was sent."""
        try:
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=BODY, DelaySeconds=delay_seconds)
        except Exception as error:  # whatever it is: the change is stored, and its answer must not fail for this
            logger.warning("The queue did not take a wake-up: %s", error)
            return False
        return True

    @cached_property
    def _client(self) -> SQSClient:
        import boto3  # takes longer to import than most requests to answer
        from botocore.config import Config

        limits = Config(
            connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 1}
        )
        # A session of its own: the module's default one keeps the credentials that it saw first.
        return boto3.Session().client("sqs", config=limits)  # pyright: ignore[reportUnknownMemberType] - one overload of many
