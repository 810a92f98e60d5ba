"""What a container has worked out before, so that it need not do it again: bounded by what it weighs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

T = TypeVar("T")


class Memory(Generic[T]):
    """Values by what they follow from. Safe to share between threads, where the values are immutable."""

    def __init__(self, most: int) -> None:
        """`most`: what all of it may weigh together; where it gets heavier, all is forgotten."""
        self.most = most
        self._values: dict[Hashable, T] = {}
        self._weight = 0

    def find(self, key: Hashable) -> T | None:
        """Return what is remembered, or None."""
        return self._values.get(key)

    def keep(self, key: Hashable, value: T, weight: int) -> T:
        """Remember a value, unless it is too heavy by itself, and return it."""
        self._weight += weight
        if self._weight > self.most:
            self._values.clear()
            self._weight = weight
        if weight <= self.most:
            self._values[key] = value
        return value


class FreshMemory(Generic[T]):
    """Answers to questions under facts, and for no longer than an answer counts as fresh: the clock alone may go on."""

    def __init__(self, most: int, fresh: timedelta) -> None:
        self._fresh = fresh
        self._answers: Memory[tuple[Hashable, datetime, T]] = Memory(most)

    def knows(self, question: Hashable) -> bool:
        """Whether there is an answer, be it under the same facts or others."""
        return self._answers.find(question) is not None

    def find(self, question: Hashable, facts: Hashable, now: datetime) -> tuple[T, timedelta] | None:
        """Return the answer to the same question under the same facts, and how old it is; or None."""
        known = self._answers.find(question)
        if known is None or known[0] != facts or not timedelta() <= now - known[1] < self._fresh:
            return None
        return known[2], now - known[1]

    def keep(self, question: Hashable, facts: Hashable, now: datetime, answer: T, weight: int) -> None:
        """Remember an answer that was found now."""
        self._answers.keep(question, (facts, now, answer), weight)
