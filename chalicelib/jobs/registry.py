"""What each scheduled function does. Its schedule stands in app.py, where Chalice wants it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from chalicelib.services import make_partitions as partitions
from chalicelib.services.channels import guest_letters, live_messages
from chalicelib.services.deliver_events import Channels, Delivery, deliver_events
from chalicelib.services.keep_house import remove_old_records, remove_past_allocations
from chalicelib.services.manage_connections import reap_connections
from chalicelib.services.manage_edit_locks import expire_edit_locks
from chalicelib.services.offer_waitlist_places import offer_waitlist_places
from chalicelib.services.promote_pending import promote_pending
from chalicelib.services.refresh_statistics import refresh_all_statistics
from chalicelib.services.seal_events import seal_all_events
from chalicelib.services.sweep_reservations import complete_stays, expire_holds, mark_no_shows
from chalicelib.wiring import container

if TYPE_CHECKING:
    from chalicelib.services.budget import Budget
    from chalicelib.storage.transaction import Database

Work = Callable[["Database", "Budget"], int]


def sweep_events(database: Database, budget: Budget) -> int:
    """Deliver what a lost nudge left in the outbox, and what is due again."""
    return deliver_events(database, delivery("sweep"), budget)


def delivery(by: str) -> Delivery:
    """How events are delivered, and who does it: the sweep or the queue's consumer."""
    return Delivery(channels(), by, wake_consumer)


def wake_consumer(seconds: int) -> None:
    """Have the queue's consumer look in so many seconds."""
    container().nudges.nudge_later(seconds)


def reap_dead_connections(database: Database, budget: Budget) -> int:
    """Close and forget WebSocket connections that are dead, or whose bearers may not have them any more."""
    return reap_connections(database, budget, close_connection)


def close_connection(connection_id: str) -> None:
    """End a connection at the gateway."""
    container().connections.close(connection_id)


def make_partitions(database: Database, budget: Budget) -> int:
    """Make the months to come of events, and archive old ones where that is configured."""
    return partitions.make_partitions(database, budget, keep_months())


def keep_months() -> int | None:
    """How many months of events stay where they are read; None: all."""
    return container().config.keep_months


@cache
def channels() -> Channels:
    """The ways in which events are told, by name."""
    services = container()
    return {
        guest_letters.NAME: guest_letters.GuestLetters(services.mail.send_until, services.guest_links.to),
        live_messages.NAME: live_messages.LiveMessages(services.connections),
    }


JOBS: Mapping[str, Work] = {
    "expire_holds": expire_holds,
    "promote_pending": promote_pending,
    "mark_no_shows": mark_no_shows,
    "complete_stays": complete_stays,
    "offer_waitlist_places": offer_waitlist_places,
    "remove_past_allocations": remove_past_allocations,
    "remove_old_records": remove_old_records,
    "seal_events": seal_all_events,
    "make_partitions": make_partitions,
    "refresh_statistics": refresh_all_statistics,
    "sweep_events": sweep_events,
    "expire_edit_locks": expire_edit_locks,
    "reap_connections": reap_dead_connections,
}
