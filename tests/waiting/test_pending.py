"""Pending-first: accepted at once, promoted the oldest first where there is room, given up after the grace."""

from __future__ import annotations

import time
from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from chalicelib.catalogue.manage_resources import archive_resource, change_resource
from chalicelib.core.errors import ForbiddenError
from chalicelib.http.context import Context
from chalicelib.jobs import budget
from chalicelib.jobs.budget import Budget
from chalicelib.policies.manage_policies import publish_version
from chalicelib.reservations.change_reservation import Change
from chalicelib.reservations.model.reservations import Action, State
from chalicelib.reservations.read_reservation import read_changes
from chalicelib.reservations.update_reservation import update_reservation
from chalicelib.waiting import promote_pending as promotion
from chalicelib.waiting.promote_pending import process_pending, promote_pending
from tests.stage import MINUTE, MORNING, STAFF, TENANT, hours, offer, open_stage

if TYPE_CHECKING:
    from tests.databases import Database
    from tests.offers import Json
    from tests.stage import Stage

PENDING = offer("room", {"kind": "pending"})


def test_the_oldest_is_promoted_and_the_others_are_given_up_after_the_grace(database: Database) -> None:
    with open_stage(database, PENDING) as stage:
        first = stage.reserve("room", hours(5, 6))
        stage.pass_by(MINUTE)
        second, third = stage.reserve("room", hours(5, 6)), stage.reserve("room", hours(6, 7))
        assert (first.state, list(first.units)) == (State.PENDING, [])
        assert stage.run(promote_pending) == 2
        assert [stage.state(one) for one in (first, second, third)] == [
            State.CONFIRMED,
            State.PENDING,
            State.CONFIRMED,
        ]
        stage.pass_by(14 * MINUTE)
        assert stage.run(promote_pending) == 0
        stage.pass_by(MINUTE)
        assert stage.run(promote_pending) == 1
        assert stage.state(second) is State.REJECTED
        assert not stage.broken()


@pytest.mark.parametrize("corrected", [True, False], ids=["notes", "times"])
def test_a_correction_keeps_the_place_in_the_queue_and_a_change_of_what_is_wanted_costs_it(
    database: Database, *, corrected: bool
) -> None:
    with open_stage(database, PENDING) as stage:
        first = stage.reserve("room", hours(5, 6))
        stage.pass_by(MINUTE)
        second = stage.reserve("room", hours(5, 6))
        stage.pass_by(MINUTE)
        if corrected:
            after = update_reservation(
                Context(stage.application, TENANT, STAFF), first.id, guest=None, notes="By bicycle."
            )
            assert (after.notes, after.version, after.updated_at) == ("By bicycle.", 2, first.updated_at)
        else:
            stage.move(first, hours(5, 7))
        assert stage.run(promote_pending) == 1
        assert stage.state(first if corrected else second) is State.CONFIRMED
        assert not stage.broken()


def test_both_sides_of_a_conflict_are_told(database: Database) -> None:
    with open_stage(database, PENDING) as stage:
        first, apart = stage.reserve("room", hours(5, 7)), stage.reserve("room", hours(9, 10))
        second = stage.reserve("room", hours(6, 8))
        about = [event.after for event in stage.events(first) if event.type == "reservation.conflict"]
        assert about == [{"conflicts_with": [str(second.id)]}]
        assert [event.after for event in stage.events(second)][1:] == [{"conflicts_with": [str(first.id)]}]
        assert stage.told(apart) == ["created"]


def test_who_waits_is_promoted_when_room_comes_free(database: Database) -> None:
    with open_stage(database, PENDING) as stage:
        first = stage.reserve("room", hours(5, 6))
        second = stage.reserve("room", hours(5, 6))
        stage.run(promote_pending)
        stage.step(first, Action.CANCEL)
        assert stage.run(promote_pending) == 1
        assert stage.state(second) is State.CONFIRMED


