"""Finds other units for whoever has some that are to be taken away: what lowering a capacity asks for.

In a pool each use is given other units one after the other. As uses may be split, each of them finds room exactly if
the sum fits at every instant, whatever the ones before it were given. Labelled units are closed as if they were wanted
by somebody who insists on just those: the others are moved as for a reservation (`repacking`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chalicelib.domain.resources import Resource, UnitAssignment
from chalicelib.domain.time_ranges import TimeRange
from chalicelib.domain.units import Allocation, Part, UnitSet, place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Vacated:
    """What replaces allocations, and those for which there is no room: without them there would be."""

    moved: dict[Allocation, tuple[Part, ...]] = field(default_factory=dict[Allocation, tuple[Part, ...]])
    stuck: tuple[Allocation, ...] = ()


def vacate(resource: Resource, allocations: Sequence[Allocation], closing: Part, now: datetime) -> Vacated:
    """Find other units for the reservations that have those which are being closed.

    `allocations` are all that block the resource while `closing` lasts; for labelled units everything that has not
    ended, and whatever shares an instant with that. What was before `now` stays as it was.
    """
    others = [part for allocation in allocations for part in _outside(allocation, closing)]
    taken_away = [one for one in others if one.owner_kind == "reservation" and _needs(closing, one)]
    if not taken_away:
        return Vacated()
    if resource.assignment is UnitAssignment.POOLED:
        return _rearranged(resource, others, taken_away, closing, now)
    return _recolored(resource, others, taken_away, closing, now)


def _needs(closing: Part, allocation: Allocation) -> bool:
    return _during(allocation).overlaps(closing.during) and bool(allocation.units & closing.units)


def _outside(allocation: Allocation, closing: Part) -> Iterator[Allocation]:
    """What another closure still blocks beside this one; reservations as they are."""
    if allocation.owner_kind == "reservation" or not _needs(closing, allocation):
        yield allocation
        return
    for part in _beside(allocation, closing.during):
        yield replace(allocation, starts_at=part.during.starts_at, ends_at=part.during.ends_at)
    units = allocation.units - closing.units
    if units:
        common = _common(allocation, closing.during)
        yield replace(allocation, starts_at=common.starts_at, ends_at=common.ends_at, units=units)


def _rearranged(
    resource: Resource, others: Sequence[Allocation], taken_away: Sequence[Allocation], closing: Part, now: datetime
) -> Vacated:
    """Give each use of a pool other units while the closing lasts, those that it may keep included."""
    leaving = set(taken_away)
    during, units = closing.during, closing.units
    closed = Allocation(resource.id, "closure", during.starts_at, during.ends_at, units, pinned=True)
    known = [closed, *(other for other in others if other not in leaving)]
    moved: dict[Allocation, tuple[Part, ...]] = {}
    stuck: list[Allocation] = []
    for one in sorted(taken_away, key=lambda each: (each.starts_at, each.owner_id)):
        during = _common(one, closing.during)
        kept = one.units - closing.units
        found = place(resource, known, during, len(one.units), fixed=kept) if during.starts_at >= now else None
        if found is None:
            stuck.append(one)
            continue
        for part in found.parts:
            during = part.during
            known.append(replace(one, starts_at=during.starts_at, ends_at=during.ends_at, units=part.units))
        parts = [*_beside(one, closing.during), *found.parts]
        moved[one] = tuple(sorted(parts, key=lambda part: part.during.starts_at))
    return Vacated(moved, tuple(stuck))


def _recolored(
    resource: Resource, others: Sequence[Allocation], taken_away: Sequence[Allocation], closing: Part, now: datetime
) -> Vacated:
    """Move who may be moved, for the whole of their time. Nobody is where what is over has been."""
    known = [replace(other, pinned=other.pinned or other.ends_at <= now) for other in others]
    units = closing.units & UnitSet.span(1, resource.capacity + 1)
    found = place(resource, known, closing.during, len(units), fixed=units)
    if found is None:
        return Vacated(stuck=tuple(taken_away))
    after = {move.owner_id: move.after for move in found.moved}
    return Vacated({one: (Part(_during(one), after[one.owner_id]),) for one in others if one.owner_id in after})


def _during(allocation: Allocation) -> TimeRange:
    return TimeRange(allocation.starts_at, allocation.ends_at)


def _common(allocation: Allocation, during: TimeRange) -> TimeRange:
    return TimeRange(max(allocation.starts_at, during.starts_at), min(allocation.ends_at, during.ends_at))


def _beside(allocation: Allocation, during: TimeRange) -> Iterator[Part]:
    """What an allocation blocks before and after a time."""
    if allocation.starts_at < during.starts_at:
        yield Part(TimeRange(allocation.starts_at, during.starts_at), allocation.units)
    if allocation.ends_at > during.ends_at:
        yield Part(TimeRange(during.ends_at, allocation.ends_at), allocation.units)
