"""What could be reserved in a time: the capacity that a resource had then, less what was closed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.domain.closures import Closure, blocked_parts
from chalicelib.domain.time_ranges import TimeRange
from chalicelib.domain.units import UnitSet
from chalicelib.services.close_units import capacity_closure
from chalicelib.storage import statistics

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.storage.statistics import CapacityChange, Offered
    from chalicelib.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class OnOffer:
    """So many units of a resource that could be reserved during a time."""

    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
    units: int


def read_on_offer(
    transaction: Transaction, offers: Sequence[Offered], within: TimeRange, resource_id: UUID | None
) -> list[OnOffer]:
    """Return what was on offer within a time, piece by piece. Capacities of the past are told by events."""
    closures: dict[UUID, list[Closure]] = defaultdict(list)
    for closure in statistics.read_closed(transaction, within, resource_id):
        if closure.id != capacity_closure(closure.resource_id):  # the capacity itself says that
            closures[closure.resource_id].append(closure)
    changes: dict[UUID, list[CapacityChange]] = defaultdict(list)
    for change in statistics.read_capacity_changes(transaction, within.starts_at, resource_id):
        changes[change.resource_id].append(change)
    return [piece for offer in offers for piece in _pieces(offer, within, closures[offer.id], changes[offer.id])]


def _pieces(
    offer: Offered, within: TimeRange, closures: Sequence[Closure], changes: Sequence[CapacityChange]
) -> Iterator[OnOffer]:
    """Between two neighbouring instants at which something changes, nothing does."""
    parts = blocked_parts(closures)
    instants = {within.starts_at, within.ends_at}
    instants |= {change.at for change in changes}
    instants |= {instant for part in parts for instant in (part.during.starts_at, part.during.ends_at)}
    inside = sorted(instant for instant in instants if within.starts_at <= instant <= within.ends_at)
    for starts_at, ends_at in pairwise(inside):
        capacity = next((change.before for change in changes if change.at > starts_at), offer.capacity)
        piece = TimeRange(starts_at, ends_at)
        closed = next((part.units for part in parts if part.during.overlaps(piece)), UnitSet())
        yield OnOffer(offer.id, starts_at, ends_at, capacity - len(closed & UnitSet.span(1, capacity + 1)))
