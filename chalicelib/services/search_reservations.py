"""Reservations as the tenant's people look for them, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import NotFoundError
from chalicelib.services.read_reservation import find_reservation
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

    def work(transaction: Transaction) -> list[RecordedEvent]:
        find_reservation(transaction, reservation_id)
        return list_events(transaction, EventFilter(entity_id=reservation_id), MOST_EVENTS)

    return database.run(tenant, work, isolation=Isolation.SNAPSHOT)


def read_as_of(database: Database, tenant: str, reservation_id: UUID, instant: datetime) -> dict[str, Any]:
    """Return what was true of a reservation at an instant, told from its events alone.

    Raises `NotFoundError`, also for an instant before it was made.
    """
    events = read_history(database, tenant, reservation_id)
    facts: dict[str, Any] = {}
    for event in reversed(events):
        if event.occurred_at <= instant and event.after is not None:
            facts |= event.after
    if not facts:
        message = "There was no such reservation at that time."
        raise NotFoundError(message)
    return facts
