"""Several offer places of one queue: each place once, in turn, and nobody waits in a circle.

That nothing is offered twice follows from several things, each of which would do: constraints, SERIALIZABLE, and that
an entry is decided on only in the state that was read. That those who offer do not wait in a circle follows from the
lock of the queue alone: what comes free between their looks lets them begin with different people, and then each wants
what the other has taken.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.availability import waitlist_precedence
from chalicelib.core.errors import ConflictError
from chalicelib.database.transaction import Database
from chalicelib.http.context import Context
from chalicelib.http.stored_answers import Answer
from chalicelib.jobs.budget import Budget
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest
from chalicelib.waiting.join_waitlist import join_waitlist, leave_waitlist
from chalicelib.waiting.offer_waitlist_places import offer_waitlist_places
from chalicelib.waiting.storage import waitlist
from tests.eventually import eventually
from tests.offers import Offer
from tests.races.desk import ACTOR, DONE, PATIENCE_SECONDS, TENANT, CarelessDatabase
from tests.races.test_deadlocks import WAITING
from tests.races.test_units import HOURS, UNPROTECTED, hours

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from uuid import UUID

    from chalicelib.waiting.model.waitlist import WaitlistEntry
    from tests.races.arena import Arena

SLOWLY = """
CREATE FUNCTION take_slowly() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(0.2);
    RETURN NEW;
END
$$;
CREATE TRIGGER slowly BEFORE INSERT ON allocations FOR EACH ROW EXECUTE FUNCTION take_slowly();
"""
"""So that both have taken something before either wants more."""
CIRCLES = """
SELECT count(*)
FROM pg_stat_activity AS one
INNER JOIN pg_stat_activity AS other ON other.pid = ANY(pg_blocking_pids(one.pid))
WHERE one.datname = current_database() AND one.pid = ANY(pg_blocking_pids(other.pid))
"""
OFFERED = "SELECT entity_id FROM events WHERE type = 'waitlist.offered' ORDER BY id"
HELD = "SELECT count(*) FROM reservations WHERE state = 'held'"
NOTHING_UNIQUE = """
ALTER TABLE allocations DROP CONSTRAINT allocations_pkey;
ALTER TABLE reservations DROP CONSTRAINT reservations_pkey, DROP CONSTRAINT reservations_tenant_id_id_key CASCADE;
"""


@contextmanager
def offering(arena: Arena, database_class: type[Database] = Database) -> Generator[Callable[[], int]]:
    """What the scheduled function does, as often as there are connections at once."""
    database = database_class(arena.database.jobs, pool_size=4, request_seconds=PATIENCE_SECONDS)
    try:
        yield lambda: offer_waitlist_places(database, Budget(PATIENCE_SECONDS))
    finally:
        database.close()


@contextmanager
def reception(arena: Arena) -> Generator[Database]:
    """Where people join and leave the queue."""
    database = Database(arena.database.app, pool_size=2, request_seconds=PATIENCE_SECONDS)
    try:
        yield database
    finally:
        database.close()


def join(application: Database, pool: UUID, hour: int, quantity: int = 1) -> UUID:
    kept: list[UUID] = []

    def keep(entry: WaitlistEntry) -> Answer:
        kept.append(entry.id)
        return Answer(201, {}, "")

    guest = GuestDetails("Ada Lovelace", f"{time.monotonic_ns()}@example.org", None)
    request = ReservationRequest(pool, hours(hour, hour + 1), quantity, 1, guest, "", None)
    join_waitlist(Context(application, TENANT, ACTOR), request, keep)
    return kept[-1]


@pytest.fixture(autouse=True)
def only_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """What frees a place leaves it to the scheduled function, so that several of these meet."""

    def later(database: Database, queues: Sequence[tuple[str, UUID]]) -> None:
        del database, queues

    monkeypatch.setattr(waitlist_precedence, "offer_each", later)


def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(waitlist.SQL, "lock_queue", "SELECT %(resource_id)s::uuid AS id")


def wait_for(arena: Arena, waiting: int) -> None:
    """Until so many wait: at the gate, or for each other."""
    eventually(lambda: arena.count(WAITING) >= waiting, f"{waiting} have met")


def went_in_a_circle(arena: Arena, work: list[Future[int]]) -> bool:
    """Whether two wait for each other before all is done."""
    found: list[bool] = []

    def done() -> bool:
        found.append(arena.count(CIRCLES) > 0)
        return all(one.done() for one in work)

    eventually(done, "all is done")
    return any(found)


def offered(arena: Arena) -> list[UUID]:
    """To whom places were offered, in that order."""
    with psycopg.connect(arena.database.owner) as owner:
        return [row[0] for row in owner.execute(OFFERED).fetchall()]


def offer_with_a_place_between(arena: Arena) -> tuple[bool, list[UUID], list[UUID]]:
    """A couple waits for one hour, somebody for another hour, and somebody for the first hour again.

    Who offers first sees one place in the first hour, not enough for the couple. Then the other one comes free, and
    whoever offers second begins with the couple. Returns whether they waited for each other, who was offered a place,
    and the queue.
    """
    pool = arena.offer(Offer(slug="pool", document=HOURS, capacity=2))["pool"]
    arena.execute(SLOWLY)
    with arena.desk() as desk, reception(arena) as application, offering(arena) as offer:
        early, late = (desk.create(pool, hours(5, 6)).reservation_id for _ in range(2))
        both = desk.create(pool, hours(6, 7), quantity=2).reservation_id
        queue = [join(application, pool, 5, 2), join(application, pool, 6), join(application, pool, 5)]
        assert {desk.cancel(one).code for one in (early, both)} == {DONE}
        with arena.closed_gate() as gate, ThreadPoolExecutor(2) as threads:
            work = [threads.submit(offer)]
            wait_for(arena, 1)
            assert desk.cancel(late).code == DONE
            work.append(threads.submit(offer))
            wait_for(arena, 2)
            gate.open_when_waiting(1)
            circle = went_in_a_circle(arena, work)
            for one in work:
                one.result()
    return circle, offered(arena), queue


def test_who_offer_places_of_a_queue_wait_for_one_another_and_not_in_a_circle(arena: Arena) -> None:
    circle, given, (_, alone, second) = offer_with_a_place_between(arena)
    assert not circle
    assert given == [alone, second]
    assert arena.broken() == set()


def test_control_without_the_lock_of_the_queue_they_wait_in_a_circle(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_lock(monkeypatch)
    circle, _, _ = offer_with_a_place_between(arena)
    assert circle
    assert arena.broken() == set()


def offer_at_once(arena: Arena, database_class: type[Database] = Database) -> tuple[list[UUID], list[UUID]]:
    """Five wait for three places, and four offer these at once. Returns who was offered one, and the queue."""
    pool = arena.offer(Offer(slug="pool", document=HOURS, capacity=3))["pool"]
    with arena.desk() as desk, reception(arena) as application, offering(arena, database_class) as offer:
        taken = desk.create(pool, hours(5, 6), quantity=3).reservation_id
        queue = [join(application, pool, 5) for _ in range(5)]
        assert desk.cancel(taken).code == DONE
        with arena.closed_gate() as gate, ThreadPoolExecutor(4) as threads:
            work = [threads.submit(offer) for _ in range(4)]
            wait_for(arena, 4)
            gate.open_when_waiting(1)
            for one in work:
                one.result()
    return offered(arena), queue


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "not locked"])
def test_nobody_is_offered_a_place_twice_or_out_of_turn(
    arena: Arena, monkeypatch: pytest.MonkeyPatch, *, locked: bool
) -> None:
    if not locked:
        without_lock(monkeypatch)
    given, queue = offer_at_once(arena)
    assert given == queue[:3]
    assert arena.count(HELD) == 3
    assert arena.broken() == set()


def any_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an entry be decided on whatever was decided before."""
    anyway = waitlist.SQL["decide_entry"].replace("AND state = %(before)s", "AND %(before)s::text IS NOT NULL")
    assert anyway != waitlist.SQL["decide_entry"]
    monkeypatch.setitem(waitlist.SQL, "decide_entry", anyway)


