"""Labelled units: a guest never changes rooms, so others are moved, and nobody who must stay."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.core.allocations import Allocation
from chalicelib.core.resources import UnitAssignment
from chalicelib.core.time_ranges import LATEST_AT
from chalicelib.core.units import UNBOUNDED, Move, UnitSet, place
from tests.core.worlds import HOURS, World, at, between, cells_of, hour_of, resource, taken, worlds
from tests.examples import examples

LABELLED = UnitAssignment.LABELLED


def earlier_only(start: int, wanted: int) -> st.SearchStrategy[bool]:
    return st.booleans() if start <= wanted else st.just(value=False)


@settings(max_examples=examples(300))
@given(worlds(capacity=5, most=25, quantities=3, pinned=earlier_only))
def test_it_succeeds_exactly_if_the_sum_fits_where_nothing_that_stays_begins_later(world: World) -> None:
    placement = world.place(LABELLED)
    assert (placement is not None) == world.sum_fits
    if placement is not None:
        world.check(placement)
        assert len(placement.parts) == 1


# Anyone who begins later has nowhere to go: one who began earlier is moved after all.
FIRST_CHOICE_FAILS = World(2, (taken(1, 5, 8, 1), taken(2, 7, 8, 2, pinned=True), taken(3, 0, 3, 2)), 2, 6, 1)
# A unit that is free is given to somebody, and has to be taken back for somebody else.
FREE_UNIT_IS_TAKEN_BACK = World(
    3,
    (
        taken(1, 2, 5, 3),
        taken(2, 1, 3, 2),
        taken(3, 5, 8, 2),
        taken(4, 4, 6, 1),
        taken(5, 7, 8, 1, pinned=True),
        taken(6, 5, 8, 3),
    ),
    1,
    5,
    1,
)


@settings(max_examples=examples(300))
@given(worlds(capacity=3, most=7, quantities=2))
@example(FIRST_CHOICE_FAILS)
@example(FREE_UNIT_IS_TAKEN_BACK)
def test_among_few_it_finds_a_way_past_later_obstacles_exactly_if_there_is_one(world: World) -> None:
    placement = world.place(LABELLED)
    assert (placement is not None) == world.can_be_arranged()
    if placement is not None:
        world.check(placement)


@given(worlds(capacity=7, most=40, quantities=3))
def test_among_many_whatever_it_finds_is_valid(world: World) -> None:
    placement = world.place(LABELLED)
    if placement is not None:
        world.check(placement)
        assert world.sum_fits


@given(worlds(capacity=4, most=16, quantities=2))
def test_nobody_is_moved_while_enough_units_are_free_throughout(world: World) -> None:
    free = set[int].intersection(*(world.free_at(hour) for hour in range(world.start, world.end)))
    placement = world.place(LABELLED)
    if len(free) >= world.quantity:
        assert placement is not None
        assert not placement.moved
        assert set(placement.parts[0].units) <= free
    elif placement is not None:
        assert placement.moved


@settings(max_examples=examples(300))
@given(worlds(capacity=3, most=7, quantities=2), st.data())
def test_units_that_are_kept_are_made_free_exactly_if_there_is_a_way(world: World, data: st.DataObject) -> None:
    units = st.integers(1, world.capacity + 1)
    fixed = UnitSet.of(data.draw(st.sets(units, min_size=world.quantity, max_size=world.quantity)))
    placement = world.place(LABELLED, fixed=fixed)
    assert (placement is not None) == world.can_be_arranged(fixed)
    if placement is not None:
        world.check(placement)
        assert placement.parts[0].units == fixed


@given(worlds(capacity=4, most=16), st.integers(1, 4))
def test_what_does_not_touch_is_neither_moved_nor_of_any_account(world: World, unit: int) -> None:
    later = taken(99, HOURS, HOURS + 5, unit, pinned=True)
    more = World(max(world.capacity, unit), (*world.allocations, later), world.start, world.end, world.quantity)
    fewer = World(more.capacity, world.allocations, world.start, world.end, world.quantity)
    assert more.place(LABELLED) == fewer.place(LABELLED)


def test_one_is_moved_where_that_is_enough() -> None:
    placement = place(resource(2, LABELLED), [taken(1, 0, 5, 1), taken(2, 5, 10, 2)], between(3, 8), 1)
    assert placement is not None
    assert placement.parts[0].units == UnitSet.of((2,))
    assert placement.moved == (Move(UUID(int=2), UnitSet.of((2,)), UnitSet.of((1,))),)


def test_whoever_has_to_move_goes_where_the_next_begins_latest() -> None:
    known = [taken(1, 0, 2, 1), taken(2, 2, 6, 2), taken(3, 4, 9, 1), taken(4, 7, 9, 3), taken(5, 0, 1, 3)]
    placement = place(resource(3, LABELLED), known, between(1, 4), 2)
    assert placement is not None
    assert placement.parts[0].units == UnitSet.of((2, 3))
    assert placement.moved == (
        Move(UUID(int=2), UnitSet.of((2,)), UnitSet.of((1,))),
        Move(UUID(int=3), UnitSet.of((1,)), UnitSet.of((2,))),
    )


def test_those_who_move_together_stay_next_to_each_other() -> None:
    known = [taken(1, 5, 9, 1, 2), taken(2, 0, 5, 3), taken(3, 0, 5, 4), taken(4, 5, 9, 5), taken(5, 0, 5, 5)]
    placement = place(resource(5, LABELLED), known, between(3, 6), 2)
    assert placement is not None
    assert placement.parts[0].units == UnitSet.of((1, 2))
    assert placement.moved == (Move(UUID(int=1), UnitSet.of((1, 2)), UnitSet.of((3, 4))),)


@pytest.mark.parametrize(
    "stays",
    [
        pytest.param([taken(2, 5, 10, 2, pinned=True)], id="who is there or was promised the unit"),
        pytest.param([taken(2, 5, 10, 2, kind="closure")], id="a unit out of service"),
        pytest.param([taken(2, 5, 10, 2), taken(2, 10, 12, 1)], id="who has several parts, from when it was a pool"),
        pytest.param([taken(2, 5, 10, 2, 3)], id="who has a unit that there is no more"),
    ],
)
def test_some_cannot_be_moved(stays: list[Allocation]) -> None:
    rooms, came = resource(2, LABELLED), taken(1, 0, 5, 1, pinned=True)
    assert place(rooms, [came, *stays], between(3, 8), 1) is None
    assert place(rooms, [came, taken(2, 5, 10, 2)], between(3, 8), 1) is not None


def test_a_closure_of_everything_closes_also_what_is_built_later_and_until_the_last_year() -> None:
    closure = Allocation(UUID(int=7), "closure", at(8), LATEST_AT, UnitSet.span(1, UNBOUNDED), pinned=True)
    lowered = Allocation(UUID(int=8), "closure", at(0), at(8), UnitSet.span(3, UNBOUNDED), pinned=True)
    known = [closure, lowered, taken(1, 0, 5, 1), taken(2, 5, 8, 2)]
    rooms = resource(100_000, LABELLED)
    assert place(rooms, known, between(3, 9), 1) is None
    placement = place(rooms, known, between(3, 8), 1)
    assert placement is not None
    assert len(placement.moved) == 1
    assert set(placement.parts[0].units) <= {1, 2}


def test_of_more_units_than_are_wanted_now_some_are_kept() -> None:
    known = [taken(1, 0, 9, 2)]
    placement = place(resource(4, LABELLED), known, between(0, 9), 1, fixed=UnitSet.of((2, 4)))
    assert placement is not None
    assert placement.parts[0].units == UnitSet.of((4,))
    assert not placement.moved


def test_to_fewer_units_than_are_wanted_now_others_are_added() -> None:
    known = [taken(1, 0, 9, 2), taken(2, 0, 9, 3, pinned=True)]
    placement = place(resource(4, LABELLED), known, between(0, 9), 2, fixed=UnitSet.of((2,)))
    assert placement is not None
    assert placement.parts[0].units == UnitSet.of((2, 4)) or placement.parts[0].units == UnitSet.of((1, 2))
    assert placement.moved[0].owner_id == UUID(int=1)


def test_a_search_that_could_go_on_for_long_is_ended() -> None:
    """Found by trying: to prove that there is no way would take four times as much as is allowed."""
    known = (
        taken(1, 5, 10, 8),
        taken(2, 7, 11, 5),
        taken(3, 10, 12, 6, pinned=True),
        taken(4, 2, 7, 6, pinned=True),
        taken(5, 7, 12, 2),
        taken(6, 6, 10, 1),
        taken(7, 4, 11, 3),
        taken(8, 7, 12, 7),
        taken(9, 9, 12, 4),
    )
    world = World(8, known, 1, 12, 1)
    assert world.sum_fits
    assert not world.can_be_arranged()
    assert world.place(LABELLED) is None


class Hotel(RuleBasedStateMachine):
    """Rooms over time: whoever has come keeps the room, and so everybody who came shares today.

    Therefore a reservation is accepted exactly if there are enough rooms on each of its nights.
    """

    @initialize(rooms=st.integers(1, 6))
    def open(self, rooms: int) -> None:
        self.rooms = resource(rooms, LABELLED)
        self.books: dict[UUID, Allocation] = {}
        self.today = 0
        self.made = 0

    @rule(ahead=st.integers(0, 8), nights=st.integers(1, 8), quantity=st.integers(1, 3))
    def reserve(self, ahead: int, nights: int, quantity: int) -> None:
        start, end = self.today + ahead, self.today + ahead + nights
        fits = all(self.taken_at(hour) + quantity <= self.rooms.capacity for hour in range(start, end))
        placement = place(self.rooms, self.books.values(), between(start, end), quantity)
        assert (placement is not None) == fits
        if placement is None:
            return
        for move in placement.moved:
            before = self.books[move.owner_id]
            self.books[move.owner_id] = taken(move.owner_id.int, *self.times(before), *move.after, pinned=before.pinned)
        self.made += 1
        self.books[UUID(int=self.made)] = taken(self.made, start, end, *placement.parts[0].units)

    @precondition(lambda self: self.books)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        del self.books[data.draw(st.sampled_from(sorted(self.books)))]

    @rule(nights=st.integers(1, 3))
    def time_passes(self, nights: int) -> None:
        """Who has left blocks nothing any more; who should have come by now keeps the room."""
        self.today += nights
        self.books = {
            owner: taken(owner.int, *self.times(other), *other.units, pinned=other.starts_at < at(self.today))
            for owner, other in self.books.items()
            if other.ends_at > at(self.today)
        }

    @invariant()
    def nobody_shares_a_room(self) -> None:
        cells = [cell for other in self.books.values() for cell in cells_of(other)]
        assert len(cells) == len(set(cells))
        assert all(1 <= room <= self.rooms.capacity for room, _ in cells)

    def taken_at(self, hour: int) -> int:
        return sum(len(other.units) for other in self.books.values() if other.starts_at <= at(hour) < other.ends_at)

    @staticmethod
    def times(allocation: Allocation) -> tuple[int, int]:
        return hour_of(allocation.starts_at), hour_of(allocation.ends_at)


TestHotel = Hotel.TestCase
TestHotel.settings = settings(max_examples=examples(60), stateful_step_count=40)
