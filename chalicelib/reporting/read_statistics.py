"""Statistics: occupancy, revenue and how reservations ended, by period and resource. docs/STATISTICS.md defines each.

What was reserved is kept per resource and local day, and brought up to date from the events since the last time
whenever statistics are asked for: a day that any event touched is rebuilt, never counted up or down. What could be
reserved (the capacity of that time, less closures) is worked out at once. A replica answers where it finds nothing that
is to be brought up to date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING

from chalicelib.core.errors import InvalidRangeError, NotFoundError
from chalicelib.core.time_ranges import TimeRange
from chalicelib.database.errors import PrimaryNeededError
from chalicelib.reporting.model.on_offer import LocalDay
from chalicelib.reporting.model.statistics import ReportedResource
from chalicelib.reporting.on_offer import read_on_offer
from chalicelib.reporting.refresh_statistics import midnight, refresh_statistics
from chalicelib.reporting.storage import statistics

if TYPE_CHECKING:
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.reporting.storage.statistics import Sums

LONGEST_PERIOD = timedelta(days=5 * 366)
MINUTES_PER_DAY = 1440


class Step(StrEnum):
    """How a period is divided; weeks begin on Monday (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(slots=True)
class Figures:
    """Sums over days and resources, and what follows from them. Minutes are of units, revenue is in minor units."""

    offered_minutes: int = 0
    reserved_minutes: int = 0
    nights: int = 0
    revenue: int = 0
    retained: int = 0
    active: int = 0
    cancelled: int = 0
    came: int = 0
    no_shows: int = 0
    lead_minutes: int = 0

    @property
    def occupancy(self) -> float | None:
        """Reserved part of the offered time."""
        return _ratio(self.reserved_minutes, self.offered_minutes)

    @property
    def average_daily_rate(self) -> float | None:
        """Revenue per unit and 24 hours reserved (ADR); a night is one."""
        return _ratio(self.revenue * MINUTES_PER_DAY, self.reserved_minutes)

    @property
    def revenue_per_available(self) -> float | None:
        """Revenue per unit and 24 hours on offer (RevPAR), which is ADR times occupancy."""
        return _ratio(self.revenue * MINUTES_PER_DAY, self.offered_minutes)

    @property
    def no_show_rate(self) -> float | None:
        """Part of those expected who did not come."""
        return _ratio(self.no_shows, self.no_shows + self.came)

    @property
    def lead_days(self) -> float | None:
        """Mean time from reserving to the start."""
        return _ratio(self.lead_minutes, self.active * MINUTES_PER_DAY)


@dataclass(frozen=True, slots=True)
class Statistics:
    """A period as a whole, step by step (by first day), and by resource (the most revenue first)."""

    currency: str
    total: Figures
    median_lead_minutes: float | None
    steps: Sequence[tuple[date, Figures]]
    resources: Sequence[tuple[ReportedResource, Figures]]


def read_statistics(
    context: Context, from_on: date, until_on: date, step: Step, resource_id: UUID | None
) -> Statistics:
    """Return the statistics of local days from one to before another.

    Raises `NotFoundError` for an unknown resource, `InvalidRangeError`.
    """
    if not from_on < until_on <= from_on + LONGEST_PERIOD:
        message = f"The period must have 1 to {LONGEST_PERIOD.days} days; until does not belong to it."
        raise InvalidRangeError("until", message)

    def work(transaction: Transaction) -> Statistics:
        if not transaction.by_replica:
            refresh_statistics(transaction)
        elif not statistics.are_current(transaction):
            raise PrimaryNeededError
        offers = statistics.read_offers(transaction, from_on, until_on, resource_id)
        if resource_id is not None and not offers:
            message = "There is no such resource."
            raise NotFoundError(message)
        sums, median = statistics.read_sums(transaction, from_on, until_on, step, resource_id)
        days = local_days(from_on, until_on, transaction.tenant.zone)
        offered = read_on_offer(transaction, offers, days, resource_id)
        return _statistics(transaction.tenant.currency, offers, sums, median, _summed(offered, days, step))

    return context.run(work)


class Measure(StrEnum):
    """By what resources are ranked."""

    REVENUE = "revenue"
    OCCUPANCY = "occupancy"
    NIGHTS = "nights"
    ACTIVE = "active"


def rank_resources(found: Statistics, measure: Measure, limit: int) -> list[tuple[ReportedResource, Figures]]:
    """Return the resources with the most of something, the most first; by revenue among equals."""
    ranked = sorted(found.resources, key=lambda entry: -(getattr(entry[1], measure) or 0))
    return ranked[:limit]


def local_days(from_on: date, until_on: date, zone: ZoneInfo) -> list[LocalDay]:
    """Return the local days of a period, each with its own length; a date that the zone left out is none."""
    dates = [from_on + timedelta(days=number) for number in range((until_on - from_on).days + 1)]
    midnights = [(on_date, midnight(on_date, zone)) for on_date in dates]
    return [
        LocalDay(on_date, TimeRange(starts_at, ends_at))
        for (on_date, starts_at), (_, ends_at) in pairwise(midnights)
        if starts_at < ends_at
    ]


def _summed(
    offered: Iterable[tuple[UUID, list[int]]], days: Sequence[LocalDay], step: Step
) -> tuple[dict[UUID, int], dict[date, int]]:
    """Return the minutes of units on offer, by resource and by step."""
    by_resource: dict[UUID, int] = {}
    by_day = [0] * len(days)
    for resource_id, minutes in offered:
        by_resource[resource_id] = sum(minutes)
        by_day = list(map(add, by_day, minutes))
    by_step: dict[date, int] = defaultdict(int)
    for day, minutes in zip(days, by_day, strict=True):
        by_step[_first_day(day.on, step)] += minutes
    return by_resource, by_step


def _statistics(
    currency: str,
    offers: Sequence[ReportedResource],
    sums: Sequence[Sums],
    median_lead_minutes: float | None,
    offered: tuple[dict[UUID, int], dict[date, int]],
) -> Statistics:
    by_resource, by_step = offered
    resources = {offer.id: Figures(offered_minutes=by_resource.get(offer.id, 0)) for offer in offers}
    steps = {first: Figures(offered_minutes=minutes) for first, minutes in by_step.items()}
    total = Figures(offered_minutes=sum(by_resource.values()))
    for one in sums:
        if one.resource_id is not None:
            _fill(resources[one.resource_id], one)
        else:
            _fill(total if one.from_on is None else steps[one.from_on], one)
    ranked = [(offer, resources[offer.id]) for offer in offers]
    ranked.sort(key=lambda entry: (-entry[1].revenue, -entry[1].reserved_minutes, entry[0].slug))
    stepped = sorted(steps.items(), key=lambda entry: entry[0])
    return Statistics(currency, total, median_lead_minutes, stepped, ranked)


def _fill(figures: Figures, sums: Sums) -> None:
    for one in fields(Figures):
        if one.name != "offered_minutes":
            setattr(figures, one.name, getattr(sums, one.name))


def _first_day(on_date: date, step: Step) -> date:
    if step is Step.WEEK:
        return on_date - timedelta(days=on_date.weekday())
    return on_date.replace(day=1) if step is Step.MONTH else on_date


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
