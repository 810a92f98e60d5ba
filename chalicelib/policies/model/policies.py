"""A policy: how a resource is reserved, as data. `evaluate` says everything that stands against a use.

A policy is a booking mode (`modes`), rules that restrict it (`rules`, one file each), how reservations are confirmed
and cancelled, and what they cost (`pricing`). Policies are immutable; publishing a change makes another version.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from chalicelib.core.days import NOWHERE_PAST_MIDNIGHT, Days
from chalicelib.core.errors import InvalidInputError, Violation
from chalicelib.core.parameters import MOST_MINUTES, ParameterError, check_number
from chalicelib.core.time_ranges import ONE_MINUTE, DateRange, Stay, TimeRange
from chalicelib.policies.model.asked import Asked
from chalicelib.policies.model.modes import IntervalMode, Mode, SlotMode, StayMode
from chalicelib.policies.model.rates import MOST_EXACT, Rates, highest_base
from chalicelib.policies.model.rules import Rule
from chalicelib.policies.model.rules.blackout_dates import BlackoutDates
from chalicelib.policies.model.rules.buffers import Buffers
from chalicelib.policies.model.rules.expression import Expression
from chalicelib.policies.model.rules.grid import Grid
from chalicelib.policies.model.rules.horizon import Horizon
from chalicelib.policies.model.rules.lead_time import LeadTime
from chalicelib.policies.model.rules.length import Length
from chalicelib.policies.model.rules.opening_hours import OpeningHours
from chalicelib.policies.model.wanted import Facts, Present, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime, time, timedelta
    from zoneinfo import ZoneInfo

    from chalicelib.core.resources import Resource

__all__ = [
    "CancellationTier",
    "Confirmation",
    "ContradictionError",
    "Facts",
    "GuestChanges",
    "IntervalMode",
    "Mode",
    "Policy",
    "Present",
    "SlotMode",
    "StayMode",
    "Wanted",
    "broken_rules",
    "evaluate",
    "size_violations",
]

ONCE = (LeadTime, Horizon, Grid, Length)
"""Rules of which a second one can only repeat or contradict the first."""
CapacityCounts = Literal["units", "people"]
EarlyCheckOut = Literal["keep_price", "by_tiers"]
"""What is owed for the nights that a guest leaves early: all of it, or what their cancellation would retain."""
USUAL_GRACE_MINUTES = 15
"""How long what is pending may wait for room, where its policy says nothing."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a new reservation is: confirmed at once, held for some minutes, or pending: for room, or for approval.

    `hold_minutes` belongs to "hold". `grace_minutes` is how long a "pending" one waits before it is rejected (15 where
    nothing is said), and one for "approval" (until it would begin). `rivals` says what becomes of others who wait for
    the approval of what somebody was just given: they "keep" waiting, or the tenant "reject"s them at once.
    """

    kind: Literal["instant", "hold", "pending", "approval"]
    hold_minutes: int | None = None
    grace_minutes: int | None = None
    rivals: Literal["keep", "reject"] | None = None

    def __post_init__(self) -> None:
        if (self.hold_minutes is not None) != (self.kind == "hold"):
            message = "belongs to the kind 'hold', and that kind needs it"
            raise ParameterError("hold_minutes", message)
        if self.grace_minutes is not None and not self.queues:
            message = "belongs to the kinds 'pending' and 'approval'"
            raise ParameterError("grace_minutes", message)
        if self.rivals is not None and self.kind != "approval":
            message = "belongs to the kind 'approval'"
            raise ParameterError("rivals", message)
        if self.kind == "pending" and self.grace_minutes is None:
            object.__setattr__(self, "grace_minutes", USUAL_GRACE_MINUTES)
        check_number("hold_minutes", self.hold_minutes, 1, MOST_MINUTES)
        check_number("grace_minutes", self.grace_minutes, 1, MOST_MINUTES)

    @property
    def queues(self) -> bool:
        """Whether what is taken is accepted, too, and waits: as a reservation, not on the waitlist."""
        return self.kind in {"pending", "approval"}


@dataclass(frozen=True, slots=True)
class CancellationTier:
    """Who cancels at least so many minutes before the start gets so many percent back."""

    until_minutes_before: int
    refund_percent: int

    def __post_init__(self) -> None:
        check_number("until_minutes_before", self.until_minutes_before, 0, MOST_MINUTES)
        check_number("refund_percent", self.refund_percent, 0, 100)


@dataclass(frozen=True, slots=True)
class GuestChanges:
    """What guests may change by themselves of what is agreed; those who work for the tenant are not bound by it.

    Until `until_minutes_before` the present start they may move it, extend it or come with more; None: as long as a
    cancellation gives everything back, and at any time where none ever does. To `other_resources` only where it is so.
    `renews_cancellation`: only the new start counts for a cancellation, however late the reservation was moved.
    """

    until_minutes_before: int | None = None
    other_resources: bool = True
    renews_cancellation: bool = False

    def __post_init__(self) -> None:
        check_number("until_minutes_before", self.until_minutes_before, 0, MOST_MINUTES)


class ContradictionError(ValueError):
    """Parts of a policy that do not go together: for each the path to it and what is expected."""

    def __init__(self, findings: tuple[tuple[tuple[str | int, ...], str], ...]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, path))} {expectation}" for path, expectation in findings))
        self.findings = findings


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The rules of one resource. Raises `ContradictionError`, with every finding."""

    mode: Mode
    confirmation: Confirmation
    capacity_counts: CapacityCounts = "units"
    rules: tuple[Rule, ...] = ()
    no_show_after_minutes: int | None = None
    no_show_keeps_units: bool = False
    cancellation: tuple[CancellationTier, ...] = ()
    guest_changes: GuestChanges = GuestChanges()
    early_check_out: EarlyCheckOut = "keep_price"
    rates: Rates

    def __post_init__(self) -> None:
        findings = tuple(_contradictions(self))
        if findings:
            raise ContradictionError(findings)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Of what is remembered under policies, which are read once and compared by identity first."""
        return hash((self.mode, self.confirmation, self.rules, self.cancellation, self.rates))

    @cached_property
    def reads_reservations(self) -> bool:
        """Whether a rule counts other reservations: then only a SERIALIZABLE transaction may decide."""
        return any(rule.reads_reservations for rule in self.rules)

    @cached_property
    def opening_hours(self) -> OpeningHours | None:
        """When it is open, if a rule says so."""
        return next((rule for rule in self.rules if isinstance(rule, OpeningHours)), None)

    @property
    def offered_in_windows(self) -> bool:
        """Whether it is offered when availability windows of the resource say so."""
        return not isinstance(self.mode, StayMode) and self.mode.offered_in == "windows"

    def days(self, zone: ZoneInfo) -> Days:
        """Return the days of a place that is open as this policy says: what it says of days is meant of these."""
        return Days(zone, self._closes_past_midnight)

    @cached_property
    def _closes_past_midnight(self) -> Sequence[time | None]:
        hours = self.opening_hours
        return NOWHERE_PAST_MIDNIGHT if hours is None else hours.closes_past_midnight()

    def shortest(self, on: date) -> int:
        """Return the least length of what begins on a date: nights of a stay, minutes of an interval or slot."""
        minimums = (rule.bounds(on)[0] or 1 for rule in self._lengths)
        return max(self.mode.shortest, max(minimums, default=1))

    def longest(self, on: date, most: int) -> int:
        """Return the greatest length of what begins on a date, or `most` if that is less."""
        most = min(most, self.mode.longest)
        for rule in self._lengths:
            most = min(most, rule.bounds(on)[1] or most)
        return most

    @cached_property
    def lengths_by_day(self) -> bool:
        """Whether what is the shortest and the longest may be another on another day."""
        return any(isinstance(rule, Length) for rule in self.rules)

    @cached_property
    def asks_expressions(self) -> bool:
        """Whether a rule is an expression, for which the facts need what evaluates it."""
        return any(isinstance(rule, Expression) for rule in self.rules)

    @cached_property
    def expressions_of_length(self) -> bool:
        """Whether an expression looks at how long something is, or when it ends."""
        return any(isinstance(rule, Expression) and rule.looks_at_length for rule in self.rules)

    @cached_property
    def _lengths(self) -> tuple[Length, ...]:
        return tuple(rule for rule in self.rules if isinstance(rule, Length))

    @cached_property
    def _buffers(self) -> tuple[timedelta, timedelta]:
        rule = next((rule for rule in self.rules if isinstance(rule, Buffers)), Buffers(0, 0))
        return rule.before_minutes * ONE_MINUTE, rule.after_minutes * ONE_MINUTE

    def opened_as(self, present: Policy) -> Policy:
        """Return this policy, open when the present one is: closed dates, opening hours and where they are offered.

        What a reservation costs and what it gets back stay as promised; but a new time has to be open today. Hours are
        those of the present one only where both are about times of day, and where slots can be derived from them.
        """
        mode, hours = self.mode, self.opening_hours
        if not isinstance(mode, StayMode) and not isinstance(present.mode, StayMode):
            if not (isinstance(mode, SlotMode) and present.mode.offered_in == "always"):
                mode = replace(mode, offered_in=present.mode.offered_in)
            if present.opening_hours is not None or mode.offered_in != "opening_hours":
                hours = present.opening_hours
        own = (rule for rule in self.rules if not isinstance(rule, BlackoutDates | OpeningHours))
        closed = (rule for rule in present.rules if isinstance(rule, BlackoutDates))
        return replace(self, mode=mode, rules=(*own, *closed, *(() if hours is None else (hours,))))

    def units_taken(self, quantity: int, party_size: int) -> int:
        """Return how many units a reservation takes: one for each person where people are counted."""
        return party_size if self.capacity_counts == "people" else quantity

    def most_people(self, resource: Resource, quantity: int) -> int:
        """Return how many may come together: so many in each unit, or in all where people are counted themselves."""
        return resource.max_party_size * (1 if self.capacity_counts == "people" else quantity)

    def during(self, stay: Stay, zone: ZoneInfo) -> TimeRange:
        """Return the instants of a stay. Raises `InvalidInputError` where nights are not what is reserved."""
        if not isinstance(self.mode, StayMode):
            message = "This is reserved by time; send starts_at and ends_at."
            raise InvalidInputError("check_in_on", message)
        return self.mode.during(stay, zone)

    def blocked(self, during: TimeRange) -> TimeRange:
        """Return what a use blocks: its own time and the buffers around it."""
        return during.widened(*self._buffers)

    def free_from(self, left_at: datetime) -> datetime:
        """Return from when on the units are free that somebody leaves at an instant: after the buffer."""
        return left_at + self._buffers[1]

    def used(self, blocked: TimeRange) -> TimeRange:
        """Return the use that blocks a time, without the buffers."""
        before, after = self._buffers
        return TimeRange(blocked.starts_at + before, blocked.ends_at - after)

    def out_of_reach(self, busy: TimeRange) -> TimeRange:
        """Return what no use may touch, so that what it blocks does not touch what is busy."""
        before, after = self._buffers
        return busy.widened(after, before)


def evaluate(policy: Policy, wanted: Wanted, facts: Facts) -> list[Violation]:
    """Return everything that the policy has against a use; nothing means that it may be, if units are free.

    The one judgement for create, confirm, move, extend and shorten, and for what availability lists. Of what is there
    already only what is newly taken is judged.
    """
    if wanted.changes_nothing:
        return []
    violations = list(size_violations(policy, wanted))
    violations += policy.mode.check(wanted, facts, policy.opening_hours)
    violations += broken_rules(policy.rules, wanted, facts)
    return violations


def size_violations(policy: Policy, wanted: Wanted) -> Iterator[Violation]:
    """Yield what is wrong with the quantity and the party, whenever it is."""
    resource, party_size, quantity = wanted.resource, wanted.party_size, wanted.quantity
    by_people = policy.capacity_counts == "people"
    most, present = policy.most_people(resource, quantity), wanted.present
    if not _as_roomy(wanted) and party_size > most:
        message = f"{resource.name} takes at most {most} people, not {party_size}."
        if most != resource.max_party_size:
            message = f"{quantity} of {resource.name} take at most {most} people, not {party_size}."
        parameters = {"maximum": most, "given": party_size}
        yield Violation("capacity", "party_too_large", "party_size", message, parameters)
    if by_people and quantity > 1 and (present is None or present.quantity != quantity):
        message = "Places are counted by people here: leave quantity out and say how many come in party_size."
        yield Violation("capacity", "people_are_counted", "quantity", message, {"given": quantity})
    units = policy.units_taken(quantity, party_size)
    had = 0 if present is None else policy.units_taken(present.quantity, present.party_size)
    if units > max(resource.capacity, had):
        message = f"{resource.name} has {resource.capacity} in all, fewer than {units}."
        parameters = {"maximum": resource.capacity, "given": units}
        yield Violation("capacity", "over_capacity", "party_size" if by_people else "quantity", message, parameters)


def broken_rules(rules: tuple[Rule, ...], wanted: Wanted, facts: Facts) -> Iterator[Violation]:
    """Yield what the rules have against a use, in their order; of what is there already, see `Asked`."""
    if wanted.present is None:
        for rule in rules:
            yield from rule.check(wanted, facts)
        return
    taken = wanted.taken
    asked = {
        Asked.NEW: (),
        Asked.START: (wanted,) if wanted.start_is_new else (),
        Asked.TIME: taken,
        Asked.ANYTHING: (wanted,) if taken else (),
        Asked.SIZE: (wanted,),
    }
    for rule in rules:
        for use in asked[rule.asked]:
            yield from rule.check(use, facts)


def _as_roomy(wanted: Wanted) -> bool:
    """Whether no more people come than there are already, and no more of them to a unit."""
    present = wanted.present
    if present is None or wanted.party_size > present.party_size:
        return False
    return wanted.party_size * present.quantity <= present.party_size * wanted.quantity


def _contradictions(policy: Policy) -> Iterator[tuple[tuple[str | int, ...], str]]:
    mode = policy.mode
    if policy.no_show_after_minutes is not None and not 0 <= policy.no_show_after_minutes <= MOST_MINUTES:
        yield ("no_show_after_minutes",), f"must be between 0 and {MOST_MINUTES}"
    for kind in (OpeningHours, Buffers):
        places = [number for number, rule in enumerate(policy.rules) if isinstance(rule, kind)]
        yield from ((("rules", number), f"is a second {kind.rule}; one says it all") for number in places[1:])
    if isinstance(mode, StayMode):
        for number, rule in enumerate(policy.rules):
            if isinstance(rule, OpeningHours | Grid):
                yield ("rules", number), f"{rule.rule} is about times of day, and stays have only dates"
    elif mode.offered_in == "opening_hours" and policy.opening_hours is None:
        yield ("mode", "offered_in"), "is opening_hours, and there is no such rule among the rules"
    tiers = policy.cancellation
    for number, (earlier, later) in enumerate(pairwise(tiers), start=1):
        if earlier.until_minutes_before <= later.until_minutes_before:
            yield ("cancellation", number, "until_minutes_before"), "must be less than in the tier before"
        if earlier.refund_percent < later.refund_percent:
            yield (
                ("cancellation", number, "refund_percent"),
                "must not be more than in the tier before, or waiting would pay",
            )


def impossibilities(policy: Policy) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield paths to what leaves nothing to reserve, or says the same twice, although each part is valid by itself.

    Not asked when a stored policy is read: what was published once stays readable.
    """
    horizons = [rule.maximum_days for rule in policy.rules if isinstance(rule, Horizon)]
    for number, rule in enumerate(policy.rules):
        if isinstance(rule, ONCE) and any(type(other) is type(rule) for other in policy.rules[:number]):
            yield ("rules", number), f"is a second {rule.rule}; one says it all"
        if isinstance(rule, LeadTime) and any(rule.minimum_minutes > (days + 1) * 1440 for days in horizons):
            message = "asks for more notice than the horizon allows: nothing could ever be reserved"
            yield ("rules", number, "minimum_minutes"), message
        if isinstance(rule, Length):
            if rule.minimum is not None and rule.minimum > policy.mode.longest:
                yield ("rules", number, "minimum"), f"is more than the mode allows ({policy.mode.longest})"
            yield from _hidden(rule.seasons, ("rules", number, "seasons"))
    yield from _unfit_rates(policy)


def _unfit_rates(policy: Policy) -> Iterator[tuple[tuple[str | int, ...], str]]:
    rates = policy.rates
    if isinstance(policy.mode, StayMode) and rates.base.per != "night":
        message = (
            f"is {rates.base.per}, which would be charged once for all nights of a stay; expected night. What each "
            "person pays a night are extra_guests, with included 0"
        )
        yield ("rates", "base", "per"), message
    if highest_base(rates) > MOST_EXACT:
        yield ("rates", "base", "amount"), f"makes, with its seasons and weekdays, a price of more than {MOST_EXACT}"
    yield from _hidden(rates.seasons, ("rates", "seasons"))


def _hidden(seasons: Sequence[DateRange], path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield seasons that another one hides: of seasons that cover a date, the one listed last counts."""
    for number, season in enumerate(seasons):
        for place, later in enumerate(seasons[number + 1 :], start=number + 1):
            if later.from_on <= season.from_on and season.until_on <= later.until_on:
                message = (
                    f"never counts: {path[-1]}[{place}] covers all of it, and of two seasons the one listed last counts"
                )
                yield (*path, number), message
                break
