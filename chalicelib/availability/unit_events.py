"""What events say about the units of what blocks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType

if TYPE_CHECKING:
    from chalicelib.core.units import Placement, UnitSet
    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor

KIND = "reservation"


def append_moved_units(transaction: Transaction, actor: Actor, placement: Placement) -> None:
    """Queue an event for each reservation that was given other units to make room."""
    for move in placement.moved:
        before, after = {"units": unit_runs(move.before)}, {"units": unit_runs(move.after)}
        append_event(transaction, actor, Event(EventType.RESERVATION_UNITS_CHANGED, KIND, move.owner_id, before, after))


def unit_runs(units: UnitSet) -> list[list[int]]:
    """Half-open runs of unit numbers."""
    return [[first, end] for first, end in units.runs]
