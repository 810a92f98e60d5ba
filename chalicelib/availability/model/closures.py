"""Periods when units cannot be reserved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import Drawn, Part, UnitSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.core.resources import Resource


class ClosureKind(StrEnum):
    """Why units are closed, as far as it matters to what they are."""

    CLOSED = "closed"
    """The whole resource, also units that it gets later."""
    OUT_OF_SERVICE = "out_of_service"
    """Some units."""
    LOWERED_CAPACITY = "lowered_capacity"
    """The units above a number, from a moment on."""


@dataclass(frozen=True, slots=True)
class Closure:
    """One closure. Several may overlap; `blocked_parts` says what they block together."""

    id: UUID
    resource_id: UUID
    kind: ClosureKind
    during: TimeRange
    units: UnitSet
    reason: str
    version: int = 1


def effective(closure: Closure, resource: Resource) -> Closure:
    """What a closure blocks: of a share only the units that the resource draws from, of its own also later ones."""
    return closure if resource.share is None else replace(closure, units=closure.units & resource.places)


def unavailable(resource: Drawn, units: UnitSet) -> int:
    """Return how many of a resource cannot be had while units of its inventory are closed."""
    places = resource.places
    return len(places) // resource.units_each - len(places - units) // resource.units_each


def blocked_parts(closures: Iterable[Closure]) -> tuple[Part, ...]:
    """Return what the closures of one inventory block together, as parts that never share a unit at an instant."""
    return joined(Part(closure.during, closure.units) for closure in closures)


def joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return the units that some of the parts have, by start, as parts that never overlap.

    Between two neighbouring starts or ends the units do not change, so each such piece is one part; pieces that follow
    each other with the same units are joined.
    """
    changing: defaultdict[datetime, list[tuple[int, Part]]] = defaultdict(list)
    for numbered in enumerate(parts):
        during = numbered[1].during
        changing[during.starts_at].append(numbered)
        changing[during.ends_at].append(numbered)
    present: dict[int, UnitSet] = {}
    found: list[Part] = []
    for (starts_at, begin_or_end), (ends_at, _) in pairwise(sorted(changing.items(), key=itemgetter(0))):
        for number, part in begin_or_end:
            if present.pop(number, None) is None:
                present[number] = part.units
        units = reduce(UnitSet.__or__, present.values(), UnitSet())
        if not units:
            continue
        piece = TimeRange(starts_at, ends_at)
        if found and found[-1].units == units and found[-1].during.ends_at == starts_at:
            piece = TimeRange(found.pop().during.starts_at, ends_at)
        found.append(Part(piece, units))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ClosureFilter:
    """Which closures to list: those that reach into a time (from now on where nothing is said), after a place."""

    resource_id: UUID | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    after: tuple[datetime, UUID] | None = None


def closure_of(row: Any, units: UnitSet) -> Closure:  # noqa: ANN401 - the columns of every read of closures
    """Read a row with the columns of a closure; `units` are those of its column, read by storage."""
    return Closure(
        id=row.id,
        resource_id=row.resource_id,
        kind=ClosureKind(row.kind),
        during=TimeRange(row.starts_at, row.ends_at),
        units=units,
        reason=row.reason,
        version=row.version,
    )
