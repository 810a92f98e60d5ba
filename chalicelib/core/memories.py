"""What a container has worked out before, so that it need not do it again: bounded by what it weighs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

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
