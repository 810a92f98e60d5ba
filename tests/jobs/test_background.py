"""The process beside the gateway: scheduled functions run, and notifications reach the consumer through the queue."""

from __future__ import annotations

import importlib
import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from chalice.app import Chalice
from moto.sqs.models import Queue

from chalicelib.adapters.queue import BODY, QueueNotifier
from chalicelib.core.errors import DatabaseUnavailableError
from chalicelib.database.transaction import Database
from chalicelib.http.context import Context
from chalicelib.http.stored_answers import Answer
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest, create_reservation
from chalicelib.terms.terms import TermsMemory
from local.aws.queue import serve_queue
from local.aws.serve import serve_aws
from local.background import Background, CronRunner, Scheduled, consume
from local.errors import CommandError
from local.schedules import Rate, read_schedule
from tests.eventually import eventually
from tests.offers import add_tenant
from tests.stage import STAFF, TENANT, hours, offer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from chalice.app import SQSEvent

    from tests import databases

SECONDS = 100
"""Longer than until the first sweep, so that a machine that is busy enough to start slowly fails nothing."""


def test_a_reservation_becomes_an_email_by_way_of_the_queue(
    database: databases.Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = add_tenant(database.owner, TENANT, [offer("room")])["room"]
    functions = {
        "DATABASE_URL": database.app,
        "BERTH_JOBS_DATABASE_URL": database.jobs,
        "BERTH_SIGNING_KEYS": "test:" + "s" * 32,
        "BERTH_POOL_SIZE": "4",
    }
    with serve_aws(tmp_path) as aws, serve_queue(aws) as queue:
        for name, value in (aws | queue).items():
            monkeypatch.setenv(name, value)
        notifier = QueueNotifier(queue["BERTH_QUEUE_URL"], background=True)
        application = Database(database.app, pool_size=1, request_seconds=10, on_events=notifier.notify)
        guest = GuestDetails("Ada Lovelace", "ada@example.org", None)
        request = ReservationRequest(room, hours(1, 2), 1, 1, guest, "", None)
        try:
            with Background(functions | aws | queue):
                answer = Answer(201, {}, "")
                create_reservation(Context(application, TENANT, STAFF), TermsMemory(), request, lambda _: answer)
                eventually(lambda: list(tmp_path.glob("emails/*.eml")), "an email has come")
        finally:
            application.close()
    assert "is confirmed" in next(tmp_path.glob("emails/*.eml")).read_text()
    with psycopg.connect(database.owner) as owner:
        assert owner.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """The URL of a queue that the environment leads to."""
    with serve_aws(tmp_path) as aws, serve_queue(aws) as queue:
        for name, value in (aws | queue).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("local.background.POLL_SECONDS", 1)
        yield queue["BERTH_QUEUE_URL"]


def lead_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have boto3 look for queues there."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", address)


@contextmanager
def consuming(look: Callable[[], None]) -> Generator[None]:
    """Consume the queue with a function of an app, until the block ends."""
    application = Chalice("consumer")

    def consumer(event: SQSEvent) -> None:
        del event
        look()

    module = ModuleType("app")
    vars(module).update(app=application, consumer=application.on_sqs_message(queue="berth-events")(consumer))
    stopping = threading.Event()
    thread = threading.Thread(target=consume, args=(module, stopping))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def test_a_consumer_that_fails_looks_again_soon(queue: str) -> None:
    looked = 0
    done = threading.Event()

    def look() -> None:
        nonlocal looked
        looked += 1
        if looked < 3:
            message = "too busy"
            raise DatabaseUnavailableError(message)
        done.set()

    with consuming(look):
        QueueNotifier(queue, background=False).notify()
        assert done.wait(20), "A message that the consumer failed on came back too late."


