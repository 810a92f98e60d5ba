"""What a tenant offers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from chalicelib.core.unit_sets import UnitSet


class UnitAssignment(StrEnum):
    """How a resource's units are given out."""

    POOLED = "pooled"
    """Any units will do and may change in the middle of a use: seats, kayaks, shared capacity."""
    LABELLED = "labelled"
    """A guest gets particular units and keeps them throughout: rooms, cabins."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One business, as far as the domain needs it. `currency` is an ISO 4217 code.

    `confirms_by_email`: what anonymous callers ask for is nothing until their email is confirmed. `keeps_waitlist`:
    guests may wait for what is taken.
    """

    id: UUID
    slug: str
    zone: ZoneInfo
    currency: str
    confirms_by_email: bool = False
    keeps_waitlist: bool = True


@dataclass(frozen=True, slots=True)
class Unit:
    """One of a resource's interchangeable places; `number` counts from 1."""

    number: int
    label: str


@dataclass(frozen=True, slots=True)
class Share:
    """Units of an inventory that others may draw from, too; one of the resource's capacity takes `units_each`."""

    inventory_id: UUID
    units: UnitSet
    units_each: int


@dataclass(frozen=True, slots=True)
class Need:
    """Units of another inventory that a use needs as well, all of them, once for everyone in the same slot: a guide."""

    inventory_id: UUID
    units: UnitSet


@dataclass(frozen=True, slots=True)
class Resource:
    """What can be reserved. `capacity` of it at once; at most `max_party_size` people in each.

    Without a `share` it has an inventory of its own, under its own id, with the units 1 to `capacity`.
    """

    id: UUID
    slug: str
    name: str
    capacity: int
    max_party_size: int
    assignment: UnitAssignment
    share: Share | None = None
    need: Need | None = None

    @property
    def inventory_id(self) -> UUID:
        """Whose units it takes."""
        return self.id if self.share is None else self.share.inventory_id

    @property
    def inventory_ids(self) -> tuple[UUID, ...]:
        """Whose units its reservations take, those that they need besides included."""
        return (self.inventory_id,) if self.need is None else (self.inventory_id, self.need.inventory_id)

    @property
    def places(self) -> UnitSet:
        """The units of its inventory that it may take."""
        return UnitSet.span(1, self.capacity + 1) if self.share is None else self.share.units

    @property
    def last_unit(self) -> int:
        """The highest number among its places."""
        return self.places.runs[-1][1] - 1

    @property
    def units_each(self) -> int:
        """How many units one of it takes."""
        return 1 if self.share is None else self.share.units_each
