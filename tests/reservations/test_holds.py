"""Holds: they block until they end, can be made longer once, and whoever is late gets them if they are still free."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.availability.close_units import ClosureRequest
from chalicelib.availability.list_availability import PeriodWanted, list_availability
from chalicelib.availability.remembered_looks import LookMemory
from chalicelib.core.errors import InvalidTransitionError, NoCapacityError, RuleViolationsError
from chalicelib.core.time_ranges import TimeRange
from chalicelib.http.context import Context
from chalicelib.reservations.model.reservations import Action, State
from chalicelib.reservations.sweep_reservations import expire_holds
from tests.stage import MINUTE, MORNING, TENANT, hours, offer, open_stage

if TYPE_CHECKING:
    from chalicelib.core.time_ranges import TimesWanted
    from tests.databases import Database
    from tests.offers import Json
    from tests.stage import Stage

HELD = offer("room", {"kind": "hold", "hold_minutes": 10})


def test_a_hold_blocks_until_it_expires_and_then_frees_its_units(database: Database) -> None:
    with open_stage(database, HELD) as stage:
        held = stage.reserve("room", hours(5, 6))
        assert (held.state, held.hold_expires_at) == (State.HELD, MORNING + 10 * MINUTE)
        with pytest.raises(NoCapacityError):
            stage.reserve("room", hours(5, 6))
        stage.pass_by(10 * MINUTE - timedelta(seconds=1))
        assert stage.run(expire_holds) == 0
        stage.pass_by(timedelta(seconds=1))
        assert [stage.run(expire_holds), stage.run(expire_holds)] == [1, 0]
        assert stage.state(held) is State.EXPIRED
        assert stage.reserve("room", hours(5, 6)).state is State.HELD
        assert stage.told(held) == ["created", "expired"]
        assert not stage.broken()


def test_what_the_events_of_an_expiry_say_is_what_any_change_would_say(database: Database) -> None:
    with open_stage(database, HELD) as stage:
        held = stage.reserve("room", hours(5, 6))
        stage.pass_by(10 * MINUTE + timedelta(microseconds=7))
        stage.run(expire_holds)
        created, expired = stage.events(held)
        assert created.after is not None
        assert expired.before == {**created.after, "guest_id": str(stage.read(held).guest.id)}
        assert expired.before is not None
        gone: Json = {"state": "expired", "version": 2, "units": [], "hold_expires_at": None, "refund": 0}
        assert expired.after == {**expired.before, **gone}
        assert (expired.actor_kind, expired.actor_id) == ("job", "expire_holds")


def test_confirming_in_time_keeps_the_units_and_later_sweeps_leave_it_alone(database: Database) -> None:
    with open_stage(database, HELD) as stage:
        held = stage.reserve("room", hours(5, 6))
        confirmed = stage.confirm(held, by_staff=False)
        assert (confirmed.state, confirmed.units, confirmed.hold_expires_at) == (State.CONFIRMED, held.units, None)
        stage.pass_by(11 * MINUTE)
        assert stage.run(expire_holds) == 0
        assert stage.told(held) == ["created", "confirmed"]
        assert not stage.broken()


def test_a_hold_is_made_longer_once_by_as_much_as_it_was_given(database: Database) -> None:
    with open_stage(database, HELD) as stage:
        held = stage.reserve("room", hours(5, 6))
        stage.pass_by(8 * MINUTE)
        longer = stage.extend_hold(held)
        assert longer.hold_expires_at == MORNING + 20 * MINUTE
        with pytest.raises(RuleViolationsError) as twice:
            stage.extend_hold(held)
        assert [violation.code for violation in twice.value.violations] == ["already_extended"]
        stage.pass_by(11 * MINUTE)
        assert stage.run(expire_holds) == 0
        stage.pass_by(MINUTE)
        assert stage.run(expire_holds) == 1


def test_an_ended_hold_is_not_made_longer(database: Database) -> None:
    with open_stage(database, HELD) as stage:
        held = stage.reserve("room", hours(5, 6))
        stage.pass_by(10 * MINUTE)
        with pytest.raises(RuleViolationsError) as late:
            stage.extend_hold(held)
        assert [violation.code for violation in late.value.violations] == ["too_late"]


def test_who_confirms_too_late_gets_it_if_it_is_still_free(database: Database) -> None:
    with open_stage(database, HELD) as stage:
        late = stage.reserve("room", hours(5, 6))
        stage.pass_by(11 * MINUTE)
        stage.run(expire_holds)
        again = stage.confirm(late, by_staff=False)
        assert (again.state, list(again.units)) == (State.CONFIRMED, [1])
        assert stage.told(late) == ["created", "expired", "confirmed"]
        assert not stage.broken()


def test_who_confirms_too_late_what_is_gone_is_told_what_else_there_is(database: Database) -> None:
    with open_stage(database, HELD, offer("other")) as stage:
        late = stage.reserve("room", hours(5, 6))
        stage.pass_by(11 * MINUTE)
        stage.run(expire_holds)
        stage.reserve("room", hours(5, 6))
        with pytest.raises(NoCapacityError) as gone:
            stage.confirm(late, by_staff=False)
        assert gone.value.alternatives
        assert stage.state(late) is State.EXPIRED


def test_a_hold_that_has_ended_but_was_not_swept_yet_is_confirmed_like_an_expired_one(database: Database) -> None:
    with open_stage(database, HELD) as stage:
        held = stage.reserve("room", hours(5, 6))
        stage.pass_by(11 * MINUTE)
        assert stage.confirm(held, by_staff=False).state is State.CONFIRMED
        assert stage.told(held) == ["created", "expired", "confirmed"]
        assert stage.run(expire_holds) == 0
        assert not stage.broken()


POOL = offer("pool", {"kind": "hold", "hold_minutes": 10}, capacity=2)
ROOMS = offer("rooms", {"kind": "hold", "hold_minutes": 10}, capacity=2, assignment="labelled")
ONE_A_DAY = {"rule": "per_day_limit", "limit": 1, "scope": "resource"}
LIMITED = offer("limited", {"kind": "hold", "hold_minutes": 10}, rules=[ONE_A_DAY])


def listed(stage: Stage, slug: str, times: TimesWanted) -> bool:
    """Whether the listing says that the time is free."""
    period = PeriodWanted(times.starts_at, times.ends_at)
    found = list_availability(Context(stage.application, TENANT), LookMemory(), slug, period, 1, 1).listing.ranges or ()
    return any((one.starts_at, one.ends_at) == (times.starts_at, times.ends_at) for one in found)


def test_an_ended_hold_is_free_at_its_instant_and_not_at_the_sweep(database: Database) -> None:
    with open_stage(database, HELD) as stage:
        held = stage.reserve("room", hours(5, 6))
        stage.pass_by(10 * MINUTE - timedelta(microseconds=1))
        with pytest.raises(NoCapacityError):
            stage.reserve("room", hours(5, 6))
        assert not listed(stage, "room", hours(5, 6))
        stage.pass_by(timedelta(microseconds=1))
        assert listed(stage, "room", hours(5, 6))
        stage.reserve("room", hours(5, 6))
        assert stage.state(held) is State.EXPIRED
        assert stage.told(held) == ["created", "expired"]
        assert (stage.events(held)[-1].actor_kind, stage.events(held)[-1].actor_id) == ("job", "expire_holds")
        assert stage.run(expire_holds) == 0
        assert not stage.broken()


def test_an_ended_hold_neither_splits_a_pool_nor_moves_anybody(database: Database) -> None:
    with open_stage(database, POOL, ROOMS) as stage:
        for slug in ("pool", "rooms"):
            kept = stage.confirm(stage.reserve(slug, hours(5, 6)))
            ended = [stage.reserve(slug, hours(first, first + 1)) for first in (5, 6, 7)]
            stage.pass_by(10 * MINUTE)
            longer = stage.reserve(slug, hours(5, 8))
            assert len(longer.units) == 1
            assert [stage.state(one) for one in ended] == [State.EXPIRED] * 3
            assert stage.read(kept).units == kept.units
        assert not stage.broken()


def test_a_hold_that_was_moved_to_another_unit_ends_all_the_same(database: Database) -> None:
    with open_stage(database, ROOMS) as stage:
        first, second, third = (stage.reserve("rooms", hours(*span)) for span in ((1, 3), (2, 5), (5, 7)))
        last = stage.reserve("rooms", hours(3, 7))  # neither room is free from 3 to 7 until the third takes the other
        assert not stage.broken()
        stage.pass_by(5 * MINUTE)
        stage.extend_hold(third)
        stage.pass_by(5 * MINUTE)
        with pytest.raises(NoCapacityError):
            stage.reserve("rooms", hours(5, 6), quantity=2)
        stage.reserve("rooms", hours(1, 5), quantity=2)
        assert [stage.state(one) for one in (first, second, third, last)] == [
            State.EXPIRED,
            State.EXPIRED,
            State.HELD,
            State.EXPIRED,
        ]
        assert not stage.broken()


def test_an_ended_hold_stands_in_nobodys_way(database: Database) -> None:
    """Closing, lowering the capacity, moving, promoting and limits all see it as free."""
    queue = offer("queue", {"kind": "pending"})
    with open_stage(database, HELD, POOL, LIMITED, queue) as stage:
        ends, lowered, counted = (stage.reserve(slug, hours(5, 6)) for slug in ("room", "pool", "limited"))
        other = stage.confirm(stage.reserve("room", hours(8, 9)))
        stage.pass_by(10 * MINUTE)
        moved = stage.move(other, hours(5, 6))
        assert (moved.state, stage.state(ends)) == (State.CONFIRMED, State.EXPIRED)
        times = TimeRange(MORNING + 300 * MINUTE, MORNING + 360 * MINUTE)
        stage.close(ClosureRequest(stage.resources["pool"], times, "Repairs"))
        assert stage.state(lowered) is State.EXPIRED
        assert stage.reserve("limited", hours(5, 6)).state is State.HELD
        assert stage.state(counted) is State.EXPIRED
        assert not stage.broken()


@pytest.mark.parametrize("action", [Action.CANCEL, Action.REJECT])
def test_what_has_ended_is_neither_cancelled_nor_rejected_nor_moved(database: Database, action: Action) -> None:
    with open_stage(database, HELD) as stage:
        held = stage.reserve("room", hours(5, 6))
        stage.pass_by(10 * MINUTE)
        with pytest.raises(InvalidTransitionError, match="expired"):
            stage.step(held, action)
        with pytest.raises(InvalidTransitionError, match="expired"):
            stage.move(held, hours(7, 8))


def test_what_is_confirmed_cannot_be_confirmed_held_longer_or_rejected(database: Database) -> None:
    with open_stage(database, HELD) as stage:
        held = stage.confirm(stage.reserve("room", hours(5, 6)))
        for attempt in (
            lambda: stage.confirm(held),
            lambda: stage.extend_hold(held),
            lambda: stage.step(held, Action.REJECT),
        ):
            with pytest.raises(InvalidTransitionError) as refused:
                attempt()
            assert Action.CANCEL in refused.value.allowed
