"""What a tenant offers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo


class UnitAssignment(StrEnum):
    """How a resource's units are given out."""

    POOLED = "pooled"
    """Any units will do and may change in the middle of a use: seats, kayaks, shared capacity."""
    LABELLED = "labelled"
    """A guest gets particular units and keeps them throughout: rooms, cabins."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One business, as far as the domain needs it. `currency` is an ISO 4217 code."""

    id: UUID
    slug: str
    zone: ZoneInfo
    currency: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One of a resource's interchangeable places; `number` counts from 1."""

    number: int
    label: str


@dataclass(frozen=True, slots=True)
class Resource:
    """What can be reserved. `capacity` units; at most `max_party_size` people in one reservation."""

    id: UUID
    slug: str
    name: str
    capacity: int
    max_party_size: int
    assignment: UnitAssignment
