"""Which units a reservation takes: choosing, splitting, repacking.

`choose` picks from units that are free for the whole range: what nearly every reservation needs. Only where it finds
nothing does `place` look closer, at everything that blocks: pooled units are changed in the middle of a use, labelled
ones are exchanged with reservations that may still be moved.

Callers hand over allocations of which no two share a unit at an instant, which the database guarantees. Inside, a set
of units is an integer whose bit n stands for unit n: intersecting and counting hundreds of units is then one operation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.core import unit_bits
from chalicelib.core.allocations import Allocation
from chalicelib.core.repacking import Use, repack
from chalicelib.core.resources import Resource, UnitAssignment
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.unit_sets import UNBOUNDED, UnitSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chalicelib.core.resources import Resource

__all__ = ["UNBOUNDED", "Allocation", "Move", "Part", "Placement", "UnitSet", "blocked_by", "choose", "place"]


@dataclass(frozen=True, slots=True)
class Part:
    """Units to take during a time: one allocation to be made."""

    during: TimeRange
    units: UnitSet


@dataclass(frozen=True, slots=True)
class Move:
    """Other units for a reservation, for the whole of its time."""

    owner_id: UUID
    before: UnitSet
    after: UnitSet


@dataclass(frozen=True, slots=True)
class Placement:
    """The units to take, in parts that follow each other and fill the range; and who has to move for it."""

    parts: tuple[Part, ...]
    moved: tuple[Move, ...]


def choose(free: UnitSet, count: int, assignment: UnitAssignment, start: int) -> UnitSet | None:
    """Pick `count` of the units that are free for the whole range, or None where there are fewer.

    Labelled units: the smallest run of adjacent units that is large enough, so that large ones are kept for groups;
    where none is, as few fragments as possible. Pooled units: those after unit number `start`, going round: concurrent
    guests who each begin somewhere else seldom want the same.
    """
    if len(free) < count:
        return None
    units = unit_bits.from_runs(free.runs, UNBOUNDED)
    if assignment is UnitAssignment.POOLED:
        return _unit_set(unit_bits.going_round(units, count, start))
    return _unit_set(unit_bits.best_fit(units, count))


def place(
    resource: Resource,
    allocations: Iterable[Allocation],
    during: TimeRange,
    quantity: int,
    *,
    start: int = 0,
    fixed: UnitSet | None = None,
) -> Placement | None:
    """Find units for a range (buffers included) among all that blocks its inventory, or None where there are none.

    `start` is where pooled units begin to be looked for. `fixed` are units that the reservation keeps: the guest is in
    the room, or it was promised. Of more than `quantity` some are kept; to fewer others are added. A pool keeps them as
    long as it can.

    Pooled: succeeds exactly if `quantity` units are free at every instant. Labelled: exactly then too, provided that
    nothing which cannot be moved begins later than `during`; otherwise it may miss a way, but never finds a wrong one.
    """
    known = list(allocations)
    count = quantity * resource.units_each
    places = _bits(resource.places, resource.last_unit)
    steps = _free_over_time(places, known, during)
    if any(step.free.bit_count() < count for step in steps):
        return None
    has = 0 if fixed is None else _bits(fixed, UNBOUNDED)
    if resource.assignment is UnitAssignment.POOLED:
        return Placement(_split(steps, count, start, has), ())
    keeps_all = has.bit_count() <= count
    wanted = Use(
        starts_at=during.starts_at,
        ends_at=during.ends_at,
        quantity=count,
        allowed=places if keeps_all else has & places,
        required=has if keeps_all else 0,
    )
    units = wanted.best_of(_throughout(steps))
    if units is not None:
        return Placement((Part(during, _unit_set(units)),), ())
    return _repacked(places, known, during, wanted)


def blocked_by(
    resource: Resource,
    allocations: Iterable[Allocation],
    during: TimeRange,
    quantity: int,
    *,
    fixed: UnitSet | None = None,
) -> tuple[int, tuple[str, ...]]:
    """Say what blocks where `place` found nothing: how many of it are free, and why not more (never whose).

    Reasons are `reservations`, `closure` or, where none of these blocks, `capacity`. Only what blocks at an
    instant with too few free units is named; with `fixed` units, what blocks those.
    """
    known = list(allocations)
    places, count = _bits(resource.places, resource.last_unit), quantity * resource.units_each
    steps = _free_over_time(places, known, during)
    eligible = resource.places if fixed is None else fixed
    bits = _bits(eligible, resource.last_unit)
    free = min((step.free & bits).bit_count() for step in steps)
    if quantity > resource.capacity:
        return free // resource.units_each, ("capacity",)
    short = [step for step in steps if (step.free & bits).bit_count() < count]
    if not short:  # enough at every instant, but not the same ones throughout, and not everybody can be moved
        short, free = steps, (_throughout(steps) & bits).bit_count()
    kinds = {
        "closure" if other.owner_kind == "closure" else "reservations"
        for other in known
        if other.units & eligible
        and any(other.starts_at < step.ends_at and step.starts_at < other.ends_at for step in short)
    }
    return free // resource.units_each, tuple(sorted(kinds)) or ("capacity",)


@dataclass(frozen=True, slots=True)
class _Step:
    """A time in which the free units do not change."""

    starts_at: datetime
    ends_at: datetime
    free: int


def _free_over_time(places: int, allocations: Iterable[Allocation], during: TimeRange) -> list[_Step]:
    changes = {during.starts_at: places, during.ends_at: 0}
    last = places.bit_length() - 1
    for other in allocations:
        if other.starts_at < during.ends_at and during.starts_at < other.ends_at:
            units = _bits(other.units, last) & places
            # Nobody shares a unit at an instant, so whoever comes or goes flips exactly the units that they have.
            for instant in (max(other.starts_at, during.starts_at), min(other.ends_at, during.ends_at)):
                changes[instant] = changes.get(instant, 0) ^ units
    steps: list[_Step] = []
    free = 0
    for starts_at, ends_at in pairwise(sorted(changes)):
        free ^= changes[starts_at]
        steps.append(_Step(starts_at, ends_at, free))
    return steps


def _throughout(steps: Iterable[_Step]) -> int:
    """The units that are free in all steps."""
    free = -1
    for step in steps:
        free &= step.free
    return free


def _split(steps: Sequence[_Step], quantity: int, start: int, has: int) -> tuple[Part, ...]:
    """Cover all steps with as few parts as possible, and keep as many units as possible from one to the next.

    Making each part as long as it can be makes them fewest: whatever is free throughout a range is so throughout a
    piece of it. Of the units that a part adds, those are taken that the next parts can keep for longest.
    """
    pieces: list[_Step] = []
    for step in steps:
        common = step.free & pieces[-1].free if pieces else 0
        if common.bit_count() >= quantity:
            pieces.append(_Step(pieces.pop().starts_at, step.ends_at, common))
        else:
            pieces.append(step)
    parts: list[Part] = []
    for number, piece in enumerate(pieces):
        kept = has & piece.free
        if kept.bit_count() > quantity:
            kept = unit_bits.going_round(kept, quantity, start)
        later = (following.free for following in pieces[number + 1 :])
        has = kept | _lasting(piece.free & ~kept, quantity - kept.bit_count(), later, start)
        parts.append(Part(TimeRange(piece.starts_at, piece.ends_at), _unit_set(has)))
    return tuple(parts)


def _lasting(units: int, quantity: int, later: Iterable[int], start: int) -> int:
    """Take `quantity` of the units: those that stay in the following sets for longest."""
    for following in later:
        lasting = units & following
        if lasting.bit_count() < quantity:
            return lasting | unit_bits.going_round(units & ~lasting, quantity - lasting.bit_count(), start)
        units = lasting
    return unit_bits.going_round(units, quantity, start)


def _repacked(places: int, allocations: Sequence[Allocation], during: TimeRange, wanted: Use) -> Placement | None:
    repacked = repack(wanted, allocations, places)
    if repacked is None:
        return None
    moved = [
        Move(allocations[place].owner_id, allocations[place].units, _unit_set(units))
        for place, units in repacked.moved.items()
    ]
    return Placement((Part(during, _unit_set(repacked.taken)),), tuple(moved))


def _bits(units: UnitSet, last: int) -> int:
    return unit_bits.from_runs(units.runs, last)


def _unit_set(units: int) -> UnitSet:
    return UnitSet(unit_bits.to_runs(units))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A resource as far as closures matter to how much of it there is."""

    places: UnitSet
    units_each: int = 1
