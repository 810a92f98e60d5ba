"""Rows that several statements have in common."""

from __future__ import annotations

from typing import Any

from chalicelib.core.errors import ConflictingReservation
from chalicelib.database.unit_sets import unit_set


def conflicting_reservation(row: Any) -> ConflictingReservation:  # noqa: ANN401 - the columns of every search for conflicts
    """Read a reservation that conflicts."""
    units = () if row.units is None else tuple(unit_set(row.units))
    return ConflictingReservation(row.id, row.code, row.starts_at, row.ends_at, units)
