"""Availability windows: when a resource is offered in slots."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chalicelib.core.time_ranges import TimeRange


@dataclass(frozen=True, slots=True)
class Window:
    """When a resource is offered; slots are derived from it."""

    id: UUID
    resource_id: UUID
    during: TimeRange
