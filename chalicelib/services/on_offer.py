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

from chalicelib.domain.closures import Drawn, joined, unavailable
from chalicelib.domain.on_offer import InForce, LocalDay, Piece, minutes_on_offer
from chalicelib.domain.reservations import State
from chalicelib.domain.time_ranges import TimeRange
from chalicelib.domain.units import Part, UnitSet
from chalicelib.services.close_units import capacity_closure
from chalicelib.storage import statistics
from chalicelib.storage.taken_elsewhere import ask_taken, taken_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from chalicelib.domain.policies import Policy
    from chalicelib.storage.statistics import Offered, ResourceChange
    from chalicelib.storage.transaction import Transaction

SOLD_STATES = frozenset({State.CONFIRMED, State.CHECKED_IN, State.COMPLETED})
"""As statistics count what is reserved."""
PAST_MIDNIGHT = timedelta(days=3)
"""How far the last night of a period reaches beyond it at most, and more."""


def read_on_offer(
    transaction: Transaction, offers: Sequence[Offered], days: Sequence[LocalDay], resource_id: UUID | None
) -> Iterator[tuple[UUID, date, int]]:
    """Yield the minutes of units that were on offer, by resource and local day. Events tell what was otherwise then."""
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
    for offer in offers:
        pieces = list(_pieces(offer, within, joined(blocked[offer.id]), changes[offer.id]))
        starts = [piece.during.starts_at for piece in pieces]
        open_in = windows.get(offer.id, ())
        for day in days:
            near = _near(pieces, starts, day.during)
            policy = _in_force(offer, changes[offer.id], versions, day.during.starts_at)
            yield offer.id, day.on, minutes_on_offer(policy, day, near, _of_day(open_in, day.during), zone)


def _near(pieces: Sequence[Piece], starts: Sequence[datetime], during: TimeRange) -> Sequence[Piece]:
    """The pieces that a day or its night can reach into."""
    first = max(0, bisect_right(starts, during.starts_at) - 1)
    return pieces[first : bisect_left(starts, during.ends_at + PAST_MIDNIGHT)]


def _of_day(windows: Sequence[TimeRange], during: TimeRange) -> Sequence[TimeRange]:
    first = bisect_right(windows, during.starts_at, key=lambda window: window.ends_at)
    return windows[first : bisect_left(windows, during.ends_at, key=lambda window: window.starts_at)]


def _in_force(
    offer: Offered,
    changes: Sequence[ResourceChange],
    versions: Mapping[UUID, Sequence[InForce]],
    at: datetime,
) -> Policy:
    """The policy that the resource had, in the version that was published last; in its first one before."""
    policy_id = next((change.policy_id for change in changes if change.at > at), offer.policy_id)
    known = versions[policy_id]
    return known[max(0, bisect_right(known, at, key=lambda version: version.from_at) - 1)].policy


def _pieces(
    offer: Offered, within: TimeRange, parts: Sequence[Part], changes: Sequence[ResourceChange]
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
