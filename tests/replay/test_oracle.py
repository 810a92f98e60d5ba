from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.replay.rows import booking
from tools.replay.bookings import Ending
from tools.replay.oracle import Oracle, Verdict
from tools.replay.settings import POOL, Setting, SettingName, setting_named
from tools.replay.timeline import Action, events

if TYPE_CHECKING:
    from tools.replay.bookings import Booking


def rooms(**capacities: int) -> Setting:
    return Setting(SettingName.BOOKED, capacities, pooled=False)


def verdicts(setting: Setting, *bookings: Booking, moves: bool = False) -> dict[tuple[int, Action], Verdict]:
    happened = events(bookings, moves=moves)
    played = Oracle(setting).play(happened)
    return {(event.booking.row, event.phase.action): verdict for event, verdict in zip(happened, played, strict=True)}


def test_the_last_room_goes_to_who_comes_first() -> None:
    found = verdicts(rooms(A=1), booking(0, booked=1, arrival=10, nights=2), booking(1, booked=1, arrival=11, nights=1))
    assert found[0, Action.CREATE] is Verdict.DONE
    assert found[1, Action.CREATE] is Verdict.NO_ROOM
    assert found[1, Action.CHECK_IN] is Verdict.DROPPED


def test_a_departure_makes_room_for_an_arrival_of_the_same_day() -> None:
    found = verdicts(rooms(A=1), booking(0, booked=1, arrival=10, nights=2), booking(1, booked=1, arrival=12, nights=1))
    assert found[1, Action.CREATE] is Verdict.DONE


@pytest.mark.parametrize("ending", [Ending.CANCELLED, Ending.NO_SHOW])
def test_nights_that_are_given_back_can_be_had_again(ending: Ending) -> None:
    given_back = booking(0, booked=1, arrival=10, nights=3, ending=ending, ended=10)
    found = verdicts(rooms(A=1), given_back, booking(1, booked=11, arrival=11, nights=1))
    assert found[1, Action.CREATE] is Verdict.DONE


def test_nights_are_given_back_once_and_then_it_is_too_late_to_cancel() -> None:
    late = booking(0, booked=1, arrival=10, nights=3, ending=Ending.CANCELLED, ended=11)
    others = [booking(row, booked=12, arrival=12, nights=1) for row in (1, 2)]
    happened = events([late, *others], life=True)
    found = dict(
        zip([(one.booking.row, one.phase.action) for one in happened], Oracle(rooms(A=1)).play(happened), strict=True)
    )
    assert (found[0, Action.NO_SHOW], found[0, Action.CANCEL]) == (Verdict.DONE, Verdict.TOO_LATE)
    assert (found[1, Action.CREATE], found[2, Action.CREATE]) == (Verdict.DONE, Verdict.NO_ROOM)


def test_who_leaves_early_keeps_the_room() -> None:
    found = verdicts(
        rooms(A=1),
        booking(0, booked=1, arrival=10, nights=3, ended=11),
        booking(1, booked=11, arrival=12, nights=1),
    )
    assert found[1, Action.CREATE] is Verdict.NO_ROOM


def test_no_nights_are_bad_input() -> None:
    found = verdicts(rooms(A=1), booking(0, booked=1, arrival=10, nights=0))
    assert found[0, Action.CREATE] is Verdict.BAD_INPUT
    assert found[0, Action.CHECK_OUT] is Verdict.DROPPED


def test_room_types_do_not_compete_but_a_pool_is_one() -> None:
    both = booking(0, booked=1, arrival=10, nights=1), booking(1, booked=1, arrival=10, nights=1, reserved="D")
    assert verdicts(rooms(A=1, D=1), *both)[1, Action.CREATE] is Verdict.DONE
    pool = Setting(SettingName.POOL, {POOL: 1}, pooled=True)
    assert verdicts(pool, *both)[1, Action.CREATE] is Verdict.NO_ROOM


def test_a_move_takes_the_other_type_s_room_and_gives_back_its_own() -> None:
    moved = booking(0, booked=1, arrival=10, nights=3, given="D")
    later = booking(1, booked=11, arrival=11, nights=1), booking(2, booked=11, arrival=11, nights=1, reserved="D")
    found = verdicts(rooms(A=1, D=1), moved, *later, moves=True)
    assert found[0, Action.MOVE] is Verdict.DONE
    assert found[1, Action.CREATE] is Verdict.DONE
    assert found[2, Action.CREATE] is Verdict.NO_ROOM


def test_a_move_that_finds_no_room_changes_nothing() -> None:
    moved = booking(0, booked=1, arrival=10, nights=1, given="D")
    taken = booking(1, booked=1, arrival=10, nights=1, reserved="D")
    found = verdicts(rooms(A=1, D=1), moved, taken, moves=True)
    assert found[0, Action.MOVE] is Verdict.NO_ROOM
    assert found[0, Action.CHECK_IN] is Verdict.DONE


BOOKINGS = (
    booking(0, booked=1, arrival=10, nights=2),
    booking(1, booked=2, arrival=11, nights=1, ending=Ending.CANCELLED, ended=3),
    booking(2, booked=4, arrival=11, nights=1, ending=Ending.CANCELLED, ended=5),
    booking(3, booked=4, arrival=20, nights=0, reserved="P"),
    booking(4, booked=4, arrival=20, nights=1, given="I"),
)


def test_as_many_rooms_as_were_ever_on_the_books_refuse_nobody() -> None:
    happened = events(BOOKINGS)
    setting = setting_named(SettingName.BOOKED, happened, moves=False)
    assert setting.capacities == {"A": 2, "P": 1}
    assert Verdict.NO_ROOM not in Oracle(setting).play(happened)


def test_rooms_slept_in_count_the_stays_alone() -> None:
    assert setting_named(SettingName.SLEPT, events(BOOKINGS), moves=False).capacities == {"A": 1, "P": 1}


def test_types_that_were_only_given_are_there_when_rooms_change() -> None:
    capacities = setting_named(SettingName.SLEPT, events(BOOKINGS, moves=True), moves=True).capacities
    assert capacities == {"A": 1, "I": 1, "P": 1}


def test_a_pool_is_asked_for_by_every_booking() -> None:
    setting = setting_named(SettingName.POOL, events(BOOKINGS), moves=False)
    assert setting.capacities == {POOL: 187}
    assert {setting.reserved_type(booking) for booking in BOOKINGS} == {POOL}
