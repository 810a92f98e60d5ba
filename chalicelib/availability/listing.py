"""What is free of one resource over a time, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from chalicelib.availability.availability_facts import ONE_DAY, Outlook
from chalicelib.availability.explain_listing import NightReasons, Reasons, Unavailable
from chalicelib.availability.model.availability import FreeRange, Night, Slot
from chalicelib.core.memories import Memory
from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.policies.model.pricing import quote
from chalicelib.policies.model.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from chalicelib.core.money import Quote

OF_THE_NIGHT = frozenset({"base", "extra_guests"})
"""Lines of a price that belong to a night; the others belong to a stay."""
_prices: Memory[int] = Memory(20_000)
"""Of nights and slots, which cost the same in each listing."""


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

        def work_out() -> int:
            stay = Stay(night.on, night.on + ONE_DAY)
            lines = self._quote(self.outlook.policy.during(stay, self.outlook.tenant.zone), stay).lines
            return sum(line.amount for line in lines if line.kind in OF_THE_NIGHT)

        return self._remembered(night.on, work_out)

    def price_of_slot(self, slot: Slot) -> int:
        """Return what a slot costs, all included: minor units."""
        starts_at, ends_at = slot.starts_at, slot.ends_at
        return self._remembered((starts_at, ends_at), lambda: self._quote(TimeRange(starts_at, ends_at), None).total)

    def _remembered(self, when: Hashable, work_out: Callable[[], int]) -> int:
        """What was worked out for the same time, quantity and party under the same policy, or is now."""
        tenant = self.outlook.tenant
        key = self.outlook.policy, tenant.currency, tenant.zone, self.quantity, self.party_size, when
        price = _prices.find(key)
        return _prices.keep(key, work_out(), 1) if price is None else price

    def _quote(self, during: TimeRange, stay: Stay | None) -> Quote:
        outlook = self.outlook
        wanted = Wanted(outlook.resource, during, stay, self.quantity, self.party_size)
        return quote(outlook.policy, outlook.tenant.currency, wanted, outlook.tenant.zone)
