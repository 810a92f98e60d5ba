"""The rules a policy may have: one file each, and the registry that names them.

A rule is a frozen dataclass of its parameters, which are its JSON form as well:
`{"rule": "lead_time", "minimum_minutes": 60}`. To add one, write the file and put its class into `RULES`; storage,
validation and the JSON schema follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from chalicelib.policies.model.rules.active_per_guest import ActivePerGuest
from chalicelib.policies.model.rules.arrival_weekdays import ArrivalWeekdays
from chalicelib.policies.model.rules.blackout_dates import BlackoutDates
from chalicelib.policies.model.rules.buffers import Buffers
from chalicelib.policies.model.rules.daily_cutoff import DailyCutoff
from chalicelib.policies.model.rules.expression import Expression
from chalicelib.policies.model.rules.grid import Grid
from chalicelib.policies.model.rules.horizon import Horizon
from chalicelib.policies.model.rules.lead_time import LeadTime
from chalicelib.policies.model.rules.length import Length
from chalicelib.policies.model.rules.opening_hours import OpeningHours
from chalicelib.policies.model.rules.party_size import PartySize
from chalicelib.policies.model.rules.per_day_limit import PerDayLimit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.core.errors import Violation
    from chalicelib.policies.model.asked import Asked
    from chalicelib.policies.model.wanted import Facts, Wanted


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
