"""Reservations as the tenant's people look for them, and what became of each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import NotFoundError
from chalicelib.database.transaction import Isolation
from chalicelib.events.event_log import EventFilter, check_kept, kept_from, list_events
from chalicelib.reservations.read_reservation import find_reservation
from chalicelib.reservations.reservation_events import facts_of, own_facts
from chalicelib.reservations.storage import reservations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import RecordedEvent
    from chalicelib.http.context import Context
    from chalicelib.reservations.model.following import ChangePlace
    from chalicelib.reservations.model.reservations import Reservation
    from chalicelib.reservations.model.search import ReservationFilter

MOST_EVENTS = 1000


def search_reservations(context: Context, wanted: ReservationFilter, limit: int) -> tuple[list[Reservation], bool]:
    """Return a page of reservations, and whether there are more."""
    found = context.run(
        lambda transaction: reservations.search_reservations(transaction, wanted, limit + 1),
        isolation=Isolation.SNAPSHOT,
    )
    return found[:limit], len(found) > limit


def follow_reservations(
    context: Context,
    wanted: ReservationFilter,
    since: datetime,
    place: ChangePlace | None,
    limit: int,
) -> tuple[list[Reservation], ChangePlace, bool]:
    """Return a page of reservations that were changed since an instant, in the order of their changes.

    With them comes the place to go on after, now where there are more, and else when something has changed.
    """
    start = place or reservations.FIRST_CHANGE
    found = context.run(
        lambda transaction: reservations.follow_reservations(transaction, wanted, since, start, limit + 1),
        isolation=Isolation.SNAPSHOT,
    )
    shown, more = found[:limit], len(found) > limit
    return [one for _, one in shown], shown[-1][0] if shown else start, more


def read_history(context: Context, reservation_id: UUID) -> tuple[list[RecordedEvent], datetime | None]:
    """Return everything that happened to a reservation, the latest first, and from when on that is kept (None: ever).

    Raises `NotFoundError`.
    """

    def work(transaction: Transaction) -> tuple[list[RecordedEvent], datetime | None]:
        reservation = find_reservation(transaction, reservation_id)
        kept = kept_from(transaction)
        told = list_events(transaction, EventFilter(entity_id=reservation_id), MOST_EVENTS)
        return told, kept if kept is not None and reservation.created_at < kept else None

    return context.run(work, isolation=Isolation.SNAPSHOT)


def read_as_of(context: Context, reservation_id: UUID, instant: datetime) -> dict[str, Any]:
    """Return what was true of a reservation at an instant, told from its events alone.

    Where the events that say it are archived, what is kept still does: an event tells what was before it, too, and
    where none followed, nothing has changed. Raises `NotFoundError`, also for an instant before it was made, and
    `ArchivedError` for one in the archive.
    """

    def work(transaction: Transaction) -> dict[str, Any]:
        reservation = find_reservation(transaction, reservation_id)
        if instant < reservation.created_at:
            message = "There was no such reservation at that time."
            raise NotFoundError(message)
        check_kept(transaction, instant)
        told = list(_latest_first(transaction, reservation_id))
        facts: dict[str, Any] = {}
        for event in reversed(told):
            if event.occurred_at <= instant:
                facts |= own_facts(event.after)
        return facts if "state" in facts else _without_its_beginning(reservation, told, instant) | facts

    return context.run(work, isolation=Isolation.SNAPSHOT)


def _without_its_beginning(
    reservation: Reservation, told: Sequence[RecordedEvent], instant: datetime
) -> dict[str, Any]:
    facts: dict[str, Any] = dict(facts_of(reservation))
    for event in told:
        if event.occurred_at > instant:
            facts |= own_facts(event.before)
    return facts


def _latest_first(transaction: Transaction, reservation_id: UUID) -> Iterator[RecordedEvent]:
    wanted = EventFilter(entity_id=reservation_id)
    while found := list_events(transaction, wanted, MOST_EVENTS):
        yield from found
        wanted = replace(wanted, before_id=found[-1].id)
