"""Try a draft of a policy on past reservations, with the functions that admission uses.

Each reservation, as it stands now, is judged as of the moment at which it was made. Rules that count others see those
that had been made before it and not cancelled by then, among the reservations looked at. Room is not judged: who would
have come instead of those refused, nobody knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.adapters import expressions
from chalicelib.availability.for_others import read_windows
from chalicelib.core.errors import InvalidInputError, Violation
from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.database.transaction import Isolation
from chalicelib.policies.manage_policies import checked, find_policy
from chalicelib.policies.model.policies import evaluate
from chalicelib.policies.model.pricing import quote
from chalicelib.policies.model.wanted import Facts, Wanted
from chalicelib.policies.storage import policies
from chalicelib.terms.for_others import read_terms

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.core.resources import Resource, Tenant
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.policies.model.policies import Policy
    from chalicelib.policies.storage.policies import PastReservation

MOST_RESERVATIONS = 5000
MOST_SHOWN = 50
GONE = {"cancelled", "rejected", "expired"}


@dataclass(frozen=True, slots=True)
class RefusedReservation:
    """A reservation that the draft would have refused, and every rule that it breaks."""

    id: UUID
    code: str
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a draft would have changed. Amounts in minor units; `cut`: more reservations were made than looked at.

    `by_rule`: how many reservations break each rule. `recorded` is what the reservations looked at cost as they were
    made, `drafted` what those that the draft accepts would cost under it.
    """

    currency: str
    considered: int
    cut: bool
    accepted: int
    by_rule: Mapping[str, int]
    refused: Sequence[RefusedReservation]
    recorded: int
    drafted: int


def simulate_policy(
    context: Context,
    named: str,
    document: Mapping[str, Any],
    made_from: datetime | None,
    made_until: datetime | None,
) -> Simulation:
    """Judge what was reserved of a policy's resources by a draft. Raises `NotFoundError`, `InvalidDocumentError`."""
    draft = checked(document)

    def work(transaction: Transaction) -> Simulation:
        entry = find_policy(transaction, named)
        found = policies.past_reservations(transaction, entry.id, made_from, made_until, MOST_RESERVATIONS + 1)
        past = found[:MOST_RESERVATIONS]
        terms = read_terms(transaction, resource_ids=policies.resources_under(transaction, entry.id))
        resources = {one.resource.id: one.resource for one in terms}
        past = [one for one in past if one.resource_id in resources]
        windows = _windows(transaction, list(resources.values()), past)
        judge = _Judge(draft, transaction.tenant, resources, windows, past)
        return _summary(judge, past, cut=len(found) > MOST_RESERVATIONS)

    return context.run(work, isolation=Isolation.SNAPSHOT)


class _Judge:
    def __init__(
        self,
        draft: Policy,
        tenant: Tenant,
        resources: Mapping[UUID, Resource],
        windows: Mapping[UUID, Sequence[TimeRange]],
        past: Sequence[PastReservation],
    ) -> None:
        self.tenant = tenant
        self._draft = draft
        self._resources = resources
        self._windows = windows
        self._past = past if draft.reads_reservations else ()

    def judge(self, one: PastReservation) -> tuple[tuple[Violation, ...], int]:
        """Return what the draft has against a reservation, and what it would cost under it."""
        zone = self.tenant.zone
        during, stay = TimeRange(one.starts_at, one.ends_at), None
        if one.check_in_on is not None and one.check_out_on is not None:
            stay = Stay(one.check_in_on, one.check_out_on)
            try:
                during = self._draft.during(stay, zone)
            except InvalidInputError as error:
                return (Violation("mode", "other_mode", error.field, error.detail, {}),), 0
        elif self._draft.mode.mode == "stay":
            message = "Under the draft, nights are reserved, and this has none."
            return (Violation("mode", "other_mode", "check_in_on", message, {}),), 0
        wanted = Wanted(self._resources[one.resource_id], during, stay, one.quantity, one.party_size)
        violations = tuple(evaluate(self._draft, wanted, self._facts(one, during)))
        return violations, quote(self._draft, self.tenant.currency, wanted, zone).total

    def _facts(self, one: PastReservation, during: TimeRange) -> Facts:
        days = self._draft.days(self.tenant.zone)
        day = days.day_of(one.starts_at)
        before = [other for other in self._past if other.id != one.id and _stood(other, one.created_at)]
        on_day = [other for other in before if days.day_of(other.starts_at) == day]
        return Facts(
            now=one.created_at,
            days=days,
            windows=tuple(window for window in self._windows[one.resource_id] if window.overlaps(during)),
            guest_active=sum(other.email == one.email and other.ends_at > one.created_at for other in before),
            guest_on_day=sum(other.email == one.email for other in on_day),
            resource_on_day=sum(other.resource_id == one.resource_id for other in on_day),
            evaluate_expression=expressions.Meter().evaluate,
        )


def _stood(other: PastReservation, at: datetime) -> bool:
    return other.created_at < at and (other.state not in GONE or other.updated_at > at)


def _windows(
    transaction: Transaction, resources: Sequence[Resource], past: Sequence[PastReservation]
) -> Mapping[UUID, Sequence[TimeRange]]:
    if not past:
        return {}
    within = TimeRange(min(one.starts_at for one in past), max(one.ends_at for one in past))
    return read_windows(transaction, resources, within)


def _summary(judge: _Judge, past: Sequence[PastReservation], *, cut: bool) -> Simulation:
    by_rule: Counter[str] = Counter()
    refused: list[RefusedReservation] = []
    drafted = 0
    for one in past:
        violations, total = judge.judge(one)
        if violations:
            by_rule.update({violation.rule for violation in violations})
            refused.append(RefusedReservation(one.id, one.code, violations))
        else:
            drafted += total
    return Simulation(
        currency=judge.tenant.currency,
        considered=len(past),
        cut=cut,
        accepted=len(past) - len(refused),
        by_rule=dict(by_rule.most_common()),
        refused=refused,
        recorded=sum(one.price_total for one in past),
        drafted=drafted,
    )
