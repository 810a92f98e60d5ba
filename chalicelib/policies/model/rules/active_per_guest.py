"""How many reservations a guest may have at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from chalicelib.core.errors import Violation
from chalicelib.core.parameters import MOST_PLACES, check_number
from chalicelib.core.wording import count_text
from chalicelib.policies.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.policies.model.wanted import Facts, Wanted


@dataclass(frozen=True)
class ActivePerGuest:
    """A guest, told by email address, has at most so many reservations that are not over; this one included."""

    reads_reservations: ClassVar = True
    by_day: ClassVar = True
    asked: ClassVar = Asked.NEW

    limit: int
    rule: Literal["active_per_guest"] = "active_per_guest"

    def __post_init__(self) -> None:
        check_number("limit", self.limit, 1, MOST_PLACES)

    def check(self, _wanted: Wanted, facts: Facts) -> Iterator[Violation]:
        """Refuse one more than the limit."""
        if facts.guest_active >= self.limit:
            message = f"{self.explain()} You have {facts.guest_active} already; let one end or cancel it first."
            parameters = {"limit": self.limit, "active": facts.guest_active}
            yield Violation(self.rule, "too_many_active", "guest.email", message, parameters)

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        return f"A guest may have at most {count_text(self.limit, 'active reservation')}."
