"""Work of several owners that take turns: who brings much waits behind their own, and no one else does."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
ACTIVE_SECONDS = 1.0
"""For which an owner keeps a part of the hands free after something of it was done."""


class FairQueue(Generic[T]):
    """Gives out one item of each owner after the other, and of none more than its part of the hands at a time.

    The part is one by the number of owners that were active a moment ago, and `most_of_one` at most. What belongs to
    nobody (the owner "") takes its turns like the rest, as many at a time as there are hands.
    """

    def __init__(self, hands: int, most_of_one: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._hands = hands
        self._most_of_one = most_of_one
        self._clock = clock
        self._waiting: dict[str, deque[T]] = {}
        self._turns: deque[str] = deque()
        """Owners of which something waits, in the order in which it is given out."""
        self._working: Counter[str] = Counter()
        self._active: OrderedDict[str, float] = OrderedDict()
        """When something of an owner was done last, the oldest first."""
        self._changed = threading.Condition()

    def put(self, owner: str, item: T) -> None:
        """Add an item behind the others of its owner."""
        with self._changed:
            if owner in self._waiting:
                self._waiting[owner].append(item)
            else:
                self._waiting[owner] = deque([item])
                self._turns.append(owner)
            self._changed.notify()

    def get(self) -> tuple[str, T]:
        """Wait for an item whose turn it is. Say `done` with its owner when it is."""
        with self._changed:
            while (owner := self._next()) is None:
                self._changed.wait()
            items = self._waiting[owner]
            item = items.popleft()
            self._working[owner] += 1
            self._turns.remove(owner)
            if items:
                self._turns.append(owner)
            else:
                del self._waiting[owner]
            return owner, item

    def done(self, owner: str, *, counts: bool = True) -> None:
        """Note that one item of an owner is not worked on any more; unless it `counts`, no part is kept for it."""
        with self._changed:
            self._working[owner] -= 1
            if not self._working[owner]:
                del self._working[owner]
            if owner and counts:
                self._active[owner] = self._clock()
                self._active.move_to_end(owner)
            self._changed.notify()

    def _next(self) -> str | None:
        if not self._turns:
            return None
        part = self._part()
        return next((owner for owner in self._turns if not owner or self._working[owner] < part), None)

    def _part(self) -> int:
        """How many items of one owner may be worked on at the moment."""
        forgotten = self._clock() - ACTIVE_SECONDS
        while self._active and next(iter(self._active.values())) < forgotten:
            self._active.popitem(last=False)
        return max(1, min(self._most_of_one, self._hands // max(1, len(self._active))))
