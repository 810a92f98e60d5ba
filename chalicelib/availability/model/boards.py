"""A resource's board: everything that blocks its inventory, in memory, for giving units to many who wait.

Each is given exactly what admission would give if they came one by one; looking is by local neighbourhood, so that a
thousand who wait do not each read the whole board.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.availability.model.needs import Engagement, engaged_by
from chalicelib.core.allocations import Allocation
from chalicelib.core.resources import UnitAssignment
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import Part, Placement, UnitSet, choose, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chalicelib.core.resources import Resource

ONE_DAY = timedelta(days=1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MOST_DAYS = 60
"""What lasts longer is looked at by everybody instead of being noted on each of its days."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an owner had on a board: now, of what is needed besides, before it was given other units, and was given."""

    owner_id: UUID
    allocations: Sequence[Allocation]
    engaged: list[Engagement]
    before: Allocation | None
    given: tuple[Part, ...] | None


class Board:
    """All that blocks one resource from now on. `given` and `moved` are what differs from what was there before."""

    def __init__(
        self, resource: Resource, allocations: Iterable[Allocation], engagements: Iterable[Engagement] = ()
    ) -> None:
        self._resource = resource
        self._engaged: dict[UUID, list[Engagement]] = defaultdict(list)
        for one in engagements:
            self._engaged[one.owner_id].append(one)
        self._owners: dict[UUID, list[Allocation]] = defaultdict(list)
        self._days: dict[int, set[UUID]] = defaultdict(set)
        self._long: set[UUID] = set()
        self._before: dict[UUID, Allocation] = {}
        self.given: dict[UUID, tuple[Part, ...]] = {}
        for allocation in allocations:
            self._note(allocation)

    @property
    def moved(self) -> tuple[tuple[Allocation, tuple[Part, ...]], ...]:
        """Those who were there before and got other units: what they had, and what they have."""
        now = ((before, self._parts(owner_id)) for owner_id, before in self._before.items())
        return tuple((before, parts) for before, parts in now if parts[0].units != before.units)

    def give(
        self,
        owner_id: UUID,
        blocked: TimeRange,
        quantity: int,
        start: int,
        *,
        departure_id: UUID | None,
        keep: UnitSet | None = None,
    ) -> Placement | None:
        """Give units during a time (buffers included), and note it; None where there is no room.

        `start` is where pooled units begin to be looked for; `keep` are units that it must have; `departure_id` as
        `needs.departure_of` says.
        """
        if self._is_engaged(owner_id, blocked, departure_id):
            return None
        near = list(self._near(blocked))
        resource = self._resource
        free = resource.places
        for allocation in near:
            free -= allocation.units
        units = choose(free, quantity * resource.units_each, resource.assignment, start) if keep is None else keep
        if units is not None and not units - free:
            placement: Placement | None = Placement((Part(blocked, units),), ())
        elif not self._may_fit(near, blocked, quantity):
            placement = None
        else:
            placement = place(resource, self._around(blocked), blocked, quantity, start=start, fixed=keep)
        if placement is None:
            return None
        for move in placement.moved:
            (present,) = self._owners[move.owner_id]
            if move.owner_id in self.given:
                self.given[move.owner_id] = (Part(TimeRange(present.starts_at, present.ends_at), move.after),)
            else:
                self._before.setdefault(move.owner_id, present)
            self._forget(move.owner_id)
            self._note(replace(present, units=move.after))
        for part in placement.parts:
            during = part.during
            self._note(
                Allocation(
                    owner_id,
                    "reservation",
                    during.starts_at,
                    during.ends_at,
                    part.units,
                    keep is not None,
                    resource.id,
                )
            )
        if self._resource.need is not None:
            taken = Engagement(owner_id, "need", blocked.starts_at, blocked.ends_at, departure_id)
            self._engaged[owner_id] = [taken]
        self.given[owner_id] = placement.parts
        return placement

    def take_back(self, owner_id: UUID) -> Taken:
        """Forget what an owner has, and return it."""
        before, given = self._before.pop(owner_id, None), self.given.pop(owner_id, None)
        return Taken(owner_id, self._forget(owner_id), self._engaged.pop(owner_id, []), before, given)

    def put_back(self, taken: Taken) -> None:
        """Note again what was taken back, so that the board is as if that had not been."""
        for allocation in taken.allocations:
            self._note(allocation)
        if taken.engaged:
            self._engaged[taken.owner_id] = taken.engaged
        if taken.before is not None:
            self._before[taken.owner_id] = taken.before
        if taken.given is not None:
            self.given[taken.owner_id] = taken.given

    def _is_engaged(self, owner_id: UUID, blocked: TimeRange, departure_id: UUID | None) -> bool:
        """Whether others have what is needed meanwhile; an owner's own need is no obstacle to a change of it."""
        everyone = chain.from_iterable(self._engaged.values())
        return bool(engaged_by(everyone, blocked, departure_id, owner_id))

    def _parts(self, owner_id: UUID) -> tuple[Part, ...]:
        return tuple(Part(TimeRange(one.starts_at, one.ends_at), one.units) for one in self._owners[owner_id])

    def _may_fit(self, near: Iterable[Allocation], blocked: TimeRange, quantity: int) -> bool:
        """Whether at no instant more is taken than leaves room: what no exchange of units can change."""
        steps: list[tuple[datetime, int]] = []
        places = self._resource.places
        count, most = quantity * self._resource.units_each, len(places)
        for allocation in near:
            units = len(allocation.units & places)
            steps += ((max(allocation.starts_at, blocked.starts_at), units), (allocation.ends_at, -units))
        used = 0
        for _, change in sorted(steps):
            used += change
            if used + count > most:
                return False
        return count <= most

    def _around(self, blocked: TimeRange) -> list[Allocation]:
        """What `place` has to know: for labelled units everything, as conflicting ones touch others in turn."""
        if self._resource.assignment is UnitAssignment.POOLED:
            return list(self._near(blocked))
        everything = (allocation for allocations in self._owners.values() for allocation in allocations)
        return sorted(everything, key=lambda one: (one.starts_at, one.owner_id))

    def _near(self, blocked: TimeRange) -> Iterator[Allocation]:
        owners = set(self._long)
        for day in _days(blocked.starts_at, blocked.ends_at):
            owners |= self._days.get(day, set())
        for owner_id in owners:
            for allocation in self._owners[owner_id]:
                if allocation.starts_at < blocked.ends_at and blocked.starts_at < allocation.ends_at:
                    yield allocation

    def _note(self, allocation: Allocation) -> None:
        self._owners[allocation.owner_id].append(allocation)
        days = _days(allocation.starts_at, allocation.ends_at)
        if len(days) > MOST_DAYS:
            self._long.add(allocation.owner_id)
        else:
            for day in days:
                self._days[day].add(allocation.owner_id)

    def _forget(self, owner_id: UUID) -> list[Allocation]:
        had = self._owners.pop(owner_id, [])
        self._long.discard(owner_id)
        for allocation in had:
            for day in _days(allocation.starts_at, allocation.ends_at):
                self._days[day].discard(owner_id)
        return had


def _days(starts_at: datetime, ends_at: datetime) -> range:
    return range((starts_at - EPOCH) // ONE_DAY, -((EPOCH - ends_at) // ONE_DAY))
