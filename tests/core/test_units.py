from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.resources import UnitAssignment
from chalicelib.core.units import UNBOUNDED, UnitSet, blocked_by, choose, place
from tests.core.worlds import World, between, hour_of, resource, taken, worlds
from tests.examples import examples

if TYPE_CHECKING:
    from chalicelib.core.allocations import Allocation
    from chalicelib.core.units import Placement

LABELLED, POOLED = UnitAssignment.LABELLED, UnitAssignment.POOLED
numbers = st.sets(st.integers(1, 60), max_size=40)
some_numbers = st.sets(st.integers(1, 60), min_size=1, max_size=40)


# Sets of units


@given(numbers, numbers)
def test_unit_sets_are_sets(one: set[int], other: set[int]) -> None:
    mine, theirs = UnitSet.of(one), UnitSet.of(other)
    assert list(mine) == sorted(one)
    assert len(mine) == len(one)
    assert bool(mine) == bool(one)
    assert {number for number in range(70) if number in mine} == one
    assert (mine == theirs) == (one == other)
    for combined, expected in (
        (mine | theirs, one | other),
        (mine & theirs, one & other),
        (mine - theirs, one - other),
    ):
        assert combined == UnitSet.of(expected)
        assert hash(combined) == hash(UnitSet.of(expected))


@given(numbers)
def test_runs_are_sorted_half_open_and_never_touch(chosen: set[int]) -> None:
    runs = UnitSet.of(chosen).runs
    assert all(first < end for first, end in runs)
    assert all(end < first for (_, end), (first, _) in pairwise(runs))
    assert {number for first, end in runs for number in range(first, end)} == chosen


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param(((0, 2),), id="units count from 1"),
        pytest.param(((3, 3),), id="empty"),
        pytest.param(((3, 2),), id="reversed"),
        pytest.param(((1, 3), (3, 4)), id="touching"),
        pytest.param(((4, 5), (1, 2)), id="unsorted"),
        pytest.param(((1, UNBOUNDED + 1),), id="beyond what Postgres counts"),
    ],
)
def test_runs_in_another_form_are_a_mistake(runs: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="separate runs"):
        UnitSet(runs)


def test_only_numbers_are_in_a_set_of_units() -> None:
    assert "1" not in UnitSet.of((1,))


def test_a_set_without_end_leaves_what_is_before_it() -> None:
    everything = UnitSet.span(1, UNBOUNDED)
    assert UnitSet.span(1, 11) - UnitSet.span(4, UNBOUNDED) == UnitSet.span(1, 4)
    assert everything & UnitSet.of((7, 9)) == UnitSet.of((7, 9))
    assert (everything - UnitSet.of((5,))).runs == ((1, 5), (6, UNBOUNDED))


# Choosing


@given(some_numbers, st.integers(1, 45), st.sampled_from(UnitAssignment), st.integers(0, 70))
def test_as_many_as_wanted_are_chosen_of_those_that_are_free_or_none(
    free: set[int], quantity: int, assignment: UnitAssignment, start: int
) -> None:
    chosen = choose(UnitSet.of(free), quantity, assignment, start)
    assert (chosen is None) == (len(free) < quantity)
    if chosen is not None:
        assert len(chosen) == quantity
        assert set(chosen) <= free


@given(some_numbers, st.data())
def test_labelled_units_are_chosen_in_as_few_fragments_as_possible(free: set[int], data: st.DataObject) -> None:
    quantity = data.draw(st.integers(1, len(free)))
    chosen = choose(UnitSet.of(free), quantity, LABELLED, 0)
    assert chosen is not None
    largest_first = sorted((end - first for first, end in UnitSet.of(free).runs), reverse=True)
    fewest = next(count for count in range(1, 41) if sum(largest_first[:count]) >= quantity)
    assert len(chosen.runs) == fewest


@given(some_numbers, st.data())
def test_adjacent_units_come_from_the_smallest_run_that_has_them(free: set[int], data: st.DataObject) -> None:
    runs = UnitSet.of(free).runs
    quantity = data.draw(st.integers(1, max(end - first for first, end in runs)))
    chosen = choose(UnitSet.of(free), quantity, LABELLED, 0)
    assert chosen is not None
    [(first, end)] = chosen.runs
    smallest = min(stop - begin for begin, stop in runs if stop - begin >= quantity)
    assert any(begin <= first and end <= stop and stop - begin == smallest for begin, stop in runs)


@given(some_numbers, st.data(), st.integers(0, 70))
def test_pooled_units_are_chosen_going_round_from_the_start(free: set[int], data: st.DataObject, start: int) -> None:
    quantity = data.draw(st.integers(1, len(free)))
    chosen = choose(UnitSet.of(free), quantity, POOLED, start)
    round_trip = sorted(free, key=lambda number: (number <= start, number))
    assert chosen == UnitSet.of(round_trip[:quantity])


def test_a_great_many_units_are_chosen_at_once() -> None:
    everything = UnitSet.span(1, 100_001)
    assert choose(everything, 60_000, POOLED, 70_000) == UnitSet(((1, 30_001), (70_001, 100_001)))
    assert choose(everything, 60_000, LABELLED, 70_000) == UnitSet.span(1, 60_001)


# Placing in a pool


@given(worlds(capacity=5, most=25, quantities=4), st.integers(0, 5))
def test_a_pool_takes_exactly_what_fits_at_every_instant(world: World, start: int) -> None:
    placement = world.place(POOLED, start=start)
    assert (placement is not None) == world.sum_fits
    if placement is not None:
        world.check(placement)
        assert not placement.moved


