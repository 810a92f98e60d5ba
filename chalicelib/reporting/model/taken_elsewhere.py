"""What a resource lacks because others took the units that it draws from, or that it needs: like a closure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.core.time_ranges import Stay, TimeRange, wall_clock_instant
from chalicelib.core.units import Part, UnitSet

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class TakenElsewhere:
    """Units that a resource lacks while another has them, without buffers; `stay` where that one has them by the night.

    `left_at`: who had them left then, before the end.
    """

    resource_id: UUID
    during: TimeRange
    stay: Stay | None
    units: UnitSet
    left_at: datetime | None = None

    @property
    def part(self) -> Part | None:
        """The units from when until when; None if whoever reserved them was never there."""
        ends_at = self.during.ends_at if self.left_at is None else self.left_at
        if ends_at <= self.during.starts_at:
            return None
        return Part(TimeRange(self.during.starts_at, ends_at), self.units)

    def by_night(self, zone: ZoneInfo) -> Part | None:
        """The units on the days of the nights, as nights of the resource itself are counted."""
        if self.stay is None:
            return self.part
        left_on = None if self.left_at is None else self.left_at.astimezone(zone).date()
        until_on = self.stay.check_out_on if left_on is None else min(self.stay.check_out_on, left_on)
        if until_on <= self.stay.check_in_on:
            return None
        during = TimeRange(
            wall_clock_instant(self.stay.check_in_on, time.min, zone), wall_clock_instant(until_on, time.min, zone)
        )
        return Part(during, self.units)
