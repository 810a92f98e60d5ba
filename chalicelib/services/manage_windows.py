"""Availability windows: when somebody offers something. The range is stored; slots are derived from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    InvalidRangeError,
    NotFoundError,
    ReservationsInTheWayError,
)
from chalicelib.domain.events import Event, EventType
from chalicelib.domain.modes import SlotMode
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.respect_edit_locks import respect_edit_locks
from chalicelib.storage import catalogue
from chalicelib.storage.catalogue import Window
from chalicelib.storage.events import append_event
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.resources import read_terms
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from chalicelib.domain.time_ranges import TimeRange
    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.resources import Terms
    from chalicelib.storage.transaction import Database, Transaction

KIND = "availability_window"
MOST_AROUND = 1000
"""Windows within the length of a slot."""


def add_window(
    database: Database,
    tenant: str,
    resource_id: UUID,
    during: TimeRange,
    slot_minutes: int | None,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[Window], Answer],
) -> Outcome:
    """Offer a resource for a time.

    Raises `NotFoundError`; `ConflictError` where it overlaps another window; `InvalidInputError` for a slot length that
    is not the policy's, does not fit into the range, or leaves a part of it that nobody could reserve. Slots may last
    into a window that touches it.
    """

    def work(transaction: Transaction) -> Window:
        found = read_terms(transaction, resource_ids=[resource_id])
        if not found:
            message = "There is no such resource."
            raise NotFoundError(message)
        others = catalogue.list_windows(
            transaction, resource_id=resource_id, starts_at=during.starts_at, ends_at=during.ends_at
        )
        if others:
            other = others[0].during
            message = f"It overlaps the window from {other.starts_at.isoformat()} to {other.ends_at.isoformat()}."
            raise ConflictError(message)
        _check_slots(transaction, found[0], during, slot_minutes)
        respect_edit_locks(transaction, actor, (resource_id, during))
        window = Window(new_id(), resource_id, during)
        catalogue.add_window(transaction, window)
        append_event(
            transaction, actor, Event(EventType.AVAILABILITY_WINDOW_ADDED, KIND, window.id, None, _facts(window))
        )
        return window

    return run_once(database, tenant, claim, work, render, isolation=Isolation.SERIALIZABLE)


def list_windows(
    database: Database,
    tenant: str,
    resource_id: UUID | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> tuple[list[Window], bool]:
    """Return a page of windows that reach into the range, by start, and whether there are more.

    Raises `InvalidRangeError`.
    """
    if starts_at is not None and ends_at is not None and starts_at >= ends_at:
        message = "The period must begin before it ends."
        raise InvalidRangeError("ends_at", message)
    found = database.run(
        tenant,
        lambda transaction: catalogue.list_windows(
            transaction,
            resource_id=resource_id,
            starts_at=starts_at,
            ends_at=ends_at,
            after=after,
            limit=limit + 1,
        ),
    )
    return found[:limit], len(found) > limit


def remove_window(database: Database, tenant: str, window_id: UUID, actor: Actor, *, keep_reservations: bool) -> None:
    """Offer a window no more.

    Raises `NotFoundError`, and `ReservationsInTheWayError` unless its reservations are to stay as they are.
    """

    def work(transaction: Transaction) -> None:
        found = catalogue.list_windows(transaction, window_id=window_id)
        if not found:
            message = "There is no such availability window."
            raise NotFoundError(message)
        respect_edit_locks(transaction, actor, (found[0].resource_id, found[0].during))
        catalogue.remove_window(transaction, window_id)
        transaction.settle()  # first, so that it waits for who is just reserving in it, and sees them
        in_the_way = [] if keep_reservations else catalogue.reservations_in_window(transaction, found[0])
        if in_the_way:
            raise ReservationsInTheWayError(in_the_way)
        append_event(
            transaction, actor, Event(EventType.AVAILABILITY_WINDOW_REMOVED, KIND, window_id, _facts(found[0]), None)
        )

    database.run(tenant, work)


def _check_slots(transaction: Transaction, terms: Terms, during: TimeRange, slot_minutes: int | None) -> None:
    mode = terms.policy.mode
    if not isinstance(mode, SlotMode):
        if slot_minutes is not None:
            message = "This resource has no slots."
            raise InvalidInputError("slot_minutes", message)
        return
    if slot_minutes not in {None, mode.slot_minutes}:
        message = f"Slots of this resource take {mode.slot_minutes} minutes."
        raise InvalidInputError("slot_minutes", message)
    length, step = timedelta(minutes=mode.slot_minutes), timedelta(minutes=mode.step_minutes)
    around = during.widened(length, length)
    others = catalogue.list_windows(
        transaction,
        resource_id=terms.resource.id,
        starts_at=around.starts_at,
        ends_at=around.ends_at,
        limit=MOST_AROUND,
    )
    windows = [during, *(other.during for other in others)]
    if any(slot.ends_at >= during.ends_at for slot in _slots_of(mode, windows, during, transaction.tenant.zone)):
        return
    if during.ends_at - during.starts_at < length:
        message = f"Not even one slot of {mode.slot_minutes} minutes fits into this."
        raise InvalidInputError("ends_at", message)
    over = (during.ends_at - during.starts_at - length) % step
    if over:
        fitting = [(during.ends_at - over + more).isoformat() for more in (timedelta(0), step)]
        message = (
            f"A slot of {mode.slot_minutes} minutes every {mode.step_minutes} leaves {over} at the end that nobody "
            f"could reserve. End it at {fitting[0]} or {fitting[1]}."
        )
        raise InvalidInputError("ends_at", message)


def _slots_of(mode: SlotMode, windows: Sequence[TimeRange], during: TimeRange, zone: ZoneInfo) -> Iterator[TimeRange]:
    """Yield the slots that reach into a window, also from the one before; those may last into the one after it."""
    length = timedelta(minutes=mode.slot_minutes)
    return replace(mode, offered_in="windows").offered(None, windows, during.widened(length, timedelta()), zone)


def _facts(window: Window) -> dict[str, str]:
    return {
        "resource_id": str(window.resource_id),
        "starts_at": window.during.starts_at.isoformat(),
        "ends_at": window.during.ends_at.isoformat(),
    }
