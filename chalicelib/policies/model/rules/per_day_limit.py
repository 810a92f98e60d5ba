"""How many reservations may begin on one day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from chalicelib.core.errors import Violation
from chalicelib.core.parameters import MOST_PLACES, check_number
from chalicelib.core.wording import count_text, on_text
from chalicelib.policies.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.policies.model.wanted import Facts, Wanted


@dataclass(frozen=True)
class PerDayLimit:
    """At most so many reservations of the guest, or of the resource, begin on one local day, this one included."""

    reads_reservations: ClassVar = True
    by_day: ClassVar = True
    asked: ClassVar = Asked.START

    limit: int
    scope: Literal["guest", "resource"]
    rule: Literal["per_day_limit"] = "per_day_limit"

    def __post_init__(self) -> None:
        check_number("limit", self.limit, 1, MOST_PLACES)

    def check(self, wanted: Wanted, facts: Facts) -> Iterator[Violation]:
        """Refuse one more than the limit."""
        present = facts.guest_on_day if self.scope == "guest" else facts.resource_on_day
        if present >= self.limit:
            on = wanted.starts_on(facts.days)
            message = f"{self.explain()} {on_text(on)} has {present} already; choose another day."
            parameters = {"limit": self.limit, "scope": self.scope, "on": on.isoformat(), "present": present}
            yield Violation(self.rule, "day_is_full", wanted.start_field, message, parameters)

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        whose = "of one guest " if self.scope == "guest" else ""
        return f"At most {count_text(self.limit, 'reservation')} {whose}may begin on one day."
