"""Events are delivered: each at least once to every channel that wants it, whatever dies on the way."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from chalicelib.catalogue.manage_resources import change_resource
from chalicelib.core.errors import UnavailableError
from chalicelib.core.time_ranges import TimesWanted
from chalicelib.database.transaction import Database
from chalicelib.delivery.channels.guest_emails import NAME, GuestEmails
from chalicelib.delivery.deliver_events import (
    AT_ONCE,
    MOST_ATTEMPTS,
    Delivery,
    DeliveryOutcome,
    deliver_events,
    untargeted,
)
from chalicelib.http.context import Context
from chalicelib.jobs.budget import Budget
from chalicelib.reservations.model.reservations import Action
from chalicelib.waiting.promote_pending import promote_pending
from tests.eventually import eventually
from tests.mailbox import into
from tests.offers import STAY, Offer, policy
from tests.stage import MINUTE, STAFF, TENANT, Stage, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from uuid import UUID

    from chalicelib.adapters.mail import Email
    from chalicelib.database.transaction import Transaction
    from chalicelib.delivery.deliver_events import Channels
    from chalicelib.delivery.storage.outbox import Attempt, OutboxEvent
    from tests import databases

DAY = timedelta(days=1)


def link(tenant: str, reservation_id: UUID, generation: int) -> str:
    assert generation == 0
    return f"https://{tenant}.example/{reservation_id}"


@pytest.fixture
def stage(database: databases.Database) -> Generator[Stage]:
    with open_stage(database, offer("room"), offer("held", {"kind": "hold", "hold_minutes": 10})) as stage:
        yield stage


class Recording:
    """A channel that keeps what it is told, and fails when it is told to."""

    def __init__(self, failure: Callable[[], None] = lambda: None) -> None:
        self.told: list[OutboxEvent] = []
        self.failure = failure

    def wants(self, event: OutboxEvent) -> bool:
        return event.type.startswith("reservation.")

    def reached(
        self, transaction: Transaction, events: Sequence[tuple[UUID, OutboxEvent]]
    ) -> Sequence[tuple[UUID, OutboxEvent, UUID]]:
        del transaction
        return untargeted(events)

    def send(self, database: Database, attempt: Attempt, until: float) -> DeliveryOutcome:
        del database, until
        self.told.append(attempt.event)
        self.failure()
        return DeliveryOutcome.DELIVERED


def deliver_by(stage: Stage, channels: Channels, woken: list[int] | None = None) -> int:
    wake = ([] if woken is None else woken).append
    return deliver_events(stage.jobs, Delivery(lambda: channels, "consumer", wake), Budget(20))


def deliver(stage: Stage, channel: Recording) -> int:
    return deliver_by(stage, {"recording": channel})


def outcomes(stage: Stage) -> list[tuple[str | None, int, str | None]]:
    with psycopg.connect(stage.databases.owner) as owner:
        query = "SELECT outcome, attempts, last_error FROM deliveries ORDER BY event_id"
        return owner.execute(query).fetchall()


def unavailable() -> None:
    message = "It is raining."
    raise UnavailableError(message)


def test_each_event_reaches_a_channel_once_and_in_order(stage: Stage) -> None:
    made = stage.reserve("room", hours(1, 2))
    stage.step(made, Action.CANCEL)
    channel = Recording()
    assert deliver(stage, channel) > 0
    assert [event.type for event in channel.told] == ["reservation.created", "reservation.cancelled"]
    assert (deliver(stage, channel), len(channel.told)) == (0, 2)
    assert outcomes(stage) == [("delivered", 1, None)] * 2


def test_an_event_of_a_slow_transaction_is_not_skipped(stage: Stage) -> None:
    channel = Recording()
    with psycopg.connect(stage.databases.owner) as slow:
        slow.execute(
            "INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, occurred_at)"
            " SELECT id, gen_random_uuid(), 'reservation.slow', 'reservation', gen_random_uuid(), 'system', clock_now()"
            " FROM tenants"
        )
        stage.reserve("room", hours(1, 2))
        deliver(stage, channel)
        assert [event.type for event in channel.told] == ["reservation.created"]
    deliver(stage, channel)
    assert [event.type for event in channel.told] == ["reservation.created", "reservation.slow"]


def test_what_fails_is_tried_again_later_and_later_and_given_up_at_last(stage: Stage) -> None:
    stage.reserve("room", hours(1, 2))
    channel = Recording(unavailable)
    deliver(stage, channel)
    assert outcomes(stage) == [(None, 1, "It is raining.")]
    stage.pass_by(timedelta(seconds=0.9))
    deliver(stage, channel)
    assert len(channel.told) == 1
    for _ in range(MOST_ATTEMPTS):
        stage.pass_by(DAY)
        deliver(stage, channel)
    assert len(channel.told) == MOST_ATTEMPTS
    assert outcomes(stage) == [("dead", MOST_ATTEMPTS, "It is raining.")]


def test_a_channel_that_breaks_does_not_keep_others_from_being_told(stage: Stage) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    stage.reserve("room", hours(1, 2))
    healthy = Recording()
    deliver_by(stage, {"broken": Recording(broken), "healthy": healthy})
    assert len(healthy.told) == 1


class Confused(Recording):
    """A channel that breaks over the events about one thing before any attempt is made."""

    over: UUID | None = None

    def wants(self, event: OutboxEvent) -> bool:
        assert event.entity_id != self.over
        return super().wants(event)


@pytest.mark.parametrize("place", range(3))
def test_an_event_that_breaks_its_turn_keeps_no_other_from_being_delivered(stage: Stage, place: int) -> None:
    made = [stage.reserve("room", hours(number, number + 1)).id for number in range(1, 4)]
    channel = Confused()
    channel.over = made[place]
    woken: list[int] = []
    failures = """
    SELECT failure.job, failure.attempts, event.entity_id FROM job_failures AS failure
    INNER JOIN events AS event ON event.id::text = failure.item_id
    """
    with psycopg.connect(stage.databases.owner, autocommit=True) as owner:
        for _ in range(2):  # it rests before its next attempt
            deliver_by(stage, {"recording": channel})
            assert {event.entity_id for event in channel.told} == set(made) - {made[place]}
            assert len(channel.told) == 2
            assert owner.execute(failures).fetchall() == [("sweep_events", 1, made[place])]
        channel.over = None
        stage.pass_by(MINUTE)
        deliver_events(stage.jobs, Delivery(lambda: {"recording": channel}, "sweep", woken.append), Budget(20))
        assert sorted(event.entity_id for event in channel.told) == sorted(made)
        assert owner.execute(failures).fetchall() == []
        assert owner.execute("SELECT count(*) FROM outbox").fetchall() == [(0,)]


class DyingDatabase(Database):
    """The database of a function that is killed after it told, before it could say so."""

    dies = False

    def run_without_tenant(self, work: Callable[..., Any], **isolation: Any) -> Any:  # noqa: ANN401 - as it was
        if self.dies:
            raise KeyboardInterrupt
        return super().run_without_tenant(work, **isolation)


def test_who_dies_between_event_and_saying_so_tells_again_and_it_is_recorded_once(stage: Stage) -> None:
    stage.reserve("room", hours(1, 2))
    dying = DyingDatabase(stage.databases.jobs, pool_size=1, request_seconds=5)

    def die() -> None:
        dying.dies = True

    channel = Recording(die)
    try:
        with pytest.raises(KeyboardInterrupt):
            deliver_events(dying, Delivery(lambda: {"recording": channel}, "consumer", lambda _: None), Budget(20))
    finally:
        dying.close()
    assert outcomes(stage) == [(None, 1, None)]
    channel.failure = lambda: None
    deliver(stage, channel)
    assert len(channel.told) == 1  # the lease is not over yet
    stage.pass_by(2 * MINUTE)
    deliver(stage, channel)
    assert [event.id for event in channel.told] == [channel.told[0].id] * 2
    assert outcomes(stage) == [("delivered", 2, None)]


def test_several_consumers_tell_no_event_twice(stage: Stage) -> None:
    for number in range(30):
        stage.reserve("room", hours(number, number + 1))
    channel = Recording()
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(deliver, stage, channel) for _ in range(4)]:
            done.result()
    ids = [event.id for event in channel.told]
    assert (len(ids), len(set(ids))) == (30, 30)


def test_guests_are_written_to_in_their_tenants_name_and_time(stage: Stage) -> None:
    emails: list[Email] = []
    channels = {NAME: GuestEmails(into(emails), link, "berth@example.org")}
    held = stage.reserve("held", hours(1, 2))
    deliver_by(stage, channels)
    [email] = emails
    assert email.to == held.guest.email
    assert email.subject == f"Life: {held.code} is held for you"
    for part in (
        "Hello Ada Lovelace",
        "Tuesday, 1 June 2027, 09:00",
        "100.00 EUR",
        "until Tuesday, 1 June 2027, 08:10",
    ):
        assert part in email.text
    stage.pass_by(11 * MINUTE)
    stage.run()
    deliver_by(stage, channels)
    assert [one.subject for one in emails][1:] == [f"Life: {held.code} has expired"]
    assert [error for _, _, error in outcomes(stage)] == [None, None]


def test_who_cancels_reads_what_is_given_back(database: databases.Database) -> None:
    emails: list[Email] = []
    half = offer("half", cancellation=[{"until_minutes_before": 60, "refund_percent": 50}])
    with open_stage(database, half) as stage:
        reservation = stage.reserve("half", hours(5, 6))
        deliver_by(stage, {NAME: GuestEmails(into(emails), link, "berth@example.org")})
        stage.step(reservation, Action.CANCEL)
        deliver_by(stage, {NAME: GuestEmails(into(emails), link, "berth@example.org")})
    made, cancelled = emails
    assert "Refund" not in made.text
    assert "Price: 100.00 EUR\nRefund: 50.00 EUR\n" in cancelled.text


def test_who_is_rejected_reads_why(database: databases.Database) -> None:
    emails: list[Email] = []
    rooms = offer("rooms", {"kind": "pending"}, capacity=2, assignment="labelled")
    with open_stage(database, rooms) as stage:
        wants = stage.reserve("rooms", hours(5, 6), unit=2)
        change_resource(Context(stage.application, TENANT, STAFF), "rooms", {"capacity": 1})
        stage.run(promote_pending)
        deliver_by(stage, {NAME: GuestEmails(into(emails), link, "berth@example.org")})
        reason = (stage.events(wants)[-1].after or {})["reason"]
    assert "has the units" in reason
    assert [reason in email.text.split("\n\n") for email in emails] == [True]


def test_emails_count_nights(database: databases.Database) -> None:
    emails: list[Email] = []
    with open_stage(database, Offer(slug="cabin", document=policy(STAY))) as stage:
        for check_in_on, check_out_on in ((date(2027, 7, 1), date(2027, 7, 2)), (date(2027, 7, 2), date(2027, 7, 4))):
            stage.reserve("cabin", TimesWanted(check_in_on=check_in_on, check_out_on=check_out_on))
        deliver_by(stage, {NAME: GuestEmails(into(emails), link, "berth@example.org")})
    # Those about different reservations leave in any order.
    one, two = sorted(emails, key=lambda email: "(2 nights)" in email.text)
    assert "to Friday, 2 July 2027 (1 night)" in one.text
    assert "to Sunday, 4 July 2027 (2 nights)" in two.text


def test_events_hold_nothing_personal_and_deliveries_neither(stage: Stage) -> None:
    made = stage.reserve("room", hours(1, 2))
    deliver(stage, Recording(unavailable))
    with psycopg.connect(stage.databases.owner) as owner:
        for table in ("events", "deliveries", "outbox"):
            rows = owner.execute(SQL("SELECT one::text FROM {} AS one").format(Identifier(table))).fetchall()
            assert not [row for row in rows if made.guest.email in row[0] or "Lovelace" in row[0]]


class Moody(Recording):
    """Fails while it is told to."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        self.failing = True

    def answer(self) -> None:
        if self.failing:
            unavailable()


