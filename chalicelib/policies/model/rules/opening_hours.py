"""When it is open, week by week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Literal

from chalicelib.core.errors import Violation
from chalicelib.core.parameters import ParameterError, check_time
from chalicelib.core.time_ranges import (
    MINUTES_PER_DAY,
    WEEKDAYS,
    TimeRange,
    Weekday,
    days,
    local_date,
    merged,
    wall_clock_instant,
)
from chalicelib.core.wording import on_text
from chalicelib.policies.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from chalicelib.policies.model.wanted import Facts, Wanted

MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY


@dataclass(frozen=True, slots=True)
class Opening:
    """From one time of day until another; one that closes no later than it opens closes on the next day."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        check_time("opens", self.opens)
        check_time("closes", self.closes)

    @property
    def overnight(self) -> bool:
        """Whether it closes on the next day."""
        return self.closes <= self.opens

    def text(self) -> str:
        """`09:00 to 17:00`."""
        return f"{self.opens:%H:%M} to {self.closes:%H:%M}"


@dataclass(frozen=True, slots=True)
class Week:
    """The openings of each weekday, by the day on which they open; a day without is closed."""

    mon: tuple[Opening, ...] = ()
    tue: tuple[Opening, ...] = ()
    wed: tuple[Opening, ...] = ()
    thu: tuple[Opening, ...] = ()
    fri: tuple[Opening, ...] = ()
    sat: tuple[Opening, ...] = ()
    sun: tuple[Opening, ...] = ()

    def of(self, on: date) -> tuple[Opening, ...]:
        """Return the openings of a date's weekday."""
        openings: tuple[Opening, ...] = getattr(self, WEEKDAYS[on.weekday()])
        return openings


@dataclass(frozen=True)
class OpeningHours:
    """A use lies wholly in an opening; openings that touch are one."""

    reads_reservations: ClassVar = False
    by_day: ClassVar = False
    asked: ClassVar = Asked.TIME

    weekly: Week
    rule: Literal["opening_hours"] = "opening_hours"

    def __post_init__(self) -> None:
        minutes = sorted(self._minutes())
        if not minutes:
            expectation = "must open at least once in the week"
            raise ParameterError("weekly", expectation)
        # Round the week: the first opening follows the last one.
        around = [*minutes, (minutes[0][0] + MINUTES_PER_WEEK, 0)]
        if any(closes > next_opens for (_, closes), (next_opens, _) in pairwise(around)):
            expectation = "has openings that overlap"
            raise ParameterError("weekly", expectation)

    def _minutes(self) -> Iterator[tuple[int, int]]:
        """When each opening begins and ends, in minutes since Monday's midnight."""
        for number, day in enumerate(WEEKDAYS):
            openings: tuple[Opening, ...] = getattr(self.weekly, day)
            for opening in openings:
                midnight = number * MINUTES_PER_DAY
                opens = midnight + opening.opens.hour * 60 + opening.opens.minute
                closes = midnight + opening.closes.hour * 60 + opening.closes.minute
                yield opens, closes + MINUTES_PER_DAY * opening.overnight

    def closes_past_midnight(self) -> tuple[time | None, ...]:
        """Return when the opening that begins on each weekday and goes past midnight closes on the day after."""
        return tuple(self._past_midnight(day) for day in WEEKDAYS)

    def _past_midnight(self, day: Weekday) -> time | None:
        openings: tuple[Opening, ...] = getattr(self.weekly, day)
        return next((opening.closes for opening in openings if opening.overnight), None)

    def openings(self, within: TimeRange, zone: ZoneInfo) -> Iterator[TimeRange]:
        """Yield, day by day, the openings that reach into the range, whole.

        One that begins or ends in a time that the zone skips begins or ends after it.
        """
        first_on = local_date(within.starts_at, zone)
        last_on = local_date(within.ends_at, zone)
        # One day more: where clocks are put back over midnight, the calendar returns to the day before for a while.
        for on in days(first_on - timedelta(days=1), last_on + timedelta(days=2)):
            for opening in self.weekly.of(on):
                if on < first_on and not opening.overnight:
                    continue
                closes_on = on + timedelta(days=1) if opening.overnight else on
                starts_at = wall_clock_instant(on, opening.opens, zone)
                ends_at = wall_clock_instant(closes_on, opening.closes, zone)
                if starts_at < within.ends_at and within.starts_at < ends_at and starts_at < ends_at:
                    yield TimeRange(starts_at, ends_at)

    def check(self, wanted: Wanted, facts: Facts) -> Iterator[Violation]:
        """Refuse what begins or ends while it is closed, or lasts through a closing."""
        during = wanted.during
        openings = merged(self.openings(during, facts.zone))
        if any(opening.contains(during) for opening in openings):
            return
        opened = any(opening.covers(during.starts_at) for opening in openings)
        field = wanted.end_field if opened else wanted.start_field
        on = facts.days.day_of(during.starts_at)
        hours = ", ".join(opening.text() for opening in self.weekly.of(on)) or "closed"
        message = f"It is not open for all of that time; opening hours on {on_text(on)}: {hours}."
        yield Violation(self.rule, "closed", field, message, {"on": on.isoformat(), "hours": hours})

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        by_day: list[str] = []
        for day in WEEKDAYS:
            openings: tuple[Opening, ...] = getattr(self.weekly, day)
            if openings:
                by_day.append(f"{day.capitalize()} {', '.join(opening.text() for opening in openings)}")
        return f"Open {'; '.join(by_day)}."
