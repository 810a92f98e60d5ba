"""Dates on which nothing takes place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

from chalicelib.core.errors import Violation
from chalicelib.core.parameters import ParameterError
from chalicelib.core.time_ranges import DateRange
from chalicelib.core.wording import on_text
from chalicelib.policies.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.policies.model.wanted import Facts, Wanted

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Blackout(DateRange):
    """Some dates, and why nothing takes place then."""

    reason: str


@dataclass(frozen=True)
class BlackoutDates:
    """No use touches these local dates; a stay may end on the first of them, since its last night is the one before."""

    reads_reservations: ClassVar = False
    by_day: ClassVar = True
    asked: ClassVar = Asked.TIME

    ranges: tuple[Blackout, ...]
    rule: Literal["blackout_dates"] = "blackout_dates"

    def __post_init__(self) -> None:
        if not self.ranges:
            expectation = "must name at least one range of dates"
            raise ParameterError("ranges", expectation)

    def check(self, wanted: Wanted, facts: Facts) -> Iterator[Violation]:
        """Refuse what touches the dates: by its first day if that is one of them, otherwise by its end."""
        first_on = wanted.starts_on(facts.days)
        if wanted.stay is None:
            last_on = facts.days.day_of(wanted.during.ends_at - INSTANT)
        else:
            last_on = wanted.stay.check_out_on - timedelta(days=1)
        for blackout in self.ranges:
            if first_on < blackout.until_on and blackout.from_on <= last_on:
                field = wanted.start_field if blackout.from_on <= first_on else wanted.end_field
                yield Violation(
                    self.rule,
                    "blacked_out",
                    field,
                    f"Nothing can be reserved {_dates(blackout)}: {blackout.reason}",
                    {
                        "from_on": blackout.from_on.isoformat(),
                        "until_on": blackout.until_on.isoformat(),
                        "reason": blackout.reason,
                    },
                )

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        closed = "; ".join(f"{_dates(blackout)} ({blackout.reason})" for blackout in self.ranges)
        return f"Nothing can be reserved {closed}."


def _dates(blackout: Blackout) -> str:
    last_on = blackout.until_on - timedelta(days=1)
    if last_on == blackout.from_on:
        return f"on {on_text(last_on)}"
    return f"from {on_text(blackout.from_on)} to {on_text(last_on)}"
