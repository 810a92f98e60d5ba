"""A use that somebody wants, and what a decision about it may depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.core.days import Days
from chalicelib.core.errors import InvalidInputError
from chalicelib.core.resources import Resource
from chalicelib.core.time_ranges import ONE_MINUTE, Stay, TimeRange

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Present:
    """What a reservation has of a resource already. Keeping it, or giving some of it up, needs no permission."""

    during: TimeRange
    stay: Stay | None
    quantity: int
    party_size: int

    @property
    def length(self) -> int:
        """Nights of a stay, otherwise minutes; a begun minute counts."""
        return length_of(self.during, self.stay)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A use that somebody wants. Raises `InvalidInputError` for a quantity or party of nobody.

    `stay` is given where nights are reserved, and `during` are its instants then. `present` is what the reservation has
    of this very resource, which it wants to be different: only what is newly taken is checked.
    """

    resource: Resource
    during: TimeRange
    stay: Stay | None
    quantity: int
    party_size: int
    present: Present | None = None

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise InvalidInputError("quantity", f"{self.quantity} is too few; expected at least 1.")
        if self.party_size < 1:
            raise InvalidInputError("party_size", f"{self.party_size} is too few; expected at least 1.")

    @property
    def start_field(self) -> str:
        """The request's field that says when it begins."""
        return "starts_at" if self.stay is None else "check_in_on"

    @property
    def end_field(self) -> str:
        """The request's field that says when it ends."""
        return "ends_at" if self.stay is None else "check_out_on"

    @property
    def length(self) -> int:
        """Nights of a stay, otherwise minutes; a begun minute counts."""
        return length_of(self.during, self.stay)

    @property
    def starts_unchanged(self) -> bool:
        """Whether it is reserved from this start on already: rules about the start were met then."""
        return self.present is not None and self.present.during.starts_at == self.during.starts_at

    @property
    def start_is_new(self) -> bool:
        """Whether it begins at another time than the present one, other than by giving up the first part of that."""
        present = self.present
        return present is None or not (self.starts_unchanged or present.during.contains(self.during))

    @property
    def keeps_times(self) -> bool:
        """Whether only its size is to be different."""
        return self.present is not None and self.present.during == self.during

    @property
    def grows(self) -> bool:
        """Whether more units or people are wanted than there are already."""
        present = self.present
        return present is None or self.quantity > present.quantity or self.party_size > present.party_size

    @property
    def taken(self) -> tuple[Wanted, ...]:
        """The parts of it that are newly taken, as uses by themselves; all of it where it grows."""
        present = self.present
        if present is None or self.grows or not self.during.overlaps(present.during):
            return (replace(self, present=None),)
        had, during, stay = present.during, self.during, self.stay
        parts: list[Wanted] = []
        if during.starts_at < had.starts_at:
            nights = Stay(stay.check_in_on, present.stay.check_in_on) if stay and present.stay else None
            parts.append(replace(self, during=TimeRange(during.starts_at, had.starts_at), stay=nights, present=None))
        if had.ends_at < during.ends_at:
            nights = Stay(present.stay.check_out_on, stay.check_out_on) if stay and present.stay else None
            parts.append(replace(self, during=TimeRange(had.ends_at, during.ends_at), stay=nights, present=None))
        return tuple(parts)

    @property
    def changes_nothing(self) -> bool:
        """Whether it is exactly what is there already."""
        present = self.present
        return present == Present(self.during, self.stay, self.quantity, self.party_size)

    def starts_on(self, days: Days) -> date:
        """Return the day on which it begins."""
        return days.day_of(self.during.starts_at) if self.stay is None else self.stay.check_in_on

    def agreed_on(self, days: Days) -> date:
        """Return the day by which its length is judged: that of the present start, unless it gets a new one."""
        if self.present is None or self.start_is_new:
            return self.starts_on(days)
        return replace(self, during=self.present.during, stay=self.present.stay).starts_on(days)


def length_of(during: TimeRange, stay: Stay | None) -> int:
    """Return the nights of a stay, otherwise minutes; a begun minute counts."""
    return -(-during.duration // ONE_MINUTE) if stay is None else stay.nights


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision may depend on besides the request itself.

    `days` are the policy's (`Policy.days`). `windows` are the resource's availability windows, at least those that
    overlap the use. The counts are of other reservations: the guest's active ones, and those of the guest and of the
    resource that begin on the same day. `evaluate_expression` answers a CEL expression over variables; policies with
    such a rule need it. `by_staff`: who works for the tenant asks.
    """

    now: datetime
    days: Days
    windows: tuple[TimeRange, ...] = ()
    guest_active: int = 0
    guest_on_day: int = 0
    resource_on_day: int = 0
    evaluate_expression: Callable[[str, Mapping[str, Any]], object] | None = None
    by_staff: bool = False

    @property
    def today(self) -> date:
        """The day that it is now."""
        return self.days.day_of(self.now)

    @property
    def zone(self) -> ZoneInfo:
        """The tenant's time zone."""
        return self.days.zone
