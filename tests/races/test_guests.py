"""Guests who are merged while others merge them: nobody's reservation is left without a guest."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.offers import INTERVAL, Offer, policy
from tests.races.desk import DONE, Desk
from tests.races.test_units import codes, hours

if TYPE_CHECKING:
    from uuid import UUID

    from tests.races.arena import Arena

GATE = "CREATE TRIGGER gate BEFORE DELETE ON guests FOR EACH STATEMENT EXECUTE FUNCTION wait_at_gate()"
GATE_AT_COMMIT = """
CREATE CONSTRAINT TRIGGER gate AFTER DELETE ON guests DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION wait_at_gate()
"""
"""Behind all that a merge looks at. Under the constraint only one would come here: the other waits for it before."""
UNPROTECTED = "ALTER TABLE reservations DROP CONSTRAINT reservations_tenant_id_guest_id_fkey"
FORLORN = "SELECT count(*) FROM reservations WHERE guest_id NOT IN (SELECT id FROM guests)"
CHAIN = [(0, 1), (1, 2)]
"""Anyone who is about to get someone's reservations is just merged into someone else."""
EACH_OTHER = [(0, 1), (1, 0)]


def race_to_merge(arena: Arena, merges: list[tuple[int, int]], gate: str = GATE) -> dict[str, int]:
    """Three guests with a reservation each, merged at once: all have moved the reservations before a guest goes."""
    boats = arena.offer(Offer(slug="boats", document=policy(INTERVAL, per="hour"), capacity=3))["boats"]
    with arena.desk() as desk:
        for name in ("ada", "grace", "mary"):
            desk.create(boats, hours(0, 1), email=f"{name}@example.org")
    arena.execute(gate)
    with psycopg.connect(arena.database.owner) as owner:
        ids: list[UUID] = [row[0] for row in owner.execute("SELECT id FROM guests ORDER BY email").fetchall()]
    attempts = [partial(Desk.merge, kept_id=ids[kept], other_id=ids[other]) for kept, other in merges]
    return codes(arena.race(attempts, meeting=2))


def test_reservations_that_come_to_a_guest_who_is_merged_go_on_to_the_next(arena: Arena) -> None:
    assert race_to_merge(arena, CHAIN) == {DONE: 2}
    assert arena.count(FORLORN) == 0
    assert arena.count("SELECT count(DISTINCT guest_id) FROM reservations") == 1


def test_of_two_guests_who_are_merged_into_each_other_one_stays(arena: Arena) -> None:
    assert race_to_merge(arena, EACH_OTHER) == {DONE: 1, "not_found": 1}
    assert arena.count(FORLORN) == 0
    assert arena.count("SELECT count(*) FROM guests") == 2


@pytest.mark.parametrize("merges", [CHAIN, EACH_OTHER], ids=["chain", "each other"])
def test_control_reservations_are_left_without_a_guest_where_nothing_refers_to_them(
    arena: Arena, merges: list[tuple[int, int]]
) -> None:
    arena.execute(UNPROTECTED)
    assert race_to_merge(arena, merges, GATE_AT_COMMIT) == {DONE: 2}
    assert arena.count(FORLORN) > 0
