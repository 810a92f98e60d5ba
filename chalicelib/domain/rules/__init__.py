"""The rules a policy may have: one file each, and the registry that names them.

A rule is a frozen dataclass of its parameters, which are its JSON form as well:
`{"rule": "lead_time", "minimum_minutes": 60}`. To add one, write the file and put its class into `RULES`; storage,
validation and the JSON schema follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from chalicelib.domain.rules.active_per_guest import ActivePerGuest
from chalicelib.domain.rules.arrival_weekdays import ArrivalWeekdays
from chalicelib.domain.rules.blackout_dates import BlackoutDates
from chalicelib.domain.rules.buffers import Buffers
from chalicelib.domain.rules.daily_cutoff import DailyCutoff
from chalicelib.domain.rules.expression import Expression
from chalicelib.domain.rules.grid import Grid
from chalicelib.domain.rules.horizon import Horizon
from chalicelib.domain.rules.lead_time import LeadTime
from chalicelib.domain.rules.length import Length
from chalicelib.domain.rules.opening_hours import OpeningHours
from chalicelib.domain.rules.party_size import PartySize
from chalicelib.domain.rules.per_day_limit import PerDayLimit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.domain.asked import Asked
    from chalicelib.domain.errors import Violation
    from chalicelib.domain.policies import Facts, Wanted


class Rule(Protocol):
    """One restriction. Parameters that contradict themselves are refused at construction, with `ValueError`."""

    reads_reservations: ClassVar[bool]
    """Whether it counts other reservations, which decides the isolation of the transaction."""
    asked: ClassVar[Asked]
    """About what it is asked where a reservation changes."""
    by_day: ClassVar[bool]
    """Whether it answers alike for all uses of one length within one day, so that a day is asked about once."""

    @property
    def rule(self) -> str:
        """How documents and violations name it."""
        ...

    def check(self, wanted: Wanted, facts: Facts, /) -> Iterator[Violation]:
        """Yield what it has against a use."""
        ...

    def explain(self) -> str:
        """Return the rule as a sentence for guests."""
        ...


RULES: Mapping[str, type[Rule]] = {
    kind.rule: kind
    for kind in (
        ActivePerGuest,
        ArrivalWeekdays,
        BlackoutDates,
        Buffers,
        DailyCutoff,
        Expression,
        Grid,
        Horizon,
        LeadTime,
        Length,
        OpeningHours,
        PartySize,
        PerDayLimit,
    )
}
