"""The time of day after which nothing is accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

from chalicelib.core.errors import Violation
from chalicelib.core.parameters import MOST_DAYS, check_number, check_time
from chalicelib.core.time_ranges import wall_clock_instant
from chalicelib.core.wording import count_text, on_text
from chalicelib.policies.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.policies.model.wanted import Facts, Wanted


@dataclass(frozen=True)
class DailyCutoff:
    """From a time of day on, nothing is accepted that begins within so many days (0: today); None: nothing at all."""

    reads_reservations: ClassVar = False
    by_day: ClassVar = True
    asked: ClassVar = Asked.ANYTHING

    at: time
    within_days: int | None = None
    rule: Literal["daily_cutoff"] = "daily_cutoff"

    def __post_init__(self) -> None:
        check_time("at", self.at)
        check_number("within_days", self.within_days, 0, MOST_DAYS)

    def check(self, wanted: Wanted, facts: Facts) -> Iterator[Violation]:
        """Refuse after hours. A start that is reserved already is refused only where nothing at all is accepted."""
        if facts.now < self._closes_at(facts):
            return
        hint = f"please come back tomorrow before {self.at:%H:%M}"
        if self.within_days is not None:
            earliest_on = facts.today + timedelta(days=self.within_days + 1)
            if not wanted.start_is_new or wanted.starts_on(facts.days) >= earliest_on:
                return
            hint = f"the earliest start is on {on_text(earliest_on)}"
        local_now = facts.now.astimezone(facts.zone)
        message = f"{self.explain()} It is {local_now:%H:%M} now; {hint}."
        parameters = {"at": f"{self.at:%H:%M}", "within_days": self.within_days}
        yield Violation(self.rule, "after_cutoff", wanted.start_field, message, parameters)

    def _closes_at(self, facts: Facts) -> datetime:
        """When it is that time in today's day, which may be after midnight where that day lasts longer."""
        closes_at = wall_clock_instant(facts.today, self.at, facts.zone)
        if closes_at >= facts.days.begins_at(facts.today):
            return closes_at
        return wall_clock_instant(facts.today + timedelta(days=1), self.at, facts.zone)

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        match self.within_days:
            case None:
                what = "reservations are"
            case 0:
                what = "reservations for the same day are"
            case _:
                what = f"reservations for the same day and {count_text(self.within_days, 'day')} after it are"
        return f"From {self.at:%H:%M} on, no {what} accepted."
