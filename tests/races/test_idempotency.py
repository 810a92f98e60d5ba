"""One Idempotency-Key, many requests at once: one effect, one answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.offers import Offer
from tests.races.desk import DONE, Desk
from tests.races.test_units import HOURS, hours

if TYPE_CHECKING:
    from uuid import UUID

    from tests.races.arena import Arena
    from tests.races.desk import Result

REQUESTS = 50


def roomy(arena: Arena) -> UUID:
    """A resource with room for every request, if each took effect."""
    return arena.offer(Offer(slug="pool", document=HOURS, capacity=2 * REQUESTS))["pool"]


def race_with_one_key(arena: Arena) -> list[Result]:
    attempt = partial(Desk.create, resource_id=roomy(arena), times=hours(0, 1), key="k")
    return arena.race([attempt] * REQUESTS, meeting=REQUESTS, threads=REQUESTS // 2)


def test_fifty_requests_with_one_key_make_one_reservation_and_get_its_answer(arena: Arena) -> None:
    results = race_with_one_key(arena)
    assert {result.code for result in results} == {DONE}
    assert len({repr(result.answer) for result in results}) == 1
    assert [result.replayed for result in results].count(False) == 1
    assert arena.count("SELECT count(*) FROM reservations") == 1
    assert arena.broken() == set()


def test_control_fifty_requests_make_many_reservations_when_keys_need_not_be_unique(arena: Arena) -> None:
    arena.execute("ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey")
    race_with_one_key(arena)
    assert arena.count("SELECT count(*) FROM reservations") == REQUESTS


def test_of_two_bodies_with_one_key_the_first_to_be_stored_refuses_the_other(arena: Arena) -> None:
    create = partial(Desk.create, resource_id=roomy(arena), times=hours(0, 1), key="k")
    attempts = [partial(create, body_hash=b"one body"), partial(create, body_hash=b"other")] * 6
    results = arena.race(attempts, meeting=len(attempts))
    of_one, of_other = ({result.code for result in results[start::2]} for start in (0, 1))
    assert {*of_one, *of_other} == {DONE, "idempotency_mismatch"}
    assert (len(of_one), len(of_other)) == (1, 1)
    assert arena.count("SELECT count(*) FROM reservations") == 1
