"""A condition in CEL, for what no other rule covers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from chalicelib.core.errors import Violation
from chalicelib.core.parameters import LONGEST_EXPRESSION, ParameterError
from chalicelib.core.time_ranges import WEEKDAYS
from chalicelib.policies.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.policies.model.wanted import Facts, Wanted

LONGEST_MESSAGE = 500
OF_LENGTH = re.compile(r"\b(nights|minutes|ends_at)\b")
FIELDS = ("starts_at", "ends_at", "check_in_on", "check_out_on", "quantity", "party_size", "guest.email", "notes")


@dataclass(frozen=True)
class Expression:
    """A CEL expression over the use (`variables`) that must be true, and what is said where it is not.

    `field` is the request's field that a guest would change. Common Expression Language: https://cel.dev
    """

    reads_reservations: ClassVar = False
    by_day: ClassVar = False
    asked: ClassVar = Asked.ANYTHING

    expression: str
    message: str
    field: str
    rule: Literal["expression"] = "expression"

    def __post_init__(self) -> None:
        if not self.expression.strip() or len(self.expression) > LONGEST_EXPRESSION:
            expectation = f"must have 1 to {LONGEST_EXPRESSION} characters"
            raise ParameterError("expression", expectation)
        if not self.message.strip() or len(self.message) > LONGEST_MESSAGE:
            expectation = f"must have 1 to {LONGEST_MESSAGE} characters"
            raise ParameterError("message", expectation)
        if self.field not in FIELDS:
            expectation = f"must be a field of the request: {', '.join(FIELDS)}"
            raise ParameterError("field", expectation)

    def check(self, wanted: Wanted, facts: Facts) -> Iterator[Violation]:
        """Refuse unless the expression is true. Raises `LookupError` when the facts cannot evaluate expressions.

        One that is neither true nor false is its author's mistake, and refused with a code of its own.
        """
        if facts.evaluate_expression is None:
            message = "a policy with an expression needs facts that can evaluate it"
            raise LookupError(message)
        met = facts.evaluate_expression(self.expression, variables(wanted, facts))
        if met is not True:
            code = "not_met" if met is False else "cannot_be_evaluated"
            yield Violation(self.rule, code, self.field, self.message, {"expression": self.expression})

    @property
    def looks_at_length(self) -> bool:
        """Whether it speaks of the length or of the end, so that it may answer differently for longer uses."""
        return OF_LENGTH.search(self.expression) is not None

    def explain(self) -> str:
        """Return the rule as a sentence for guests: the one that its author wrote."""
        return self.message


def variables(wanted: Wanted, facts: Facts) -> dict[str, Any]:
    """Return what an expression may speak of.

    `now`, `starts_at` and `ends_at` are timestamps (UTC); `weekday` ("mon") and `starts_on` ("2026-11-20") are of the
    day on which it begins, `starts_time` ("14:30") of the start in the tenant's zone; `nights` is null except for
    stays; `minutes`, `quantity` and `party_size` are numbers; `resource` has slug, name, capacity and max_party_size.
    """
    local = wanted.during.starts_at.astimezone(facts.zone)
    starts_on = wanted.starts_on(facts.days)
    resource = wanted.resource
    return {
        "now": facts.now,
        "starts_at": wanted.during.starts_at,
        "ends_at": wanted.during.ends_at,
        "weekday": WEEKDAYS[starts_on.weekday()],
        "starts_on": starts_on.isoformat(),
        "starts_time": f"{local:%H:%M}",
        "nights": None if wanted.stay is None else wanted.stay.nights,
        "minutes": int(wanted.during.duration.total_seconds()) // 60,
        "quantity": wanted.quantity,
        "party_size": wanted.party_size,
        "resource": {
            "slug": resource.slug,
            "name": resource.name,
            "capacity": resource.capacity,
            "max_party_size": resource.max_party_size,
        },
    }
