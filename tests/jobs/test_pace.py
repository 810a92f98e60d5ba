from __future__ import annotations

import time
from contextlib import closing, contextmanager
from threading import Event, Thread, current_thread
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.database.transaction import Database as Pool
from chalicelib.jobs.budget import Budget
from chalicelib.jobs.pace import REPORT_SECONDS, REST, Pace
from chalicelib.reservations.sweep_reservations import expire_holds
from chalicelib.waiting.promote_pending import promote_pending
from tests.eventually import eventually
from tests.stage import MINUTE, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.databases import Database

STORING = "SELECT pg_current_xact_id()"
READING = "SELECT count(*) FROM policies"


class Rests:
    """The clock of the pace, whose rests are noted and not rested."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    monotonic = staticmethod(time.monotonic)

    def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> Rests:
    clock = Rests()
    monkeypatch.setattr("chalicelib.jobs.pace.time", clock)
    return clock


def batch(pace: Pace, seconds: float = 0.05) -> bool:
    """A batch that took so long, and the rest after it; whether it gives way to others now."""
    pace.rest(time.monotonic() - seconds)
    return pace.gives_way


@contextmanager
def somebody(database: Database, statement: str | None) -> Generator[None]:
    """Somebody who runs that statement again and again."""
    done = Event()

    def run() -> None:
        with psycopg.connect(database.app, autocommit=True) as connection:
            while statement is not None and not done.wait(0.002):
                connection.execute(statement.encode())

    other = Thread(target=run)
    other.start()
    try:
        yield
    finally:
        done.set()
        other.join()


@pytest.fixture
def pool(module_database: Database) -> Generator[Pool]:
    with closing(Pool(module_database.jobs, pool_size=1, request_seconds=10)) as pool:
        yield pool


@pytest.mark.parametrize("statement", [STORING, READING])
def test_gives_way_to_others(module_database: Database, pool: Pool, rests: Rests, statement: str) -> None:
    pace = Pace(pool, Budget(60))
    with somebody(module_database, statement):
        eventually(lambda: batch(pace), "it has seen who else is at work")
    assert rests.taken[0] >= 0.05 * REST


def test_goes_on_at_once_while_nobody_else_is_at_work(module_database: Database, pool: Pool, rests: Rests) -> None:
    pace = Pace(pool, Budget(60))
    ends_at = time.monotonic() + 2 * REPORT_SECONDS  # long enough for whatever others may report
    with somebody(module_database, None):
        eventually(lambda: batch(pace) or time.monotonic() > ends_at, "the time is over")
    assert not pace.gives_way
    assert rests.taken == []


def test_never_rests_beyond_its_budget(module_database: Database, pool: Pool, rests: Rests) -> None:
    pace = Pace(pool, Budget(60))
    with somebody(module_database, STORING):
        eventually(lambda: batch(pace, 1000), "it has seen who else is at work")
    assert 0 <= rests.taken[0] <= 60


def test_expiry_and_promotion_go_at_a_pace(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rested = list[float]()

    def rest(_: Pace, since: float) -> None:
        rested.append(since)

    monkeypatch.setattr(Pace, "rest", rest)
    monkeypatch.setattr("chalicelib.reservations.sweep_reservations.BATCH", 1)
    held = offer("held", {"kind": "hold", "hold_minutes": 10})
    pending = offer("pending", {"kind": "pending", "grace_minutes": 60})
    with open_stage(database, held, pending) as stage:
        for hour in range(3):
            stage.reserve("held", hours(5 + hour, 6 + hour))
        stage.reserve("pending", hours(5, 6))
        assert stage.run(promote_pending) == 1
        assert len(rested) == 1
        stage.pass_by(11 * MINUTE)
        assert stage.run(expire_holds) == 3
        assert len(rested) == 3


def test_only_one_goes_on_where_others_are_at_work(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    hands = set[str]()

    def rest(_: Pace, _since: float) -> None:
        hands.add(current_thread().name)

    def begin(pace: Pace, _database: Pool, _budget: Budget) -> None:
        pace.gives_way = True

    monkeypatch.setattr(Pace, "__init__", begin)
    monkeypatch.setattr(Pace, "rest", rest)
    monkeypatch.setattr("chalicelib.reservations.sweep_reservations.BATCH", 1)
    with open_stage(database, offer("held", {"kind": "hold", "hold_minutes": 10})) as stage:
        for hour in range(5):
            stage.reserve("held", hours(5 + hour, 6 + hour))
        stage.pass_by(11 * MINUTE)
        assert stage.jobs.connections > 1
        assert stage.run(expire_holds) == 5
    assert len(hands) == 1
