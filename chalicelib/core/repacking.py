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
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, combinations
from operator import attrgetter
from typing import TYPE_CHECKING

from chalicelib.core import unit_bits
from chalicelib.core.resources import UnitAssignment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.core.allocations import Allocation

MOST_LOOKS = 100_000
"""How many uses the second search looks at, many of them again and again, before it gives up: tens of milliseconds."""


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


@dataclass(frozen=True, slots=True)
class Repacked:
    """Units for what is wanted, and other units for those who have to move: by their place among the allocations."""

    taken: int
    moved: Mapping[int, int]


def repack(wanted: Use, allocations: Sequence[Allocation], places: int) -> Repacked | None:
    """Find units for what is wanted, and others for those who have them; None where no way was found.

    `places` are the units of the resource that is wanted; reservations of another one have their own.
    """
    uses = _Uses(wanted, allocations, places)
    units = _Search(uses).by_start() or _Search(uses).by_need()
    if units is None:
        return None
    moved = {
        uses.origin(place): after
        for place, after in sorted(units.items())
        if place != uses.wanted and after != uses[place].present
    }
    return Repacked(units[uses.wanted], moved)


@dataclass(frozen=True, slots=True)
class _Company:
    """Who uses units at the same time as somebody: the units of those who must stay, and the others by their start."""

    staying: int
    movable: tuple[int, ...]
    movable_set: frozenset[int]


class _Uses:
    """Everything that is in use or wanted, named by its place in the order of the starts.

    There may be thousands of uses, of which a search comes across dozens: only these are looked at closely.
    """

    def __init__(self, wanted: Use, allocations: Sequence[Allocation], places: int) -> None:
        self._allocations = allocations
        self._places = places
        others = {other.within for other in allocations if other.within}
        self._last = max([places.bit_length() - 1, *(units.runs[-1][1] - 1 for units in others)])
        self._rows = Counter(map(attrgetter("owner_id.int"), allocations))
        starts = [other.starts_at for other in allocations]
        self._order = sorted(range(len(starts)), key=starts.__getitem__)
        self._starts = sorted(starts)
        self._ends = [allocations[number].ends_at for number in self._order]
        self.wanted = bisect_left(self._starts, wanted.starts_at)
        self._order.insert(self.wanted, len(allocations))
        self._starts.insert(self.wanted, wanted.starts_at)
        self._ends.insert(self.wanted, wanted.ends_at)
        self._latest_ends = list(accumulate(self._ends, max))
        self._known = {self.wanted: wanted}
        self._companies: dict[int, _Company] = {}

    def origin(self, place: int) -> int:
        """The place among the allocations that were given."""
        return self._order[place]

    def __getitem__(self, place: int) -> Use:
        if place not in self._known:
            self._known[place] = self._use(self._allocations[self._order[place]])
        return self._known[place]

    def company(self, place: int) -> _Company:
        """Who uses units at the same time."""
        if place not in self._companies:
            starts_at, ends_at = self._starts[place], self._ends[place]
            first, end = bisect_right(self._latest_ends, starts_at), bisect_left(self._starts, ends_at)
            others = [other for other in range(first, end) if self._ends[other] > starts_at and other != place]
            staying = 0
            for other in others:
                if not self[other].allowed:
                    staying |= self[other].present
            movable = tuple(other for other in others if self[other].allowed)
            self._companies[place] = _Company(staying, movable, frozenset(movable))
        return self._companies[place]

    def _use(self, allocation: Allocation) -> Use:
        units = unit_bits.from_runs(allocation.units.runs, self._last)
        own = allocation.within
        places = self._places if own is None else unit_bits.from_runs(own.runs, self._last)
        # Who has several rows, or units beyond the capacity, was placed under other terms and stays as it is; so does
        # who may be split, beside those who may not.
        as_usual = self._rows[allocation.owner_id.int] == 1 and (units & places).bit_count() == len(allocation.units)
        labelled = allocation.assignment is not UnitAssignment.POOLED
        movable = as_usual and labelled and allocation.owner_kind == "reservation" and not allocation.pinned
        return Use(
            starts_at=allocation.starts_at,
            ends_at=allocation.ends_at,
            quantity=units.bit_count(),
            present=units,
            allowed=places if movable else 0,
        )


class _Search:
    """One search: who has got units for certain, who waits for some, and everybody else has what they have."""

    def __init__(self, uses: _Uses) -> None:
        self._uses = uses
        self._settled: dict[int, int] = {}
        self._waiting = {uses.wanted}
        self._looks = 0

    def by_start(self) -> dict[int, int] | None:
        """Settle whoever waits, the one that begins first before others; give up at the first dead end."""
        while self._waiting:
            place = min(self._waiting)
            units = next(self._choices(place), None)
            if units is None:
                return None
            self._settle(place, units)
        return self._settled

    def by_need(self) -> dict[int, int] | None:
        """Settle the one with the fewest possibilities before others; at a dead end go back to the last choice."""
        trail: list[tuple[int, Iterator[int], list[int]]] = []
        while self._looks < MOST_LOOKS:
            place = min(self._waiting, key=lambda place: (self._possible(place).bit_count(), place))
            choices = self._choices(place)
            while (units := next(choices, None)) is None:
                if not trail:
                    return None
                place, choices, turned_out = trail.pop()
                self._waiting.difference_update(turned_out)
                self._waiting.add(place)
                del self._settled[place]
            trail.append((place, choices, self._settle(place, units)))
            if not self._waiting:
                return self._settled
        return None

    def _settle(self, place: int, units: int) -> list[int]:
        """Give units to one use; return who has to leave them and waits now."""
        turned_out = [other for other, present in self._can_be_turned_out(place) if present & units]
        self._settled[place] = units
        self._waiting.remove(place)
        self._waiting.update(turned_out)
        return turned_out

    def _choices(self, place: int) -> Iterator[int]:
        """Every choice of units for one use, the best first: those that turn out nobody, then whoever begins latest."""
        use = self._uses[place]
        free = self._possible(place)
        if use.required & ~free:
            return
        used_first_by: list[int] = []
        for _, present in self._can_be_turned_out(place):
            used_first_by.append(free & present)
            free &= ~present
        best = use.best_of(free)
        if best is not None:
            yield best
        ranked = [unit for units in (free, *reversed(used_first_by)) for unit in unit_bits.each(units & ~use.required)]
        for added in combinations(ranked, use.quantity - use.required.bit_count()):
            units = sum(added) | use.required
            if units != best:
                yield units

    def _possible(self, place: int) -> int:
        """The units that nobody has for certain who uses them at the same time."""
        company = self._uses.company(place)
        possible = self._uses[place].allowed & ~company.staying
        beside = self._settled.keys() & company.movable_set
        self._looks += 1 + len(beside)
        for other in beside:
            possible &= ~self._settled[other]
        return possible

    def _can_be_turned_out(self, place: int) -> Iterator[tuple[int, int]]:
        """Who uses units at the same time and is neither settled nor waiting, by start, with the units."""
        movable = self._uses.company(place).movable
        self._looks += len(movable)
        for other in movable:
            if other not in self._settled and other not in self._waiting:
                yield other, self._uses[other].present
