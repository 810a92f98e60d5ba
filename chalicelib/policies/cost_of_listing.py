"""What a policy's expressions cost in the worst listing: measured before it is published, so that none takes too long.

The worst is that of a resource which is open and free for as long as one listing may reach. It is listed in memory,
with an evaluator that counts `steps` instead of doing them, and once says yes and once says no to everything.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from chalicelib.adapters.expressions import MOST_STEPS, steps
from chalicelib.availability.list_availability import MOST_DAYS
from chalicelib.availability.model import availability
from chalicelib.availability.model.inquiries import Inquiry
from chalicelib.availability.model.profiles import Profile
from chalicelib.core.errors import InvalidRangeError
from chalicelib.core.resources import Resource, UnitAssignment
from chalicelib.core.time_ranges import TimeRange
from chalicelib.policies.model.modes import IntervalMode, SlotMode
from chalicelib.policies.model.rules.expression import Expression
from chalicelib.policies.model.wanted import Facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.policies.model.policies import Policy

ZONE = ZoneInfo("UTC")
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""Any: nothing here depends on the date, but that policies may speak of dates."""


class _TooMuchError(Exception):
    pass


@dataclass(slots=True)
class _Counting:
    """An evaluator that counts."""

    answer: bool
    counted: Counter[str] = field(default_factory=Counter[str])
    total: int = 0

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> bool:
        del variables
        self.counted[expression] += 1
        self.total += steps(expression)
        if self.total > MOST_STEPS:
            raise _TooMuchError
        return self.answer


def listing_findings(policy: Policy) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Yield the rule that costs most, if a listing takes more than is permitted."""
    places = {rule.expression: number for number, rule in enumerate(policy.rules) if isinstance(rule, Expression)}
    if not places:
        return
    for answer in (True, False):
        counting = _Counting(answer)
        try:
            _list(policy, counting)
        except InvalidRangeError:
            continue
        except _TooMuchError:
            dearest = max(places, key=lambda expression: steps(expression) * counting.counted[expression])
            yield (
                ("rules", places[dearest], "expression"),
                f"is looked at too often: listing {MOST_DAYS} days takes too long. Shorten it, or make steps longer",
            )
            return


def _fits(blocked: TimeRange, quantity: int) -> bool:
    del blocked, quantity
    return True


def _list(policy: Policy, counting: _Counting) -> None:
    within = TimeRange(BEGINNING, BEGINNING + timedelta(days=MOST_DAYS))
    resource = Resource(UUID(int=0), "any", "Any", 1, 1_000_000, UnitAssignment.POOLED)
    facts = Facts(BEGINNING, policy.days(ZONE), windows=(within,), evaluate_expression=counting.evaluate)
    inquiry = Inquiry(policy, resource, Profile(1, ()), 1, 1, _fits)
    if isinstance(policy.mode, SlotMode):
        availability.slots(inquiry, facts, within)
    elif isinstance(policy.mode, IntervalMode):
        availability.free_ranges(inquiry, facts, within)
    else:
        until_on = BEGINNING.date() + timedelta(days=MOST_DAYS)
        availability.nights(inquiry, facts, BEGINNING.date(), until_on)
