"""Reservations in several parts take their units one after the other, and may meet rivals in the middle of that."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg

from tests.eventually import eventually
from tests.offers import Offer
from tests.races.desk import DONE, Desk
from tests.races.test_units import HOURS, NOON, codes, hours

if TYPE_CHECKING:
    from uuid import UUID

    from tests.races.arena import Arena

SLOWLY = """
CREATE FUNCTION take_slowly() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(0.01);
    RETURN NEW;
END
$$;
CREATE TRIGGER slowly BEFORE INSERT ON allocations FOR EACH ROW EXECUTE FUNCTION take_slowly();
"""
TAKE = """
INSERT INTO allocations (tenant_id, owner_id, part, owner_kind, resource_id, during, units, quantity, pinned)
SELECT
    tenant_id, gen_random_uuid(), 0, 'closure', id, tstzrange(%(starts_at)s, %(ends_at)s),
    int4multirange(int4range(%(unit)s, %(unit)s + 1)), 1, true
FROM resources WHERE id = %(resource_id)s
"""
SPLIT = "SELECT count(DISTINCT owner_id) FROM allocations WHERE part > 0 AND owner_kind = 'reservation'"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
LAST_TO_NOTICE = "60s"
"""Postgres ends the transaction that notices the deadlock: not the rival's, which looks so late."""


def pool_with_closed_units(arena: Arena, *closed: int) -> UUID:
    """A pool as large as units are closed: each of these in an hour of its own, so that no unit is free throughout."""
    pool = arena.offer(Offer(slug="pool", document=HOURS, capacity=len(closed)))["pool"]
    with arena.desk() as desk:
        for hour, unit in enumerate(closed):
            begin = NOON + timedelta(hours=hour)
            assert desk.close(pool, begin, begin + timedelta(hours=1), [unit]).code == DONE
    return pool


def test_units_taken_piece_by_piece_are_given_out_to_the_last_and_nobody_waits_for_ever(arena: Arena) -> None:
    pool = pool_with_closed_units(arena, 1, 2, 3, 4)
    arena.execute(SLOWLY)
    results = arena.race([partial(Desk.create, resource_id=pool, times=hours(0, 4))] * 10, meeting=10)
    assert codes(results) == {DONE: 3, "no_capacity": 7}
    assert arena.count(SPLIT) == 3
    assert arena.broken() == set()


def test_who_loses_a_deadlock_begins_again_and_gets_the_units(arena: Arena) -> None:
    """A rival has what the guest takes second and wants what the guest took first; then the rival gives up."""
    pool = pool_with_closed_units(arena, 1, 2)
    arena.execute(f"ALTER ROLE berth_app IN DATABASE {arena.database.name} SET deadlock_timeout = '2s'")
    with arena.desk() as desk, ThreadPoolExecutor(1) as other_thread, psycopg.connect(arena.database.owner) as rival:
        rival.execute("SELECT set_config('deadlock_timeout', %s, true)", [LAST_TO_NOTICE])
        take(rival, pool, unit=1, hour=1)
        guest = other_thread.submit(desk.create, pool, hours(0, 2))
        wait_until_somebody_waits(arena)
        take(rival, pool, unit=2, hour=0)
        rival.rollback()
        assert guest.result().code == DONE
    assert arena.count(SPLIT) == 1
    assert arena.broken() == set()


def take(rival: psycopg.Connection[Any], resource_id: UUID, *, unit: int, hour: int) -> None:
    """Take a unit past all use cases; waits for whoever has it."""
    begin = NOON + timedelta(hours=hour)
    rival.execute(
        TAKE,
        {"resource_id": resource_id, "unit": unit, "starts_at": begin, "ends_at": begin + timedelta(hours=1)},
    )


def wait_until_somebody_waits(arena: Arena) -> None:
    eventually(lambda: arena.count(WAITING), "the guest meets the rival")
