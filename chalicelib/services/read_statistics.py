"""Statistics: occupancy, revenue and how reservations ended, by period and resource. docs/STATISTICS.md defines each.

What was reserved is kept per resource and local day, and brought up to date from the events since the last time
whenever statistics are asked for: a day that any event touched is made anew, never counted up or down. What could be
reserved (the capacity of that time, less closures) is worked out at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.domain.errors import InvalidRangeError, NotFoundError
from chalicelib.domain.time_ranges import TimeRange
from chalicelib.services.on_offer import OnOffer, read_on_offer
from chalicelib.services.refresh_statistics import midnight, refresh_statistics
from chalicelib.storage import statistics
from chalicelib.storage.statistics import Offered

if TYPE_CHECKING:
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from chalicelib.storage.statistics import Sums
    from chalicelib.storage.transaction import Database, Transaction

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
        """Revenue per night reserved (ADR)."""
        return _ratio(self.revenue, self.nights)

    @property
    def revenue_per_available(self) -> float | None:
        """Revenue per unit and day on offer (RevPAR)."""
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
    resources: Sequence[tuple[Offered, Figures]]


def read_statistics(
    database: Database, tenant: str, from_on: date, until_on: date, step: Step, resource_id: UUID | None
) -> Statistics:
    """Return the statistics of local days from one to before another.

    Raises `NotFoundError` for an unknown resource, `InvalidRangeError`.
    """
    if not from_on < until_on <= from_on + LONGEST_PERIOD:
        message = f"The period must have 1 to {LONGEST_PERIOD.days} days; until_on does not belong to it."
        raise InvalidRangeError("until_on", message)

    def work(transaction: Transaction) -> Statistics:
        refresh_statistics(transaction)
        offers = statistics.read_offers(transaction, from_on, until_on, resource_id)
        if resource_id is not None and not offers:
            message = "There is no such resource."
            raise NotFoundError(message)
        sums, median = statistics.read_sums(transaction, from_on, until_on, step, resource_id)
        days = _Days(from_on, until_on, transaction.tenant.zone)
        within = TimeRange(days.starts_at, days.ends_at)
        offered = read_on_offer(transaction, offers, within, resource_id)
        return _statistics(transaction.tenant.currency, offers, sums, median, days.offered(offered, step))

    return database.run(tenant, work)


class Measure(StrEnum):
    """By what resources are ranked."""

    REVENUE = "revenue"
    OCCUPANCY = "occupancy"
    NIGHTS = "nights"
    ACTIVE = "active"


def rank_resources(found: Statistics, measure: Measure, limit: int) -> list[tuple[Offered, Figures]]:
    """Return the resources with the most of something, the most first; by revenue among equals."""
    ranked = sorted(found.resources, key=lambda entry: -(getattr(entry[1], measure) or 0))
    return ranked[:limit]


class _Days:
    """The local days of a period, each with its own length."""

    def __init__(self, from_on: date, until_on: date, zone: ZoneInfo) -> None:
        dates = [from_on + timedelta(days=number) for number in range((until_on - from_on).days + 1)]
        midnights = [midnight(on_date, zone) for on_date in dates]
        self.starts_at, self.ends_at = midnights[0], midnights[-1]
        self._days = list(zip(dates, midnights, midnights[1:], strict=False))

    def offered(self, offered: Sequence[OnOffer], step: Step) -> tuple[dict[UUID, int], dict[date, int]]:
        """Return the minutes of units that could be reserved, by resource and by step."""
        by_resource: dict[UUID, int] = defaultdict(int)
        by_step: dict[date, int] = defaultdict(int)
        for on_date, starts_at, ends_at in self._days:
            first = _first_day(on_date, step)
            by_step[first] += 0
            for one in offered:
                if one.starts_at < ends_at and one.ends_at > starts_at:
                    minutes = one.units * _minutes(max(one.starts_at, starts_at), min(one.ends_at, ends_at))
                    by_step[first] += minutes
                    by_resource[one.resource_id] += minutes
        return by_resource, by_step


def _statistics(
    currency: str,
    offers: Sequence[Offered],
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


def _minutes(starts_at: datetime, ends_at: datetime) -> int:
    return max(0, int((ends_at - starts_at).total_seconds()) // 60)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
