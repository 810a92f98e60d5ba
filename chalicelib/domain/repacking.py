"""Finds other units for reservations of labelled units, so that one more fits: a guest never changes rooms.

What is wanted takes units; whoever has them, and can be moved, has to look for others, and may again turn somebody
out. The one that begins first looks first, and takes units whose next user begins as late as possible. So nobody who
began earlier is turned out while there is another way; and where nothing that must stay begins later than what is
wanted, there always is one if the units suffice in number at every instant: all that is in use at a start shares that
instant (interval graphs need no more colours than their depth: M. C. Golumbic, Algorithmic Graph Theory and Perfect
Graphs, chapter 8).

Something that must stay and begins later can make that a dead end. Then the search begins again in another order, the
one with the fewest possibilities first, and goes back where it comes to an end. It would find every way there is, were
it not stopped after a number of tries.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, combinations
from typing import TYPE_CHECKING

from chalicelib.domain import unit_bits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_TRIES = 500
"""How many times the second search gives units to somebody before it gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Units in use during a time, as bits. `present`: those that it has; none for what is wanted.

    It may be moved to `allowed` units (none: it must stay), and `required` ones are among them in any case.
    """

    starts_at: datetime
    ends_at: datetime
    quantity: int
    present: int = 0
    allowed: int = 0
    required: int = 0

    def best_of(self, free: int) -> int | None:
        """The best of the free units, or None where there are not enough."""
        added = free & self.allowed & ~self.required
        missing = self.quantity - self.required.bit_count()
        if self.required & ~free or added.bit_count() < missing:
            return None
        return self.required | unit_bits.best_fit(added, missing)


def repack(wanted: Use, others: Sequence[Use]) -> list[int] | None:
    """Return units for what is wanted and then for each of the others in their order, or None where no way was found.

    The others' present units must be an arrangement in which nobody shares a unit at an instant.
    """
    uses = [wanted, *others]
    order = sorted(range(len(uses)), key=lambda place: uses[place].starts_at)
    ordered = [uses[place] for place in order]
    found = _Search(ordered, order.index(0)).by_start() or _Search(ordered, order.index(0)).by_need()
    if found is None:
        return None
    units = dict(zip(order, found, strict=True))
    return [units[place] for place in range(len(uses))]


class _Search:
    """One search. Uses are named by their place in the order of their starts."""

    def __init__(self, uses: Sequence[Use], wanted: int) -> None:
        self._uses = uses
        self._starts = [use.starts_at for use in uses]
        self._latest_ends = list(accumulate((use.ends_at for use in uses), max))
        self._units = [use.present for use in uses]
        self._settled = [not use.allowed for use in uses]
        self._settled[wanted] = False
        self._waiting = {wanted}

    def by_start(self) -> list[int] | None:
        """Settle whoever waits, the one that begins first before others; give up at the first dead end."""
        while self._waiting:
            place = min(self._waiting)
            units = next(self._choices(place), None)
            if units is None:
                return None
            self._settle(place, units)
        return self._units

    def by_need(self) -> list[int] | None:
        """Settle the one with the fewest possibilities before others; at a dead end go back to the last choice."""
        trail: list[tuple[int, Iterator[int], list[tuple[int, int]]]] = []
        for _ in range(MOST_TRIES):
            place = min(self._waiting, key=lambda place: (self._possible(place).bit_count(), place))
            choices = self._choices(place)
            while (units := next(choices, None)) is None:
                if not trail:
                    return None
                place, choices, turned_out = trail.pop()
                self._undo(place, turned_out)
            trail.append((place, choices, self._settle(place, units)))
            if not self._waiting:
                return self._units
        return None

    def _settle(self, place: int, units: int) -> list[tuple[int, int]]:
        """Give units to one use; return who has to leave them, with the units that each had."""
        turned_out = [
            (other, self._units[other])
            for other in self._at_the_time_of(place)
            if not self._settled[other] and self._units[other] & units
        ]
        self._units[place] = units
        self._settled[place] = True
        self._waiting.remove(place)
        for other, _ in turned_out:
            self._units[other] = 0
            self._waiting.add(other)
        return turned_out

    def _undo(self, place: int, turned_out: list[tuple[int, int]]) -> None:
        for other, units in turned_out:
            self._units[other] = units
            self._waiting.remove(other)
        self._units[place] = 0
        self._settled[place] = False
        self._waiting.add(place)

    def _choices(self, place: int) -> Iterator[int]:
        """Every choice of units for one use, the best first: those that turn out nobody, then whoever begins latest."""
        use = self._uses[place]
        free = self._possible(place)
        if use.required & ~free:
            return
        used_first_by: list[int] = []
        for other in self._at_the_time_of(place):
            if not self._settled[other]:
                used_first_by.append(free & self._units[other])
                free &= ~self._units[other]
        best = use.best_of(free)
        if best is not None:
            yield best
        ranked = [unit for units in (free, *reversed(used_first_by)) for unit in unit_bits.each(units & ~use.required)]
        for added in combinations(ranked, use.quantity - use.required.bit_count()):
            units = sum(added) | use.required
            if units != best:
                yield units

    def _possible(self, place: int) -> int:
        """The units that nobody who is settled uses at the same time."""
        possible = self._uses[place].allowed
        for other in self._at_the_time_of(place):
            if self._settled[other]:
                possible &= ~self._units[other]
        return possible

    def _at_the_time_of(self, place: int) -> list[int]:
        """The other uses at the same time, by start."""
        use = self._uses[place]
        first = bisect_right(self._latest_ends, use.starts_at)
        end = bisect_left(self._starts, use.ends_at)
        return [other for other in range(first, end) if other != place and self._uses[other].ends_at > use.starts_at]
