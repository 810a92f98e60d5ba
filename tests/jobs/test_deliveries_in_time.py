"""Deliveries end in time, whatever those do who are told: before the function is stopped, and within the lease."""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from chalicelib.adapters import connections, mail
from chalicelib.adapters.connections import AT_ONCE, Connections
from chalicelib.adapters.mail import Mailer
from chalicelib.delivery import deliver_events as deliveries
from chalicelib.delivery.channels import guest_emails, live_messages
from chalicelib.delivery.channels.guest_emails import GuestEmails
from chalicelib.delivery.channels.live_messages import LiveMessages
from chalicelib.delivery.deliver_events import (
    BOOKKEEPING_SECONDS,
    MOST_ATTEMPTS,
    SETTLING_SECONDS,
    Delivery,
    DeliveryOutcome,
    NotBegunError,
    deliver_events,
    untargeted,
)
from chalicelib.delivery.storage import outbox
from chalicelib.jobs.budget import BATCH_SECONDS, Budget
from tests.delivery.test_live_messages import connect
from tests.silence import silent
from tests.stage import MINUTE, Stage, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.delivery.deliver_events import Channels
    from chalicelib.delivery.storage.outbox import Attempt, OutboxEvent
    from tests import databases


@pytest.fixture
def stage(database: databases.Database) -> Generator[Stage]:
    with open_stage(database, offer("room")) as stage:
        yield stage


class Told:
    """A channel that does something with each attempt."""

    def __init__(self, does: Callable[[Attempt, float], None]) -> None:
        self.does = does

    def wants(self, event: OutboxEvent) -> bool:
        return event.type.startswith("reservation.")

    def reached(
        self, transaction: Transaction, events: Sequence[tuple[UUID, OutboxEvent]]
    ) -> Sequence[tuple[UUID, OutboxEvent, UUID]]:
        del transaction
        return untargeted(events)

    def send(self, database: Database, attempt: Attempt, until: float) -> DeliveryOutcome:
        del database
        self.does(attempt, until)
        return DeliveryOutcome.DELIVERED


def deliver(stage: Stage, channels: Channels, budget: Budget | None = None, woken: list[int] | None = None) -> None:
    wake = ([] if woken is None else woken).append
    deliver_events(stage.jobs, Delivery(lambda: channels, "consumer", wake), budget or Budget(20))


def rows(stage: Stage, query: str = "SELECT outcome, attempts FROM deliveries ORDER BY event_id") -> list[Any]:
    with psycopg.connect(stage.databases.owner) as owner:
        return owner.execute(query.encode()).fetchall()


def test_attempts_have_a_batch_s_time_and_none_beyond_the_end_of_the_function_or_their_lease(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    untils: list[float] = []
    channel = Told(lambda _, until: untils.append(until))

    def until(budget: Budget) -> float:
        stage.reserve("room", hours(len(untils), len(untils) + 1))
        deliver(stage, {"told": channel}, budget)
        return untils[-1]

    assert until(Budget(20)) <= time.monotonic() + BATCH_SECONDS
    brief = Budget(1)
    assert until(brief) <= brief.ends_at + BATCH_SECONDS - SETTLING_SECONDS
    monkeypatch.setattr(outbox, "LEASE_SECONDS", 5)
    assert until(Budget(20)) <= time.monotonic() + 5 - BOOKKEEPING_SECONDS
    assert len(untils) == 3


def test_what_could_not_be_begun_in_time_is_put_back_and_counts_as_no_attempt(stage: Stage) -> None:
    begun: list[int] = []
    woken: list[int] = []

    def late(attempt: Attempt, _: float) -> None:
        begun.append(attempt.number)
        raise NotBegunError

    stage.reserve("room", hours(1, 2))
    for _ in range(MOST_ATTEMPTS + 1):
        deliver(stage, {"told": Told(late)}, woken=woken)
        assert rows(stage, "SELECT outcome, attempts, leased_until FROM deliveries") == [(None, 0, None)]
        stage.pass_by(MINUTE)
    assert begun == [1] * (MOST_ATTEMPTS + 1)  # once in a run: it does not keep a consumer busy
    assert set(woken) <= {1, 2}
    assert len(woken) == MOST_ATTEMPTS + 1
    deliver(stage, {"told": Told(lambda _, __: None)})
    assert rows(stage) == [("delivered", 1)]


def test_no_attempt_begins_after_its_time(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "LEASE_SECONDS", BOOKKEEPING_SECONDS)
    told: list[Attempt] = []
    stage.reserve("room", hours(1, 2))
    deliver(stage, {"told": Told(lambda attempt, _: told.append(attempt))})
    assert (told, rows(stage)) == ([], [(None, 0)])


@contextmanager
def hanging() -> Generator[Callable[[], None]]:
    """What does not return before the block ends. Who waits for it all the same is let go at last, and found out."""
    over = Event()
    in_time: list[bool] = []
    try:
        yield lambda: in_time.append(over.wait(20))
        assert False not in in_time
    finally:
        over.set()


def test_an_attempt_that_does_not_end_keeps_no_consumer_and_is_made_again_after_its_lease(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "BATCH_SECONDS", 0.5)
    monkeypatch.setattr(deliveries, "BOOKKEEPING_SECONDS", 0.1)
    bad, good = stage.reserve("room", hours(1, 2)).id, stage.reserve("room", hours(2, 3)).id
    told: list[UUID] = []
    with hanging() as hang:

        def tell(attempt: Attempt, _: float) -> None:
            if attempt.event.entity_id == bad:
                hang()
            told.append(attempt.event.entity_id)

        deliver(stage, {"told": Told(tell)})
        assert told == [good]
        assert rows(stage) == [(None, 1), ("delivered", 1)]
        deliver(stage, {"told": Told(tell)})
        assert rows(stage) == [(None, 1), ("delivered", 1)]  # its lease is not over yet
        stage.pass_by(2 * MINUTE)
        deliver(stage, {"told": Told(lambda attempt, _: told.append(attempt.event.entity_id))})
        assert (told, rows(stage)) == ([good, bad], [("delivered", 2), ("delivered", 1)])


def test_a_batch_of_sockets_and_emails_that_nobody_answers_ends_in_its_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(deliveries, "BATCH_SECONDS", 1.5)
    for adapter, seconds in ((connections, 0.35), (mail, 0.6)):
        monkeypatch.setattr(adapter, "CONNECT_SECONDS", 0.35)
        monkeypatch.setattr(adapter, "READ_SECONDS", seconds)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "berth")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    connect(stage, *(f"c{number}" for number in range(60)))
    stage.reserve("room", hours(1, 2))
    with silent() as gateway, silent() as service:
        monkeypatch.setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", f"http://{gateway.address}/ws")
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", f"http://{service.address}")
        sockets, mailer = Connections(), Mailer("berth@example.org")
        sockets.send([])  # makes its client, which takes a moment
        mailer.send_until(mail.Email("", "", ""), 0)
        emails = GuestEmails(mailer.send_until, lambda _, __, ___: None, mailer.address)
        deliver(stage, {guest_emails.NAME: emails, live_messages.NAME: LiveMessages(sockets)})
        assert "did not end in time" not in caplog.text
        assert gateway.asked <= AT_ONCE  # those after the first would have ended too late
        assert service.asked <= 1
        found = dict(rows(stage, "SELECT channel, attempts FROM deliveries WHERE outcome IS NULL"))
        # What was begun counts, what was not does not: a machine may be too slow to begin.
        assert found == {guest_emails.NAME: service.asked, live_messages.NAME: min(1, gateway.asked)}
        assert rows(stage, "SELECT count(*) FROM connections") == [(60,)]