def test_what_happens_while_a_message_is_removed_is_seen(queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With moto, its notification may be lost: the list of messages is replaced then, without a lock."""
    outbox, seen = ["first"], set[str]()
    remove = Queue.delete_message

    def remove_while_another_comes(self: Queue, receipt_handle: str) -> None:
        outbox.append("second")  # committed before its notification is sent, which is the one that gets lost
        remove(self, receipt_handle)

    monkeypatch.setattr(Queue, "delete_message", remove_while_another_comes)
    with consuming(lambda: seen.update(outbox)):
        QueueNotifier(queue, background=False).notify()
        # It was committed when the consumer had looked: somebody has to look again.
        eventually(lambda: "second" in seen, "the second is seen")


def test_a_notification_that_could_not_be_sent_is_sent_once_the_queue_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        lead_to(address, monkeypatch)
        monkeypatch.setattr("chalicelib.adapters.queue.AGAIN_SECONDS", 3600)  # reached after many failures alone
        QueueNotifier(f"{address}/1/berth-events", background=True).notify()
        listener.accept()[0].close()
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            head = iter(stream.readline, b"\r\n")
            length = next(int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-length"))
            list(head)
            assert BODY in stream.read(length).decode()
            stream.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 2\r\n\r\n{}")


def test_without_a_queue_or_with_one_that_is_gone_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    QueueNotifier("", background=False).notify()
    lead_to("http://127.0.0.1:9", monkeypatch)
    gone = QueueNotifier("http://127.0.0.1:9/1/berth-events", background=False)
    gone.notify()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "no address at all")
    QueueNotifier("berth-events", background=False).notify()


def test_a_queue_that_is_down_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    connections = 0
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        lead_to(address, monkeypatch)
        notifier = QueueNotifier(f"{address}/1/berth-events", background=False)
        for _ in range(5):  # the first gives up after a second, as nobody answers
            notifier.notify()
        with suppress(TimeoutError):
            while True:
                listener.accept()[0].close()
                connections += 1
    assert connections == 1


def test_what_never_comes_again_ends_the_cron_with_a_word_and_not_the_process(
    caplog: pytest.LogCaptureFixture,
) -> None:
    once = Scheduled("once", "cron(0 0 31 2 ? *)", read_schedule("cron(0 0 31 2 ? *)"), lambda _event, _context: None)
    with ThreadPoolExecutor(1) as pool:
        CronRunner([once], pool).run(threading.Event())
    (said,) = [message for message in caplog.messages if message.startswith("once does not run any more: ")]
    assert once.expression in said


def test_warnings_are_logged_where_the_app_is_loaded() -> None:
    """Chalice would leave all of ours out that are no errors."""
    application: Chalice = importlib.import_module("app").app
    assert logging.getLogger(f"{application.app_name}.metrics").isEnabledFor(logging.WARNING)


def test_a_function_that_still_runs_is_not_started_again() -> None:
    calls: list[dict[str, Any]] = []
    release, stopping = threading.Event(), threading.Event()

    def slow(event: dict[str, Any], context: object) -> None:
        del context
        calls.append(event)
        release.wait(10)

    function = Scheduled("slow", "rate(1 minute)", Rate(timedelta(milliseconds=20)), slow)
    with ThreadPoolExecutor(2) as pool:
        cron = CronRunner([function], pool)
        thread = threading.Thread(target=cron.run, args=(stopping,))
        thread.start()
        eventually(lambda: cron.left_out >= 3, "three starts are left out")
        assert len(calls) == 1
        release.set()
        eventually(lambda: len(calls) >= 3, "it is called again")
        stopping.set()
        thread.join()
    event = calls[0]
    assert (event["detail-type"], event["source"]) == ("Scheduled Event", "aws.events")
    assert event["resources"][0].endswith("rule/berth-slow")
    assert datetime.fromisoformat(event["time"]) <= datetime.now(UTC)


def test_a_background_that_keeps_ending_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nos.write(2, b'nothing works\\n')\nos._exit(3)\n")
    with Background({"PYTHONPATH": str(tmp_path)}) as background:

        def given_up() -> str:
            try:
                background.check()
            except CommandError as error:
                return str(error)
            return ""

        said = eventually(given_up, "it is given up")
    assert said == "The background process keeps ending, with status 3. Its last words:\nnothing works"
