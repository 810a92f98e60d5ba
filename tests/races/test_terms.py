"""What reservations are computed with does not change under them: time zone, currency, policy versions.

Each test holds one transaction open where all is written and nothing committed, and lets another one run into it.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.core.errors import ConflictError, VersionMismatchError
from chalicelib.database import constraints
from chalicelib.events.event_log import Actor
from chalicelib.http.context import Context
from chalicelib.policies.manage_policies import publish_version
from chalicelib.reservations import create_reservation
from chalicelib.tenants.manage_tenants import change_tenant
from chalicelib.tenants.storage import tenants
from tests.consistency.world import working
from tests.eventually import eventually
from tests.offers import STAY, Json, Offer, add_tenant, policy
from tests.races.desk import DONE, TENANT, Desk
from tests.races.test_units import nights

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from concurrent.futures import Future
    from uuid import UUID

    from chalicelib.database.transaction import Database
    from tests import databases
    from tests.races.desk import Result

STAFF = Actor("staff", None, None)
WAIT_SECONDS = 20
BY_DAY: Json = {"rule": "per_day_limit", "limit": 5, "scope": "resource"}
MOVED = {"timezone": "Asia/Tokyo", "currency": "JPY"}
WAITING = """
SELECT 1 FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND usename = 'berth_app'
"""


@contextmanager
def held_open(
    database: databases.Database, threads: ThreadPoolExecutor, work: Callable[[Database], object]
) -> Generator[Future[object]]:
    """Let `work` go on up to but without its COMMIT, until the block ends."""
    reached, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        reached.set()
        assert go_on.wait(WAIT_SECONDS)

    def run() -> object:
        with working(database, pause) as application:
            return work(application)

    future = threads.submit(run)
    try:
        assert reached.wait(WAIT_SECONDS)
        yield future
    finally:
        go_on.set()


def blocked(
    database: databases.Database, threads: ThreadPoolExecutor, work: Callable[[Database], object]
) -> Future[object]:
    """Begin `work`, and return when it waits for the one that is held open."""

    def run() -> object:
        with working(database) as application:
            return work(application)

    future = threads.submit(run)
    with psycopg.connect(database.owner, autocommit=True) as connection:
        eventually(lambda: connection.execute(WAITING).fetchone(), "the second waits for the first")
    return future


def offered(database: databases.Database, *rules: Json) -> UUID:
    return add_tenant(database.owner, TENANT, [Offer(slug="room", document=policy(STAY, *rules))])["room"]


def reserving(room: UUID, application: Database) -> Result:
    return Desk(application).create(room, nights(1, 3))


def moving(application: Database) -> str:
    return change_tenant(Context(application, TENANT, STAFF), MOVED).currency


def moved_at_once(database: databases.Database) -> str:
    with working(database) as application:
        return moving(application)


def nothing(*_: object, **__: object) -> None:
    """A protection that is off."""


def stored_currencies(database: databases.Database) -> list[str]:
    with psycopg.connect(database.owner) as owner:
        query = "SELECT price ->> 'currency' FROM reservations"
        return [row[0] for row in owner.execute(query).fetchall()]


@pytest.mark.parametrize("rules", [[], [BY_DAY]], ids=["read committed", "serializable"])
def test_zone_and_currency_stay_while_the_first_reservation_is_being_stored(
    database: databases.Database, rules: list[Json]
) -> None:
    room = offered(database, *rules)
    with ThreadPoolExecutor(2) as threads:
        with held_open(database, threads, partial(reserving, room)) as reserved:
            moved = blocked(database, threads, moving)
        assert isinstance(moved.exception(WAIT_SECONDS), ConflictError)
        assert reserved.result(WAIT_SECONDS)
    assert stored_currencies(database) == ["EUR"]


@pytest.mark.parametrize("rules", [[], [BY_DAY]], ids=["read committed", "serializable"])
def test_a_reservation_waits_for_a_change_of_zone_and_currency_and_is_computed_with_the_new_ones(
    database: databases.Database, rules: list[Json]
) -> None:
    room = offered(database, *rules)
    with ThreadPoolExecutor(2) as threads:
        with held_open(database, threads, moving) as moved:
            reserved = blocked(database, threads, partial(reserving, room))
        assert moved.result(WAIT_SECONDS) == "JPY"
        result = reserved.result(WAIT_SECONDS)
    assert getattr(result, "code", None) == DONE
    assert stored_currencies(database) == ["JPY"]


def test_control_without_waiting_for_reservations_the_zone_changes_under_the_first_one(
    database: databases.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenants, "lock_tenant", nothing)
    room = offered(database)
    with ThreadPoolExecutor(1) as threads, held_open(database, threads, partial(reserving, room)):
        assert moved_at_once(database) == "JPY"
    assert stored_currencies(database) == ["EUR"]


def test_control_without_a_look_at_the_tenant_a_reservation_is_stored_in_the_old_currency(
    database: databases.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create_reservation, "check_tenant", nothing)
    room = offered(database)
    with ThreadPoolExecutor(2) as threads:
        with held_open(database, threads, moving):
            reserved = blocked(database, threads, partial(reserving, room))
        assert getattr(reserved.result(WAIT_SECONDS), "code", None) == DONE
    assert stored_currencies(database) == ["EUR"]


def publishing(days: int, expected: int | None, application: Database) -> int:
    document = policy(STAY, {"rule": "horizon", "maximum_days": days})
    entry = publish_version(Context(application, TENANT, STAFF, expected_version=expected), "room", lambda _: document)
    return entry.current_version


def test_two_who_publish_at_once_publish_one_after_the_other(database: databases.Database) -> None:
    offered(database)
    with ThreadPoolExecutor(2) as threads:
        with held_open(database, threads, partial(publishing, 10, None)) as first:
            second = blocked(database, threads, partial(publishing, 20, None))
        assert (first.result(WAIT_SECONDS), second.result(WAIT_SECONDS)) == (2, 3)


def test_who_publishes_on_top_of_what_was_replaced_meanwhile_is_told(database: databases.Database) -> None:
    offered(database)
    with ThreadPoolExecutor(2) as threads:
        with held_open(database, threads, partial(publishing, 10, 1)):
            second = blocked(database, threads, partial(publishing, 20, 1))
        assert isinstance(second.exception(WAIT_SECONDS), VersionMismatchError)


def test_control_without_its_constraint_among_the_lost_races_publishing_at_once_breaks(
    database: databases.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constraints, "LOST_RACES", constraints.LOST_RACES - {"policy_versions_pkey"})
    offered(database)
    with ThreadPoolExecutor(2) as threads:
        with held_open(database, threads, partial(publishing, 10, None)):
            second = blocked(database, threads, partial(publishing, 20, None))
        assert isinstance(second.exception(WAIT_SECONDS), psycopg.errors.UniqueViolation)
