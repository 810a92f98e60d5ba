"""What a guest may change by themselves, and what becomes of it: at once, held again, or only once it is approved.

Changing is no way around cancelling or approval. Staff are bound by none of this, but what is pending-first waits for
room, whether guests or staff change it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.core.errors import RuleViolationsError, Violation
from chalicelib.core.time_ranges import instant_text
from chalicelib.core.wording import minutes_text
from chalicelib.reservations.model.reservations import (
    INITIAL_STATES,
    WAITING,
    Action,
    State,
    WaitsFor,
    due_at,
    next_state,
)

if TYPE_CHECKING:
    from chalicelib.policies.model.policies import Policy
    from chalicelib.policies.model.wanted import Wanted
    from chalicelib.reservations.model.reservations import Reservation

RULE = "guest_changes"
AGREED = frozenset({State.CONFIRMED, State.CHECKED_IN})


@dataclass(frozen=True, slots=True)
class Course:
    """What becomes of a change: the reservation's state then, or what the change waits for while all stays as it is."""

    state: State
    waits_for: WaitsFor | None = None
    keeps_place: bool = False


def course_of(before: Reservation, own: Policy, target: Policy, wanted: Wanted, *, by_guest: bool) -> Course:
    """Return what becomes of a change; `own` and `target` are the policies of what there is and of what is wanted."""
    at_once = Course(before.state, before.waits_for)
    kind = target.confirmation.kind
    elsewhere = wanted.resource.id != before.resource_id
    if not wanted.taken:  # giving something up needs no permission
        return at_once
    if before.state in AGREED:
        if by_guest and "approval" in {kind, own.confirmation.kind}:
            return Course(before.state, WaitsFor.APPROVAL, keeps_place=True)
        if kind == "pending":
            return Course(before.state, WaitsFor.ROOM, keeps_place=True)
        if by_guest and elsewhere and kind == "hold" and before.state is State.CONFIRMED:
            return Course(State.HELD)
        return at_once
    if by_guest and elsewhere and kind != "instant":
        return Course(INITIAL_STATES[kind], WAITING.get(kind))
    return at_once


def check_guest_change(before: Reservation, own: Policy, wanted: Wanted, now: datetime) -> None:
    """Refuse a guest's change that comes too late, or goes where it may not. Raises `RuleViolationsError`."""
    violations: list[Violation] = []
    if not own.guest_changes.other_resources and wanted.resource.id != before.resource_id:
        message = "Guests cannot move this to another resource by themselves; ask the staff."
        violations.append(Violation(RULE, "other_resource", "resource_id", message, {}))
    if wanted.taken:
        violations += late_change(before, own, now, wanted.start_field)
    if violations:
        raise RuleViolationsError(violations)


def changeable_until(before: Reservation, own: Policy) -> datetime | None:
    """Return until when guests change what is agreed by themselves; None: as long as staff may."""
    minutes = last_minutes(own)
    if before.state not in AGREED or minutes is None:
        return None
    return before.during.starts_at - timedelta(minutes=minutes)


def late_change(before: Reservation, own: Policy, now: datetime, field: str) -> list[Violation]:
    """Return what stands against a change that takes more than there is, where it comes too late from a guest."""
    until, minutes = changeable_until(before, own), last_minutes(own)
    if until is None or minutes is None or now <= until:
        return []
    message = (
        f"Guests can change this by themselves until {minutes_text(minutes)} before it begins. Ask those who work "
        "there, make it shorter, or cancel it."
    )
    parameters = {"until_minutes_before": minutes, "until_at": instant_text(until)}
    return [Violation(RULE, "too_late_to_change", field, message, parameters)]


def last_minutes(policy: Policy) -> int | None:
    """Return until how many minutes before the start guests change what is agreed; None: at any time."""
    if policy.guest_changes.until_minutes_before is not None:
        return policy.guest_changes.until_minutes_before
    free = [tier.until_minutes_before for tier in policy.cancellation if tier.refund_percent == 100]
    return min(free, default=None)


def change_due_at(before: Reservation, own: Policy, target: Policy, wanted: Wanted, now: datetime) -> datetime:
    """Return when a change that waits for approval is given up: after the grace, or when it, or what there is, begins.

    Of what has begun already, when it ends.
    """
    policy = target if target.confirmation.kind == "approval" else own
    due = due_at(State.PENDING, policy, wanted.during, now)
    ends = [at for at in (due, before.during.starts_at, wanted.during.starts_at) if at is not None and at > now]
    return min(ends, default=before.during.ends_at)


def on_course(after: Reservation, course: Course, target: Policy, now: datetime) -> Reservation:
    """Return a changed reservation as its course says: held, or waiting, where it was moved to."""
    if (course.state, course.waits_for) == (after.state, after.waits_for):
        return after
    if course.state is not after.state:
        next_state(after.state, Action.MOVE_TO_HOLD if course.state is State.HELD else Action.MOVE_TO_WAIT)
    due = due_at(course.state, target, after.during, now)
    return replace(
        after,
        state=course.state,
        waits_for=course.waits_for,
        due_at=due,
        hold_expires_at=due if course.state is State.HELD else None,
        held_since=now if course.state is State.HELD else None,
        hold_extended=False,
    )
