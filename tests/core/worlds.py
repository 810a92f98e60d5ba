"""Small made-up resources, drawn by hypothesis, and what plain trying says of them. Instants are hours of one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from hypothesis import strategies as st

from chalicelib.core.allocations import Allocation
from chalicelib.core.resources import Resource, UnitAssignment
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import Placement, UnitSet, place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = 12


def at(hour: int) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def hour_of(instant: datetime) -> int:
    return (instant - MIDNIGHT) // timedelta(hours=1)


def between(start: int, end: int) -> TimeRange:
    return TimeRange(at(start), at(end))


def resource(capacity: int, assignment: UnitAssignment) -> Resource:
    return Resource(UUID(int=1), "cabins", "Cabins", capacity, 10, assignment)


def taken(
    owner: int,
    start: int,
    end: int,
    *units: int,
    pinned: bool = False,
    kind: Literal["reservation", "closure"] = "reservation",
) -> Allocation:
    return Allocation(UUID(int=owner), kind, at(start), at(end), UnitSet.of(units), pinned)


@dataclass(frozen=True)
class World:
    """A resource, what blocks it, and what is wanted of it."""

    capacity: int
    allocations: tuple[Allocation, ...]
    start: int
    end: int
    quantity: int

    def place(self, assignment: UnitAssignment, *, start: int = 0, fixed: UnitSet | None = None) -> Placement | None:
        during = between(self.start, self.end)
        known = resource(self.capacity, assignment)
        return place(known, self.allocations, during, self.quantity, start=start, fixed=fixed)

    def free_at(self, hour: int) -> set[int]:
        units = set(range(1, self.capacity + 1))
        return units.difference(*(other.units for other in self.allocations if hour in hours(other)))

    @property
    def sum_fits(self) -> bool:
        return all(len(self.free_at(hour)) >= self.quantity for hour in range(self.start, self.end))

    @property
    def has_later_obstacles(self) -> bool:
        return any(not movable(other) and other.starts_at > at(self.start) for other in self.allocations)

    def can_be_arranged(self, fixed: UnitSet | None = None) -> bool:
        """Whether there is any way at all to give everybody units for the whole of their time: tries everything."""
        cells = {cell for other in self.allocations if not movable(other) for cell in cells_of(other)}
        uses = [(hours(other), len(other.units)) for other in self.allocations if movable(other)]
        units, wanted = set(range(1, self.capacity + 1)), range(self.start, self.end)
        if fixed is None:
            return fill([(wanted, self.quantity), *uses], units, cells)
        mine = {(unit, hour) for unit in fixed for hour in wanted}
        return set(fixed) <= units and not mine & cells and fill(uses, units, cells | mine)

    def check(self, placement: Placement) -> None:
        """What every placement has to be, however it was found."""
        moves = {move.owner_id: move for move in placement.moved}
        assert len(moves) == len(placement.moved)
        cells: list[tuple[int, int]] = []
        for other in self.allocations:
            units = other.units
            if other.owner_id in moves:
                move = moves.pop(other.owner_id)
                assert movable(other)
                assert move.before == units != move.after
                assert len(move.after) == len(units)
                assert all(1 <= unit <= self.capacity for unit in move.after)
                units = move.after
            cells += [(unit, hour) for unit in units for hour in hours(other)]
        assert not moves
        reached = at(self.start)
        for part in placement.parts:
            assert part.during.starts_at == reached
            assert len(part.units) == self.quantity
            assert all(1 <= unit <= self.capacity for unit in part.units)
            during = range(hour_of(part.during.starts_at), hour_of(part.during.ends_at))
            cells += [(unit, hour) for unit in part.units for hour in during]
            reached = part.during.ends_at
        assert reached == at(self.end)
        assert len(cells) == len(set(cells)), "a unit is used twice at an hour"


def hours(allocation: Allocation) -> range:
    return range(hour_of(allocation.starts_at), hour_of(allocation.ends_at))


def cells_of(allocation: Allocation) -> set[tuple[int, int]]:
    return {(unit, hour) for unit in allocation.units for hour in hours(allocation)}


def movable(allocation: Allocation) -> bool:
    return allocation.owner_kind == "reservation" and not allocation.pinned


def fill(uses: Sequence[tuple[range, int]], units: set[int], cells: set[tuple[int, int]]) -> bool:
    if not uses:
        return True
    (during, quantity), *rest = uses
    free = [unit for unit in units if all((unit, hour) not in cells for hour in during)]
    return any(
        fill(rest, units, cells | {(unit, hour) for unit in chosen for hour in during})
        for chosen in combinations(free, quantity)
    )


@st.composite
def worlds(
    draw: DrawFn,
    *,
    capacity: int,
    most: int,
    quantities: int = 1,
    pinned: Callable[[int, int], SearchStrategy[bool]] = lambda _start, _wanted: st.booleans(),
) -> World:
    """Draw a world; `pinned` draws whether something stays that starts at the one hour when the other is wanted."""
    units = draw(st.integers(1, capacity))
    start = draw(st.integers(0, HOURS - 1))
    end = draw(st.integers(start + 1, HOURS))
    counts = st.integers(1, min(units, quantities))
    candidates = draw(
        st.lists(st.tuples(st.integers(0, HOURS - 1), st.integers(1, HOURS), counts, st.randoms()), max_size=most)
    )
    cells: set[tuple[int, int]] = set()
    found: list[Allocation] = []
    for owner, (begins, length, count, random) in enumerate(candidates, 1):
        during = range(begins, min(begins + length, HOURS))
        free = [unit for unit in range(1, units + 1) if all((unit, hour) not in cells for hour in during)]
        if len(free) < count:
            continue
        stays = draw(pinned(begins, start))
        kind = "closure" if stays and draw(st.booleans()) else "reservation"
        other = taken(owner, during.start, during.stop, *random.sample(free, count), pinned=stays, kind=kind)
        cells |= cells_of(other)
        found.append(other)
    return World(units, tuple(found), start, end, draw(counts))
