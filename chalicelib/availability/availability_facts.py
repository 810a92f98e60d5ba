"""What has to be known of resources to say what can be had: read together, in a bounded number of queries.

Availability, quotes and alternatives all ask here, with the functions that admission itself decides by. What an outlook
calls free can be reserved, until somebody is faster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from chalicelib.access.model.people import THE_PUBLIC, Audience
from chalicelib.adapters import expressions
from chalicelib.availability.admission import END_OF_TIME
from chalicelib.availability.model.availability import Profile
from chalicelib.availability.model.needs import Engagement, departure_of, engaged_by
from chalicelib.availability.storage import admission
from chalicelib.core.allocations import Allocation
from chalicelib.core.errors import Violation
from chalicelib.core.resources import Resource, Tenant, UnitAssignment
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import UnitSet, blocked_by, place
from chalicelib.database.pipeline import Pending
from chalicelib.policies.model.policies import Policy, evaluate
from chalicelib.policies.model.wanted import Facts, Wanted

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from uuid import UUID

    from chalicelib.core.days import Days
    from chalicelib.database.transaction import Transaction
    from chalicelib.terms.model.terms import Terms

ONE_DAY = timedelta(days=1)


class Offering(Protocol):
    """A resource and the policy it is reserved under, however they were read."""

    @property
    def resource(self) -> Resource:
        """What is offered."""
        ...

    @property
    def policy(self) -> Policy:
        """How."""
        ...


@dataclass(frozen=True, slots=True)
class Counts:
    """How many reservations others' rules count: the guest's active ones, and those beginning on each day."""

    guest_active: int = 0
    guest_on: Mapping[date, int] = field(default_factory=dict[date, int])
    resource_on: Mapping[date, int] = field(default_factory=dict[date, int])


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether something can be had: every broken rule, the units free for the whole time, and what blocks the rest."""

    violations: Sequence[Violation]
    remaining: int
    blocked_by: Sequence[str]

    @property
    def bookable(self) -> bool:
        """Whether nothing stands against it."""
        return not self.violations and not self.blocked_by


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of one resource over a time, `within`.

    `allocations` are there where counting does not decide: labelled units of which some are promised for later, so that
    the others can't be exchanged freely. `keep` are labelled units that are wanted and no others.
    `engagements` say when what is needed besides is taken.
    """

    tenant: Tenant
    resource: Resource
    policy: Policy
    now: datetime
    profile: Profile
    windows: Sequence[TimeRange]
    counts: Counts
    allocations: Sequence[Allocation] | None
    within: TimeRange
    keep: UnitSet | None = None
    engagements: Sequence[Engagement] = ()
    by_staff: bool = False

    @property
    def days(self) -> Days:
        """The days of which the policy speaks."""
        return self.policy.days(self.tenant.zone)

    def facts(self) -> Facts:
        """The facts by which the policy judges uses, but for what is counted day by day."""
        return self._facts(self.windows, 0, 0)

    def _facts(self, windows: Sequence[TimeRange], guest_on_day: int, resource_on_day: int) -> Facts:
        return Facts(
            now=self.now,
            days=self.days,
            windows=tuple(windows),
            guest_active=self.counts.guest_active,
            guest_on_day=guest_on_day,
            resource_on_day=resource_on_day,
            evaluate_expression=expressions.Meter().evaluate if self.policy.asks_expressions else None,
            by_staff=self.by_staff,
        )

    def facts_of(self, wanted: Wanted) -> Facts:
        """The facts by which the policy judges one use."""
        on = wanted.starts_on(self.days)
        windows = [window for window in self.windows if window.overlaps(wanted.during)]
        counts = self.counts
        return self._facts(windows, counts.guest_on.get(on, 0), counts.resource_on.get(on, 0))

    @property
    def by_counting(self) -> bool:
        """Whether the profile alone says what is free."""
        return self.allocations is None and not self.engagements

    def fits(self, blocked: TimeRange, quantity: int) -> bool:
        """Tell whether that many units can be had over a range, buffers included."""
        if self.profile.remaining(blocked) < quantity or self._engaged_by(blocked):
            return False
        if self.allocations is None:
            return True
        return place(self.resource, self.allocations, blocked, quantity, fixed=self.keep) is not None

    def _engaged_by(self, blocked: TimeRange) -> tuple[str, ...]:
        if not self.engagements:
            return ()
        departure_id = departure_of(self.resource, self.policy, self.policy.used(blocked))
        return engaged_by(self.engagements, blocked, departure_id)

    def judge(self, wanted: Wanted) -> Judgement:
        """Judge a use as admission does. Without `allocations` it says that reservations block, whatever it is."""
        blocked = self.policy.blocked(wanted.during)
        quantity = self.policy.units_taken(wanted.quantity, wanted.party_size)
        violations = evaluate(self.policy, wanted, self.facts_of(wanted))
        engaged = self._engaged_by(blocked)
        if engaged:
            return Judgement(violations, 0, engaged)
        remaining = self.profile.remaining(blocked)
        if self.fits(blocked, quantity):
            return Judgement(violations, remaining, ())
        reasons: Sequence[str] = ()
        if self.allocations is not None:
            _, reasons = blocked_by(self.resource, self.allocations, blocked, quantity, fixed=self.keep)
        return Judgement(violations, remaining, reasons or ("reservations",))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is on its way about resources over a range: one flight, whatever their policies look at.

    Of those that count other reservations, the guest's own are asked for behind it.
    """

    offered: Sequence[Offering]
    within: TimeRange
    audience: Audience
    profiles: Pending
    windows: Pending | None
    engagements: Pending | None

    @property
    def facts(self) -> Hashable:
        """What was found, as it came: whoever finds the same again knows what follows from it."""
        others = (self.windows, self.engagements)
        return (*self.profiles.rows(), *((None if one is None else tuple(one.rows())) for one in others))

    def are_under(self, terms: Terms) -> bool:
        """Tell whether these are the present terms of the one resource that was asked about."""
        return any(
            (row.resource_version, row.policy_id, row.policy_version)
            == (terms.resource_version, terms.policy_id, terms.policy_version)
            for row in self.profiles.rows()
        )


