"""What could be reserved on each day: the capacity and the policy that a resource had then, less what was closed.

And less what others sold of the units that it draws from or needs: their revenue is theirs, and nobody else could have
had these.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from chalicelib.availability.close_units import capacity_closure
from chalicelib.availability.model.closures import joined, unavailable
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import Drawn, Part, UnitSet
from chalicelib.policies.model.modes import StayMode
from chalicelib.reporting.model.on_offer import InForce, LocalDay, OpenTime, Piece, minutes_on_offer, open_time
from chalicelib.reporting.storage import statistics
from chalicelib.reporting.storage.taken_elsewhere import ask_taken, taken_of
from chalicelib.reservations.model.reservations import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from chalicelib.database.transaction import Transaction
    from chalicelib.policies.model.policies import Policy
    from chalicelib.reporting.model.statistics import ReportedResource
    from chalicelib.reporting.storage.statistics import ResourceChange

SOLD_STATES = frozenset({State.CONFIRMED, State.CHECKED_IN, State.COMPLETED})
"""As statistics count what is reserved."""
PAST_MIDNIGHT = timedelta(days=3)
"""How far the last night of a period reaches beyond it at most, and more."""


def read_on_offer(
    transaction: Transaction, offers: Sequence[ReportedResource], days: Sequence[LocalDay], resource_id: UUID | None
) -> Iterator[tuple[UUID, list[int]]]:
    """Yield for each resource the minutes of units that were on offer on each of the days.

    Events tell what was otherwise then.
    """
    within = TimeRange(days[0].during.starts_at, days[-1].during.ends_at + PAST_MIDNIGHT)
    zone = transaction.tenant.zone
    blocked: dict[UUID, list[Part]] = defaultdict(list)
    taken = ask_taken(transaction, within, resource_id, SOLD_STATES)
    for closure in statistics.read_closed(transaction, within, resource_id):
        if closure.id != capacity_closure(closure.resource_id):  # the capacity itself says that
            blocked[closure.resource_id].append(Part(closure.during, closure.units))
    for one in taken_of(taken.rows()):
        if one.part is not None:
            blocked[one.resource_id].append(one.part)
    changes: dict[UUID, list[ResourceChange]] = defaultdict(list)
    for change in statistics.read_resource_changes(transaction, within.starts_at, resource_id):
        changes[change.resource_id].append(change)
    policy_ids = {offer.policy_id for offer in offers}
    policy_ids |= {change.policy_id for of_one in changes.values() for change in of_one}
    versions = statistics.read_policies_in_force(transaction, policy_ids)
    windows = statistics.read_windows(transaction, within, resource_id)
    calendar = _OpenTimes(days, zone)
    for offer in offers:
        pieces = list(_pieces(offer, within, joined(blocked[offer.id]), changes[offer.id]))
        starts = [piece.during.starts_at for piece in pieces]
        minutes: list[int] = []
        for policy, first, end in _in_force(offer, changes[offer.id], versions, days):
            open_times = calendar.between(first, end, policy, windows.get(offer.id, ()))
            if len(pieces) == 1:  # nothing is closed, as a rule
                minutes += [pieces[0].units * one.minutes for one in open_times]
            else:
                near = (_near(pieces, starts, day.during) for day in days[first:end])
                minutes += map(minutes_on_offer, open_times, near)
        yield offer.id, minutes


class _OpenTimes:
    """When policies are open on each of the days: worked out once for all resources that have the same one."""

    def __init__(self, days: Sequence[LocalDay], zone: ZoneInfo) -> None:
        self._days = days
        self._zone = zone
        self._known: dict[int, tuple[Policy, list[OpenTime | None]]] = {}
        """By the policy's identity: comparing what is in them takes longer than most of what follows from it."""

    def between(self, first: int, end: int, policy: Policy, windows: Sequence[TimeRange]) -> list[OpenTime]:
        """Return when a policy is open on some of the days, by their numbers; `windows` are those of a resource."""
        if not isinstance(policy.mode, StayMode) and policy.mode.offered_in == "windows":
            some = self._days[first:end]
            return [open_time(policy, day, _of_day(windows, day.during), self._zone) for day in some]
        _, known = self._known.setdefault(id(policy), (policy, [None] * len(self._days)))
        found = [
            one or open_time(policy, day, (), self._zone)
            for one, day in zip(known[first:end], self._days[first:end], strict=True)
        ]
        known[first:end] = found
        return found


def _near(pieces: Sequence[Piece], starts: Sequence[datetime], during: TimeRange) -> Sequence[Piece]:
    """The pieces that a day or its night can reach into."""
    first = max(0, bisect_right(starts, during.starts_at) - 1)
    return pieces[first : bisect_left(starts, during.ends_at + PAST_MIDNIGHT)]


def _of_day(windows: Sequence[TimeRange], during: TimeRange) -> Sequence[TimeRange]:
    first = bisect_right(windows, during.starts_at, key=lambda window: window.ends_at)
    return windows[first : bisect_left(windows, during.ends_at, key=lambda window: window.starts_at)]


def _in_force(
    offer: ReportedResource,
    changes: Sequence[ResourceChange],
    versions: Mapping[UUID, Sequence[InForce]],
    days: Sequence[LocalDay],
) -> Iterator[tuple[Policy, int, int]]:
    """Yield the policies that the resource had when a day began, each with the numbers of the days: half-open."""
    policy_ids = {offer.policy_id, *(change.policy_id for change in changes)}
    instants = {change.at for change in changes}
    instants |= {version.from_at for policy_id in policy_ids for version in versions[policy_id]}
    first = 0
    for at in [*sorted(instants), None]:
        end = len(days) if at is None else bisect_left(days, at, key=lambda day: day.during.starts_at)
        if first < end:
            yield _policy_at(offer, changes, versions, days[first].during.starts_at), first, end
            first = end


def _policy_at(
    offer: ReportedResource, changes: Sequence[ResourceChange], versions: Mapping[UUID, Sequence[InForce]], at: datetime
) -> Policy:
    """The policy that the resource had, in the version that was published last; in its first one before."""
    policy_id = next((change.policy_id for change in changes if change.at > at), offer.policy_id)
    known = versions[policy_id]
    return known[max(0, bisect_right(known, at, key=lambda version: version.from_at) - 1)].policy


def _pieces(
    offer: ReportedResource, within: TimeRange, parts: Sequence[Part], changes: Sequence[ResourceChange]
) -> Iterator[Piece]:
    """Between two neighbouring instants at which something changes, nothing does. The parts do not overlap."""
    instants = {within.starts_at, within.ends_at}
    instants |= {change.at for change in changes}
    instants |= {instant for part in parts for instant in (part.during.starts_at, part.during.ends_at)}
    inside = sorted(instant for instant in instants if within.starts_at <= instant <= within.ends_at)
    following = 0
    for starts_at, ends_at in pairwise(inside):
        capacity = next((change.capacity for change in changes if change.at > starts_at), offer.capacity)
        piece = TimeRange(starts_at, ends_at)
        while following < len(parts) and parts[following].during.ends_at <= starts_at:
            following += 1
        overlaps = following < len(parts) and parts[following].during.overlaps(piece)
        closed = parts[following].units if overlaps else UnitSet()
        drawn = offer.share or Drawn(UnitSet.span(1, capacity + 1))
        yield Piece(piece, capacity - unavailable(drawn, closed))
