"""Units that are taken away: whoever has them gets others exactly if there is a way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.availability.model.vacating import Vacated, vacate
from chalicelib.core.resources import UnitAssignment
from chalicelib.core.units import Part, UnitSet
from tests.core.worlds import HOURS, World, at, between, cells_of, fill, hour_of, hours, resource, taken, worlds
from tests.examples import examples

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from chalicelib.core.allocations import Allocation

LABELLED, POOLED = UnitAssignment.LABELLED, UnitAssignment.POOLED
NOW = 4


@dataclass(frozen=True)
class Lowering:
    """A world of which the units above `left` are closed from one hour until another."""

    world: World
    left: int
    start: int
    end: int

    def vacate(self, assignment: UnitAssignment) -> Vacated:
        closing = Part(between(self.start, self.end), UnitSet.span(self.left + 1, 100))
        return vacate(resource(self.world.capacity, assignment), self.world.allocations, closing, at(NOW))

    @property
    def closed(self) -> set[tuple[int, int]]:
        units = range(self.left + 1, self.world.capacity + 1)
        return {(unit, hour) for unit in units for hour in range(self.start, self.end)}

    def fits(self, without: set[Allocation]) -> bool:
        """Whether there are enough units at every hour, splitting whatever can be split."""
        for hour in range(max(self.start, NOW), self.end):
            here = [one for one in self.world.allocations if hour in hours(one) and one not in without]
            closures = {unit for one in here if one.owner_kind == "closure" for unit in one.units}
            used = sum(len(one.units) for one in here if one.owner_kind == "reservation")
            if used > len(set(range(1, self.left + 1)) - closures):
                return False
        return True

    def can_be_arranged(self) -> bool:
        """Whether everybody who may move can have units of their own throughout: tries everything."""
        stays = [one for one in self.world.allocations if one.pinned or one.ends_at <= at(NOW)]
        fixed = {cell for one in stays if one.owner_kind == "reservation" for cell in cells_of(one)}
        if fixed & self.closed:
            return False
        cells = {cell for one in stays for cell in cells_of(one)} | self.closed
        uses = [(hours(one), len(one.units)) for one in self.world.allocations if one not in stays]
        return fill(uses, set(range(1, self.world.capacity + 1)), cells)

    def check(self, vacated: Vacated) -> None:
        """Everybody is somewhere all of their time, in as many units, nobody in what is closed or with another."""
        cells = list(self.closed)
        for one in self.world.allocations:
            mine = vacated.moved.get(one, (Part(between(*span(one)), one.units),))
            assert [part.during.starts_at for part in mine] == [one.starts_at, *(p.during.ends_at for p in mine[:-1])]
            assert mine[-1].during.ends_at == one.ends_at
            assert all(len(part.units) == len(one.units) for part in mine)
            if one in vacated.stuck:
                continue
            here = {cell for part in mine for cell in cells_of(taken(1, *span(part), *part.units))}
            if one.owner_kind == "closure":
                assert one not in vacated.moved
                here -= self.closed
            cells += here
        assert len(cells) == len(set(cells)), "a unit is used twice at an hour"


def span(one: Allocation | Part) -> tuple[int, int]:
    during = one.during if isinstance(one, Part) else one
    return hour_of(during.starts_at), hour_of(during.ends_at)


@st.composite
def lowerings(draw: DrawFn, *, capacity: int, most: int, quantities: int, start: int = NOW) -> Lowering:
    world = draw(worlds(capacity=capacity, most=most, quantities=quantities))
    left = draw(st.integers(0, world.capacity - 1))
    return Lowering(world, left, start, draw(st.sampled_from([HOURS, 8])))


@settings(max_examples=examples(300))
@given(lowerings(capacity=5, most=25, quantities=3))
def test_units_of_a_pool_are_taken_away_exactly_if_the_sum_fits_at_every_instant(lowering: Lowering) -> None:
    vacated = lowering.vacate(POOLED)
    assert (not vacated.stuck) == lowering.fits(set())
    assert lowering.fits(set(vacated.stuck))
    lowering.check(vacated)
    for one, parts in vacated.moved.items():
        before = [part for part in parts if part.during.starts_at < at(NOW)]
        assert all(part == Part(between(hours(one).start, NOW), one.units) for part in before)


@settings(max_examples=examples(300))
@given(lowerings(capacity=3, most=7, quantities=2))
def test_labelled_units_are_taken_away_exactly_if_there_is_a_way(lowering: Lowering) -> None:
    vacated = lowering.vacate(LABELLED)
    assert (not vacated.stuck) == lowering.can_be_arranged()
    if not vacated.stuck:
        lowering.check(vacated)
        assert all(len(parts) == 1 and not one.pinned for one, parts in vacated.moved.items())


@given(lowerings(capacity=4, most=16, quantities=2))
def test_only_whoever_has_what_is_closed_gets_other_units_of_a_pool(lowering: Lowering) -> None:
    closed = lowering.closed
    for one in lowering.vacate(POOLED).moved:
        assert cells_of(one) & closed


@given(lowerings(capacity=4, most=16, quantities=2, start=NOW - 2), st.sampled_from(UnitAssignment))
def test_what_was_used_is_not_closed_afterwards(lowering: Lowering, assignment: UnitAssignment) -> None:
    used = [one for one in lowering.world.allocations if one.owner_kind == "reservation" and one.ends_at <= at(NOW)]
    vacated = lowering.vacate(assignment)
    assert not vacated.moved.keys() & set(used)
    assert bool(vacated.stuck) >= any(cells_of(one) & lowering.closed for one in used)


def test_a_use_is_split_where_no_unit_is_free_throughout() -> None:
    known = [taken(1, 4, 8, 1), taken(2, 8, 12, 2), taken(3, 4, 12, 3)]
    closing = Part(between(NOW, HOURS), UnitSet.span(3, 100))
    vacated = vacate(resource(3, POOLED), known, closing, at(NOW))
    halves = Part(between(4, 8), UnitSet.of([2])), Part(between(8, 12), UnitSet.of([1]))
    assert vacated == Vacated({known[2]: halves})
    assert vacate(resource(3, LABELLED), known, closing, at(NOW)).moved.keys() == {known[1], known[2]}