def ask_outlooks(
    transaction: Transaction, offered: Iterable[Offering], within: TimeRange, audience: Audience = THE_PUBLIC
) -> Asked:
    """Queue what has to be known of the resources over a range, which has to include buffers."""
    known = list(offered)
    own = audience.reservation_id
    resources = [one.resource for one in known]
    profiles = admission.ask_profiles(transaction, resources, within, except_owner=own)
    by_windows = [one.resource for one in known if one.policy.offered_in_windows]
    windows = admission.ask_windows(transaction, by_windows, within) if by_windows else None
    engagements = admission.ask_engagements(transaction, resources, within.starts_at, within.ends_at, except_owner=own)
    return Asked(known, within, audience, profiles, windows, engagements)


def read_outlooks(
    transaction: Transaction,
    offered: Iterable[Offering],
    within: TimeRange,
    *,
    audience: Audience = THE_PUBLIC,
    particular: bool = False,
) -> list[Outlook]:
    """Read what is known of the resources over a range, which has to include buffers: two to six queries in all.

    `particular` reads the allocations of labelled resources in any case, for those who ask for particular units.
    """
    asked = ask_outlooks(transaction, offered, within, audience)
    return outlooks_of(transaction, asked, particular=particular)


def outlooks_of(transaction: Transaction, asked: Asked, *, particular: bool = False) -> list[Outlook]:
    """Return what is known, and read what only some policies and resources need besides."""
    known, within, audience = asked.offered, asked.within, asked.audience
    rows = {row.resource_id: row for row in asked.profiles.rows()}
    windows = {} if asked.windows is None else admission.windows_of(asked.windows)
    engagements = admission.engagements_of(asked.engagements)
    counts = _read_counts(transaction, known, within, audience)
    inexact = [
        one.resource
        for one in known
        if one.resource.assignment is UnitAssignment.LABELLED and (particular or rows[one.resource.id].inexact)
    ]
    allocations: Mapping[UUID, Sequence[Allocation]] = {}
    if inexact:
        from_at = min(within.starts_at, transaction.now)
        own = audience.reservation_id
        allocations = admission.read_allocations(transaction, inexact, from_at, END_OF_TIME, except_owner=own)
    return [
        Outlook(
            tenant=transaction.tenant,
            resource=one.resource,
            policy=one.policy,
            now=transaction.now,
            profile=admission.profile_of(one.resource, rows[one.resource.id], within),
            windows=windows.get(one.resource.id, ()),
            counts=counts.get(one.resource.id, Counts()),
            allocations=allocations.get(one.resource.id),
            within=within,
            engagements=engagements.get(one.resource.id, ()),
            by_staff=audience.sells(one.resource.id),
        )
        for one in known
    ]


def with_reasons(transaction: Transaction, outlooks: Sequence[Outlook], within: TimeRange) -> list[Outlook]:
    """Return the outlooks with their allocations over the range, so that they can say what blocks: one query."""
    unknown = [outlook.resource for outlook in outlooks if outlook.allocations is None]
    if not unknown:
        return list(outlooks)
    found = admission.read_allocations(transaction, unknown, within.starts_at, within.ends_at, except_owner=None)
    return [
        outlook if outlook.allocations is not None else replace(outlook, allocations=found[outlook.resource.id])
        for outlook in outlooks
    ]


def _read_counts(
    transaction: Transaction, offered: Sequence[Offering], within: TimeRange, audience: Audience
) -> dict[UUID, Counts]:
    """Count other reservations for the resources whose rules look at them."""
    counting = [one for one in offered if one.policy.reads_reservations]
    if not counting:
        return {}
    # A day that only begins or ends in the range counts as a whole.
    days = within.widened(2 * ONE_DAY, 2 * ONE_DAY)
    resources = [one.resource for one in counting]
    starts = admission.read_starts(transaction, resources, days, except_reservation=audience.reservation_id)
    guest_starts, guest_active = [], 0
    if audience.email is not None:
        guest_starts, guest_active = admission.read_guest_starts(
            transaction, audience.email, days.starts_at, except_reservation=audience.reservation_id
        )
    counts: dict[UUID, Counts] = {}
    for one in counting:
        day_of = one.policy.days(transaction.tenant.zone).day_of
        resource_on = Counter(map(day_of, starts[one.resource.id]))
        counts[one.resource.id] = Counts(guest_active, Counter(map(day_of, guest_starts)), resource_on)
    return counts
