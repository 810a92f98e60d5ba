"""Availability windows: when somebody offers something. The range is stored; slots are derived from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.catalogue.model.windows import Window
from chalicelib.catalogue.storage import windows
from chalicelib.core.errors import (
    ConflictError,
    ConflictingReservationsError,
    InvalidInputError,
    NotFoundError,
)
from chalicelib.core.time_ranges import instant_text
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Isolation
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.policies.model.modes import SlotMode
from chalicelib.terms.for_others import read_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from chalicelib.core.time_ranges import TimeRange
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.terms.model.terms import Terms

KIND = "availability_window"
MOST_AROUND = 1000
"""Windows within the length of a slot."""


def add_window(
    context: Context,
    resource_id: UUID,
    during: TimeRange,
    slot_minutes: int | None,
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
        others = windows.list_windows(transaction, resource_id, (during.starts_at, during.ends_at))
        if others:
            other = others[0].during
            message = f"It overlaps the window from {instant_text(other.starts_at)} to {instant_text(other.ends_at)}."
            raise ConflictError(message)
        _check_slots(transaction, found[0], during, slot_minutes)
        respect_edit_locks(transaction, context.actor, (resource_id, during))
        window = Window(new_id(), resource_id, during)
        windows.add_window(transaction, window)
        append_event(
            transaction,
            context.actor,
            Event(EventType.AVAILABILITY_WINDOW_ADDED, KIND, window.id, None, _facts(window)),
        )
        return window

    return context.run_once(work, render, isolation=Isolation.SERIALIZABLE)


def list_windows(
    context: Context,
    resource_id: UUID | None,
    bounds: tuple[datetime | None, datetime | None],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> tuple[list[Window], bool]:
    """Return a page of windows that reach into what these bounds enclose, by start, and whether there are more."""
    found = context.run(
        lambda transaction: windows.list_windows(transaction, resource_id, bounds, after, limit + 1),
    )
    return found[:limit], len(found) > limit


def remove_window(context: Context, window_id: UUID, *, keep_reservations: bool) -> None:
    """Delete a window.

    Raises `NotFoundError`, and `ConflictingReservationsError` unless its reservations are to stay as they are.
    """

    def work(transaction: Transaction) -> None:
        found = windows.find_window(transaction, window_id)
        if found is None:
            message = "There is no such availability window."
            raise NotFoundError(message)
        respect_edit_locks(transaction, context.actor, (found.resource_id, found.during))
        windows.remove_window(transaction, window_id)
        transaction.settle()  # first, so that it waits for who is just reserving in it, and sees them
        conflicting = [] if keep_reservations else windows.reservations_in_window(transaction, found)
        if conflicting:
            raise ConflictingReservationsError(conflicting)
        append_event(
            transaction,
            context.actor,
            Event(EventType.AVAILABILITY_WINDOW_REMOVED, KIND, window_id, _facts(found), None),
        )

    context.run(work)


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
    bounds = around.starts_at, around.ends_at
    others = windows.list_windows(transaction, terms.resource.id, bounds, limit=MOST_AROUND)
    offered = [during, *(other.during for other in others)]
    if any(slot.ends_at >= during.ends_at for slot in _slots_of(mode, offered, during, transaction.tenant.zone)):
        return
    if during.ends_at - during.starts_at < length:
        message = f"Not even one slot of {mode.slot_minutes} minutes fits into this."
        raise InvalidInputError("ends_at", message)
    over = (during.ends_at - during.starts_at - length) % step
    if over:
        fitting = [instant_text(during.ends_at - over + more) for more in (timedelta(0), step)]
        message = (
            f"A slot of {mode.slot_minutes} minutes every {mode.step_minutes} leaves {over} at the end that "
            f"cannot be reserved. End it at {fitting[0]} or {fitting[1]}."
        )
        raise InvalidInputError("ends_at", message)


def _slots_of(mode: SlotMode, offered: Sequence[TimeRange], during: TimeRange, zone: ZoneInfo) -> Iterator[TimeRange]:
    """Yield the slots that reach into a window, also from the one before; those may last into the one after it."""
    length = timedelta(minutes=mode.slot_minutes)
    return replace(mode, offered_in="windows").offered(None, offered, during.widened(length, timedelta()), zone)


def _facts(window: Window) -> dict[str, str]:
    return {
        "resource_id": str(window.resource_id),
        "starts_at": window.during.starts_at.isoformat(),
        "ends_at": window.during.ends_at.isoformat(),
    }