@given(worlds(capacity=5, most=25, quantities=3), st.integers(0, 5))
def test_a_split_has_as_few_parts_as_possible(world: World, start: int) -> None:
    placement = world.place(POOLED, start=start)
    if placement is not None:
        assert len(placement.parts) == fewest_parts(world)


def fewest_parts(world: World) -> int:
    """By trying every way to cut the range."""
    fewest = {world.start: 0}
    for end in range(world.start + 1, world.end + 1):
        fewest[end] = min(
            count + 1
            for begin, count in fewest.items()
            if len(set[int].intersection(*(world.free_at(hour) for hour in range(begin, end)))) >= world.quantity
        )
    return fewest[world.end]


@given(worlds(capacity=5, most=25, quantities=3), st.integers(0, 5))
def test_from_part_to_part_only_as_many_units_change_as_must(world: World, start: int) -> None:
    placement = world.place(POOLED, start=start)
    if placement is not None:
        free = [
            set[int].intersection(
                *(world.free_at(hour) for hour in range(hour_of(part.during.starts_at), hour_of(part.during.ends_at)))
            )
            for part in placement.parts
        ]
        assert changes(placement) == fewest_changes(free, world.quantity)


def changes(placement: Placement) -> int:
    return sum(len(after.units - before.units) for before, after in pairwise(placement.parts))


def fewest_changes(free: list[set[int]], quantity: int) -> int:
    """By trying all choices of units in every part."""
    costs = {frozenset(units): 0 for units in combinations(free[0], quantity)}
    for units_of_part in free[1:]:
        costs = {
            frozenset(units): min(cost + len(set(units) - before) for before, cost in costs.items())
            for units in combinations(units_of_part, quantity)
        }
    return min(costs.values())


def test_of_units_that_a_part_adds_those_are_taken_that_the_next_can_keep() -> None:
    """Free are 1 and 2; then 2, 3 and 4; then 4 and 5."""
    known = [taken(1, 4, 12, 1), taken(2, 8, 12, 2), taken(3, 0, 4, 3, 4), taken(4, 8, 12, 3), taken(5, 0, 8, 5)]
    placement = place(resource(5, POOLED), known, between(0, 12), 2)
    assert placement is not None
    assert [list(part.units) for part in placement.parts] == [[1, 2], [2, 4], [4, 5]]


def test_a_pool_keeps_the_units_that_a_guest_has_as_long_as_it_can() -> None:
    known = [taken(1, 0, 9, 1), taken(2, 5, 9, 2), taken(3, 0, 5, 4)]
    placement = place(resource(4, POOLED), known, between(0, 9), 2, fixed=UnitSet.of((2, 3)))
    assert placement is not None
    assert [part.units for part in placement.parts] == [UnitSet.of((2, 3)), UnitSet.of((3, 4))]
    assert [hour_of(part.during.starts_at) for part in placement.parts] == [0, 5]


def test_of_more_pooled_units_than_are_wanted_now_some_are_kept() -> None:
    placement = place(resource(4, POOLED), [], between(0, 9), 1, fixed=UnitSet.of((2, 3)))
    assert placement is not None
    assert placement.parts[0].units == UnitSet.of((2,))


# What blocks


def blockers(*known: Allocation, quantity: int = 1, fixed: UnitSet | None = None) -> tuple[int, tuple[str, ...]]:
    return blocked_by(resource(2, LABELLED), known, between(2, 8), quantity, fixed=fixed)


def closed(owner: int, start: int, end: int, *units: int) -> Allocation:
    return taken(owner, start, end, *units, kind="closure", pinned=True)


def test_it_is_said_what_blocks_at_the_instants_with_too_few_units() -> None:
    both = taken(1, 0, 4, 1, 2)
    assert blockers(both) == (0, ("reservations",))
    assert blockers(both, closed(2, 5, 6, 1)) == (0, ("reservations",)), "the closure alone would leave one"
    assert blockers(taken(1, 0, 4, 1), closed(2, 3, 9, 2)) == (0, ("closure", "reservations"))
    assert blockers(closed(1, 0, 9, 1, 2)) == (0, ("closure",))
    assert blockers(taken(1, 0, 4, 1), quantity=2) == (1, ("reservations",))
    assert blockers(taken(1, 8, 9, 1, 2), taken(2, 0, 2, 1, 2), closed(3, 4, 5, 2), quantity=2) == (1, ("closure",))


def test_more_than_there_is_is_blocked_by_the_capacity() -> None:
    assert blockers(taken(1, 0, 4, 1), quantity=3) == (1, ("capacity",))


def test_what_cannot_be_moved_blocks_where_each_instant_would_have_enough() -> None:
    came, promised = taken(1, 0, 5, 1, pinned=True), taken(2, 5, 9, 2, pinned=True)
    assert blockers(came, promised) == (0, ("reservations",))


def test_for_a_unit_that_is_kept_only_what_has_that_one_blocks() -> None:
    known = taken(1, 0, 4, 1, pinned=True), closed(2, 3, 9, 2)
    assert blockers(*known, fixed=UnitSet.of((1,))) == (0, ("reservations",))
    assert blockers(*known, fixed=UnitSet.of((2,))) == (0, ("closure",))
    assert blockers(*known, fixed=UnitSet.of((3,))) == (0, ("capacity",)), "there is no such unit"


@settings(max_examples=examples(200))
@given(worlds(capacity=4, most=16, quantities=3))
def test_whatever_is_not_placed_is_blocked_by_something_and_fewer_are_free(world: World) -> None:
    for assignment in UnitAssignment:
        if world.place(assignment) is None:
            known, during = resource(world.capacity, assignment), between(world.start, world.end)
            free, reasons = blocked_by(known, world.allocations, during, world.quantity)
            assert 0 <= free < world.quantity
            assert reasons
            assert set(reasons) <= {"reservations", "closure"}
