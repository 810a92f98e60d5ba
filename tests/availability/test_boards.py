"""A `Board` gives units to many who wait, one after the other; what is taken back is put back exactly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import hypothesis.strategies as st
from hypothesis import given

from chalicelib.availability.model.boards import Board
from chalicelib.core.allocations import Allocation
from chalicelib.core.resources import Resource, UnitAssignment
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import UnitSet

if TYPE_CHECKING:
    from collections.abc import Sequence

START = datetime(2027, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
CAPACITY = 3
Asked = tuple[int, int, int]
ASKED = st.tuples(st.integers(0, 20), st.integers(1, 10), st.integers(1, CAPACITY))
"""In how many hours, for how many, and how many units."""


def resource(assignment: UnitAssignment, capacity: int = CAPACITY) -> Resource:
    return Resource(UUID(int=1), "rooms", "Rooms", capacity, 9, assignment)


def span(first: int, last: int) -> TimeRange:
    return TimeRange(START + first * HOUR, START + last * HOUR)


def there(first: int, last: int, unit: int, owner_id: UUID | None = None) -> Allocation:
    during = span(first, last)
    return Allocation(
        owner_id or uuid4(), "reservation", during.starts_at, during.ends_at, UnitSet.of([unit]), pinned=False
    )


def test_who_was_given_other_units_and_is_taken_back_and_put_back_is_moved_all_the_same() -> None:
    first, second, third = there(1, 3, 1), there(2, 5, 2), there(5, 7, 1)
    board = Board(resource(UnitAssignment.LABELLED, 2), [first, second, third])
    assert board.give(uuid4(), span(3, 7), 1, 0, departure_id=None) is not None  # the third changes rooms for that
    (moved,) = board.moved
    assert moved[0] == third
    board.put_back(board.take_back(third.owner_id))
    assert board.moved == (moved,)


def test_who_was_given_units_and_is_taken_back_and_put_back_is_given_them_all_the_same() -> None:
    board = Board(resource(UnitAssignment.LABELLED, 1), [])
    owner_id = uuid4()
    placed = board.give(owner_id, span(3, 7), 1, 0, departure_id=None)
    assert placed is not None
    board.put_back(board.take_back(owner_id))
    assert board.given == {owner_id: placed.parts}
    assert board.give(uuid4(), span(3, 7), 1, 0, departure_id=None) is None


def test_who_is_taken_back_for_good_leaves_nothing_behind() -> None:
    board = Board(resource(UnitAssignment.LABELLED, 1), [])
    owner_id = uuid4()
    board.give(owner_id, span(3, 7), 1, 0, departure_id=None)
    board.take_back(owner_id)
    assert board.given == {}
    assert board.give(uuid4(), span(3, 7), 1, 0, departure_id=None) is not None


@given(
    assignment=st.sampled_from(UnitAssignment),
    asked=st.lists(ASKED, max_size=12),
    later=st.lists(ASKED, max_size=6),
    chosen=st.lists(st.integers(0, 11), max_size=6),
)
def test_a_board_is_the_same_after_anything_was_taken_back_and_put_back(
    assignment: UnitAssignment, asked: Sequence[Asked], later: Sequence[Asked], chosen: Sequence[int]
) -> None:
    """Beside a twin from which nothing was taken: what both give afterwards, and what they tell of it, is the same."""
    known = [there(begins, begins + lasts, 1) for begins, lasts, _ in asked[:3]]
    known = [one for place, one in enumerate(known) if all(apart(one, other) for other in known[:place])]
    boards = [Board(resource(assignment), known) for _ in range(2)]
    owners = [one.owner_id for one in known] + [uuid4() for _ in asked]
    for owner_id, wanted in zip(owners[len(known) :], asked, strict=True):
        assert len({give(board, owner_id, wanted) for board in boards}) == 1
    for place in chosen:
        owner_id = owners[place % len(owners)] if owners else uuid4()
        boards[0].put_back(boards[0].take_back(owner_id))
    for wanted in later:
        owner_id = uuid4()
        assert len({give(board, owner_id, wanted) for board in boards}) == 1
    assert boards[0].given == boards[1].given
    assert set(boards[0].moved) == set(boards[1].moved)


def apart(one: Allocation, other: Allocation) -> bool:
    return one.ends_at <= other.starts_at or other.ends_at <= one.starts_at


def give(board: Board, owner_id: UUID, wanted: Asked) -> object:
    begins, lasts, quantity = wanted
    return board.give(owner_id, span(begins, begins + lasts), quantity, 0, departure_id=None)
