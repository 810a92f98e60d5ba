"""The whole demo, told from its events alone, is what its rows say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.services.read_calendar import MOST_DAYS, Calendar, read_calendar
from chalicelib.services.reservation_events import facts_of
from chalicelib.services.search_reservations import read_as_of, search_reservations
from chalicelib.storage.reservations import ReservationFilter
from chalicelib.storage.transaction import Database as Transactions
from local.demo_data.seed import seed
from local.demo_data.tenants import all_tenants

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.databases import Database

MOST = 10_000


@pytest.fixture
def demo(database: Database) -> Generator[Transactions]:
    """The seeded demo, as the application sees it."""
    seed(database.owner)
    transactions = Transactions(database.app, pool_size=1, request_seconds=29)
    yield transactions
    transactions.close()


def calendar(demo: Transactions, slug: str, as_of: datetime | None) -> Calendar:
    """As many days as can be asked for, half of them past."""
    from_on = datetime.now(UTC).date() - timedelta(days=MOST_DAYS // 2)
    return read_calendar(demo, slug, from_on, from_on + timedelta(days=MOST_DAYS), resource_id=None, as_of=as_of)


def test_the_demo_replayed_from_its_events_is_what_its_rows_hold(demo: Transactions) -> None:
    now = datetime.now(UTC)
    later = now + timedelta(hours=1)
    slugs = [tenant.slug for tenant in all_tenants(now.date())]
    replayed = occupied = closed = 0
    for slug in slugs:
        found, more = search_reservations(demo, slug, ReservationFilter(), MOST)
        assert not more
        for reservation in found:
            facts: dict[str, Any] = dict(facts_of(reservation))
            del facts["guest_id"]  # which guest it is, is decided by the row
            told = read_as_of(demo, slug, reservation.id, later)
            told.pop("guest_id", None)
            assert told == facts
            replayed += 1
        present = calendar(demo, slug, None)
        assert calendar(demo, slug, later) == present
        occupied += sum(one.occupied for day in present.days for one in day.resources)
        closed += sum(one.closed for day in present.days for one in day.resources)
    assert replayed > 100
    assert occupied
    assert closed
