"""How far ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

from chalicelib.core.errors import Violation
from chalicelib.core.parameters import MOST_DAYS, check_number
from chalicelib.core.wording import count_text, on_text
from chalicelib.policies.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.policies.model.wanted import Facts, Wanted


@dataclass(frozen=True)
class Horizon:
    """A use begins at most so many days after today, by the tenant's calendar."""

    reads_reservations: ClassVar = False
    by_day: ClassVar = True
    asked: ClassVar = Asked.START

    maximum_days: int
    rule: Literal["horizon"] = "horizon"

    def __post_init__(self) -> None:
        check_number("maximum_days", self.maximum_days, 0, MOST_DAYS)

    def check(self, wanted: Wanted, facts: Facts) -> Iterator[Violation]:
        """Refuse a start that is too far away."""
        latest_on = facts.today + timedelta(days=self.maximum_days)
        if wanted.starts_on(facts.days) > latest_on:
            message = f"{self.explain()} Now the latest start is on {on_text(latest_on)}."
            parameters = {"maximum_days": self.maximum_days, "latest_on": latest_on.isoformat()}
            yield Violation(self.rule, "too_far_ahead", wanted.start_field, message, parameters)

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        return f"Reservations are taken up to {count_text(self.maximum_days, 'day')} ahead."