def test_a_change_of_what_is_pending_goes_to_the_end_of_the_queue(database: Database) -> None:
    with open_stage(database, PENDING) as stage:
        first = stage.reserve("room", hours(5, 6))
        stage.pass_by(MINUTE)
        second = stage.reserve("room", hours(5, 6))
        stage.pass_by(MINUTE)
        stage.move(first, hours(5, 6.5))
        stage.run(promote_pending)
        assert [stage.state(one) for one in (first, second)] == [State.PENDING, State.CONFIRMED]
        assert stage.read(first).due_at == MORNING + 17 * MINUTE


def test_a_confirmed_reservation_keeps_its_place_until_its_change_is_promoted(database: Database) -> None:
    with open_stage(database, PENDING) as stage:
        mine, theirs = stage.reserve("room", hours(5, 6)), stage.reserve("room", hours(7, 8))
        stage.run(promote_pending)
        waiting = stage.move(mine, hours(7, 8))
        assert (waiting.during, list(waiting.units)) == (mine.during, [1])
        assert waiting.change is not None
        assert stage.run(promote_pending) == 0
        assert stage.read(mine).during == mine.during
        stage.step(theirs, Action.CANCEL)
        assert stage.run(promote_pending) == 1
        after = stage.read(mine)
        assert (after.during, after.change, after.state) == (theirs.during, None, State.CONFIRMED)
        assert stage.told(mine) == ["created", "confirmed", "change_requested", "conflict", "moved"]
        assert not stage.broken()


def test_a_change_that_found_no_room_is_given_up_and_every_version_of_it_can_be_read(database: Database) -> None:
    with open_stage(database, PENDING) as stage:
        mine, _ = stage.reserve("room", hours(5, 6)), stage.reserve("room", hours(7, 9))
        stage.run(promote_pending)
        stage.move(mine, hours(7, 8))
        stage.pass_by(MINUTE)
        stage.move(mine, hours(8, 9))
        stage.pass_by(15 * MINUTE)
        assert stage.run(promote_pending) == 1
        found = read_changes(Context(stage.application, TENANT), mine.id)
        assert [(one.state, one.change.during.starts_at.hour) for one in found] == [("replaced", 15), ("rejected", 16)]
        assert stage.read(mine).change is None
        assert stage.read(mine).during == mine.during
        assert stage.told(mine)[-1] == "change_rejected"
        assert not stage.broken()


def test_a_change_whose_time_is_over_is_given_up_and_told(database: Database) -> None:
    with open_stage(database, offer("room", {"kind": "pending", "grace_minutes": 90})) as stage:
        mine, _ = stage.reserve("room", hours(2, 3)), stage.reserve("room", hours(0.5, 1))
        stage.run(promote_pending)
        stage.move(mine, hours(0.5, 1))
        stage.pass_by(65 * MINUTE)
        assert stage.run(promote_pending) == 0
        stage.pass_by(30 * MINUTE)
        assert stage.run(promote_pending) == 1
        assert stage.told(mine)[-1] == "change_rejected"
        after = stage.read(mine)
        assert (after.during, after.change) == (mine.during, None)


def test_less_time_needs_no_room_and_replaces_what_waits(database: Database) -> None:
    with open_stage(database, PENDING) as stage:
        mine = stage.reserve("room", hours(5, 7))
        stage.run(promote_pending)
        stage.move(mine, hours(8, 10))
        shorter = stage.change(mine, Change(Action.SHORTEN, times=hours(5, 6)))
        assert (shorter.during.ends_at.hour, shorter.change) == (14, None)
        assert stage.run(promote_pending) == 0
        assert [one.state for one in read_changes(Context(stage.application, TENANT), mine.id)] == ["replaced"]


def test_cancelling_withdraws_the_change_that_waits(database: Database) -> None:
    with open_stage(database, PENDING) as stage:
        mine = stage.reserve("room", hours(5, 7))
        stage.run(promote_pending)
        stage.move(mine, hours(8, 10))
        stage.step(mine, Action.CANCEL)
        assert stage.run(promote_pending) == 0
        assert [one.state for one in read_changes(Context(stage.application, TENANT), mine.id)] == ["withdrawn"]
        assert not stage.broken()