def types(channel: Recording) -> list[str]:
    return [event.type.removeprefix("reservation.") for event in channel.told]


def test_who_is_told_of_a_failure_is_woken_soon_and_tries_again(stage: Stage) -> None:
    woken: list[int] = []
    stage.reserve("room", hours(1, 2))
    channel = Moody()
    deliver_by(stage, {"moody": channel}, woken)
    assert 1 <= woken[0] <= 2  # and not the sweep, a minute later
    channel.failing = False
    stage.pass_by(timedelta(seconds=woken[0]))
    deliver_by(stage, {"moody": channel}, woken)
    assert (types(channel), len(woken)) == (["created"] * 2, 1)


def test_what_follows_waits_for_what_came_before_of_the_same_reservation_and_of_no_other(stage: Stage) -> None:
    first = stage.reserve("room", hours(1, 2))
    channel = Moody()
    deliver_by(stage, {"moody": channel})
    channel.failure = lambda: unavailable() if channel.told[-1].entity_id == first.id else None
    stage.step(first, Action.CANCEL)
    other = stage.reserve("room", hours(3, 4))
    deliver_by(stage, {"moody": channel})
    assert [(one.entity_id, one.type.partition(".")[2]) for one in channel.told] == [
        (first.id, "created"),
        (first.id, "created"),  # at once, as the next one waits for it
        (other.id, "created"),
    ]
    channel.failure = lambda: None
    stage.pass_by(MINUTE)
    deliver_by(stage, {"moody": channel})
    assert types(channel)[3:] == ["created", "cancelled"]


