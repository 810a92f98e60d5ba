"""Edit locks on a hall and its halves: they share units, so that one person at a time has them, whoever sees them.

The controls switch each protection off, and show what would happen without it.
"""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.core.edit_locks import EditLockedError
from chalicelib.database.transaction import Acting, Database
from chalicelib.edit_locks.manage_edit_locks import Holder, acquire_edit_lock, release_edit_lock
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks
from chalicelib.edit_locks.storage import edit_locks
from chalicelib.events.event_log import Actor
from chalicelib.http.context import Context
from tests.offers import INTERVAL, Offer, add_tenant, policy
from tests.races.test_edit_locks import DURING, SECONDS, TENANT, finished, holder

if TYPE_CHECKING:
    from collections.abc import Generator

    from chalicelib.core.edit_locks import EditLock
    from tests import databases

SHARE = "UPDATE resources SET inventory_id = %s, units = %s, units_each = %s WHERE id = %s"
KINDS = "SELECT type FROM events WHERE entity_kind = 'edit_lock' ORDER BY id"


@pytest.fixture
def ids(database: databases.Database) -> dict[str, UUID]:
    """A hall and its two halves, which are units of a house that is not offered any more."""
    offers = [Offer(slug=slug, document=policy(INTERVAL, per="hour")) for slug in ("house", "hall", "east", "west")]
    found = add_tenant(database.owner, TENANT, offers)
    shares = [("hall", "{[1,3)}", 2), ("east", "{[1,2)}", 1), ("west", "{[2,3)}", 1)]
    with psycopg.connect(database.owner) as owner:
        for slug, units, each in shares:
            owner.execute(SHARE, [found["house"], units, each, found[slug]])
        owner.execute("UPDATE resources SET archived_at = now() WHERE id = %s", [found["house"]])
    return found


@pytest.fixture
def application(database: databases.Database) -> Generator[Database]:
    opened = Database(database.app, pool_size=16, request_seconds=SECONDS)
    yield opened
    opened.close()


def acquire(
    application: Database, resource_id: UUID, who: Holder | None = None, *, take_over: bool = False
) -> EditLock:
    return acquire_edit_lock(Context(application, TENANT), who or holder(), resource_id, DURING, take_over=take_over)


def race(application: Database, wanted: list[UUID]) -> list[EditLock]:
    """Let somebody want each of these at once; return what was given."""
    start = threading.Barrier(len(wanted), timeout=SECONDS)

    def want(resource_id: UUID) -> EditLock | None:
        start.wait()
        try:
            return acquire(application, resource_id)
        except EditLockedError:
            return None

    with ThreadPoolExecutor(len(wanted)) as threads:
        return [lock for lock in threads.map(want, wanted) if lock is not None]


def test_of_all_who_want_the_hall_or_its_halves_at_once_one_is_given_the_hall_or_one_each_half(
    application: Database, ids: dict[str, UUID]
) -> None:
    names = {resource_id: slug for slug, resource_id in ids.items()}
    for _ in range(10):
        given = race(application, [ids["hall"], ids["east"], ids["west"]] * 4)
        assert Counter(names[lock.resource_id] for lock in given) in ({"hall": 1}, {"east": 1, "west": 1})
        for lock in given:
            release_edit_lock(Context(application, TENANT), Holder(lock.holder_id, "Ada", Role.AGENT, "any"), lock.id)


def test_of_all_who_want_the_hall_or_one_half_at_once_one_is_given_it(
    application: Database, ids: dict[str, UUID]
) -> None:
    for _ in range(10):
        (lock,) = race(application, [ids["hall"], ids["east"]] * 6)
        release_edit_lock(Context(application, TENANT), Holder(lock.holder_id, "Ada", Role.AGENT, "any"), lock.id)


