"""Sets of units as Postgres' multiranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.unit_sets import UNBOUNDED, UnitSet
from chalicelib.core.units import Drawn

if TYPE_CHECKING:
    from psycopg.types.multirange import Multirange

OWN_UNITS = ((1, UNBOUNDED),)
"""What a resource draws from an inventory of its own: as many units as it has, however many that are."""


def unit_set(multirange: Multirange[Any]) -> UnitSet:
    """Read Postgres' canonical form, whose ranges are half-open."""
    return UnitSet(tuple((run.lower or 1, UNBOUNDED if run.upper is None else run.upper) for run in multirange))


def unit_set_text(units: UnitSet) -> str:
    """Write an int4multirange literal."""
    return "{" + ",".join(f"[{first},{'' if end == UNBOUNDED else end})" for first, end in units.runs) + "}"


def places(units: Multirange[Any], capacity: int) -> UnitSet:
    """Return the units that a resource may take: of its own inventory, as many as it has."""
    drawn = unit_set(units)
    return UnitSet.span(1, capacity + 1) if drawn.runs == OWN_UNITS else drawn


def drawn(units: Multirange[Any], units_each: int) -> Drawn | None:
    """Return what a resource draws of a shared inventory, None where it has one of its own."""
    found = unit_set(units)
    return None if found.runs == OWN_UNITS else Drawn(found, units_each)
