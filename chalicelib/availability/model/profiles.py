"""How many units of a resource are used over time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.core.time_ranges import LATEST_AT, TimeRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Profile:
    """How many units of a resource are used over time: from each step's instant on, so many; before the first, none.

    Steps ascend. More than the capacity may be used where it was lowered.
    """

    capacity: int
    steps: tuple[tuple[datetime, int], ...]
    _instants: tuple[datetime, ...] = field(init=False, repr=False, compare=False)
    _used: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_instants", tuple(at for at, _ in self.steps))
        object.__setattr__(self, "_used", tuple(used for _, used in self.steps))

    def remaining(self, during: TimeRange) -> int:
        """Return how many units are free at every instant of a range."""
        first = bisect_right(self._instants, during.starts_at) - 1
        last = bisect_left(self._instants, during.ends_at, max(first, 0))
        return max(0, self.capacity - max(self._used[max(first, 0) : last], default=0))

    def busy(self, units: int) -> Iterator[TimeRange]:
        """Yield, ascending, the ranges in which fewer than so many units are free."""
        until = (*self._instants[1:], LATEST_AT)
        for starts_at, used, ends_at in zip(self._instants, self._used, until, strict=False):
            if self.capacity - used < units:
                yield TimeRange(starts_at, ends_at)


def steps_of(taken: Iterable[tuple[datetime, datetime, int]], within: TimeRange) -> list[tuple[datetime, int]]:
    """Return how many units are used from when on in a range, given from when until when so many are taken."""
    changes: dict[datetime, int] = {}
    for starts_at, ends_at, units in taken:
        first_at = max(starts_at, within.starts_at)
        changes[first_at] = changes.get(first_at, 0) + units
        if ends_at < within.ends_at:
            changes[ends_at] = changes.get(ends_at, 0) - units
    steps: list[tuple[datetime, int]] = []
    used = 0
    for at, change in sorted(changes.items()):
        if change:  # someone comes as someone leaves
            used += change
            steps.append((at, used))
    return steps


def most_at_once(ranges: Iterable[Weighted], within: TimeRange) -> int:
    """Return the most units that the ranges have together at one instant within a range."""
    steps: list[tuple[datetime, int]] = []
    for during, units in ranges:
        if during.overlaps(within):
            steps += ((max(during.starts_at, within.starts_at), units), (during.ends_at, -units))
    most = used = 0
    for _, change in sorted(steps):  # at one instant the leaving come first
        used += change
        most = max(most, used)
    return most


Weighted = tuple[TimeRange, int]
"""So many units during a range; fewer than none take from what others have."""
