from __future__ import annotations

import csv
import gzip
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from local.errors import CommandError
from tests.replay.rows import SLICE, booking
from tools.replay.bookings import Ending, read_bookings
from tools.replay.hotel import ZONE
from tools.replay.timeline import Phase, events, steps

if TYPE_CHECKING:
    from pathlib import Path

    from tools.replay.bookings import Booking

MAY_1 = date(2016, 5, 1)


def phases(*bookings: Booking, moves: bool = False, life: bool = False) -> list[tuple[int, Phase, int]]:
    """Day of May, phase and row of everything that happens."""
    happened = events(bookings, moves=moves, life=life)
    return [((event.on - MAY_1).days + 1, event.phase, event.booking.row) for event in happened]


def test_guests_who_are_not_known_count_as_none(tmp_path: Path) -> None:
    """Of the data set's other hotel, four rows have NA for children."""
    with gzip.open(SLICE, "rt", encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    path = tmp_path / "city.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow({**row, "adults": "2", "children": "NA", "babies": "1"})
    assert [one.people for one in read_bookings(path)] == [3]


def test_rows_are_read_as_the_description_of_the_data_says() -> None:
    bookings = read_bookings(SLICE)
    assert len(bookings) == 432
    first, third = bookings[0], bookings[2]
    assert (first.row, first.arrival_on, first.nights, first.ended_on) == (0, date(2015, 7, 1), 7, date(2015, 7, 1))
    assert (first.people, first.reserved_type, first.assigned_type, first.rate) == (2, "D", "I", 9495)
    assert first.booked_on == first.arrival_on - timedelta(days=127)
    assert first.departure_on == date(2015, 7, 8)
    assert first.revenue == 7 * 9495
    assert (third.ending, third.ended_on) == (Ending.CANCELLED, date(2016, 3, 6))
    assert min(booking.people for booking in bookings) == 1


def test_only_the_first_rows_are_read_when_so_asked() -> None:
    assert read_bookings(SLICE, 10) == read_bookings(SLICE)[:10]


@pytest.mark.parametrize("content", [b"", b"no gzip", b"\x1f\x8b\x08 cut short"])
def test_another_kind_of_file_is_named_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.csv.gz"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=r"other\.csv\.gz"):
        read_bookings(path)


def test_a_stay_is_created_checked_in_and_checked_out() -> None:
    stay = booking(0, booked=1, arrival=3, nights=2)
    assert phases(stay) == [(1, Phase.CREATE, 0), (3, Phase.CHECK_IN, 0), (5, Phase.CHECK_OUT, 0)]


def test_a_cancellation_comes_before_what_is_reserved_that_day_unless_it_is_of_the_same_day() -> None:
    earlier = booking(1, booked=1, arrival=9, nights=1, ending=Ending.CANCELLED, ended=2)
    same_day = booking(0, booked=2, arrival=9, nights=1, ending=Ending.CANCELLED, ended=2)
    assert phases(earlier, same_day) == [
        (1, Phase.CREATE, 1),
        (2, Phase.CANCEL, 1),
        (2, Phase.CREATE, 0),
        (2, Phase.CANCEL_SAME_DAY, 0),
    ]


def test_nobody_fails_to_come_before_the_arrival() -> None:
    absent = booking(0, booked=1, arrival=4, nights=1, ending=Ending.NO_SHOW, ended=3)
    assert phases(absent) == [(1, Phase.CREATE, 0), (4, Phase.NO_SHOW, 0)]


def test_who_leaves_on_the_day_of_arrival_does_so_after_coming() -> None:
    short = booking(0, booked=1, arrival=4, nights=3, ended=4)
    assert phases(short)[1:] == [(4, Phase.CHECK_IN, 0), (4, Phase.CHECK_OUT_AT_ONCE, 0)]


def test_the_hotel_s_own_room_changes_happen_before_check_in_and_only_when_asked_for() -> None:
    moved = booking(0, booked=1, arrival=4, nights=1, given="D")
    assert [phase for _, phase, _ in phases(moved)] == [Phase.CREATE, Phase.CHECK_IN, Phase.CHECK_OUT]
    assert phases(moved, moves=True)[1] == (4, Phase.MOVE, 0)


@pytest.mark.parametrize("ended", [3, 4, 6])
def test_in_life_who_does_not_come_is_marked_on_the_evening_of_the_arrival(ended: int) -> None:
    absent = booking(0, booked=1, arrival=4, nights=3, ending=Ending.NO_SHOW, ended=ended)
    assert phases(absent, life=True) == [(1, Phase.CREATE, 0), (4, Phase.NO_SHOW, 0)]


def test_in_life_who_cancels_after_the_day_of_arrival_has_been_marked_by_then() -> None:
    late = booking(0, booked=1, arrival=4, nights=3, ending=Ending.CANCELLED, ended=5)
    assert phases(late, life=True)[1:] == [(4, Phase.NO_SHOW, 0), (5, Phase.CANCEL, 0)]
    in_time = booking(0, booked=1, arrival=4, nights=3, ending=Ending.CANCELLED, ended=4)
    assert phases(in_time, life=True)[1:] == [(4, Phase.CANCEL, 0)]


@pytest.mark.parametrize(
    ("row", "ended", "last"),
    [
        (0, 6, (6, Phase.COMPLETE, 0)),
        (1, 6, (6, Phase.CHECK_OUT, 1)),
        (0, 5, (5, Phase.CHECK_OUT, 0)),
        (0, 4, (4, Phase.CHECK_OUT_AT_ONCE, 0)),
        (1, 7, (6, Phase.COMPLETE, 1)),
    ],
    ids=["without a word", "checked out", "early", "at once", "checked out after the end"],
)
def test_in_life_stays_end_by_staff_or_by_the_job(row: int, ended: int, last: tuple[int, Phase, int]) -> None:
    assert phases(booking(row, booked=1, arrival=4, nights=2, ended=ended), life=True)[-1] == last


@pytest.mark.parametrize("life", [False, True])
def test_time_never_goes_back_from_step_to_step(*, life: bool) -> None:
    instants = [step.at(ZONE) for step in steps(events(read_bookings(SLICE), moves=True, life=life))]
    assert all(earlier < later for earlier, later in pairwise(instants))
