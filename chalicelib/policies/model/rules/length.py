"""How short and how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from chalicelib.core.parameters import MOST_MINUTES, check_bounds
from chalicelib.core.time_ranges import DateRange, season_of
from chalicelib.core.wording import on_text
from chalicelib.policies.model.asked import Asked
from chalicelib.policies.model.modes import length_violations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from chalicelib.core.errors import Violation
    from chalicelib.policies.model.wanted import Facts, Wanted


@dataclass(frozen=True, slots=True)
class LengthSeason(DateRange):
    """Other lengths for what begins on these dates."""

    minimum: int | None = None
    maximum: int | None = None

    def __post_init__(self) -> None:
        DateRange.__post_init__(self)
        check_bounds(self.minimum, self.maximum, MOST_MINUTES)


@dataclass(frozen=True)
class Length:
    """The length in nights for stays and in minutes otherwise; None is unlimited.

    The season in which a use begins replaces both bounds; of several the one listed last (`season_of`).
    """

    reads_reservations: ClassVar = False
    by_day: ClassVar = True
    asked: ClassVar = Asked.SIZE

    minimum: int | None = None
    maximum: int | None = None
    seasons: tuple[LengthSeason, ...] = ()
    rule: Literal["length"] = "length"

    def __post_init__(self) -> None:
        check_bounds(self.minimum, self.maximum, MOST_MINUTES)

    def check(self, wanted: Wanted, facts: Facts) -> Iterator[Violation]:
        """Refuse what is shorter or longer than permitted for its first day."""
        minimum, maximum = self.bounds(wanted.agreed_on(facts.days))
        yield from length_violations(self.rule, wanted, minimum, maximum)

    def bounds(self, on: date) -> tuple[int | None, int | None]:
        """Return the minimum and the maximum of what begins on a date."""
        season = season_of(self.seasons, on) if self.seasons else None
        return (self.minimum, self.maximum) if season is None else (season.minimum, season.maximum)

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        seasons = [
            f"{_bounds(season.minimum, season.maximum)} when it begins from {on_text(season.from_on)} until "
            f"{on_text(season.until_on)} (that day not included)"
            for season in self.seasons
        ]
        return f"The length must be {'; '.join([_bounds(self.minimum, self.maximum), *seasons])}."


def _bounds(minimum: int | None, maximum: int | None) -> str:
    """Without the unit, which the booking mode knows: nights or minutes."""
    match minimum, maximum:
        case None, None:
            return "as you like"
        case int(), None:
            return f"at least {minimum}"
        case None, int():
            return f"at most {maximum}"
        case _:
            return f"{minimum} to {maximum}"
