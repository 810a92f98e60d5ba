"""Events are delivered: each at least once to every channel that wants it, whatever dies on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from chalicelib.domain.errors import UnavailableError
from chalicelib.domain.reservations import Action
from chalicelib.services.budget import Budget
from chalicelib.services.channels.guest_letters import NAME, GuestLetters
from chalicelib.services.deliver_events import MOST_ATTEMPTS, deliver_events
from chalicelib.services.wanted_times import TimesWanted
from chalicelib.storage.transaction import Database
from tests.life.stage import MINUTE, Stage, hours, offer, open_stage
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from uuid import UUID

    from chalicelib.adapters.mail import Letter
    from chalicelib.storage.outbox import Telling
    from chalicelib.storage.transaction import Transaction
    from tests import databases

DAY = timedelta(days=1)


@pytest.fixture
def stage(database: databases.Database) -> Generator[Stage]:
    with open_stage(database, offer("room"), offer("held", {"kind": "hold", "hold_minutes": 10})) as stage:
        yield stage


class Recording:
    """A channel that keeps what it is told, and fails when it is told to."""

    def __init__(self, failure: Callable[[], None] = lambda: None) -> None:
        self.told: list[Telling] = []
        self.failure = failure

    def wants(self, telling: Telling) -> bool:
        return telling.type.startswith("reservation.")

    def reached(self, transaction: Transaction, tenant_ids: Sequence[UUID]) -> set[UUID]:
        del transaction
        return set(tenant_ids)

    def send(self, database: Database, telling: Telling) -> bool:
        del database
        self.told.append(telling)
        self.failure()
        return True


def deliver(stage: Stage, channel: Recording) -> int:
    return deliver_events(stage.jobs, {"recording": channel}, Budget(20))


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
    assert [telling.type for telling in channel.told] == ["reservation.created", "reservation.cancelled"]
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
        assert [telling.type for telling in channel.told] == ["reservation.created"]
    deliver(stage, channel)
    assert [telling.type for telling in channel.told] == ["reservation.created", "reservation.slow"]


def test_what_fails_is_tried_again_later_and_later_and_given_up_at_last(stage: Stage) -> None:
    stage.reserve("room", hours(1, 2))
    channel = Recording(unavailable)
    deliver(stage, channel)
    assert outcomes(stage) == [(None, 1, "It is raining.")]
    stage.pass_by(timedelta(seconds=29))
    deliver(stage, channel)
    assert len(channel.told) == 1  # never before the lease is over
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
    deliver_events(stage.jobs, {"broken": Recording(broken), "healthy": healthy}, Budget(20))
    assert len(healthy.told) == 1


class DyingDatabase(Database):
    """The database of a function that is killed after it told, before it could say so."""

    dies = False

    def run_without_tenant(self, work: Callable[..., Any], **isolation: Any) -> Any:  # noqa: ANN401 - as it was
        if self.dies:
            raise KeyboardInterrupt
        return super().run_without_tenant(work, **isolation)


def test_who_dies_between_telling_and_saying_so_tells_again_and_it_is_recorded_once(stage: Stage) -> None:
    stage.reserve("room", hours(1, 2))
    dying = DyingDatabase(stage.databases.jobs, pool_size=1, request_seconds=5)

    def die() -> None:
        dying.dies = True

    channel = Recording(die)
    try:
        with pytest.raises(KeyboardInterrupt):
            deliver_events(dying, {"recording": channel}, Budget(20))
    finally:
        dying.close()
    assert outcomes(stage) == [(None, 1, None)]
    channel.failure = lambda: None
    deliver(stage, channel)
    assert len(channel.told) == 1  # the lease is not over yet
    stage.pass_by(2 * MINUTE)
    deliver(stage, channel)
    assert [telling.id for telling in channel.told] == [channel.told[0].id] * 2
    assert outcomes(stage) == [("delivered", 2, None)]


def test_several_consumers_tell_no_event_twice(stage: Stage) -> None:
    for number in range(30):
        stage.reserve("room", hours(number, number + 1))
    channel = Recording()
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(deliver, stage, channel) for _ in range(4)]:
            done.result()
    ids = [telling.id for telling in channel.told]
    assert (len(ids), len(set(ids))) == (30, 30)


def test_guests_are_written_to_in_their_tenants_name_and_time(stage: Stage) -> None:
    letters: list[Letter] = []
    channels = {NAME: GuestLetters(letters.append)}
    held = stage.reserve("held", hours(1, 2))
    deliver_events(stage.jobs, channels, Budget(20))
    [letter] = letters
    assert letter.to == held.guest.email
    assert letter.subject == f"Life: {held.code} is held for you"
    for part in (
        "Hello Ada Lovelace",
        "Tuesday, 1 June 2027, 09:00",
        "100.00 EUR",
        "until Tuesday, 1 June 2027, 08:10",
    ):
        assert part in letter.text
    stage.pass_by(11 * MINUTE)
    stage.run()
    deliver_events(stage.jobs, channels, Budget(20))
    assert [one.subject for one in letters][1:] == [f"Life: {held.code} has expired"]
    assert [error for _, _, error in outcomes(stage)] == [None, None]


def test_who_cancels_reads_what_is_given_back(database: databases.Database) -> None:
    letters: list[Letter] = []
    half = offer("half", cancellation=[{"until_minutes_before": 60, "refund_percent": 50}])
    with open_stage(database, half) as stage:
        stage.step(stage.reserve("half", hours(5, 6)), Action.CANCEL)
        deliver_events(stage.jobs, {NAME: GuestLetters(letters.append)}, Budget(20))
    made, cancelled = letters
    assert "Refund" not in made.text
    assert "Price: 100.00 EUR\nRefund: 50.00 EUR\n" in cancelled.text


def test_letters_count_nights(database: databases.Database) -> None:
    letters: list[Letter] = []
    with open_stage(database, Offer(slug="cabin", document=policy(STAY))) as stage:
        for check_in_on, check_out_on in ((date(2027, 7, 1), date(2027, 7, 2)), (date(2027, 7, 2), date(2027, 7, 4))):
            stage.reserve("cabin", TimesWanted(check_in_on=check_in_on, check_out_on=check_out_on))
        deliver_events(stage.jobs, {NAME: GuestLetters(letters.append)}, Budget(20))
    one, two = letters
    assert "to Friday, 2 July 2027 (1 night)" in one.text
    assert "to Sunday, 4 July 2027 (2 nights)" in two.text


def test_events_hold_nothing_personal_and_deliveries_neither(stage: Stage) -> None:
    made = stage.reserve("room", hours(1, 2))
    deliver(stage, Recording(unavailable))
    with psycopg.connect(stage.databases.owner) as owner:
        for table in ("events", "deliveries", "outbox"):
            rows = owner.execute(SQL("SELECT one::text FROM {} AS one").format(Identifier(table))).fetchall()
            assert not [row for row in rows if made.guest.email in row[0] or "Lovelace" in row[0]]
