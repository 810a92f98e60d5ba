"""Move, extend or shorten a reservation: the same admission as at its creation, with its own units counted as free."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.availability.admission import Claimant, Override, admit, promised_unit
from chalicelib.availability.suggest_alternatives import suggest_alternatives
from chalicelib.availability.unit_events import append_moved_units
from chalicelib.availability.waitlist_precedence import free_units
from chalicelib.availability.wanted_times import resolve
from chalicelib.core.errors import InvalidInputError, NoCapacityError, RuleViolationsError, Violation
from chalicelib.core.money import ExpectedPrice
from chalicelib.core.time_ranges import Stay, TimeRange, TimesWanted, instant_text, local_date
from chalicelib.core.wording import at_text
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Isolation
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks_of
from chalicelib.events.model import EventType
from chalicelib.policies.model.policies import Policy
from chalicelib.policies.model.pricing import quote
from chalicelib.policies.model.wanted import Present, Wanted
from chalicelib.reservations import reservation_events
from chalicelib.reservations.conflicts import append_conflicts
from chalicelib.reservations.model.dues import settled
from chalicelib.reservations.model.guest_changes import Course, change_due_at, check_guest_change, course_of, on_course
from chalicelib.reservations.model.reservations import (
    BLOCKING_STATES,
    Action,
    EarlierRoom,
    Reservation,
    State,
    WaitingChange,
    WaitsFor,
    check_timing,
    due_at,
    next_state,
    state_at,
)
from chalicelib.reservations.read_reservation import find_reservation
from chalicelib.reservations.storage import pending
from chalicelib.reservations.storage.reservations import add_earlier_room
from chalicelib.reservations.storage.reservations import change_reservation as store_change
from chalicelib.terms.model.terms import Terms
from chalicelib.terms.terms import room_terms, target_terms, terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from chalicelib.core.units import UnitSet
    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer

GUEST = "guest"
"""The kind of an actor who is bound by what guests may change by themselves."""
EVENTS = {
    Action.MOVE: EventType.RESERVATION_MOVED,
    Action.EXTEND: EventType.RESERVATION_EXTENDED,
    Action.SHORTEN: EventType.RESERVATION_SHORTENED,
}


ENDS_OF_CHANGES = {
    Action.REJECT_CHANGE: ("rejected", EventType.RESERVATION_CHANGE_REJECTED),
    Action.WITHDRAW_CHANGE: ("withdrawn", EventType.RESERVATION_CHANGE_WITHDRAWN),
}
"""What becomes of a change that waits, and the event that tells of it."""

OUT_OF_TIME = {
    WaitsFor.ROOM: "There was no room for it in time.",
    WaitsFor.APPROVAL: "It was not approved in time.",
}
"""Why a change is given up when its grace ends."""


@dataclass(frozen=True, slots=True)
class Change:
    """What should be different; None leaves it as it is. `unit` promises one particular unit.

    `override` is what those who work for the tenant do not insist on, and `expected` what it may cost then.
    """

    action: Action
    times: TimesWanted | None = None
    resource_id: UUID | None = None
    quantity: int | None = None
    party_size: int | None = None
    unit: int | None = None
    override: Override | None = None
    expected: ExpectedPrice | None = None


def change_reservation(
    context: Context,
    reservation_id: UUID,
    change: Change,
    render: Callable[[Reservation], Answer],
) -> Outcome:
    """Change what a reservation takes, and its price with it.

    Where it waits, for room or for approval (`model/guest_changes.py`), the reservation keeps its place meanwhile.
    SERIALIZABLE, since a move may touch several resources.
    Raises `NotFoundError`, `InvalidTransitionError`, `VersionMismatchError`, `InvalidInputError`, `RuleViolationsError`
    and `NoCapacityError` (both with alternatives).
    """
    attempted: list[ChangeAttempt] = []

    def work(transaction: Transaction) -> Reservation:
        before = find_reservation(transaction, reservation_id, context.expected_version)
        return apply_change(transaction, before, change, context.actor, attempted)

    with explained(context, change, attempted):
        return context.run_once(work, render, isolation=Isolation.SERIALIZABLE)


@contextmanager
def explained(context: Context, change: Change, attempted: Sequence[ChangeAttempt]) -> Generator[None]:
    """Add to the refusal of a change what could be had instead; `attempted` is what was tried."""
    try:
        yield
    except (NoCapacityError, RuleViolationsError) as refusal:
        for tried in attempted:
            refusal.alternatives = tuple(
                suggest_alternatives(
                    context.database,
                    context.tenant,
                    tried.terms,
                    tried.asked,
                    tried.claimant,
                    unit=change.unit,
                    present=tried.before,
                    priced=tried.asked == tried.wanted,
                )
            )
        raise


def apply_change(
    transaction: Transaction,
    before: Reservation,
    change: Change,
    actor: Actor,
    attempted: list[ChangeAttempt] | None = None,
    terms: Terms | None = None,
) -> Reservation:
    """Queue the change of a reservation that was read; `attempted` takes what was tried. Raises as above.

    `terms` are those of the target, where they are known already.
    """
    next_state(state_at(before, transaction.now), change.action)
    room = _other_room(before, change)
    if room is not None:
        terms = room_terms(transaction, before, room)
    terms = terms or target_terms(transaction, before, change.resource_id)
    wanted = _wanted(before, change, terms)
    if wanted.changes_nothing and change.unit in {None, before.wanted_unit}:
        return before
    check_timing(change.action, before, transaction.now, transaction.tenant.zone)
    check_begun(before, wanted, transaction.now, by_guest=actor.kind == GUEST)
    own = promised_policy(transaction, before, terms)
    if actor.kind == GUEST:
        check_guest_change(before, own, wanted, transaction.now)
    asked = wanted if room is None else _from_now_on(wanted, transaction.now, terms.tenant.zone)
    attempt = ChangeAttempt(before, terms, wanted, asked, claimant_of(before, change, terms, wanted), own)
    if attempted is not None:
        attempted[:] = [attempt]
    return _change(transaction, attempt, change, actor)


@dataclass(frozen=True, slots=True)
class ChangeAttempt:
    """What a change comes down to: from what was there to what is wanted, and for whom.

    `asked` is what has to be admitted: of who is here and changes rooms, only what is still to come. `terms` are those
    of what is wanted, and `own` is the policy that the reservation was made under.
    """

    before: Reservation
    terms: Terms
    wanted: Wanted
    asked: Wanted
    claimant: Claimant
    own: Policy


def _other_room(before: Reservation, change: Change) -> UUID | None:
    """Return the resource to which a guest who is checked in changes; None where that is not what is wanted."""
    here = before.state is State.CHECKED_IN
    return change.resource_id if here and change.resource_id != before.resource_id else None


def _from_now_on(wanted: Wanted, now: datetime, zone: ZoneInfo) -> Wanted:
    """Return what is left of a use, as one that has its start already: its size and its time are new where it is."""
    during, stay = wanted.during, wanted.stay
    if during.starts_at < now:
        during = TimeRange(now, during.ends_at)
        if stay is not None:
            last_night_on = stay.check_out_on - timedelta(days=1)
            stay = Stay(max(stay.check_in_on, min(local_date(now, zone), last_night_on)), stay.check_out_on)
    return replace(wanted, during=during, stay=stay, present=Present(during, stay, 0, 0))


def check_begun(before: Reservation, wanted: Wanted, now: datetime, *, by_guest: bool) -> None:
    """Refuse to move what has begun: only who is checked in changes rooms, if staff say so. Raises as above."""
    here = before.state is State.CHECKED_IN
    if before.earlier_rooms and wanted.during.ends_at <= before.here_from:
        since = at_text(before.here_from, before.zone)
        message = f"The guest changed rooms at {since}, so it ends after that. Name a later end."
        parameters = {"changed_at": instant_text(before.here_from)}
        raise RuleViolationsError([Violation("timing", "changed_rooms", wanted.end_field, message, parameters)])
    if not here and before.during.starts_at > now:
        return
    elsewhere = wanted.resource.id != before.resource_id
    if wanted.during.starts_at == before.during.starts_at and not elsewhere:
        return
    if elsewhere and here and wanted.during.starts_at == before.during.starts_at and not by_guest:
        return
    message = (
        "It has begun, so its start stays as it is. Extend or shorten it; once the guest is checked in, staff can give "
        "them another room from now on."
    )
    parameters = {"starts_at": instant_text(before.during.starts_at)}
    raise RuleViolationsError([Violation("timing", "already_begun", wanted.start_field, message, parameters)])


def claimant_of(before: Reservation, change: Change, terms: Terms, wanted: Wanted) -> Claimant:
    """Return as whom a reservation asks for what is wanted instead."""
    stays_put = terms.resource.id == before.resource_id
    promised = promised_unit(change.unit, wanted, terms)
    if promised is None and stays_put and not before.units and before.wanted_unit is not None:
        promised = promised_unit(before.wanted_unit, wanted, terms)
    keeps = stays_put and (before.state is State.CHECKED_IN or (before.units_promised and promised is None))
    return Claimant(
        before.id,
        before.guest.email,
        changes=True,
        keep=promised or (before.units if keeps else None),
        prefer=before.units if stays_put else None,
        pinned=before.state is State.CHECKED_IN or promised is not None or keeps,
        blocks=before.state in BLOCKING_STATES,
        hold=before.hold_expires_at,
        override=change.override,
    )


def _change(transaction: Transaction, attempt: ChangeAttempt, change: Change, actor: Actor) -> Reservation:
    before, own = attempt.before, attempt.own
    course = course_of(before, own, attempt.terms.policy, attempt.wanted, by_guest=actor.kind == GUEST)
    if attempt.asked is not attempt.wanted:  # who is here changes rooms from now on, under the terms of the stay
        course = Course(before.state)
    if course.keeps_place and course.waits_for is not None:
        return _request_change(transaction, attempt, change, actor, course.waits_for)
    return make_change(transaction, attempt, change, actor, course)


def make_change(
    transaction: Transaction,
    attempt: ChangeAttempt,
    change: Change,
    actor: Actor,
    course: Course,
    asked: WaitingChange | None = None,
) -> Reservation:
    """Queue a change that does not wait, or not any more: `asked` is what waited. Raises as `change_reservation`."""
    before, terms, wanted, now = attempt.before, attempt.terms, attempt.wanted, transaction.now
    if terms.resource.id != before.resource_id:
        free_units(transaction, [before.id])
    hold = on_course(before, course, terms.policy, now).hold_expires_at
    claimant = replace(attempt.claimant, blocks=course.state in BLOCKING_STATES, hold=hold)
    admitted = admit(transaction, terms, attempt.asked, claimant)
    after = changed(before, terms, wanted, admitted.units, change.unit, now)
    if change.expected is not None:
        change.expected.check(after.price)
    after = on_course(after, course, terms.policy, now)
    after = replace(after, overridden=admitted.overridden or before.overridden)
    # What waited gives back what it would have when it was asked for.
    after = settled(before, after, attempt.own, now if asked is None else asked.created_at)
    if before.change is not None:
        pending.decide_change(transaction, before.id, "replaced" if asked is None else "promoted")
    if attempt.asked is not wanted:
        after = _left_behind(transaction, attempt, after)
    respect_edit_locks_of(transaction, actor, before, after)
    store_change(transaction, before, after)
    said = reservation_events.said_of(admitted.overridden)
    reservation_events.append_changed(transaction, actor, EVENTS[change.action], before, after, **said)
    append_moved_units(transaction, actor, admitted.placement)
    if after.waits_for is WaitsFor.ROOM:
        append_conflicts(transaction, terms, wanted, before.id, actor)
    return after


def _left_behind(transaction: Transaction, attempt: ChangeAttempt, after: Reservation) -> Reservation:
    """Queue where a guest was who changes rooms from now on; return the reservation with it."""
    before, now = attempt.before, transaction.now
    if now <= before.here_from:
        return after  # nothing of it is past
    last = before.earlier_rooms[-1] if before.earlier_rooms else None
    from_on = until_on = None
    if before.stay is not None:
        from_on = before.stay.check_in_on if last is None else last.until_on
        until_on = max(before.stay.check_in_on, min(local_date(now, before.zone), before.stay.check_out_on))
    room = EarlierRoom(
        resource_id=before.resource_id,
        next_resource_id=after.resource_id,
        during=TimeRange(before.here_from, now),
        from_on=from_on,
        until_on=until_on,
        taken=attempt.own.units_taken(before.quantity, before.party_size),
        units=before.units,
    )
    add_earlier_room(transaction, before.id, room)
    return replace(after, earlier_rooms=(*before.earlier_rooms, room))


def changed(
    before: Reservation, terms: Terms, wanted: Wanted, units: UnitSet, unit: int | None, now: datetime
) -> Reservation:
    """Return the reservation with what was wanted instead; `unit` is one that is promised from now on."""
    stays_put = terms.resource.id == before.resource_id
    promised = before.units_promised and stays_put
    return replace(
        before,
        resource_id=terms.resource.id,
        during=wanted.during,
        stay=wanted.stay,
        quantity=wanted.quantity,
        party_size=wanted.party_size,
        units=units,
        units_promised=unit is not None or promised,
        wanted_unit=unit or (before.wanted_unit if promised else None),
        price=quote(terms.policy, terms.tenant.currency, wanted, terms.tenant.zone),
        policy_id=terms.policy_id,
        policy_version=terms.policy_version,
        due_at=before.due_at if before.state is State.HELD else due_at(before.state, terms.policy, wanted.during, now),
        change=None,
        version=before.version + 1,
        updated_at=now,
    )


def turn_down_change(
    transaction: Transaction, before: Reservation, waiting: WaitingChange, actor: Actor, reason: str | None = None
) -> Reservation:
    """Queue that a change which waits is given up, and why; the reservation stays as it is."""
    said = {} if reason is None else {"reason": reason}
    return _end_change(transaction, before, waiting, actor, Action.REJECT_CHANGE, **said)


def withdraw_change(transaction: Transaction, before: Reservation, waiting: WaitingChange, actor: Actor) -> Reservation:
    """Queue that a change which waits is not wanted any more; the reservation stays as it is."""
    return _end_change(transaction, before, waiting, actor, Action.WITHDRAW_CHANGE)


def _end_change(
    transaction: Transaction, before: Reservation, waiting: WaitingChange, actor: Actor, action: Action, **said: str
) -> Reservation:
    state, event_type = ENDS_OF_CHANGES[action]
    next_state(before.state, action)
    after = replace(before, change=None, refund=0, version=before.version + 1, updated_at=transaction.now)
    pending.decide_change(transaction, before.id, state)
    respect_edit_locks_of(transaction, actor, before, after)
    store_change(transaction, before, after)
    wants = reservation_events.change_facts(waiting)
    reservation_events.append_changed(transaction, actor, event_type, before, after, change=wants, **said)
    return after


def promised_policy(transaction: Transaction, before: Reservation, terms: Terms) -> Policy:
    """Return the policy that a reservation was made under, whose tiers say what giving up gives back.

    `terms` are those of its change, which are its own unless it goes to another resource.
    """
    return terms.policy if terms.resource.id == before.resource_id else terms_of(transaction, before).policy


def _request_change(
    transaction: Transaction, attempt: ChangeAttempt, change: Change, actor: Actor, waits_for: WaitsFor
) -> Reservation:
    before, terms, wanted, now = attempt.before, attempt.terms, attempt.wanted, transaction.now
    next_state(before.state, Action.REQUEST_CHANGE)
    admitted = admit(transaction, terms, wanted, replace(attempt.claimant, blocks=False))
    if change.expected is not None:
        change.expected.check(quote(terms.policy, terms.tenant.currency, wanted, terms.tenant.zone))
    due = due_at(State.PENDING, terms.policy, wanted.during, now)
    if waits_for is WaitsFor.APPROVAL:
        due = change_due_at(before, attempt.own, terms.policy, wanted, now)
    assert due is not None, "what is pending is given up at some time"  # noqa: S101 - a mistake of ours
    waiting = WaitingChange(
        id=new_id(),
        action=change.action,
        resource_id=terms.resource.id,
        during=wanted.during,
        stay=wanted.stay,
        quantity=wanted.quantity,
        party_size=wanted.party_size,
        unit=change.unit,
        overridden=admitted.overridden,
        waits_for=waits_for,
        due_at=due,
        created_at=now,
        policy_id=terms.policy_id,
        policy_version=terms.policy_version,
    )
    pending.add_change(transaction, before.id, waiting)
    after = replace(before, change=waiting, refund=0, version=before.version + 1, updated_at=now)
    respect_edit_locks_of(transaction, actor, before, after)
    store_change(transaction, before, after)
    said = reservation_events.said_of(admitted.overridden)
    wants = reservation_events.change_facts(waiting)
    reservation_events.append_changed(
        transaction, actor, EventType.RESERVATION_CHANGE_REQUESTED, before, after, change=wants, **said
    )
    if waits_for is WaitsFor.ROOM:
        append_conflicts(transaction, terms, wanted, before.id, actor)
    return after


def reject_change(context: Context, reservation_id: UUID) -> int:
    """Give up a change that got no room or approval in time; the reservation stays as it is. Returns 1, or 0."""

    def work(transaction: Transaction) -> int:
        before = find_reservation(transaction, reservation_id)
        waiting = before.change
        if waiting is None or waiting.due_at > transaction.now:
            return 0
        if before.state not in BLOCKING_STATES:
            pending.decide_change(transaction, reservation_id, "withdrawn")
            return 0
        turn_down_change(transaction, before, waiting, context.actor, OUT_OF_TIME[waiting.waits_for])
        return 1

    return context.run(work)


def _wanted(before: Reservation, change: Change, terms: Terms) -> Wanted:
    during, stay = before.during, before.stay
    if change.times is not None:
        during, stay = resolve(_completed(change.action, change.times, before), terms.policy, terms.tenant.zone)
    elif terms.resource.id != before.resource_id and stay is not None:
        during = terms.policy.during(stay, terms.tenant.zone)
    _check_direction(change.action, before, during)
    return Wanted(
        terms.resource,
        during,
        stay,
        change.quantity or before.quantity,
        change.party_size or before.party_size,
        present=present_of(before) if terms.resource.id == before.resource_id else None,
    )


def present_of(before: Reservation) -> Present:
    """Return what a reservation has already, of which nothing is newly taken."""
    return Present(before.during, before.stay, before.quantity, before.party_size)


def _completed(action: Action, times: TimesWanted, before: Reservation) -> TimesWanted:
    """Extending and shortening name only the new end; the start is the reservation's own."""
    if action is Action.MOVE:
        return times
    if before.stay is not None:
        return replace(times, check_in_on=before.stay.check_in_on)
    return replace(times, starts_at=before.during.starts_at)


def _check_direction(action: Action, before: Reservation, during: TimeRange) -> None:
    field = "ends_at" if before.stay is None else "check_out_on"
    if action is Action.EXTEND and during.ends_at <= before.during.ends_at:
        message = "Extending needs a later end than the present one; shorten makes it earlier."
        raise InvalidInputError(field, message)
    if action is Action.SHORTEN and during.ends_at >= before.during.ends_at:
        message = "Shortening needs an earlier end than the present one; extend makes it later."
        raise InvalidInputError(field, message)
