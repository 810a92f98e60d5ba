"""Which day an instant belongs to: the one question behind blackouts, cutoffs, limits by day, weekdays and rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from chalicelib.core.time_ranges import EARLIEST_AT, LATEST_AT, TimeRange, local_date, wall_clock_instant

ONE_DAY = timedelta(days=1)
MIDNIGHT = time()
NOWHERE_PAST_MIDNIGHT: Sequence[time | None] = (None,) * 7
MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a place: each lasts from midnight until the next, or longer where an opening goes past midnight.

    What happens while it is open belongs to the day on which it opened: 00:30 in a place that is open from 18:00 to
    02:00 belongs to the evening before. `closes_past_midnight`: when the opening that began on each weekday (Monday
    first) closes on the day after, None where there is no such opening.
    """

    zone: ZoneInfo
    closes_past_midnight: Sequence[time | None] = NOWHERE_PAST_MIDNIGHT

    def day_of(self, instant: datetime) -> date:
        """Return the day to which an instant belongs."""
        on = local_date(instant, self.zone)
        if instant < self.begins_at(on):
            return on - ONE_DAY
        # Clocks that are put back over midnight return to a date whose day is over.
        return on if instant < self.begins_at(on + ONE_DAY) else on + ONE_DAY

    def begins_at(self, on: date) -> datetime:
        """Return when a day begins, which is when the one before it ends."""
        return _begins_at(on, self.closes_past_midnight[(on - ONE_DAY).weekday()], self.zone)

    def during(self, on: date) -> TimeRange:
        """Return all of a day, as far as Berth's years reach.

        Raises `InvalidRangeError` for one that a zone left out.
        """
        return TimeRange(max(EARLIEST_AT, self.begins_at(on)), min(LATEST_AT, self.begins_at(on + ONE_DAY)))


@lru_cache(MOST_REMEMBERED)
def _begins_at(on: date, closes: time | None, zone: ZoneInfo) -> datetime:
    return wall_clock_instant(on, closes or MIDNIGHT, zone)
