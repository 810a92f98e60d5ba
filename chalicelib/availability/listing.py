"""What is free of one resource over a time, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from chalicelib.availability.availability_facts import ONE_DAY, Outlook
from chalicelib.availability.explain_listing import NightReasons, Reasons, Unavailable
from chalicelib.availability.model.availability import FreeRange, Night, Slot
from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.policies.model.pricing import quote
from chalicelib.policies.model.wanted import Wanted

if TYPE_CHECKING:
    from chalicelib.core.money import Quote

OF_THE_NIGHT = frozenset({"base", "extra_guests"})
"""Lines of a price that belong to a night; the others belong to a stay."""


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Listing:
    """What is free of a resource: nights, slots or ranges, according to its mode; the others are None.

    Where reasons were asked for, they say of nights and slots why not, and `unavailable` of other times.
    """

    outlook: Outlook
    quantity: int
    party_size: int
    nights: Sequence[Night] | None = None
    slots: Sequence[Slot] | None = None
    ranges: Sequence[FreeRange] | None = None
    night_reasons: Mapping[date, NightReasons] | None = None
    slot_reasons: Mapping[datetime, Reasons] | None = None
    unavailable: Sequence[Unavailable] | None = None

    @property
    def parts(self) -> int:
        """How many nights, slots or ranges it has, itself counted."""
        return 1 + len(self.nights or self.slots or self.ranges or ())

    def price_of_night(self, night: Night) -> int:
        """Return what one night costs, before discounts, fees and taxes, which belong to a whole stay: minor units."""
        stay = Stay(night.on, night.on + ONE_DAY)
        lines = self._quote(self.outlook.policy.during(stay, self.outlook.tenant.zone), stay).lines
        return sum(line.amount for line in lines if line.kind in OF_THE_NIGHT)

    def price_of_slot(self, slot: Slot) -> Quote:
        """Return what a slot costs, all included."""
        return self._quote(TimeRange(slot.starts_at, slot.ends_at), None)

    def _quote(self, during: TimeRange, stay: Stay | None) -> Quote:
        outlook = self.outlook
        wanted = Wanted(outlook.resource, during, stay, self.quantity, self.party_size)
        return quote(outlook.policy, outlook.tenant.currency, wanted, outlook.tenant.zone)
