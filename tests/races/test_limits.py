"""Limits that no constraint can express: SERIALIZABLE lets nobody count past a rival's reservation."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.core.time_ranges import TimesWanted
from chalicelib.database.transaction import Database
from tests.offers import INTERVAL, Offer, policy
from tests.races.desk import DONE, CarelessDatabase, Desk

if TYPE_CHECKING:
    from tests.races.arena import Arena

MORNING = datetime(2031, 5, 1, 8, tzinfo=UTC)
LIMIT = 2
ATTEMPTS = 12


def race_for_the_last_allowed(arena: Arena, database_class: type[Database] = Database) -> Counter[str]:
    """One guest wants more than the limit, each at another hour, so that units never conflict."""
    document = policy(INTERVAL, {"rule": "active_per_guest", "limit": LIMIT}, per="hour")
    slot = arena.offer(Offer(slug="slot", document=document))["slot"]
    attempts = [
        partial(
            Desk.create,
            resource_id=slot,
            times=TimesWanted(starts_at=MORNING + timedelta(hours=hour), ends_at=MORNING + timedelta(hours=hour + 1)),
        )
        for hour in range(ATTEMPTS)
    ]
    results = arena.race(attempts, meeting=ATTEMPTS, database_class=database_class)
    return Counter(result.code for result in results)


def test_a_guest_who_asks_for_many_at_once_gets_no_more_than_the_limit(arena: Arena) -> None:
    assert race_for_the_last_allowed(arena) == {DONE: LIMIT, "rule_violations": ATTEMPTS - LIMIT}
    assert arena.broken() == set()


def test_control_the_limit_is_passed_without_serializable(arena: Arena) -> None:
    assert race_for_the_last_allowed(arena, database_class=CarelessDatabase)[DONE] > LIMIT
