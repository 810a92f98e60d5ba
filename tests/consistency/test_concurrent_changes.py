"""Anyone who is given another room, so that someone else has one, is being changed by no one else at that moment.

Each test holds one transaction open where it has written and not committed, lets another one run into it, and proves
the database consistent afterwards.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.core.errors import NoCapacityError
from chalicelib.core.time_ranges import TimesWanted
from chalicelib.reporting.storage.check import prove, snapshot
from chalicelib.reservations.change_reservation import Change
from chalicelib.reservations.model.reservations import Action
from tests.consistency.world import Staff, World, june, make_world, nights, working
from tests.eventually import eventually
from tools.consistency import LEGAL

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from concurrent.futures import Future

    from tests.databases import Database

WAIT_SECONDS = 20


class Two:
    """Two members of staff at work at the same time, on connections of their own."""

    def __init__(self, database: Database, world: World, threads: ThreadPoolExecutor) -> None:
        self._database = database
        self._world = world
        self._threads = threads

    @contextmanager
    def held_open(self, work: Callable[[Staff], None]) -> Generator[Future[None]]:
        """Let the first one work, up to but without the COMMIT, until the block ends."""
        reached, go_on = threading.Event(), threading.Event()

        def pause() -> None:
            reached.set()
            assert go_on.wait(WAIT_SECONDS)

        future = self._threads.submit(self._work, work, pause)
        try:
            assert reached.wait(WAIT_SECONDS)
            yield future
        finally:
            go_on.set()

    def blocked(self, work: Callable[[Staff], None]) -> Future[None]:
        """Let the second one work until it waits for what the first has changed."""
        future = self._threads.submit(self._work, work, lambda: None)
        query = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        with psycopg.connect(self._database.owner, autocommit=True) as connection:
            eventually(lambda: connection.execute(query).fetchone(), "the second waits for the first")
        return future

    def _work(self, work: Callable[[Staff], None], before_commit: Callable[[], None]) -> None:
        with working(self._database, before_commit) as application:
            work(Staff(application, self._world))


@pytest.fixture
def two(database: Database) -> Generator[Two]:
    """Two huts on 1 June: a guest has the first one until the 3rd, another was promised the second one from then on.

    Anyone who wants a hut from the 1st to the 5th can have the first one, if the guest takes the second.
    """
    world = make_world(database)
    with working(database) as application:
        staff = Staff(application, world)
        staff.reserve("guest", "huts", nights(1, 3))
        staff.reserve("other", "huts", nights(3, 5), unit=2)
    with ThreadPoolExecutor(2) as threads:
        yield Two(database, world, threads)
    with snapshot(database.jobs) as connection:
        findings = [finding for verdict in prove(connection, LEGAL, most=5) for finding in verdict.findings]
    assert findings == []


def take_the_first_hut(staff: Staff) -> None:
    staff.reserve("long", "huts", nights(1, 5))


def check_in(staff: Staff) -> None:
    staff.step("guest", Action.CHECK_IN)


def cancel(staff: Staff) -> None:
    staff.step("guest", Action.CANCEL)


def extend(staff: Staff) -> None:
    staff.change("guest", Change(Action.EXTEND, times=TimesWanted(check_out_on=june(4).date())))


def test_the_guest_would_be_given_the_other_hut(two: Two) -> None:
    with two.held_open(take_the_first_hut) as taken:
        pass
    taken.result()


@pytest.mark.parametrize(("change", "refused"), [(check_in, True), (extend, True), (cancel, False)])
def test_who_is_just_being_changed_is_not_moved_as_it_was_before(
    two: Two, change: Callable[[Staff], None], *, refused: bool
) -> None:
    with two.held_open(change) as changed:
        taken = two.blocked(take_the_first_hut)
    changed.result()
    assert isinstance(taken.exception(), NoCapacityError) == refused


@pytest.mark.parametrize(("change", "refused"), [(check_in, False), (extend, True), (cancel, False)])
def test_who_is_just_being_moved_is_changed_as_it_is_afterwards(
    two: Two, change: Callable[[Staff], None], *, refused: bool
) -> None:
    with two.held_open(take_the_first_hut) as taken:
        changed = two.blocked(change)
    taken.result()
    assert isinstance(changed.exception(), NoCapacityError) == refused
