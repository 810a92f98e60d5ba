"""What may be done with a reservation, now or later, by who asks: as the actions themselves would answer.

Whether there is room, and whether the rules of a policy let it be changed, only trying tells: `preview_reservation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.core.errors import RuleViolationsError, Violation
from chalicelib.database.transaction import Transaction
from chalicelib.policies.model.policies import Policy
from chalicelib.reservations.extend_hold import longer_hold
from chalicelib.reservations.model.guest_changes import changeable_until, late_change
from chalicelib.reservations.model.reservations import (
    BEFORE_THE_END,
    Action,
    Reservation,
    State,
    WaitsFor,
    allowed_actions,
    check_in_from,
    check_timing,
    state_at,
)
from chalicelib.reservations.read_reservation import find_reservation
from chalicelib.reservations.undo_transition import check_undo, undoable_until
from chalicelib.tenants.for_others import read_settings
from chalicelib.tenants.model.settings import Settings
from chalicelib.terms.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.http.context import Context

OF_GUESTS = frozenset(
    {
        Action.CONFIRM,
        Action.CANCEL,
        Action.MOVE,
        Action.EXTEND,
        Action.SHORTEN,
        Action.UPDATE,
        Action.EXTEND_HOLD,
        Action.WITHDRAW_CHANGE,
    }
)
"""What guests do by themselves; staff do everything but `OF_MANAGERS`."""
OF_MANAGERS = frozenset({Action.UNDO})
APPROVE_CHANGE = "approve_change"
"""What becomes of a change that waits is no step of its reservation."""


@dataclass(frozen=True, slots=True)
class PermittedAction:
    """Something that can be done in the present state: from when, until when (None: no limit), and why not now."""

    name: str
    from_at: datetime | None = None
    until_at: datetime | None = None
    refusal: Violation | None = None


@dataclass(frozen=True, slots=True)
class PermittedActions:
    """What can be done as the reservation is at an instant."""

    reservation: Reservation
    at: datetime
    actions: Sequence[PermittedAction]


def read_actions(
    context: Context, reservation_id: UUID, *, by_staff: bool, by_managers: bool, reads_only: bool
) -> PermittedActions:
    """Return what the caller may do with a reservation. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> PermittedActions:
        before = find_reservation(transaction, reservation_id)
        facts = _Facts(transaction, before, read_settings(transaction)[0], terms_of(transaction, before).policy)
        state = state_at(before, transaction.now)
        found = [] if reads_only else _actions(before, state, by_staff=by_staff, by_managers=by_managers)
        return PermittedActions(before, transaction.now, [_judged(one, facts, by_staff=by_staff) for one in found])

    return context.run(work)


def _actions(before: Reservation, state: State, *, by_staff: bool, by_managers: bool) -> list[str]:
    possible = list(allowed_actions(state))
    if not by_staff:
        possible = [one for one in possible if one in OF_GUESTS]
        if state is State.PENDING:
            possible.remove(Action.CONFIRM)
    if not by_managers:
        possible = [one for one in possible if one not in OF_MANAGERS]
    names = [one.value for one in possible]
    if before.change is not None:
        if by_staff and before.change.waits_for is WaitsFor.APPROVAL:
            names += [APPROVE_CHANGE, Action.REJECT_CHANGE.value]
        names.append(Action.WITHDRAW_CHANGE.value)
    return names


@dataclass(frozen=True, slots=True)
class _Facts:
    transaction: Transaction
    before: Reservation
    settings: Settings
    policy: Policy


def _judged(name: str, facts: _Facts, *, by_staff: bool) -> PermittedAction:
    before, now, zone = facts.before, facts.transaction.now, facts.transaction.tenant.zone
    if name == APPROVE_CHANGE:
        return PermittedAction(name)
    action, from_at, until_at = Action(name), None, None
    early = facts.settings.check_in_early_minutes
    checks: list[Callable[[], object]] = [lambda: check_timing(action, before, now, zone, early)]
    if action in BEFORE_THE_END:
        until_at = before.during.ends_at
    if action is Action.CHECK_IN:
        from_at = check_in_from(before, early, zone)
    elif action is Action.NO_SHOW:
        from_at = before.during.starts_at
    elif action is Action.EXTEND_HOLD:
        until_at = before.hold_expires_at
        checks.append(lambda: longer_hold(before, now))
    elif action is Action.UNDO:
        minutes = facts.settings.undo_minutes
        until_at = undoable_until(facts.transaction, before, minutes)[0]
        checks.append(lambda: check_undo(before, until_at, minutes, now))
    elif action in {Action.MOVE, Action.EXTEND} and not by_staff:
        until_at = changeable_until(before, facts.policy) or until_at
        checks.append(lambda: _refuse_late(before, facts.policy, now))
    return PermittedAction(name, from_at, until_at, _refusal(checks))


def _refuse_late(before: Reservation, own: Policy, now: datetime) -> None:
    late = late_change(before, own, now, "action")
    if late:
        raise RuleViolationsError(late)


def _refusal(checks: Sequence[Callable[[], object]]) -> Violation | None:
    try:
        for check in checks:
            check()
    except RuleViolationsError as refusal:
        return refusal.violations[0]
    return None
