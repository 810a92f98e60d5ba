"""No-shows, stays that end, and mistakes that are taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.core.errors import InvalidTransitionError, NoCapacityError, RuleViolationsError
from chalicelib.http.context import Context
from chalicelib.reservations.model.reservations import Action, State
from chalicelib.reservations.sweep_reservations import complete_stays, mark_no_shows
from chalicelib.tenants.manage_settings import change_settings
from tests.stage import MINUTE, STAFF, TENANT, hours, offer, open_stage

if TYPE_CHECKING:
    from tests.databases import Database

HOUR = timedelta(hours=1)
WATCHED = offer("room", no_show_after_minutes=15)


def test_who_has_not_come_by_the_time_of_the_policy_is_a_no_show_and_the_units_are_free(database: Database) -> None:
    with open_stage(database, WATCHED) as stage:
        missed, came = stage.reserve("room", hours(1, 3)), stage.reserve("room", hours(3, 4))
        stage.pass_by(HOUR + 14 * MINUTE)
        assert stage.run(mark_no_shows) == 0
        stage.pass_by(MINUTE)
        assert [stage.run(mark_no_shows), stage.run(mark_no_shows)] == [1, 0]
        assert stage.state(missed) is State.NO_SHOW
        assert stage.reserve("room", hours(2, 3)).state is State.CONFIRMED
        stage.pass_by(2 * HOUR)
        stage.step(came, Action.CHECK_IN)
        stage.pass_by(HOUR)
        assert stage.run(mark_no_shows) == 1  # who reserved from 2 to 3
        assert stage.state(came) is State.CHECKED_IN
        assert not stage.broken()


def test_units_of_a_no_show_stay_taken_where_the_policy_says_so(database: Database) -> None:
    with open_stage(database, offer("room", no_show_after_minutes=15, no_show_keeps_units=True)) as stage:
        missed, later = stage.reserve("room", hours(1, 3)), stage.reserve("room", hours(4, 6))
        stage.pass_by(HOUR + 15 * MINUTE)
        stage.run(mark_no_shows)
        assert (stage.state(missed), list(stage.read(missed).units)) == (State.NO_SHOW, [1])
        with pytest.raises(NoCapacityError):
            stage.reserve("room", hours(2, 3))
        stage.pass_by(3 * HOUR)
        assert list(stage.step(later, Action.NO_SHOW).units) == [1]
        assert not stage.broken()


def test_what_is_over_is_completed(database: Database) -> None:
    with open_stage(database, WATCHED, offer("desk")) as stage:
        stayed, unwatched = stage.reserve("room", hours(1, 2)), stage.reserve("desk", hours(1, 2))
        stage.pass_by(HOUR)
        stage.step(stayed, Action.CHECK_IN)
        stage.pass_by(HOUR - MINUTE)
        assert stage.run(complete_stays) == 0
        stage.pass_by(MINUTE)
        assert [stage.run(complete_stays), stage.run(complete_stays)] == [2, 0]
        assert [stage.state(one) for one in (stayed, unwatched)] == [State.COMPLETED, State.COMPLETED]
        assert not stage.broken()


def test_a_mistaken_check_in_is_taken_back_and_the_guest_can_still_come(database: Database) -> None:
    rooms = offer("rooms", capacity=2, assignment="labelled", no_show_after_minutes=15)
    with open_stage(database, rooms) as stage:
        guest = stage.reserve("rooms", hours(1, 3))
        stage.pass_by(HOUR)
        stage.step(guest, Action.CHECK_IN)
        stage.pass_by(30 * MINUTE)
        back = stage.undo(guest)
        assert (back.state, back.units) == (State.CONFIRMED, guest.units)
        assert stage.run(mark_no_shows) == 0  # the policy's time has passed by then; now only the end counts
        assert stage.step(guest, Action.CHECK_IN).state is State.CHECKED_IN
        assert stage.told(guest) == ["created", "checked_in", "undone", "checked_in"]
        assert not stage.broken()


def test_a_mistaken_no_show_is_taken_back_while_its_units_are_free(database: Database) -> None:
    with open_stage(database, WATCHED) as stage:
        guest = stage.reserve("room", hours(1, 3))
        stage.pass_by(HOUR + 15 * MINUTE)
        stage.run(mark_no_shows)
        assert list(stage.undo(guest).units) == [1]
        assert stage.state(guest) is State.CONFIRMED
        stage.step(guest, Action.NO_SHOW)
        stage.reserve("room", hours(2, 3))
        with pytest.raises(NoCapacityError):
            stage.undo(guest)
        assert stage.state(guest) is State.NO_SHOW
        assert not stage.broken()


def test_a_mistake_is_taken_back_only_within_the_grace(database: Database) -> None:
    with open_stage(database, WATCHED) as stage:
        guest = stage.reserve("room", hours(1, 3))
        stage.pass_by(HOUR)
        stage.step(guest, Action.CHECK_IN)
        stage.pass_by(HOUR)
        with pytest.raises(RuleViolationsError) as late:
            stage.undo(guest)
        assert [violation.code for violation in late.value.violations] == ["too_late"]


def test_the_tenant_says_how_long_the_grace_is(database: Database) -> None:
    with open_stage(database, WATCHED) as stage:
        change_settings(Context(stage.application, TENANT, STAFF), {"undo_minutes": 5})
        guest = stage.reserve("room", hours(1, 3))
        stage.pass_by(HOUR)
        stage.step(guest, Action.CHECK_IN)
        stage.pass_by(5 * MINUTE)
        with pytest.raises(RuleViolationsError):
            stage.undo(guest)


def test_what_is_finished_never_changes(database: Database) -> None:
    with open_stage(database, WATCHED) as stage:
        guest = stage.reserve("room", hours(1, 2))
        stage.step(guest, Action.CANCEL)
        for attempt in (
            lambda: stage.undo(guest),
            lambda: stage.confirm(guest),
            lambda: stage.move(guest, hours(5, 6)),
        ):
            with pytest.raises(InvalidTransitionError) as refused:
                attempt()
            assert refused.value.allowed == ()
