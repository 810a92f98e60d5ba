"""Who gets the units: the exclusion constraint decides, whatever racers saw before."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.core.time_ranges import TimesWanted
from chalicelib.database.transaction import Database
from tests.offers import INTERVAL, STAY, Offer, policy
from tests.races.desk import DONE, CarelessDatabase, Desk

if TYPE_CHECKING:
    from uuid import UUID

    from tests.races.arena import Arena
    from tests.races.desk import Result

NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
ROOMS = policy(STAY)
HOURS = policy(INTERVAL, per="hour")
UNPROTECTED = "ALTER TABLE allocations DROP CONSTRAINT allocations_never_share_a_unit"


def hours(first: float, last: float) -> TimesWanted:
    """From so many to so many hours after noon."""
    return TimesWanted(starts_at=NOON + timedelta(hours=first), ends_at=NOON + timedelta(hours=last))


def nights(first: int, last: int) -> TimesWanted:
    """From one day to another, counted from the first of May."""
    eve = date(2031, 4, 30)
    return TimesWanted(check_in_on=eve + timedelta(days=first), check_out_on=eve + timedelta(days=last))


def codes(results: list[Result]) -> Counter[str]:
    return Counter(result.code for result in results)


HOT_SLOT = 48


def race_for_a_slot(arena: Arena) -> Counter[str]:
    slot = arena.offer(Offer(slug="slot", document=HOURS))["slot"]
    return codes(arena.race([partial(Desk.create, resource_id=slot, times=hours(0, 1))] * HOT_SLOT, meeting=16))


def test_a_hot_slot_is_given_to_exactly_one(arena: Arena) -> None:
    assert race_for_a_slot(arena) == {DONE: 1, "no_capacity": HOT_SLOT - 1}
    assert arena.broken() == set()
    assert arena.count("SELECT count(*) FROM reservations") == 1


def test_control_a_hot_slot_is_oversold_without_the_constraint(arena: Arena) -> None:
    arena.execute(UNPROTECTED)
    assert race_for_a_slot(arena)[DONE] > 1
    assert "units_used_twice" in arena.broken()


POOL = 20
QUANTITIES = (1, 2, 3, 4)


def race_for_a_pool(arena: Arena) -> list[tuple[int, str]]:
    pool = arena.offer(Offer(slug="pool", document=HOURS, capacity=POOL))["pool"]
    wanted = [QUANTITIES[number % 4] for number in range(32)]
    attempts = [partial(Desk.create, resource_id=pool, times=hours(0, 1), quantity=each) for each in wanted]
    return [(each, result.code) for each, result in zip(wanted, arena.race(attempts, meeting=16), strict=True)]


def test_a_pool_is_given_out_to_the_last_unit_that_anybody_wants(arena: Arena) -> None:
    ended = race_for_a_pool(arena)
    taken = sum(quantity for quantity, code in ended if code == DONE)
    refused = [quantity for quantity, code in ended if code == "no_capacity"]
    assert {code for _, code in ended} == {DONE, "no_capacity"}
    assert POOL - min(refused) < taken <= POOL
    assert arena.broken() == set()


def test_control_a_pool_is_oversold_without_the_constraint(arena: Arena) -> None:
    arena.execute(UNPROTECTED)
    race_for_a_pool(arena)
    assert "units_used_twice" in arena.broken()


WEEKS = 10


def race_for_repacked_rooms(arena: Arena) -> tuple[list[Result], int]:
    """In every week one of two rooms is taken early, the other one late: a stay of all nights needs somebody moved.

    Two race for that in each week, one for what is left then, and some of those in the rooms cancel.
    """
    rooms = arena.offer(Offer(slug="rooms", document=ROOMS, capacity=2, assignment="labelled", units=("A", "B")))[
        "rooms"
    ]
    attempts: list[partial[Result]] = []
    with arena.desk() as desk:
        for first in range(1, 7 * WEEKS, 7):
            kept = desk.create(rooms, nights(first, first + 2)).reservation_id
            beside = desk.create(rooms, nights(first, first + 2)).reservation_id
            before = desk.create(rooms, nights(first + 3, first + 5)).reservation_id
            desk.create(rooms, nights(first + 3, first + 5))
            desk.cancel(beside)
            desk.cancel(before)
            if first % 2:
                attempts.append(partial(Desk.cancel, reservation_id=kept))
            attempts += [partial(Desk.create, resource_id=rooms, times=nights(first, first + 5))] * 2
            attempts.append(partial(Desk.create, resource_id=rooms, times=nights(first + 2, first + 4)))
    results = arena.race(attempts, meeting=8)
    return results, arena.count("SELECT count(*) FROM events WHERE type = 'reservation.units_changed'")


def test_rooms_are_repacked_under_concurrent_cancels_and_creates(arena: Arena) -> None:
    results, moved = race_for_repacked_rooms(arena)
    assert set(codes(results)) == {DONE, "no_capacity"}
    assert moved > 0
    assert arena.broken() == set()


def test_control_repacked_rooms_are_oversold_without_the_constraint(arena: Arena) -> None:
    arena.execute(UNPROTECTED)
    race_for_repacked_rooms(arena)
    assert "units_used_twice" in arena.broken()


def race_to_extend(arena: Arena) -> Counter[str]:
    room = arena.offer(Offer(slug="room", document=ROOMS, assignment="labelled", units=("A",)))["room"]
    with arena.desk() as desk:
        mine = desk.create(room, nights(1, 4)).reservation_id
    extend = partial(Desk.extend, reservation_id=mine, times=TimesWanted(check_out_on=date(2031, 5, 6)))
    create = partial(Desk.create, resource_id=room, times=nights(4, 8))
    return codes(arena.race([extend, create], meeting=2))


def test_an_extension_and_a_new_reservation_do_not_get_the_same_nights(arena: Arena) -> None:
    assert race_to_extend(arena) == {DONE: 1, "no_capacity": 1}
    assert arena.broken() == set()


def test_control_an_extension_overlaps_a_new_reservation_without_the_constraint(arena: Arena) -> None:
    arena.execute(UNPROTECTED)
    assert race_to_extend(arena) == {DONE: 2}
    assert "units_used_twice" in arena.broken()


def moving(arena: Arena, capacity: int) -> tuple[dict[str, UUID], UUID, UUID]:
    """Three resources, and one reservation each of the first and the second at the same time."""
    ids = arena.offer(*(Offer(slug=slug, document=HOURS, capacity=capacity) for slug in ("a", "b", "c")))
    with arena.desk() as desk:
        return ids, desk.create(ids["a"], hours(0, 1)).reservation_id, desk.create(ids["b"], hours(0, 1)).reservation_id


def race_to_move(arena: Arena, database_class: type[Database] = Database) -> Counter[str]:
    ids, mine, yours = moving(arena, 1)
    attempts = [partial(Desk.move, reservation_id=each, resource_id=ids["c"]) for each in (mine, yours)]
    return codes(arena.race(attempts, meeting=2, database_class=database_class))


def test_two_moves_to_one_place_leave_one_where_it_was(arena: Arena) -> None:
    assert race_to_move(arena) == {DONE: 1, "no_capacity": 1}
    assert arena.broken() == set()


def test_control_two_moves_meet_without_the_constraint_and_without_serializable(arena: Arena) -> None:
    arena.execute(UNPROTECTED)
    assert race_to_move(arena, database_class=CarelessDatabase) == {DONE: 2}
    assert "units_used_twice" in arena.broken()


def test_reservations_change_places_where_there_is_room_to(arena: Arena) -> None:
    ids, mine, yours = moving(arena, 2)
    there = partial(Desk.move, reservation_id=mine, resource_id=ids["b"])
    back = partial(Desk.move, reservation_id=yours, resource_id=ids["a"])
    assert codes(arena.race([there, back], meeting=2)) == {DONE: 2}
    assert arena.broken() == set()


def race_to_close(arena: Arena) -> list[str]:
    slot = arena.offer(Offer(slug="slot", document=HOURS))["slot"]
    close = partial(Desk.close, resource_id=slot, starts_at=NOON - timedelta(days=1), ends_at=NOON + timedelta(days=1))
    create = partial(Desk.create, resource_id=slot, times=hours(0, 1))
    return [result.code for result in arena.race([close, create], meeting=2)]


def test_a_closure_and_a_reservation_exclude_each_other(arena: Arena) -> None:
    assert race_to_close(arena) in ([DONE, "no_capacity"], ["conflicting_reservations", DONE])
    assert arena.broken() == set()


def race_to_lower(arena: Arena) -> list[str]:
    """A guest wants both units while the business has just decided to offer one of them only."""
    pool = arena.offer(Offer(slug="pool", document=HOURS, capacity=2))["pool"]
    lower = partial(Desk.lower, resource_id=pool, capacity=1)
    create = partial(Desk.create, resource_id=pool, times=hours(0, 1), quantity=2)
    return [result.code for result in arena.race([lower, create], meeting=2)]


def test_a_lowered_capacity_and_a_reservation_exclude_each_other(arena: Arena) -> None:
    ended = race_to_lower(arena)
    assert ended in ([DONE, "rule_violations"], ["conflicting_reservations", DONE])
    assert arena.count("SELECT capacity FROM resources") == (1 if ended[0] == DONE else 2)
    assert arena.broken() == set()


def test_control_a_capacity_is_lowered_under_a_reservation_without_the_constraint(arena: Arena) -> None:
    arena.execute(UNPROTECTED)
    assert race_to_lower(arena) == [DONE, DONE]
    assert "units_used_twice" in arena.broken()


def test_control_a_closure_covers_a_reservation_without_the_constraint(arena: Arena) -> None:
    arena.execute(UNPROTECTED)
    assert race_to_close(arena) == [DONE, DONE]
    assert "units_used_twice" in arena.broken()
