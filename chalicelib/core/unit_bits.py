"""Sets of units as integers: bit n stands for unit n.

Intersecting and counting hundreds of units is one operation each, and looking for units does little else. The rest of
Berth knows `units.UnitSet`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def from_runs(runs: Iterable[tuple[int, int]], capacity: int) -> int:
    """The units of half-open runs, without those beyond `capacity`."""
    units = 0
    for first, end in runs:
        if first <= capacity:
            units |= (1 << min(end, capacity + 1)) - (1 << first)
    return units


def to_runs(units: int) -> tuple[tuple[int, int], ...]:
    """Half-open runs of adjacent units, ascending."""
    return tuple(run.span() for run in re.finditer("1+", f"{units:b}"[::-1]))


def each(units: int) -> Iterator[int]:
    """Every unit as a set of its own, ascending."""
    while units:
        lowest = units & -units
        yield lowest
        units ^= lowest


def going_round(units: int, quantity: int, start: int) -> int:
    """The first `quantity` units after number `start`, and from the beginning again when the end is reached.

    There must be that many.
    """
    after = units >> (start + 1) << (start + 1)
    missing = quantity - after.bit_count()
    if missing > 0:
        return after | _lowest(units ^ after, missing)
    return _lowest(after, quantity)


def best_fit(units: int, quantity: int) -> int:
    """`quantity` of the units, adjacent if possible, or else in as few fragments as can be. There must be that many.

    They come from the smallest run that is sufficient: large ones are kept for those who need them.
    """
    chosen = 0
    runs = sorted(to_runs(units), key=lambda run: run[1] - run[0])
    while quantity:
        sufficient = next((place for place, (first, end) in enumerate(runs) if end - first >= quantity), -1)
        first, end = runs.pop(sufficient)
        end = min(end, first + quantity)
        chosen |= (1 << end) - (1 << first)
        quantity -= end - first
    return chosen


def _lowest(units: int, quantity: int) -> int:
    """The `quantity` units with the lowest numbers; there must be that many."""
    if quantity == 1:
        return units & -units
    end = bisect_left(range(units.bit_length()), quantity, key=lambda end: (units & ((1 << end) - 1)).bit_count())
    return units & ((1 << end) - 1)
