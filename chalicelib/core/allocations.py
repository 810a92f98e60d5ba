"""What blocks units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from chalicelib.core.resources import UnitAssignment
from chalicelib.core.unit_sets import UnitSet


@dataclass(frozen=True, slots=True)
class Allocation:
    """The units that something blocks during a time, buffers included. `pinned`: its units may not be exchanged.

    `resource_id` is what was reserved, where that is known. `within` and `assignment` are said of another resource
    that draws from the same inventory: the units that its reservations may have (none: they have to stay), and how.
    `held_until`: it is only held, and free at that instant.
    """

    owner_id: UUID
    owner_kind: Literal["reservation", "need", "closure"]
    starts_at: datetime
    ends_at: datetime
    units: UnitSet
    pinned: bool
    resource_id: UUID | None = None
    within: UnitSet | None = None
    assignment: UnitAssignment | None = None
    held_until: datetime | None = None
