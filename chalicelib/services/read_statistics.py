"""Statistics: occupancy, revenue and how reservations ended, by period and resource. docs/STATISTICS.md defines each.

What was reserved is kept per resource and local day, and brought up to date from the events since the last time
whenever statistics are asked for: a day that any event touched is made anew, never counted up or down. What could be
reserved (capacity less closures) is worked out at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.domain.errors import InvalidRangeError, NotFoundError
from chalicelib.domain.time_ranges import wall_clock_instant
from chalicelib.storage import statistics
from chalicelib.storage.statistics import Offered

if TYPE_CHECKING:
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from chalicelib.storage.statistics import Closed, Sums
    from chalicelib.storage.transaction import Database, Transaction

LONGEST_PERIOD = timedelta(days=5 * 366)
MOST_TOUCHED = 20_000
"""Days made anew one by one; beyond that all of them are."""
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
        sums = statistics.read_sums(transaction, from_on, until_on, step, resource_id)
        days = _Days(from_on, until_on, transaction.tenant.zone)
        closed = statistics.read_closed(transaction, days.starts_at, days.ends_at, resource_id)
        return _statistics(transaction.tenant.currency, offers, sums, days.offered(offers, closed, step))

    return database.run(tenant, work)


def refresh_statistics(transaction: Transaction) -> None:
    """Bring the tenant's statistics up to date with everything that is committed.

    Progress stops at the oldest work under way: what came after it is made anew the next time, together with what it
    writes.
    """
    zone = transaction.tenant.zone
    reached, reachable = statistics.lock_progress(transaction)
    if reached == statistics.NEVER:
        statistics.make_all_days(transaction, zone.key)
    else:
        touched = statistics.touched_days(transaction, zone.key, reached)
        if len(touched) > MOST_TOUCHED:
            statistics.make_all_days(transaction, zone.key)
        elif touched:
            dates = [on_date for _, on_date in touched]
            within = _midnight(min(dates), zone), _midnight(max(dates) + timedelta(days=1), zone)
            statistics.make_days(transaction, zone.key, touched, within)
    statistics.advance_progress(transaction, reachable)
    transaction.settle()


class _Days:
    """The local days of a period, each with its own length."""

    def __init__(self, from_on: date, until_on: date, zone: ZoneInfo) -> None:
        dates = [from_on + timedelta(days=number) for number in range((until_on - from_on).days + 1)]
        midnights = [_midnight(on_date, zone) for on_date in dates]
        self.starts_at, self.ends_at = midnights[0], midnights[-1]
        self._days = list(zip(dates, midnights, midnights[1:], strict=False))

    def offered(
        self, offers: Sequence[Offered], closed: Sequence[Closed], step: Step
    ) -> tuple[dict[UUID, int], dict[date, int]]:
        """Return the minutes of units that could be reserved, by resource and by step."""
        whole = _minutes(self.starts_at, self.ends_at)
        by_resource = {offer.id: offer.capacity * whole for offer in offers}
        by_step: dict[date, int] = defaultdict(int)
        capacity = sum(offer.capacity for offer in offers)
        for on_date, starts_at, ends_at in self._days:
            by_step[_first_day(on_date, step)] += capacity * _minutes(starts_at, ends_at)
            for one in closed:
                if one.resource_id in by_resource and one.starts_at < ends_at and one.ends_at > starts_at:
                    taken = one.units * _minutes(max(one.starts_at, starts_at), min(one.ends_at, ends_at))
                    by_step[_first_day(on_date, step)] -= taken
                    by_resource[one.resource_id] -= taken
        return by_resource, by_step


def _statistics(
    currency: str, offers: Sequence[Offered], sums: Sequence[Sums], offered: tuple[dict[UUID, int], dict[date, int]]
) -> Statistics:
    by_resource, by_step = offered
    resources = {identifier: Figures(offered_minutes=minutes) for identifier, minutes in by_resource.items()}
    steps = {first: Figures(offered_minutes=minutes) for first, minutes in by_step.items()}
    total = Figures(offered_minutes=sum(by_resource.values()))
    for one in sums:
        if one.resource_id is not None:
            _fill(resources[one.resource_id], one)
        else:
            _fill(total if one.from_on is None else steps[one.from_on], one)
    ranked = [(offer, resources[offer.id]) for offer in offers]
    ranked.sort(key=lambda entry: (-entry[1].revenue, -entry[1].reserved_minutes, entry[0].slug))
    return Statistics(currency, total, sorted(steps.items(), key=lambda entry: entry[0]), ranked)


def _fill(figures: Figures, sums: Sums) -> None:
    for one in fields(Figures):
        if one.name != "offered_minutes":
            setattr(figures, one.name, getattr(sums, one.name))


def _first_day(on_date: date, step: Step) -> date:
    if step is Step.WEEK:
        return on_date - timedelta(days=on_date.weekday())
    return on_date.replace(day=1) if step is Step.MONTH else on_date


def _midnight(on_date: date, zone: ZoneInfo) -> datetime:
    return wall_clock_instant(on_date, time.min, zone)


def _minutes(starts_at: datetime, ends_at: datetime) -> int:
    return max(0, int((ends_at - starts_at).total_seconds()) // 60)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
