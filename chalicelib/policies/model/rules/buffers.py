"""Time around a use that stays free: cleaning, setting up, handing over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from chalicelib.core.parameters import MOST_MINUTES, check_number
from chalicelib.core.wording import minutes_text
from chalicelib.policies.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.errors import Violation
    from chalicelib.policies.model.wanted import Facts, Wanted


@dataclass(frozen=True)
class Buffers:
    """Minutes that a use blocks before its start and after its end.

    They are part of the allocation (`Policy.blocked`): capacity refuses what does not leave them free, and this rule
    nothing.
    """

    reads_reservations: ClassVar = False
    by_day: ClassVar = True
    asked: ClassVar = Asked.NEW

    before_minutes: int
    after_minutes: int
    rule: Literal["buffers"] = "buffers"

    def __post_init__(self) -> None:
        check_number("before_minutes", self.before_minutes, 0, MOST_MINUTES)
        check_number("after_minutes", self.after_minutes, 0, MOST_MINUTES)

    def check(self, _wanted: Wanted, _facts: Facts) -> Iterator[Violation]:
        """Refuse nothing."""
        return iter(())

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        before, after = minutes_text(self.before_minutes), minutes_text(self.after_minutes)
        return f"{before} before and {after} after each reservation are kept free."