def test_control_without_all_of_that_places_are_offered_twice(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    without_lock(monkeypatch)
    any_state(monkeypatch)
    arena.execute(UNPROTECTED)
    arena.execute(NOTHING_UNIQUE)
    given, _ = offer_at_once(arena, CarelessDatabase)
    assert len(given) > len(set(given))
    assert arena.count(HELD) > 3


def leave_while_offered(arena: Arena, database_class: type[Database] = Database) -> tuple[bool, list[UUID], list[UUID]]:
    """The first leaves while being offered a place. Returns whether they left, who was offered it, and the queue."""
    pool = arena.offer(Offer(slug="pool", document=HOURS))["pool"]
    with arena.desk() as desk, reception(arena) as application, offering(arena, database_class) as offer:
        taken = desk.create(pool, hours(5, 6)).reservation_id
        queue = [join(application, pool, 5) for _ in range(2)]
        assert desk.cancel(taken).code == DONE
        with arena.closed_gate() as gate, ThreadPoolExecutor(2) as threads:
            work = threads.submit(offer)
            wait_for(arena, 1)
            leaving = threads.submit(leave_waitlist, Context(application, TENANT, ACTOR), queue[0])
            eventually(lambda: leaving.done() or arena.count(WAITING) >= 2, "the one who leaves has left, or waits")
            gate.open_when_waiting(1)
            work.result()
            left = leaving.exception() is None
            assert left or isinstance(leaving.exception(), ConflictError)
    return left, offered(arena), queue


def test_who_leaves_while_being_offered_a_place_is_told_of_the_offer(arena: Arena) -> None:
    left, given, queue = leave_while_offered(arena)
    assert not left
    assert given == queue[:1]


def test_who_has_left_is_offered_nothing_without_the_lock_either(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    without_lock(monkeypatch)
    left, given, queue = leave_while_offered(arena)
    assert left
    assert given == queue[1:]


def test_control_without_a_look_at_the_state_somebody_has_left_and_is_offered_a_place(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_lock(monkeypatch)
    any_state(monkeypatch)
    left, given, queue = leave_while_offered(arena, CarelessDatabase)
    assert left
    assert given == queue[:1]
