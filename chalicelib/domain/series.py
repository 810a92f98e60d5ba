"""Recurring reservations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from chalicelib.domain.errors import Alternative, Violation
from chalicelib.domain.pricing import Quote
from chalicelib.domain.reservations import Guest, State
from chalicelib.domain.time_ranges import TimeRange


@dataclass(frozen=True, slots=True)
class Pattern:
    """What recurs, in local terms: `nights` of a stay, or a time of day and `minutes`."""

    starts_at_time: time | None
    minutes: int | None
    nights: int | None
    quantity: int
    party_size: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series: the reservation that it got, or the code of the refusal.

    `state`, `code` and `during` are the reservation's. What was just refused says why in `detail`, with the broken
    rules; the first few with alternatives. `due`, `refund` and `retained` are what a cancellation just left owed, gave
    back and retained (minor units).
    """

    on_date: date
    reservation_id: UUID | None
    refusal: str | None
    state: State | None = None
    code: str | None = None
    during: TimeRange | None = None
    detail: str | None = None
    violations: Sequence[Violation] = ()
    alternatives: Sequence[Alternative] = ()
    price: Quote | None = None
    due: int | None = None
    refund: int | None = None
    retained: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Reservations of one guest that recur by a rule of RFC 5545, as local times of the tenant."""

    id: UUID
    resource_id: UUID
    guest: Guest
    rule: str
    first_on: date
    except_on: Sequence[date]
    pattern: Pattern
    notes: str
    version: int
    created_at: datetime
    occurrences: Sequence[Occurrence]
