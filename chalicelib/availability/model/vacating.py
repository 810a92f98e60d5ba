"""Finds other units for reservations whose units are to be closed, as where a capacity is lowered.

In a pool each use is given other units one after the other. As uses may be split, each of them finds room exactly if
the sum fits at every instant, whatever the ones before it were given. Labelled units are closed as if they were wanted
by somebody who insists on just those: the others are moved as for a reservation (`repacking`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chalicelib.core.allocations import Allocation
from chalicelib.core.resources import Resource, Share, UnitAssignment
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import Part, UnitSet, place

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

    `allocations` are all that block the resource while `closing` lasts; for labelled units everything that had not
    ended when `closing` began or has not ended now, and whatever shares an instant with that. What was before `now`
    stays as it was: where it has units that are being closed, it is stuck.
    """
    others = [part for allocation in allocations for part in _outside(allocation, closing)]
    taken_away = [one for one in others if one.owner_kind != "closure" and _needs(closing, one)]
    needed = tuple(one for one in taken_away if one.owner_kind == "need")
    if needed:  # there is no other guide
        return Vacated(stuck=needed)
    by_kind: dict[UnitAssignment, list[Allocation]] = {kind: [] for kind in UnitAssignment}
    for one in taken_away:
        by_kind[one.assignment or resource.assignment].append(one)
    labelled = by_kind[UnitAssignment.LABELLED]
    rearranged = _rearranged(resource, others, by_kind[UnitAssignment.POOLED], closing, now)
    if not labelled:
        return rearranged
    recolored = _recolored(resource, list(_after(others, rearranged)), labelled, closing, now)
    return Vacated(rearranged.moved | recolored.moved, rearranged.stuck + recolored.stuck)


def _after(others: Sequence[Allocation], vacated: Vacated) -> Iterator[Allocation]:
    """What there is when some have other units, and those without room have left."""
    for one in others:
        if one in vacated.moved:
            parts = vacated.moved[one]
            yield from (_placed(one, part) for part in parts)
        elif one not in vacated.stuck:
            yield one


def _placed(one: Allocation, part: Part) -> Allocation:
    return replace(one, starts_at=part.during.starts_at, ends_at=part.during.ends_at, units=part.units)


def _places(one: Allocation, resource: Resource) -> UnitSet:
    return resource.places if one.within is None else one.within


def _among(resource: Resource, units: UnitSet) -> Resource:
    """Something that takes units one by one, out of these."""
    return replace(resource, share=Share(resource.inventory_id, units, 1))


def _needs(closing: Part, allocation: Allocation) -> bool:
    return _during(allocation).overlaps(closing.during) and bool(allocation.units & closing.units)


def _outside(allocation: Allocation, closing: Part) -> Iterator[Allocation]:
    """What another closure still blocks beside this one; reservations as they are."""
    if allocation.owner_kind != "closure" or not _needs(closing, allocation):
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
        places = _places(one, resource)
        chooser = _among(replace(resource, assignment=UnitAssignment.POOLED), places)
        may_move = bool(places) and during.starts_at >= now
        found = place(chooser, known, during, len(one.units), fixed=kept) if may_move else None
        if found is None:
            stuck.append(one)
            continue
        known.extend(_placed(one, part) for part in found.parts)
        parts = [*_beside(one, closing.during), *found.parts]
        moved[one] = tuple(sorted(parts, key=lambda part: part.during.starts_at))
    return Vacated(moved, tuple(stuck))


def _recolored(
    resource: Resource, others: Sequence[Allocation], taken_away: Sequence[Allocation], closing: Part, now: datetime
) -> Vacated:
    """Move who may be moved, for the whole of their time. What is over takes no unit.

    Where not everybody can be moved, those are named who may not be, if the others could.
    """
    known = [replace(one, within=_places(one, resource), pinned=one.pinned or one.ends_at <= now) for one in others]
    everything = resource.places
    for places in {each.within for each in known if each.within}:
        everything |= places
    units = closing.units & everything
    chooser = _among(replace(resource, assignment=UnitAssignment.LABELLED), everything)
    found = place(chooser, known, closing.during, len(units), fixed=units)
    if found is None:
        staying = tuple(one for one in taken_away if one.pinned or one.ends_at <= now)
        without = [one for one in known if one.owner_id not in {stays.owner_id for stays in staying}]
        alone = bool(staying) and place(chooser, without, closing.during, len(units), fixed=units) is not None
        return Vacated(stuck=staying if alone else tuple(taken_away))
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
