"""Changing is no way around cancelling or approval: what guests change by themselves, and what waits for staff."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from chalicelib.core.errors import ConflictError, ForbiddenError, NoCapacityError, RuleViolationsError
from chalicelib.delivery.channels.guest_emails import GuestEmails
from chalicelib.delivery.deliver_events import Delivery, deliver_events
from chalicelib.events.event_log import Actor
from chalicelib.http.context import Context
from chalicelib.jobs.budget import Budget
from chalicelib.reservations.change_reservation import Change, change_reservation
from chalicelib.reservations.decide_change import approve_change, turn_down, withdraw
from chalicelib.reservations.model.reservations import Action, Reservation, State, WaitsFor
from chalicelib.reservations.sweep_reservations import expire_holds
from chalicelib.waiting.promote_pending import promote_pending
from tests.mailbox import into
from tests.offers import INTERVAL, policy, publish
from tests.stage import ANSWER, MINUTE, STAFF, TENANT, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.adapters.mail import Email
    from chalicelib.core.time_ranges import TimesWanted
    from chalicelib.http.idempotency import Outcome
    from tests.databases import Database
    from tests.stage import Stage

GUEST = Actor("guest", None, None)
HOUR = timedelta(hours=1)
FREE_FOR_TWO_HOURS = [{"until_minutes_before": 120, "refund_percent": 100}]


def by_guest(stage: Stage, reservation: Reservation, change: Change) -> Reservation:
    return kept(partial(change_reservation, Context(stage.application, TENANT, GUEST), reservation.id, change))


def decided(stage: Stage, reservation: Reservation, decide: Callable[..., Outcome]) -> Reservation:
    return kept(partial(decide, stage.context, reservation.id))


def kept(use_case: Callable[..., Outcome]) -> Reservation:
    found: list[Reservation] = []

    def render(one: Reservation) -> object:
        found.append(one)
        return ANSWER

    use_case(render=render)
    return found[-1]


def move(times: TimesWanted | None = None, **changes: object) -> Change:
    return Change(Action.MOVE, times=times, **changes)  # type: ignore[arg-type] - fields of the class


def codes(refused: pytest.ExceptionInfo[RuleViolationsError]) -> list[str]:
    return [violation.code for violation in refused.value.violations]


# Until when


def test_a_guest_changes_what_is_agreed_until_the_last_free_tier_and_staff_whenever(database: Database) -> None:
    with open_stage(database, offer("room", cancellation=FREE_FOR_TWO_HOURS)) as stage:
        guest = stage.reserve("room", hours(4, 6))
        stage.pass_by(2 * HOUR)
        assert by_guest(stage, guest, move(hours(4.5, 6.5))).state is State.CONFIRMED
        stage.pass_by(HOUR)
        for change in (move(hours(40, 42)), Change(Action.EXTEND, times=hours(4.5, 7)), move(party_size=2)):
            with pytest.raises(RuleViolationsError) as refused:
                by_guest(stage, guest, change)
            assert codes(refused) == ["too_late_to_change"]
        assert by_guest(stage, guest, Change(Action.SHORTEN, times=hours(4.5, 6))).state is State.CONFIRMED
        assert stage.change(guest, move(hours(5, 6))).state is State.CONFIRMED
        assert not stage.broken()


def test_a_tenant_says_until_when_and_whether_to_other_resources(database: Database) -> None:
    strict = {"until_minutes_before": 60, "other_resources": False}
    with open_stage(database, offer("room", guest_changes=strict), offer("desk")) as stage:
        guest = stage.reserve("room", hours(4, 6))
        with pytest.raises(RuleViolationsError) as refused:
            by_guest(stage, guest, move(resource_id=stage.resources["desk"]))
        assert codes(refused) == ["other_resource"]
        stage.pass_by(3 * HOUR)
        assert by_guest(stage, guest, move(hours(5, 6))).refund == 0
        assert stage.change(guest, move(resource_id=stage.resources["desk"])).state is State.CONFIRMED


def test_what_is_only_held_or_asked_for_is_changed_at_any_time(database: Database) -> None:
    held = offer("room", {"kind": "hold", "hold_minutes": 300}, cancellation=FREE_FOR_TWO_HOURS)
    with open_stage(database, held) as stage:
        guest = stage.reserve("room", hours(1, 2))
        assert by_guest(stage, guest, move(hours(3, 4))).state is State.HELD


def test_moving_away_from_a_cancellation_does_not_pay(database: Database) -> None:
    lenient = offer("room", cancellation=FREE_FOR_TWO_HOURS, guest_changes={"until_minutes_before": 0})
    with open_stage(database, lenient) as stage:
        guest, control = stage.reserve("room", hours(1, 3)), stage.reserve("room", hours(3, 4))
        away = by_guest(stage, guest, move(hours(200, 202)))
        assert (away.refund, away.retained) == (0, 0)
        cancelled = stage.step(guest, Action.CANCEL)
        assert (cancelled.refund, cancelled.retained) == (0, 20_000)
        stage.pass_by(2 * HOUR)
        assert stage.step(control, Action.CANCEL).refund == 0
        assert [event.after["due"] for event in stage.events(guest) if event.after] == [20_000] * 3


# Approval


def test_a_guests_move_extension_and_larger_party_wait_for_approval_and_keep_their_place(database: Database) -> None:
    with open_stage(database, offer("hall", "approval", cancellation=FREE_FOR_TWO_HOURS)) as stage:
        guest = stage.confirm(stage.reserve("hall", hours(10, 12)))
        for change in (move(party_size=5), Change(Action.EXTEND, times=hours(10, 13)), move(hours(20, 23))):
            asked = by_guest(stage, guest, change)
            assert (asked.state, asked.during, asked.party_size, asked.due_at) == (
                State.CONFIRMED,
                guest.during,
                1,
                guest.due_at,
            )
            assert asked.change is not None
            assert asked.change.waits_for is WaitsFor.APPROVAL
        assert stage.run(promote_pending) == 0
        assert stage.told(guest)[-3:] == ["change_requested"] * 3
        moved = decided(stage, guest, approve_change)
        assert (moved.during.starts_at, moved.price.total, moved.change) == (hours(20, 23).starts_at, 30_000, None)
        with pytest.raises(ConflictError):
            decided(stage, guest, approve_change)
        assert stage.change(guest, move(hours(10, 12))).change is None  # staff need no approval
        assert by_guest(stage, guest, Change(Action.SHORTEN, times=hours(10, 11))).change is None
        assert not stage.broken()


def test_a_change_that_is_turned_down_leaves_everything_as_it_was(database: Database) -> None:
    with open_stage(database, offer("hall", "approval")) as stage:
        guest = stage.confirm(stage.reserve("hall", hours(1, 2)))
        by_guest(stage, guest, move(hours(3, 4)))
        after = decided(stage, guest, turn_down)
        assert (after.state, after.during, after.change) == (State.CONFIRMED, guest.during, None)
        assert stage.told(guest)[-1] == "change_rejected"


def test_a_change_is_not_approved_without_room_and_is_given_up_in_time(database: Database) -> None:
    with open_stage(database, offer("hall", "approval")) as stage:
        guest = stage.confirm(stage.reserve("hall", hours(5, 6)))
        asked = by_guest(stage, guest, move(hours(3, 4)))
        assert asked.change is not None
        assert asked.change.due_at == hours(3, 4).starts_at
        stage.confirm(stage.reserve("hall", hours(3, 4)))
        with pytest.raises(NoCapacityError):
            decided(stage, guest, approve_change)
        stage.pass_by(3 * HOUR)
        assert stage.run(promote_pending) == 1
        assert (stage.read(guest).during, stage.read(guest).change) == (guest.during, None)
        assert not stage.broken()


def test_what_waits_gives_back_what_it_would_have_when_it_was_asked_for(database: Database) -> None:
    with open_stage(database, offer("hall", "approval", cancellation=FREE_FOR_TWO_HOURS)) as stage:
        guest = stage.confirm(stage.reserve("hall", hours(4, 8)))
        by_guest(stage, guest, move(hours(9, 10)))
        stage.pass_by(3 * HOUR)
        assert decided(stage, guest, approve_change).refund == 30_000


def test_a_move_into_approval_waits_and_out_of_it_too(database: Database) -> None:
    with open_stage(database, offer("hall", "approval"), offer("room")) as stage:
        guest = stage.reserve("room", hours(1, 2))
        asked = by_guest(stage, guest, move(resource_id=stage.resources["hall"]))
        assert (asked.resource_id, asked.state) == (stage.resources["room"], State.CONFIRMED)
        assert decided(stage, guest, approve_change).resource_id == stage.resources["hall"]
        asked = by_guest(stage, guest, move(resource_id=stage.resources["room"]))
        assert (asked.resource_id, asked.state) == (stage.resources["hall"], State.CONFIRMED)
        assert not stage.broken()


@pytest.mark.parametrize("kind", ["approval", "pending"])
def test_a_change_that_waits_is_judged_by_the_version_it_was_asked_under(database: Database, kind: str) -> None:
    with open_stage(database, offer("room"), offer("hall", kind)) as stage:
        guest = stage.reserve("room", hours(1, 2))
        taken = stage.reserve("hall", hours(1, 2))
        stage.confirm(taken)
        by_guest(stage, guest, move(resource_id=stage.resources["hall"]))
        asked_under = stage.read(guest).change
        assert asked_under is not None
        dear = policy(INTERVAL, per="hour", amount=99_900, confirmation={"kind": kind})
        publish(database.owner, stage.resources["hall"], dear)
        stage.step(taken, Action.CANCEL)
        if kind == "approval":
            decided(stage, guest, approve_change)
        else:
            assert stage.run(promote_pending) == 1
        moved = stage.read(guest)
        assert (moved.resource_id, moved.price.total) == (stage.resources["hall"], 10_000)
        assert (moved.policy_id, moved.policy_version) == (asked_under.policy_id, asked_under.policy_version)
        assert not stage.broken()


@pytest.mark.parametrize("kind", ["approval", "pending"])
def test_who_has_come_meanwhile_is_not_moved_by_what_they_asked_for_before(database: Database, kind: str) -> None:
    waits = {"kind": kind, "grace_minutes": 600} if kind == "pending" else {"kind": kind}
    with open_stage(database, offer("room"), offer("hall", waits)) as stage:
        guest = stage.reserve("room", hours(1, 9))
        taken = stage.reserve("hall", hours(1, 9))
        stage.confirm(taken)
        by_guest(stage, guest, move(resource_id=stage.resources["hall"]))
        stage.pass_by(timedelta(minutes=50))
        stage.step(guest, Action.CHECK_IN)
        stage.step(taken, Action.CANCEL)
        if kind == "approval":
            with pytest.raises(RuleViolationsError) as refused:
                decided(stage, guest, approve_change)
            assert codes(refused) == ["already_begun"]
        else:
            assert stage.run(promote_pending) == 1
            assert "has begun" in (stage.events(guest)[-1].after or {})["reason"]
        assert stage.read(guest).resource_id == stage.resources["room"]
        assert not stage.broken()


@pytest.mark.parametrize(("who", "emails"), [(GUEST, 0), (STAFF, 1)], ids=["guest", "staff"])
def test_a_change_that_is_withdrawn_is_told_to_the_guest_unless_they_did_it(
    database: Database, who: Actor, emails: int
) -> None:
    sent: list[Email] = []
    woken: list[int] = []
    by_email = GuestEmails(into(sent), lambda _tenant, _id, _generation: None, "berth@example.org")
    channels = Delivery(lambda: {"guest_emails": by_email}, "consumer", woken.append)
    with open_stage(database, offer("hall", "approval")) as stage:
        guest = stage.confirm(stage.reserve("hall", hours(5, 6)))
        by_guest(stage, guest, move(hours(7, 8)))
        deliver_events(stage.jobs, channels, Budget(20))
        sent.clear()
        after = kept(partial(withdraw, Context(stage.application, TENANT, who), guest.id))
        assert (after.during, after.change, stage.told(guest)[-1]) == (guest.during, None, "change_withdrawn")
        deliver_events(stage.jobs, channels, Budget(20))
        assert ["stays as it was" in email.text for email in sent] == [True] * emails
        assert not stage.broken()


# Holds


def test_a_guests_move_into_a_hold_is_held_at_its_price_and_owes_it_once_it_is_confirmed(database: Database) -> None:
    held = offer("held", {"kind": "hold", "hold_minutes": 20})
    with open_stage(database, held, offer("room", cancellation=FREE_FOR_TWO_HOURS)) as stage:
        guest, other = stage.reserve("room", hours(4, 6)), stage.reserve("room", hours(6, 8))
        moved = by_guest(stage, guest, move(resource_id=stage.resources["held"]))
        assert (moved.state, moved.price.total, moved.refund) == (State.HELD, 20_000, 20_000)
        assert moved.hold_expires_at == moved.updated_at + 20 * MINUTE
        assert stage.confirm(guest, by_staff=False).state is State.CONFIRMED
        by_guest(stage, other, move(resource_id=stage.resources["held"]))
        stage.pass_by(20 * MINUTE)
        assert stage.run(expire_holds) == 1
        assert [event.after["due"] for event in stage.events(other) if event.after] == [20_000, 0, 0]
        assert not stage.broken()


def test_a_hold_lasts_longer_by_what_it_was_given_whatever_its_terms_are_by_then(database: Database) -> None:
    held = offer("held", {"kind": "hold", "hold_minutes": 20})
    with open_stage(database, held, offer("room", cancellation=FREE_FOR_TWO_HOURS)) as stage:
        guest = stage.reserve("room", hours(4, 6))
        stage.pass_by(10 * MINUTE)
        since = by_guest(stage, guest, move(resource_id=stage.resources["held"])).updated_at
        back = by_guest(stage, guest, move(resource_id=stage.resources["room"]))
        assert (back.state, back.hold_expires_at) == (State.HELD, since + 20 * MINUTE)
        assert stage.extend_hold(guest).hold_expires_at == since + 40 * MINUTE


def test_a_hold_that_its_guest_moves_into_approval_waits_and_is_not_confirmed_by_the_guest(database: Database) -> None:
    held = offer("held", {"kind": "hold", "hold_minutes": 20})
    with open_stage(database, held, offer("hall", "approval"), offer("queue", "pending")) as stage:
        guest = stage.reserve("held", hours(4, 6))
        asked = by_guest(stage, guest, move(resource_id=stage.resources["hall"]))
        assert (asked.state, asked.waits_for, asked.hold_expires_at) == (State.PENDING, WaitsFor.APPROVAL, None)
        assert not stage.read(guest).units
        with pytest.raises(ForbiddenError):
            stage.confirm(guest, by_staff=False)
        assert by_guest(stage, guest, move(resource_id=stage.resources["queue"])).waits_for is WaitsFor.ROOM
        asked = by_guest(stage, guest, move(resource_id=stage.resources["hall"]))
        assert stage.run(promote_pending) == 0  # a request never comes in by the queue for room
        back = by_guest(stage, guest, move(resource_id=stage.resources["held"]))
        assert (back.state, list(back.units)) == (State.HELD, [1])
        assert stage.confirm(guest, by_staff=False).state is State.CONFIRMED
        assert not stage.broken()


def test_a_change_that_waits_for_approval_is_not_promoted_with_those_who_wait_for_room(database: Database) -> None:
    with open_stage(database, offer("hall", "approval"), offer("queue", "pending", capacity=2)) as stage:
        guest = stage.confirm(stage.reserve("hall", hours(4, 6)))
        by_guest(stage, guest, move(resource_id=stage.resources["queue"]))
        waiting = stage.reserve("queue", hours(4, 6))
        assert stage.run(promote_pending) == 1
        assert (stage.state(waiting), stage.read(guest).resource_id) == (State.CONFIRMED, stage.resources["hall"])
        assert stage.read(guest).change is not None
