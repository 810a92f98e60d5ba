"""Checked out before the end: what is left is free, the calendar and the money say so, and a mistake is undone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.core.errors import NoCapacityError, RuleViolationsError
from chalicelib.core.time_ranges import TimesWanted
from chalicelib.http.context import Context
from chalicelib.reporting.read_calendar import read_calendar, read_day
from chalicelib.reporting.read_statistics import Step, read_statistics
from chalicelib.reservations.model.reservations import Action, State
from tests.offers import STAY, Offer, policy
from tests.stage import MINUTE, TENANT, hours, offer, open_stage

if TYPE_CHECKING:
    from chalicelib.reservations.model.reservations import Reservation
    from tests.databases import Database
    from tests.stage import Stage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLEANING = {"rule": "buffers", "before_minutes": 30, "after_minutes": 60}
MONDAY = date(2027, 6, 7)
LEAVING = [{"until_minutes_before": 2880, "refund_percent": 100}, {"until_minutes_before": 0, "refund_percent": 50}]


def there(stage: Stage, guest: Reservation) -> Reservation:
    """Checked in an hour after the start."""
    stage.pass_by(guest.during.starts_at - stage.read(guest).read_at + HOUR)  # type: ignore[operator] - it was read
    return stage.step(guest, Action.CHECK_IN)


def nights(count: int, on: date = MONDAY) -> TimesWanted:
    return TimesWanted(check_in_on=on, check_out_on=on + count * DAY)


@pytest.mark.parametrize("assignment", ["labelled", "pooled"])
def test_who_leaves_early_leaves_the_rest_to_others_after_the_buffer(database: Database, assignment: str) -> None:
    rooms = offer("rooms", capacity=2, assignment=assignment, rules=[CLEANING])
    with open_stage(database, rooms) as stage:
        guest, neighbour = stage.reserve("rooms", hours(1, 8)), stage.reserve("rooms", hours(1, 8))
        there(stage, guest)
        left = stage.step(guest, Action.CHECK_OUT)
        assert (left.state, left.price.total, left.refund, left.retained) == (State.COMPLETED, 70_000, 0, 0)
        with pytest.raises(NoCapacityError):
            stage.reserve("rooms", hours(3, 4))  # with the buffer before it, it would begin while they clean
        assert stage.reserve("rooms", hours(3.5, 8)).units == left.units
        assert stage.state(neighbour) is State.CONFIRMED
        assert not stage.broken()


def test_a_pool_that_was_split_around_others_is_free_in_all_its_parts(database: Database) -> None:
    with open_stage(database, offer("boats", capacity=2)) as stage:
        for unit_of_time in (hours(4, 6), hours(6, 8)):
            stage.reserve("boats", unit_of_time)
        guest = stage.reserve("boats", hours(1, 8))
        there(stage, guest)
        stage.step(guest, Action.CHECK_OUT)
        assert stage.reserve("boats", hours(2, 8)).state is State.CONFIRMED
        assert not stage.broken()


def test_who_was_checked_out_by_mistake_is_checked_in_again_in_the_same_room(database: Database) -> None:
    document = policy(STAY, cancellation=LEAVING, early_check_out="by_tiers")
    cabins = Offer(slug="cabins", document=document, capacity=2, assignment="labelled", units=("A", "B"))
    with open_stage(database, cabins) as stage:
        guest = stage.reserve("cabins", nights(5), unit=2)
        came = there(stage, guest)
        left = stage.step(guest, Action.CHECK_OUT)
        assert (left.price.total, left.refund, left.retained) == (10_000, 30_000, 10_000)
        stage.pass_by(59 * MINUTE)
        back = stage.undo(guest)
        assert (back.state, back.units, back.checked_out_at) == (State.CHECKED_IN, came.units, None)
        assert (back.price.total, back.retained, back.due_at) == (50_000, 0, guest.during.ends_at)
        assert stage.told(guest) == ["created", "checked_in", "completed", "undone"]
        told = [event.after["due"] for event in stage.events(guest) if event.after]
        assert told == [50_000, 50_000, 20_000, 50_000]
        with pytest.raises(NoCapacityError):
            stage.reserve("cabins", nights(1, MONDAY + DAY), quantity=2)
        assert not stage.broken()


def test_a_check_out_is_not_undone_once_the_room_is_given_to_others_or_the_grace_is_over(database: Database) -> None:
    with open_stage(database, offer("room"), offer("desk")) as stage:
        guest, other = stage.reserve("room", hours(1, 8)), stage.reserve("desk", hours(1, 8))
        for one in (guest, other):
            stage.step(one, Action.CHECK_IN)
        stage.pass_by(2 * HOUR)
        for one in (guest, other):
            stage.step(one, Action.CHECK_OUT)
        stage.reserve("room", hours(5, 6))
        with pytest.raises(NoCapacityError):
            stage.undo(guest)
        stage.pass_by(HOUR)
        with pytest.raises(RuleViolationsError) as late:
            stage.undo(other)
        assert [violation.code for violation in late.value.violations] == ["too_late"]
        assert stage.state(guest) is State.COMPLETED
        assert not stage.broken()


def test_who_is_checked_in_and_out_before_the_start_leaves_everything(database: Database) -> None:
    with open_stage(database, offer("room")) as stage:
        guest = stage.reserve("room", hours(1, 8))
        stage.step(guest, Action.CHECK_IN)
        assert not stage.step(guest, Action.CHECK_OUT).units
        assert not stage.read(guest).units
        stage.reserve("room", hours(1, 8))
        assert not stage.broken()


def test_statistics_count_the_nights_until_a_guest_left_and_all_that_is_owed(database: Database) -> None:
    cabins = Offer(slug="cabin", document=policy(STAY, early_check_out="by_tiers", cancellation=LEAVING), capacity=3)
    with open_stage(database, cabins) as stage:
        guest, missed = stage.reserve("cabin", nights(5)), stage.reserve("cabin", nights(2))
        stage.step(stage.reserve("cabin", nights(1)), Action.CANCEL)
        there(stage, guest)
        stage.step(missed, Action.NO_SHOW)
        stage.pass_by(DAY)
        left = stage.step(guest, Action.CHECK_OUT)
        found = read_statistics(Context(stage.application, TENANT), MONDAY, MONDAY + 7 * DAY, Step.DAY, None).total
        assert (left.price.total, left.retained) == (20_000, 10_000)
        assert (found.nights, found.reserved_minutes) == (1, 1440)
        assert (found.revenue, found.retained) == (20_000, 10_000 + 20_000)


def test_the_calendar_says_that_a_guest_has_left(database: Database) -> None:
    with open_stage(database, Offer(slug="cabin", document=policy(STAY))) as stage:
        guest = stage.reserve("cabin", nights(5))
        there(stage, guest)
        stage.pass_by(DAY)
        stage.step(guest, Action.CHECK_OUT)
        plans = [read_day(Context(stage.application, TENANT), MONDAY + number * DAY) for number in range(6)]
        told = [[len(plan.arrivals), len(plan.staying), len(plan.departures)] for plan in plans]
        assert told == [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
        for as_of in (None, stage.read(guest).read_at):
            listed = read_calendar(
                Context(stage.application, TENANT), MONDAY, MONDAY + 6 * DAY, resource_id=None, as_of=as_of
            ).days
            told = [[day.resources[0].occupied, day.resources[0].departures] for day in listed]
            assert told == [[1, 0], [0, 1], [0, 0], [0, 0], [0, 0], [0, 0]]
