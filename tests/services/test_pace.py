from __future__ import annotations

import time
from contextlib import closing, contextmanager
from threading import Event, Thread, current_thread
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.services.budget import Budget
from chalicelib.services.pace import Pace
from chalicelib.services.promote_pending import promote_pending
from chalicelib.services.sweep_reservations import expire_holds
from chalicelib.storage.transaction import Database as Pool
from tests.life.stage import MINUTE, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.databases import Database

STORING = "SELECT pg_current_xact_id()"
READING = "SELECT count(*) FROM policies"


def rests(pace: Pace, seconds: float) -> list[float]:
    """How long it rests after batches of a twentieth of a second, for so long."""
    found = list[float]()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.05)
        began = time.monotonic()
        pace.rest(began - 0.05)
        found.append(time.monotonic() - began)
    return found


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


@pytest.mark.parametrize(("statement", "seconds"), [(STORING, 1.5), (READING, 4.0)])
def test_gives_way_to_others(module_database: Database, pool: Pool, statement: str, seconds: float) -> None:
    pace = Pace(pool, Budget(60))
    with somebody(module_database, statement):
        rested = sum(rests(pace, seconds))
    assert rested > seconds / 4


def test_goes_on_at_once_while_nobody_else_is_at_work(module_database: Database, pool: Pool) -> None:
    pace = Pace(pool, Budget(60))
    with somebody(module_database, None):
        rested = sum(rests(pace, 2.0))
    assert not pace.gives_way
    assert rested < 1


def test_never_rests_beyond_its_budget(module_database: Database, pool: Pool) -> None:
    pace = Pace(pool, Budget(1.0))
    with somebody(module_database, STORING):
        time.sleep(0.3)
        began = time.monotonic()
        pace.rest(began - 5)
        rested = time.monotonic() - began
    assert pace.gives_way
    assert rested < 30


def test_expiry_and_promotion_go_at_a_pace(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rested = list[float]()

    def rest(_: Pace, since: float) -> None:
        rested.append(since)

    monkeypatch.setattr(Pace, "rest", rest)
    monkeypatch.setattr("chalicelib.services.sweep_reservations.BATCH", 1)
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
    monkeypatch.setattr("chalicelib.services.sweep_reservations.BATCH", 1)
    with open_stage(database, offer("held", {"kind": "hold", "hold_minutes": 10})) as stage:
        for hour in range(5):
            stage.reserve("held", hours(5 + hour, 6 + hour))
        stage.pass_by(11 * MINUTE)
        assert stage.jobs.connections > 1
        assert stage.run(expire_holds) == 5
    assert len(hands) == 1
