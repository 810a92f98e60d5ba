"""Reservations as the tenant's people look for them, and what became of each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import NotFoundError
from chalicelib.services.read_reservation import find_reservation
from chalicelib.services.reservation_events import FACTS
from chalicelib.storage import reservations
from chalicelib.storage.events import EventFilter, list_events
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from chalicelib.domain.reservations import Reservation
    from chalicelib.storage.events import RecordedEvent
    from chalicelib.storage.reservations import ReservationFilter
    from chalicelib.storage.transaction import Database, Transaction

MOST_EVENTS = 1000
RESOLUTION = timedelta(microseconds=1)
"""Of instants: what happened at one is part of how things stood then."""


def search_reservations(
    database: Database, tenant: str, wanted: ReservationFilter, limit: int
) -> tuple[list[Reservation], bool]:
    """Return a page of reservations, and whether there are more."""
    found = database.run(
        tenant,
        lambda transaction: reservations.search_reservations(transaction, wanted, limit + 1),
        isolation=Isolation.SNAPSHOT,
    )
    return found[:limit], len(found) > limit


def read_history(database: Database, tenant: str, reservation_id: UUID) -> list[RecordedEvent]:
    """Return everything that happened to a reservation, the latest first. Raises `NotFoundError`."""
    return _events(database, tenant, reservation_id, EventFilter(entity_id=reservation_id))


def read_as_of(database: Database, tenant: str, reservation_id: UUID, instant: datetime) -> dict[str, Any]:
    """Return what was true of a reservation at an instant, told from its events alone.

    Raises `NotFoundError`, also for an instant before it was made.
    """
    until = EventFilter(entity_id=reservation_id, occurred_until=instant + RESOLUTION)
    facts: dict[str, Any] = {}
    for event in reversed(_events(database, tenant, reservation_id, until)):
        facts |= {name: value for name, value in (event.after or {}).items() if name in FACTS}
    if not facts:
        message = "There was no such reservation at that time."
        raise NotFoundError(message)
    return facts


def _events(database: Database, tenant: str, reservation_id: UUID, wanted: EventFilter) -> list[RecordedEvent]:
    def work(transaction: Transaction) -> list[RecordedEvent]:
        find_reservation(transaction, reservation_id)
        return list_events(transaction, wanted, MOST_EVENTS)

    return database.run(tenant, work, isolation=Isolation.SNAPSHOT)
