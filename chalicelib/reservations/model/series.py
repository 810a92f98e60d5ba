"""Recurring reservations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from chalicelib.core.errors import Alternative, ConflictError, Violation
from chalicelib.core.money import Quote
from chalicelib.core.time_ranges import TimeRange
from chalicelib.reservations.model.reservations import Guest, State


@dataclass(frozen=True, slots=True)
class Pattern:
    """What recurs, in local terms: `nights` of a stay, or a time of day and `minutes`."""

    starts_at_time: time | None
    minutes: int | None
    nights: int | None
    quantity: int
    party_size: int


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
    currency: str
    occurrences: Sequence[Occurrence]


class SeriesRefusedError(ConflictError):
    """Dates of the series cannot be reserved: `occurrences` says which, and why.

    `occurrences` says of each date what came of it.
    """

    code = "series_refused"
    advice = "Use the `mode` `fitting`, leave dates out with `except_on`, or choose another time."

    def __init__(self, occurrences: Sequence[Occurrence]) -> None:
        refused = [one for one in occurrences if one.refusal is not None]
        dates = ", ".join(f"{one.on_date:%Y-%m-%d}" for one in refused[:5]) + (" …" if len(refused) > 5 else "")
        super().__init__(f"{len(refused)} of {len(occurrences)} dates cannot be had: {dates}. Nothing was stored.")
        self.occurrences = tuple(occurrences)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series: the reservation that it got, or the code of the refusal.

    `state`, `code` and `during` are the reservation's. What was just refused says why in `detail`, with the broken
    rules; the first few with alternatives. `due`, `refund` and `retained` are what a cancellation just left owed, gave
    back and retained (minor units), all of the currency of `price`.
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
