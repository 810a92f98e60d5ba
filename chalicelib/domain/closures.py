"""Periods when units cannot be reserved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.domain.time_ranges import TimeRange
from chalicelib.domain.units import Part, UnitSet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chalicelib.domain.resources import Resource


class ClosureKind(StrEnum):
    """Why units are closed, as far as it matters to what they are."""

    CLOSED = "closed"
    """The whole resource, also units that it gets later."""
    OUT_OF_SERVICE = "out_of_service"
    """Some units."""
    LOWERED_CAPACITY = "lowered_capacity"
    """The units above a number, from a moment on."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A resource as far as closures matter to how much of it there is."""

    places: UnitSet
    units_each: int = 1


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