def test_promotion_moves_others_to_other_units_where_that_makes_room(database: Database) -> None:
    rooms = offer("rooms", {"kind": "pending"}, capacity=2, assignment="labelled")
    with open_stage(database, rooms) as stage:
        made = [
            stage.reserve("rooms", hours(*span)) for span in ((1, 3), (2, 5), (5, 7), (3, 7))
        ]  # neither room is free from 3 to 7 until who comes at 5 takes the other one
        assert stage.run(promote_pending) == 4
        assert {stage.state(one) for one in made} == {State.CONFIRMED}
        assert not stage.broken()


def test_a_unit_that_was_asked_for_by_its_number_is_waited_for(database: Database) -> None:
    rooms = offer("rooms", {"kind": "pending"}, capacity=2, assignment="labelled")
    with open_stage(database, rooms) as stage:
        first, second = (stage.reserve("rooms", hours(5, 6), unit=2) for _ in range(2))
        stage.run(promote_pending)
        assert [(stage.state(one), list(stage.read(one).units)) for one in (first, second)] == [
            (State.CONFIRMED, [2]),
            (State.PENDING, []),
        ]
        assert stage.read(first).units_promised
        assert not stage.broken()


def test_process_pending_does_it_now(database: Database) -> None:
    with open_stage(database, PENDING) as stage:
        stage.reserve("room", hours(5, 6))
        late = stage.reserve("room", hours(5, 6))
        done = process_pending(Context(stage.application, TENANT, STAFF), Budget(30))
        assert (done.promoted, done.rejected) == (1, 0)
        stage.pass_by(16 * MINUTE)
        done = process_pending(Context(stage.application, TENANT, STAFF), Budget(30))
        assert (done.promoted, done.rejected) == (0, 1)
        assert stage.events(late)[-1].actor_id == STAFF.id


def test_a_long_queue_is_left_to_the_next_run_and_who_waited_too_long_is_told_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_stage(database, PENDING) as stage:
        stage.confirm(stage.reserve("room", hours(30, 31)))
        late = stage.reserve("room", hours(30, 31))
        stage.pass_by(16 * MINUTE)
        queue = [stage.reserve("room", hours(5 + number, 6 + number)) for number in range(8)]
        monkeypatch.setattr(promotion, "PAGE", 1)
        began = time.monotonic()
        clock = SimpleNamespace(monotonic=count(began).__next__)  # a second at each look; the database has the real one
        monkeypatch.setattr(budget, "time", clock)
        promote_pending(stage.jobs, Budget(8, began))
        states = [stage.state(one) for one in queue]
        assert states == sorted(states)
        assert set(states) == {State.CONFIRMED, State.PENDING}
        assert stage.state(late) is State.REJECTED
        monkeypatch.undo()
        promote_pending(stage.jobs, Budget(30))
        assert {stage.state(one) for one in queue} == {State.CONFIRMED}


def test_a_change_that_cannot_be_is_given_up_at_once_and_its_guest_is_told_why(database: Database) -> None:
    """Its unit is gone, or what it would move to is not offered any more; all others are promoted."""
    rooms = offer("rooms", {"kind": "pending"}, capacity=2, assignment="labelled")
    with open_stage(database, rooms, offer("annex", {"kind": "pending"}, capacity=2, assignment="labelled")) as stage:
        mine, yours = stage.reserve("rooms", hours(5, 6)), stage.reserve("rooms", hours(7, 8))
        stage.run(promote_pending)
        stage.change(mine, Change(Action.MOVE, times=hours(6, 7), unit=2))
        stage.change(yours, Change(Action.MOVE, resource_id=stage.resources["annex"]))
        change_resource(Context(stage.application, TENANT, STAFF), "rooms", {"capacity": 1})
        archive_resource(Context(stage.application, TENANT, STAFF), "annex")
        asked = stage.reserve("rooms", hours(9, 10))
        assert stage.run(promote_pending) == 3
        assert stage.state(asked) is State.CONFIRMED
        for one, why in ((mine, "has the units"), (yours, "not offered any more")):
            after = stage.read(one)
            assert (after.change, after.during, after.state) == (None, one.during, State.CONFIRMED)
            told = stage.events(one)[-1]
            assert told.type == "reservation.change_rejected"
            assert why in (told.after or {})["reason"]
        assert stage.run(promote_pending) == 0
        assert not stage.broken()


