"""What is in Berth's books when all is over: counted in its database, not from what the API answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from tools.replay.bookings import Booking, Ending

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    import psycopg

COUNT_STATES = "SELECT state, count(*) FROM reservations WHERE tenant_id = %(tenant_id)s GROUP BY state"
COUNT_NIGHTS = """
SELECT date_trunc('month', night.at)::date, count(*)
FROM reservations AS reservation
CROSS JOIN LATERAL generate_series(
    reservation.check_in_on::timestamp, reservation.check_out_on - interval '1 day', interval '1 day'
) AS night (at)
WHERE reservation.tenant_id = %(tenant_id)s AND reservation.state = 'completed'
GROUP BY 1
"""
SUM_PRICES = """
SELECT coalesce(sum((price ->> 'total')::bigint), 0)::bigint
FROM reservations WHERE tenant_id = %(tenant_id)s AND state = 'completed'
"""


@dataclass(frozen=True, slots=True)
class Books:
    """How it ended: rows by ending, nights slept in by month (its first day), and what the stays are worth in cents."""

    endings: Mapping[str, int]
    nights: Mapping[date, int]
    revenue: int


STATES: Mapping[str, str] = {"completed": Ending.STAYED, "cancelled": Ending.CANCELLED, "no_show": Ending.NO_SHOW}


def books_of_berth(connection: psycopg.Connection[Any], tenant_id: UUID) -> Books:
    """Count in the database; the revenue is what Berth's own prices come to. Any other state counts under its name."""
    tenant = {"tenant_id": tenant_id}
    states: dict[str, int] = dict(connection.execute(COUNT_STATES, tenant).fetchall())
    [(revenue,)] = connection.execute(SUM_PRICES, tenant).fetchall()
    return Books(
        endings={STATES.get(state, state): count for state, count in states.items()},
        nights=dict(connection.execute(COUNT_NIGHTS, tenant).fetchall()),
        revenue=revenue,
    )


def books_of_hotel(bookings: Iterable[Booking]) -> Books:
    """Count in the file what the hotel really did; the revenue is what its own average daily rates come to."""
    endings: Counter[str] = Counter()
    nights: Counter[date] = Counter()
    revenue = 0
    for booking in bookings:
        endings[booking.ending] += 1
        if booking.ending is Ending.STAYED:
            nights.update(on.replace(day=1) for on in booking.dates)
            revenue += booking.revenue
    return Books(dict(endings), dict(nights), revenue)
