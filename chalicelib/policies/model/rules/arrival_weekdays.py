"""On which weekdays a use may begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from chalicelib.core.errors import Violation
from chalicelib.core.parameters import ParameterError
from chalicelib.core.time_ranges import WEEKDAYS, DateRange, Weekday
from chalicelib.core.wording import either_text, on_text
from chalicelib.policies.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.policies.model.wanted import Facts, Wanted


@dataclass(frozen=True)
class ArrivalWeekdays:
    """A use begins on one of these weekdays: always, or where seasons are given, if it begins in one of them."""

    reads_reservations: ClassVar = False
    by_day: ClassVar = True
    asked: ClassVar = Asked.START

    weekdays: tuple[Weekday, ...]
    seasons: tuple[DateRange, ...] = ()
    rule: Literal["arrival_weekdays"] = "arrival_weekdays"

    def __post_init__(self) -> None:
        if not self.weekdays or len(set(self.weekdays)) < len(self.weekdays):
            expectation = "must name at least one weekday, and each only once"
            raise ParameterError("weekdays", expectation)

    def check(self, wanted: Wanted, facts: Facts) -> Iterator[Violation]:
        """Refuse a start on another weekday."""
        on = wanted.starts_on(facts.days)
        if WEEKDAYS[on.weekday()] in self.weekdays:
            return
        if not self.seasons or any(season.covers(on) for season in self.seasons):
            message = f"{on_text(on)} is not possible as the first day; expected {self._names()}."
            parameters = {"weekdays": list(self.weekdays), "given": on.isoformat()}
            yield Violation(self.rule, "arrival_weekday", wanted.start_field, message, parameters)

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        seasons = [f"from {on_text(season.from_on)} until {on_text(season.until_on)}" for season in self.seasons]
        when = f" {either_text(seasons)} (that day not included)" if seasons else ""
        return f"The first day must be a {self._names()}{when}."

    def _names(self) -> str:
        return either_text([day.capitalize() for day in WEEKDAYS if day in self.weekdays])
