"""At which times of day a use may begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from chalicelib.core.errors import Violation
from chalicelib.core.parameters import check_step
from chalicelib.core.time_ranges import is_on_grid
from chalicelib.core.wording import at_text, minutes_text
from chalicelib.policies.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.policies.model.wanted import Facts, Wanted


@dataclass(frozen=True)
class Grid:
    """A use begins a whole number of steps after midnight, as the wall clock shows it."""

    reads_reservations: ClassVar = False
    by_day: ClassVar = False
    asked: ClassVar = Asked.START

    step_minutes: int
    rule: Literal["grid"] = "grid"

    def __post_init__(self) -> None:
        check_step("step_minutes", self.step_minutes)

    def check(self, wanted: Wanted, facts: Facts) -> Iterator[Violation]:
        """Refuse a start between two steps."""
        starts_at = wanted.during.starts_at
        if not is_on_grid(starts_at, self.step_minutes, facts.zone):
            message = f"{self.explain()} {at_text(starts_at, facts.zone)} is between two of them."
            yield Violation(self.rule, "off_grid", wanted.start_field, message, {"step_minutes": self.step_minutes})

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        return f"Starts are every {minutes_text(self.step_minutes)}, counted from midnight."