def one_while_the_other_is_being_taken(
    application: Database, ids: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> EditLock:
    """Begin to take the hall, then want the east half; return what its taker is given once the hall is taken."""
    looked, go_on = threading.Event(), threading.Event()
    locks_of_others = edit_locks.locks_of_others

    def slowly(*arguments: Any) -> list[EditLock]:  # noqa: ANN401 - those of the function
        found = locks_of_others(*arguments)
        if ids["hall"] in arguments:
            looked.set()
            assert go_on.wait(SECONDS)
        return found

    with monkeypatch.context() as patch, ThreadPoolExecutor(2) as threads:
        patch.setattr(edit_locks, "locks_of_others", slowly)
        hall = threads.submit(acquire, application, ids["hall"])
        assert looked.wait(SECONDS)
        east = threads.submit(acquire, application, ids["east"])
        finished(east)
        go_on.set()
        hall.result(SECONDS)
        return east.result(SECONDS)


def test_who_wants_a_half_waits_for_who_is_taking_the_hall(
    application: Database, ids: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EditLockedError, match="Ada"):
        one_while_the_other_is_being_taken(application, ids, monkeypatch)


def test_control_both_are_given_where_the_inventory_is_not_held(
    application: Database, ids: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    unheld = edit_locks.SQL["hold_inventory"].replace("FOR NO KEY UPDATE OF inventory", "")
    monkeypatch.setitem(edit_locks.SQL, "hold_inventory", unheld)
    assert one_while_the_other_is_being_taken(application, ids, monkeypatch)


def test_nobody_else_gets_a_half_while_somebody_has_the_hall_and_they_themselves_do(
    application: Database, ids: dict[str, UUID]
) -> None:
    ada = holder()
    hall = acquire(application, ids["hall"], ada)
    with pytest.raises(EditLockedError) as refused:
        acquire(application, ids["west"])
    assert refused.value.lock == hall
    acquire(application, ids["west"], ada)
    assert acquire(application, ids["hall"], ada).fencing == hall.fencing


def test_an_owner_takes_a_half_over_from_who_has_the_hall(
    database: databases.Database, application: Database, ids: dict[str, UUID]
) -> None:
    hall, owner = acquire(application, ids["hall"]), Holder(uuid4(), "Grace", Role.OWNER, "c-1")
    taken = acquire(application, ids["east"], owner, take_over=True)
    held = application.run(
        TENANT, lambda work: edit_locks.list_locks(work, resource_id=None, starts_at=None, ends_at=None, limit=10)
    )
    assert held == [taken]
    assert taken.fencing > hall.fencing
    with psycopg.connect(database.owner) as connection:
        kinds = [kind for (kind,) in connection.execute(KINDS)]
    assert kinds == ["edit_lock.acquired", "edit_lock.taken_over", "edit_lock.acquired"]


def test_a_lock_that_has_expired_on_the_hall_keeps_nobody_from_a_half(
    database: databases.Database, application: Database, ids: dict[str, UUID]
) -> None:
    hall = acquire(application, ids["hall"])
    with psycopg.connect(database.owner) as owner:
        owner.execute("UPDATE edit_locks SET expires_at = clock_now() WHERE id = %s", [hall.id])
    assert acquire(application, ids["east"]).fencing > hall.fencing


def test_the_host_of_a_half_does_not_get_it_while_somebody_has_the_hall_that_they_do_not_see(
    application: Database, ids: dict[str, UUID]
) -> None:
    host = application.acting_as(Acting(uuid4(), resource_ids=(ids["east"],)))
    acquire(application, ids["hall"])
    with pytest.raises(EditLockedError, match="Ada") as refused:
        acquire(host, ids["east"])
    assert refused.value.lock.resource_id == ids["east"]


def test_what_the_host_of_a_half_writes_is_over_when_somebody_has_the_hall(
    application: Database, ids: dict[str, UUID]
) -> None:
    host = application.acting_as(Acting(uuid4(), resource_ids=(ids["east"],)))
    checked, go_on = threading.Event(), threading.Event()

    def write(transaction: Any) -> None:  # noqa: ANN401 - a transaction
        respect_edit_locks(transaction, Actor("staff", str(uuid4()), None), (ids["east"], DURING))
        checked.set()
        assert go_on.wait(SECONDS)

    with ThreadPoolExecutor(2) as threads:
        writing = threads.submit(host.run, TENANT, write)
        assert checked.wait(SECONDS)
        taking = threads.submit(acquire, application, ids["hall"])
        early = finished(taking)
        go_on.set()
        writing.result(SECONDS)
        taking.result(SECONDS)
    assert not early
