"""Minimum notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

from chalicelib.core.errors import Violation
from chalicelib.core.parameters import MOST_MINUTES, check_number
from chalicelib.core.time_ranges import instant_text
from chalicelib.core.wording import at_text, minutes_text
from chalicelib.policies.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.policies.model.wanted import Facts, Wanted


@dataclass(frozen=True)
class LeadTime:
    """A use begins at least so long after it is reserved; a stay begins at its check-in time."""

    reads_reservations: ClassVar = False
    by_day: ClassVar = False
    asked: ClassVar = Asked.START

    minimum_minutes: int
    rule: Literal["lead_time"] = "lead_time"

    def __post_init__(self) -> None:
        check_number("minimum_minutes", self.minimum_minutes, 0, MOST_MINUTES)

    def check(self, wanted: Wanted, facts: Facts) -> Iterator[Violation]:
        """Refuse a start that is too near."""
        earliest_at = self.earliest_at(facts.now)
        if wanted.during.starts_at < earliest_at:
            message = f"{self.explain()} Now the earliest start is {at_text(earliest_at, facts.zone)}."
            parameters = {"minimum_minutes": self.minimum_minutes, "earliest_at": instant_text(earliest_at)}
            yield Violation(self.rule, "too_soon", wanted.start_field, message, parameters)

    def earliest_at(self, now: datetime) -> datetime:
        """Return when a use that is reserved now may begin."""
        return now + timedelta(minutes=self.minimum_minutes)

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        return f"Please reserve at least {minutes_text(self.minimum_minutes)} before it begins."
