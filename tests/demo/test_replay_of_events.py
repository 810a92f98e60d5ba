"""The demo, seeded on any day, is consistent, and what its events say is what its rows hold.

Each run seeds it on twelve days, a tenant on each. `./dev test tests/demo --dates year` seeds all tenants on
each day of a leap year, which takes half an hour.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import namedtuple_row

from chalicelib.database.transaction import Database as Transactions
from chalicelib.http.context import Context
from chalicelib.reporting.read_calendar import MOST_DAYS, Calendar, read_calendar
from chalicelib.reporting.storage.check import prove, snapshot
from chalicelib.reservations.model.search import ReservationFilter
from chalicelib.reservations.reservation_events import facts_of
from chalicelib.reservations.search_reservations import read_as_of, search_reservations
from demo.occupancy import occupy
from demo.seed import write
from demo.tenants import all_tenants
from tests.demo.test_seed import set_clock
from tools.consistency import LEGAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from demo.content import Tenant
    from tests.databases import Database

MOST = 10_000
TWELVE = {
    date(2028, 1, 1): "trail-rentals",  # a Saturday
    date(2028, 1, 31): "harbor-cowork",  # a Monday
    date(2028, 2, 29): "team-rooms",  # a Tuesday
    date(2028, 3, 12): "pine-cabins",  # Denver goes forward
    date(2028, 3, 26): "grand-hotel",  # Paris goes forward
    date(2028, 4, 2): "summit-tours",  # Hobart goes back
    date(2028, 5, 31): "open-tutoring",  # a Wednesday
    date(2028, 6, 30): "team-rooms",  # a Friday
    date(2028, 8, 31): "pine-cabins",  # a Thursday
    date(2028, 10, 29): "open-tutoring",  # London goes back
    date(2028, 11, 5): "conference-center",  # St John's goes back
    date(2028, 12, 31): "trail-rentals",  # a Sunday
}
TIMES = (time(0, 30), time(15, 0), time(23, 30))
CONFLICTING = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)
"""A moment at which many of the demo's reservations wait for room that others want, too."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seeded_at" in metafunc.fixturenames:
        days = TWELVE
        if metafunc.config.getoption("dates") == "year":
            days = dict.fromkeys((date(2028, 1, 1) + timedelta(days=number) for number in range(366)), None)
        moments = [datetime.combine(on, TIMES[number % 3], UTC) for number, on in enumerate(days)]
        names = [f"{moment:%Y-%m-%dT%H:%M}" for moment in moments]
        metafunc.parametrize(("seeded_at", "only"), list(zip(moments, days.values(), strict=True)), ids=names)


def seeded(database: Database, tenants: Sequence[Tenant], now: datetime) -> int:
    """Seed these tenants at a moment; return how many reservations were made."""
    with psycopg.connect(database.owner, autocommit=True, row_factory=namedtuple_row) as owner:
        set_clock(owner, now)
        write(owner, tenants, now)
    return occupy(database.owner, tenants)[1]


def calendar(demo: Transactions, slug: str, now: datetime, as_of: datetime | None) -> Calendar:
    """As many days as can be asked for, half of them past."""
    from_on = now.date() - timedelta(days=MOST_DAYS // 2)
    return read_calendar(
        Context(demo, slug), from_on, from_on + timedelta(days=MOST_DAYS), resource_id=None, as_of=as_of
    )


def check_replay(database: Database, tenants: Sequence[Tenant], now: datetime) -> tuple[int, int, int]:
    """Compare events and rows; return how many reservations, occupied units and closed units there were."""
    demo = Transactions(database.app, pool_size=1, request_seconds=29)
    later = now + timedelta(hours=1)
    replayed = occupied = closed = 0
    for slug in [tenant.slug for tenant in tenants]:
        found, more = search_reservations(Context(demo, slug), ReservationFilter(), MOST)
        assert not more
        for reservation in found:
            facts: dict[str, Any] = dict(facts_of(reservation))
            del facts["guest_id"]  # which guest it is, is decided by the row
            told = read_as_of(Context(demo, slug), reservation.id, later)
            told.pop("guest_id", None)
            assert told == facts
            replayed += 1
        present = calendar(demo, slug, now, None)
        assert calendar(demo, slug, now, later) == present
        occupied += sum(one.occupied for day in present.days for one in day.resources)
        closed += sum(one.closed for day in present.days for one in day.resources)
    demo.close()
    return replayed, occupied, closed


def test_the_demo_replayed_from_its_events_is_what_its_rows_hold(database: Database) -> None:
    tenants = all_tenants(CONFLICTING.date())
    seeded(database, tenants, CONFLICTING)
    replayed, occupied, closed = check_replay(database, tenants, CONFLICTING)
    assert replayed > 100
    assert occupied
    assert closed


def test_the_demo_seeded_on_any_day_is_consistent_and_what_its_events_say(
    database: Database, seeded_at: datetime, only: str | None
) -> None:
    tenants = [tenant for tenant in all_tenants(seeded_at.date()) if only in (None, tenant.slug)]
    made = seeded(database, tenants, seeded_at)
    assert check_replay(database, tenants, seeded_at)[0] == made > 0
    with snapshot(database.jobs) as connection:
        assert [verdict.findings for verdict in prove(connection, LEGAL, most=5) if verdict.broken] == []