def test_a_wish_for_a_unit_that_is_gone_is_rejected_at_once_with_the_reason(database: Database) -> None:
    rooms = offer("rooms", {"kind": "pending"}, capacity=2, assignment="labelled")
    with open_stage(database, rooms) as stage:
        wants, takes = stage.reserve("rooms", hours(5, 6), unit=2), stage.reserve("rooms", hours(5, 6))
        change_resource(Context(stage.application, TENANT, STAFF), "rooms", {"capacity": 1})
        assert stage.run(promote_pending) == 2
        assert [stage.state(one) for one in (wants, takes)] == [State.REJECTED, State.CONFIRMED]
        assert "has the units" in (stage.events(wants)[-1].after or {})["reason"]


def test_a_reservation_that_another_promotion_moved_keeps_its_place_when_its_own_change_finds_no_room(
    database: Database,
) -> None:
    rooms = offer("rooms", {"kind": "pending"}, capacity=2, assignment="labelled")
    with open_stage(database, rooms) as stage:
        made = [stage.reserve("rooms", hours(*span)) for span in ((1, 3), (2, 5), (5, 7))]
        stage.run(promote_pending)
        stage.pass_by(MINUTE)
        waits = stage.reserve("rooms", hours(3, 7))  # for which whoever comes at 5 takes the other room
        stage.pass_by(MINUTE)
        stage.move(made[2], hours(3, 7))  # for which there is no room then
        assert stage.run(promote_pending) == 1
        assert stage.state(waits) is State.CONFIRMED
        assert stage.read(made[2]).during == made[2].during
        assert not stage.broken()


def test_a_change_is_made_under_the_buffers_of_its_own_terms(database: Database) -> None:
    """A later version has none, so that what touches the buffer would be overlooked."""
    buffers = [{"rule": "buffers", "before_minutes": 180, "after_minutes": 0}]
    with open_stage(database, offer("room", {"kind": "pending"}, rules=buffers)) as stage:
        mine, early = stage.reserve("room", hours(12, 13)), stage.reserve("room", hours(4, 5))
        stage.run(promote_pending)
        stage.move(mine, hours(7, 8))
        publish(stage, "room", offer("room", {"kind": "pending"}).document)
        assert stage.run(promote_pending) == 0
        assert stage.read(mine).during == mine.during
        stage.step(early, Action.CANCEL)
        assert stage.run(promote_pending) == 1
        assert not stage.broken()


def publish(stage: Stage, slug: str, document: Json) -> None:
    publish_version(Context(stage.application, TENANT, STAFF), slug, lambda _: document)


def test_guests_do_not_confirm_what_is_pending(database: Database) -> None:
    with open_stage(database, PENDING) as stage:
        waiting = stage.reserve("room", hours(5, 6))
        with pytest.raises(ForbiddenError):
            stage.confirm(waiting, by_staff=False)
        assert stage.confirm(waiting).state is State.CONFIRMED


@pytest.mark.parametrize(("rivals", "state"), [("reject", State.REJECTED), ("keep", State.PENDING)])
def test_accepting_one_rejects_its_rivals_or_keeps_them(database: Database, rivals: str, state: State) -> None:
    with open_stage(database, offer("room", {"kind": "approval", "rivals": rivals})) as stage:
        chosen, rival, apart = (stage.reserve("room", hours(*span)) for span in ((5, 6), (5, 7), (8, 9)))
        assert stage.run(promote_pending) == 0
        assert stage.confirm(chosen).state is State.CONFIRMED
        assert [stage.state(one) for one in (rival, apart)] == [state, State.PENDING]
        assert stage.step(apart, Action.REJECT).state is State.REJECTED
        assert not stage.broken()


def test_what_nobody_decides_on_is_rejected_when_it_would_begin(database: Database) -> None:
    with open_stage(database, offer("room", "approval")) as stage:
        forgotten = stage.reserve("room", hours(5, 6))
        stage.pass_by(299 * MINUTE)
        assert stage.run(promote_pending) == 0
        stage.pass_by(MINUTE)
        assert stage.run(promote_pending) == 1
        assert stage.state(forgotten) is State.REJECTED
