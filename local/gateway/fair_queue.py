"""Work of several owners that take turns: who brings much waits behind their own, and no one else does."""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """Gives out one item of each owner after the other, and no more of one than `most_of_one` at a time.

    What belongs to nobody (the owner "") takes its turns like the rest, as many at a time as there are hands.
    """

    def __init__(self, most_of_one: int) -> None:
        self._most_of_one = most_of_one
        self._waiting: dict[str, deque[T]] = {}
        self._turns: deque[str] = deque()
        """Owners whose next item may be given out, in the order in which they will be."""
        self._working: Counter[str] = Counter()
        self._changed = threading.Condition()

    def put(self, owner: str, item: T) -> None:
        """Add an item behind the others of its owner."""
        with self._changed:
            if owner in self._waiting:
                self._waiting[owner].append(item)
                return
            self._waiting[owner] = deque([item])
            self._admit(owner)

    def get(self) -> tuple[str, T]:
        """Wait for an item whose turn it is. Say `done` with its owner when it is."""
        with self._changed:
            while not self._turns:
                self._changed.wait()
            owner = self._turns.popleft()
            items = self._waiting[owner]
            item = items.popleft()
            self._working[owner] += 1
            if items:
                self._admit(owner)
            else:
                del self._waiting[owner]
            return owner, item

    def done(self, owner: str) -> None:
        """Note that one item of an owner is not worked on any more."""
        with self._changed:
            was_full = self._is_full(owner)
            self._working[owner] -= 1
            if not self._working[owner]:
                del self._working[owner]
            if was_full and owner in self._waiting:
                self._admit(owner)

    def _is_full(self, owner: str) -> bool:
        return bool(owner) and self._working[owner] >= self._most_of_one

    def _admit(self, owner: str) -> None:
        if not self._is_full(owner):
            self._turns.append(owner)
            self._changed.notify()