def test_a_confirmation_whose_email_failed_is_not_told_after_the_cancellation(stage: Stage) -> None:
    emails: list[Email] = []
    failing = [True]

    def post(email: Email, until: float) -> bool:
        if failing[0]:
            unavailable()
        return into(emails)(email, until)

    channels = {NAME: GuestEmails(post, link, "berth@example.org")}
    held = stage.reserve("held", hours(1, 2))
    failing[0] = False
    deliver_by(stage, channels)
    failing[0] = True
    stage.confirm(held)
    deliver_by(stage, channels)
    assert outcomes(stage)[-1] == (None, 1, "It is raining.")
    failing[0] = False
    stage.step(held, Action.CANCEL)
    deliver_by(stage, channels)
    assert [email.subject.partition(held.code)[2] for email in emails] == [" is held for you", " is cancelled"]
    assert [outcome for outcome, _, _ in outcomes(stage)] == ["delivered", "superseded", "delivered"]


@pytest.mark.parametrize("hold", [True, False], ids=["goes back to a hold", "is what it was"])
def test_a_confirmation_is_not_told_of_what_is_held_again(stage: Stage, *, hold: bool) -> None:
    emails: list[Email] = []
    made = stage.reserve("room", hours(1, 2))
    if hold:
        with psycopg.connect(stage.databases.owner) as owner:
            owner.execute(
                "UPDATE reservations SET state = 'held', held_since = clock_now(),"
                " hold_expires_at = clock_now() + interval '9 minutes',"
                " due_at = NULL WHERE id = %s",
                [made.id],
            )
    deliver_by(stage, {NAME: GuestEmails(into(emails), link, "berth@example.org")})
    assert [outcome for outcome, _, _ in outcomes(stage)] == ["superseded" if hold else "delivered"]
    assert len(emails) == (not hold)


