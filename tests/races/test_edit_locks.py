"""Edit locks and writes wait for one another, in whichever order they come; the constraint alone decides who holds.

The controls switch each protection off, and show what would happen without it.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.core.edit_locks import EditLockedError
from chalicelib.core.time_ranges import TimeRange
from chalicelib.database.transaction import Database, Isolation
from chalicelib.edit_locks.manage_edit_locks import Holder, acquire_edit_lock, release_edit_lock
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks
from chalicelib.edit_locks.storage import edit_locks
from chalicelib.events.event_log import Actor
from chalicelib.http.context import Context
from tests.offers import INTERVAL, Offer, add_tenant, policy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from chalicelib.core.edit_locks import EditLock
    from chalicelib.database.transaction import Transaction
    from tests import databases

TENANT = "desk"
DURING = TimeRange(datetime(2031, 4, 1, tzinfo=UTC), datetime(2031, 4, 2, tzinfo=UTC))
SECONDS = 20
A_WHILE = 0.4
LEVELS = [Isolation.READ_COMMITTED, Isolation.SERIALIZABLE]


@pytest.fixture
def room(database: databases.Database) -> UUID:
    return add_tenant(database.owner, TENANT, [Offer(slug="room", document=policy(INTERVAL, per="hour"))])["room"]


@pytest.fixture
def application(database: databases.Database) -> Generator[Database]:
    opened = Database(database.app, pool_size=16, request_seconds=SECONDS)
    yield opened
    opened.close()


def holder() -> Holder:
    return Holder(uuid4(), "Ada", Role.AGENT, f"c-{uuid4().hex}")


def acquire(application: Database, room: UUID, who: Holder | None = None) -> EditLock:
    return acquire_edit_lock(Context(application, TENANT), who or holder(), room, DURING, take_over=False)


def write(transaction: Transaction, room: UUID) -> None:
    respect_edit_locks(transaction, Actor("staff", str(uuid4()), None), (room, DURING))


@contextmanager
def without_fences(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    with monkeypatch.context() as patch:
        harmless = "SELECT edit_fence FROM resources WHERE id = ANY(%(resource_ids)s)"
        patch.setitem(edit_locks.SQL, "hold_fences", harmless)
        yield


def a_write_before(application: Database, room: UUID, level: Isolation) -> tuple[bool, EditLock]:
    """Begin to write, then let somebody take the lock; return whether they had it before the write was over."""
    checked, go_on = threading.Event(), threading.Event()

    def work(transaction: Transaction) -> None:
        write(transaction, room)
        checked.set()
        assert go_on.wait(SECONDS)

    with ThreadPoolExecutor(2) as threads:
        writing = threads.submit(application.run, TENANT, work, isolation=level)
        assert checked.wait(SECONDS)
        taking = threads.submit(acquire, application, room)
        early = finished(taking)
        go_on.set()
        writing.result(SECONDS)
        return early, taking.result(SECONDS)


def a_lock_before(
    application: Database, room: UUID, level: Isolation, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], object]:
    """Begin to take the lock, then let somebody write; return how the write ends once the lock is taken."""
    inserted, go_on = threading.Event(), threading.Event()
    add_lock = edit_locks.add_lock

    def slowly(*arguments: Any) -> EditLock | None:  # noqa: ANN401 - those of the function
        lock = add_lock(*arguments)
        inserted.set()
        assert go_on.wait(SECONDS)
        return lock

    with monkeypatch.context() as patch, ThreadPoolExecutor(2) as threads:
        patch.setattr(edit_locks, "add_lock", slowly)
        taking = threads.submit(acquire, application, room)
        assert inserted.wait(SECONDS)
        writing = threads.submit(application.run, TENANT, lambda work: write(work, room), isolation=level)
        finished(writing)
        go_on.set()
        taking.result(SECONDS)
        return writing.result


def finished(future: Future[Any]) -> bool:
    try:
        future.exception(A_WHILE)
    except NotYetError:
        return False
    return True


@pytest.mark.parametrize("level", LEVELS)
def test_who_takes_a_lock_has_it_only_when_the_writes_before_are_over(
    application: Database, room: UUID, level: Isolation
) -> None:
    early, _ = a_write_before(application, room, level)
    assert not early


@pytest.mark.parametrize("level", LEVELS)
def test_a_write_sees_the_lock_that_is_being_taken(
    application: Database, room: UUID, level: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EditLockedError):
        a_lock_before(application, room, level, monkeypatch)()


@pytest.mark.parametrize("level", LEVELS)
def test_control_without_the_fence_neither_waits(
    database: databases.Database,
    application: Database,
    room: UUID,
    level: Isolation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with without_fences(monkeypatch):
        early, lock = a_write_before(application, room, level)
        assert early
        with psycopg.connect(database.owner) as owner:
            owner.execute("DELETE FROM edit_locks WHERE id = %s", [lock.id])
        a_lock_before(application, room, level, monkeypatch)()


def test_two_writers_do_not_wait_for_each_other(application: Database, room: UUID) -> None:
    both = threading.Barrier(2, timeout=SECONDS)

    def work(transaction: Transaction) -> None:
        write(transaction, room)
        both.wait()

    with ThreadPoolExecutor(2) as threads:
        for each in [threads.submit(application.run, TENANT, work) for _ in range(2)]:
            each.result(SECONDS)


def race(application: Database, room: UUID, people: int = 12) -> int:
    """Let all of them want the same lock at once; return how many were given it."""
    start = threading.Barrier(people, timeout=SECONDS)

    def want(_: int) -> bool:
        start.wait()
        try:
            acquire(application, room)
        except EditLockedError:
            return False
        return True

    with ThreadPoolExecutor(people) as threads:
        return sum(threads.map(want, range(people)))


def test_of_all_who_want_it_at_once_one_is_given_it(application: Database, room: UUID) -> None:
    for _ in range(10):
        assert race(application, room) == 1
        (lock,) = application.run(
            TENANT,
            lambda work: edit_locks.list_locks(work, resource_id=room, starts_at=None, ends_at=None, limit=10),
        )
        release_edit_lock(Context(application, TENANT), Holder(lock.holder_id, "Ada", Role.AGENT, "any"), lock.id)


def test_control_without_the_constraint_several_are_given_it(
    database: databases.Database, application: Database, room: UUID
) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("ALTER TABLE edit_locks DROP CONSTRAINT edit_locks_never_overlap")
    assert race(application, room) == 12


def test_locks_beside_each_other_are_taken_at_once(application: Database, room: UUID) -> None:
    day = timedelta(days=1)

    def take(number: int) -> EditLock:
        during = TimeRange(DURING.starts_at + number * day, DURING.ends_at + number * day)
        return acquire_edit_lock(Context(application, TENANT), holder(), room, during, take_over=False)

    with ThreadPoolExecutor(8) as threads:
        numbers = [lock.fencing for lock in threads.map(take, range(8))]
    assert len(set(numbers)) == 8
