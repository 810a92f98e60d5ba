"""What somebody asks a resource for, and what the rules have against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chalicelib.availability.model.profiles import Profile
from chalicelib.core.resources import Resource
from chalicelib.core.time_ranges import EARLIEST_AT, TimeRange
from chalicelib.policies.model.modes import ONE_DAY
from chalicelib.policies.model.policies import Policy, broken_rules
from chalicelib.policies.model.wanted import Facts, Wanted

if TYPE_CHECKING:
    from datetime import date, datetime

    from chalicelib.core.time_ranges import Stay
    from chalicelib.policies.model.rules import Rule

TOO_LONG = frozenset({"too_long"})
"""What is said of the length, which a listing leaves to who chooses one."""
Fits = Callable[[TimeRange, int], bool]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """So much of a resource, whenever it may be."""

    policy: Policy
    resource: Resource
    profile: Profile
    quantity: int
    party_size: int
    fits: Fits
    by_counting: bool = False
    """Whether the profile decides alone, and `fits` has nothing to add."""
    units: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", self.policy.units_taken(self.quantity, self.party_size))

    def wants(self, during: TimeRange, stay: Stay | None = None) -> Wanted:
        """Return a use of theirs."""
        return Wanted(self.resource, during, stay, self.quantity, self.party_size)

    def free(self, during: TimeRange) -> int:
        """Return the units free over a use and its buffers; 0 where they are fewer than wanted."""
        blocked = self.policy.blocked(during)
        remaining = self.profile.remaining(blocked)
        if remaining < self.units:
            return 0
        return remaining if self.by_counting or self.fits(blocked, self.units) else 0


class Opposed:
    """What the rules have against uses, asked about in the order of their starts.

    Rules by day are asked about the first use in each day, and answer for all others that lie within that day.
    """

    def __init__(
        self, inquiry: Inquiry, rules: tuple[Rule, ...], facts: Facts, resource_on: Mapping[date, int]
    ) -> None:
        self._inquiry = inquiry
        self._rules = rules
        self._each = tuple(rule for rule in rules if not rule.by_day)
        self._facts = facts
        self._resource_on = resource_on
        self._day_ends_at = self._asked_until = EARLIEST_AT
        self._of_day = facts
        self._by_day: frozenset[str] = frozenset()

    def by(self, starts_at: datetime, ends_at: datetime) -> frozenset[str]:
        """Return the codes of the violations of a use."""
        if starts_at >= self._day_ends_at:
            self._turn_to_day_of(starts_at)
        if ends_at > self._day_ends_at:
            return self._ask(self._rules, starts_at, ends_at, self._of_day)
        if self._asked_until < self._day_ends_at:
            by_day = tuple(rule for rule in self._rules if rule.by_day)
            self._by_day = self._ask(by_day, starts_at, ends_at, self._of_day)
            self._asked_until = self._day_ends_at
        return self._by_day | self._ask(self._each, starts_at, ends_at, self._of_day) if self._each else self._by_day

    def answers_by_day(self) -> bool:
        """Tell whether all rules answer alike for uses that lie within one day."""
        return not self._each

    def lasting(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Tell whether anything but the greatest length stands against a use that begins where `by` allowed one.

        It may have been asked about later days since.
        """
        of_day = facts_of_day(self._facts, self._resource_on, self._facts.days.day_of(starts_at))
        return bool(self._ask(self._rules, starts_at, ends_at, of_day) - TOO_LONG)

    def _turn_to_day_of(self, instant: datetime) -> None:
        on = self._facts.days.day_of(instant)
        self._day_ends_at = self._facts.days.begins_at(on + ONE_DAY)
        self._of_day = facts_of_day(self._facts, self._resource_on, on)

    def _ask(self, rules: tuple[Rule, ...], starts_at: datetime, ends_at: datetime, of_day: Facts) -> frozenset[str]:
        wanted = self._inquiry.wants(TimeRange(starts_at, ends_at))
        return frozenset(violation.code for violation in broken_rules(rules, wanted, of_day))


def facts_of_day(facts: Facts, resource_on: Mapping[date, int], on: date) -> Facts:
    """Return the facts for a use that begins on a day, with the count of that day where days are counted."""
    if not resource_on:
        return facts
    count = resource_on.get(on, 0)
    return facts if count == facts.resource_on_day else replace(facts, resource_on_day=count)
