"""Tenants take turns, have their share of the threads, and no more than so many unfinished requests."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from local.gateway.fair_queue import FairQueue
from local.gateway.pool import FunctionPool, TenantBusyError
from local.gateway.settings import WorkerSettings

if TYPE_CHECKING:
    from local.gateway.events import Event, LambdaContext


def filled(most_of_one: int, **items: int) -> FairQueue[str]:
    queue: FairQueue[str] = FairQueue(99, most_of_one)
    for owner, count in items.items():
        for number in range(count):
            queue.put(owner.strip("_"), f"{owner}{number}")
    return queue


def given(queue: FairQueue[str], count: int) -> list[str]:
    return [queue.get()[1] for _ in range(count)]


def test_owners_take_turns_however_much_one_brings() -> None:
    queue = filled(99, hog=50, a=2, b=1)
    assert given(queue, 6) == ["hog0", "a0", "b0", "hog1", "a1", "hog2"]
    queue.put("b", "late")
    assert given(queue, 3) == ["hog3", "late", "hog4"]


def test_of_one_owner_only_so_much_is_worked_on_at_a_time() -> None:
    queue = filled(2, hog=50, a=3)
    assert given(queue, 4) == ["hog0", "a0", "hog1", "a1"]
    queue.put("b", "b0")
    assert given(queue, 1) == ["b0"]
    queue.done("hog")
    assert given(queue, 1) == ["hog2"]
    queue.done("a")
    queue.done("hog")
    assert given(queue, 2) == ["a2", "hog3"]


def test_what_is_done_leaves_nothing_behind() -> None:
    queue = filled(1, a=3)
    for number in range(3):
        assert queue.get() == ("a", f"a{number}")
        queue.done("a")
    queue.put("a", "again")
    assert queue.get() == ("a", "again")


def test_what_is_nobodys_has_no_share_of_its_own() -> None:
    queue = filled(1, _=3, a=2)
    assert given(queue, 4) == ["_0", "a0", "_1", "_2"]


class Seconds:
    """A clock that is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_has_its_part_of_the_hands_while_others_are_active() -> None:
    clock = Seconds()
    queue: FairQueue[str] = FairQueue(8, 6, clock)

    def work(owner: str, *, counts: bool = True) -> None:
        queue.put(owner, owner)
        assert queue.get() == (owner, owner)
        queue.done(owner, counts=counts)

    work("a")
    work("b")
    work("c")
    work("unknown", counts=False)
    for number in range(5):
        queue.put("hog", f"hog{number}")
    assert given(queue, 2) == ["hog0", "hog1"]  # 8 hands, three are active
    queue.put("a", "a")
    assert given(queue, 1) == ["a"]
    queue.done("a")
    clock.now = 0.9
    work("a")
    clock.now = 1.5  # b and c have been silent for more than a second
    assert given(queue, 3) == ["hog2", "hog3", "hog4"]
    for number in range(5, 9):
        queue.put("hog", f"hog{number}")
    assert given(queue, 1) == ["hog5"]
    queue.put("b", "b")
    assert given(queue, 1) == ["b"]  # six of the hands, and no more


def test_who_waits_gets_what_comes() -> None:
    queue: FairQueue[str] = FairQueue(9, 1)
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(queue.get()[1])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for owner in ("a", "b", "c"):
        queue.put(owner, owner)
    for thread in threads:
        thread.join()
    assert sorted(got) == ["a", "b", "c"]


class Work:
    """A function that waits until it is told to go on, and knows for whom it worked."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.begun: list[str] = []
        self._entered = threading.Semaphore(0)

    def __call__(self, event: Event, context: LambdaContext) -> object:
        del event
        self.begun.append(context.aws_request_id)
        self._entered.release()
        self.go_on.wait(20)
        return context.aws_request_id

    def wait_for(self, count: int) -> None:
        """Return when so many more have begun."""
        for _ in range(count):
            assert self._entered.acquire(timeout=20)


def test_a_tenant_at_fifty_times_its_share_takes_neither_threads_nor_places_of_the_others() -> None:
    async def scene() -> None:
        work = Work()
        pool = FunctionPool(
            work,
            threads=4,
            queue_limit=200,
            deadline_seconds=20,
            stuck_seconds=20,
            on_stuck=pytest.fail,
            tenant_threads=2,
            tenant_limit=6,
        )
        event: Event = {}
        hog = [asyncio.ensure_future(pool.call(event, "hog", "hog")) for _ in range(300)]
        await asyncio.to_thread(work.wait_for, 2)
        refused = [one for one in hog if one.done()]
        assert len(refused) == 300 - 6
        assert all(isinstance(one.exception(), TenantBusyError) for one in refused)
        other = asyncio.ensure_future(pool.call(event, "other", "other"))
        health = asyncio.ensure_future(pool.call(event, "health"))
        await asyncio.to_thread(work.wait_for, 2)
        assert sorted(work.begun) == ["health", "hog", "hog", "other"]
        work.go_on.set()
        assert (await other, await health) == ("other", "health")
        assert await asyncio.gather(*(one for one in hog if one not in refused)) == ["hog"] * 6
        assert await pool.call(event, "hog", "hog") == "hog"

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("threads", "queue_limit", "share"), [(8, 512, (4, 65)), (1, 0, (1, 64)), (16, 1024, (8, 130))]
)
def test_the_share_follows_from_the_size_of_a_worker(threads: int, queue_limit: int, share: tuple[int, int]) -> None:
    settings = WorkerSettings(-1, -1, "", threads, queue_limit, 1, 1, 1, "", "")
    assert settings.tenant_share == share
