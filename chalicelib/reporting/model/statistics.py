"""The figures of statistics, and how they follow from sums."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chalicelib.core.units import Drawn


@dataclass(frozen=True, slots=True)
class ReportedResource:
    """A resource that statistics are about; `share`: what it draws of units that are not its own."""

    id: UUID
    slug: str
    name: str
    capacity: int
    policy_id: UUID
    share: Drawn | None
