"""What other use cases do with units and closures: take, pin and release units; add and remove closures."""

from __future__ import annotations

from chalicelib.availability.storage.admission import (
    Needing,
    Taking,
    free_units_from,
    hold_units,
    pin_units,
    read_allocations,
    read_engagements,
    read_windows,
    release_to_move,
    take_needs,
    take_units,
)
from chalicelib.availability.storage.closures import (
    add_closure,
    read_closures,
    read_inventory_closures,
    remove_closure,
)
from chalicelib.availability.storage.sweeps import Due, due_arrivals, due_reservations

__all__ = [
    "Due",
    "Needing",
    "Taking",
    "add_closure",
    "due_arrivals",
    "due_reservations",
    "free_units_from",
    "hold_units",
    "pin_units",
    "read_allocations",
    "read_closures",
    "read_engagements",
    "read_inventory_closures",
    "read_windows",
    "release_to_move",
    "remove_closure",
    "take_needs",
    "take_units",
]