def test_that_a_hold_has_expired_is_not_told_once_it_is_confirmed_all_the_same(stage: Stage) -> None:
    emails: list[Email] = []
    held = stage.reserve("held", hours(1, 2))
    stage.pass_by(11 * MINUTE)
    stage.run()
    stage.confirm(held)
    deliver_by(stage, {NAME: GuestEmails(into(emails), link, "berth@example.org")})
    assert [email.subject.partition(held.code)[2] for email in emails] == [" is confirmed"]


def test_a_check_in_that_was_undone_supersedes_nothing(stage: Stage) -> None:
    emails: list[Email] = []
    made = stage.reserve("room", hours(0, 1))
    stage.step(made, Action.CHECK_IN)
    stage.undo(made)
    deliver_by(stage, {NAME: GuestEmails(into(emails), link, "berth@example.org")})
    assert [email.subject.partition(made.code)[2] for email in emails] == [" is confirmed"]


def test_attempts_that_began_together_are_made_side_by_side(stage: Stage) -> None:
    for number in range(AT_ONCE):
        stage.reserve("room", hours(number, number + 1))
    together = Barrier(AT_ONCE)

    def meet() -> None:
        together.wait(20)

    channel = Recording(meet)
    deliver(stage, channel)
    assert [outcome for outcome, _, _ in outcomes(stage)] == ["delivered"] * AT_ONCE


def test_events_that_a_sweep_finds_late_are_counted(stage: Stage) -> None:
    def found() -> list[tuple[str, int]]:
        with psycopg.connect(stage.databases.readonly) as reader:
            return reader.execute("SELECT found_by, count FROM late_events ORDER BY found_by").fetchall()

    def sweep() -> None:
        deliver_events(stage.jobs, Delivery(dict, "sweep", lambda _: None), Budget(20))

    stage.reserve("room", hours(1, 2))
    stage.pass_by(timedelta(seconds=5))
    sweep()
    assert found() == []
    for number in (3, 4, 5):
        stage.reserve("room", hours(number, number + 1))
        if number != 4:
            stage.pass_by(timedelta(seconds=6))
            sweep()
    assert found() == [("sweep", 3)]


def test_a_consumer_does_not_overtake_another_that_is_about_to_tell_what_came_before(stage: Stage) -> None:
    channel = Recording()
    made = stage.reserve("room", hours(1, 2))
    with ThreadPoolExecutor(1) as other_thread, psycopg.connect(stage.databases.jobs) as slow:
        slow.execute("SELECT pg_advisory_xact_lock('outbox'::regclass::bigint)")
        row = slow.execute("DELETE FROM outbox RETURNING tenant_id, event_id").fetchone()
        assert row is not None
        stage.step(made, Action.CANCEL)
        delivered = other_thread.submit(deliver, stage, channel)
        wait_until_it_waits_or_is_done(stage, delivered)
        slow.execute(
            "INSERT INTO deliveries (tenant_id, id, event_id, entity_id, channel, next_attempt_at, created_at)"
            " VALUES (%s, gen_random_uuid(), %s, %s, 'recording', clock_now(), clock_now())",
            [*row, made.id],
        )
        slow.commit()
        delivered.result()
    assert types(channel) == ["created", "cancelled"]


def wait_until_it_waits_or_is_done(stage: Stage, done: Future[int]) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'"
    with psycopg.connect(stage.databases.owner, autocommit=True) as owner:
        eventually(lambda: done.done() or owner.execute(query).fetchone() != (0,), "it waits or is done")
