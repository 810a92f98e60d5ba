"""Holds: they block until they end, can be made longer once, and whoever is late gets them if they are still free."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.errors import InvalidTransitionError, NoCapacityError, RuleViolationsError
from chalicelib.domain.reservations import Action, State
from chalicelib.services.sweep_reservations import expire_holds
from tests.life.stage import MINUTE, MORNING, hours, offer, open_stage

if TYPE_CHECKING:
    from tests.databases import Database
    from tests.offers import Json

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


def test_a_hold_that_has_ended_but_was_not_swept_yet_is_confirmed(database: Database) -> None:
    with open_stage(database, HELD) as stage:
        held = stage.reserve("room", hours(5, 6))
        stage.pass_by(11 * MINUTE)
        assert stage.confirm(held, by_staff=False).state is State.CONFIRMED
        assert stage.run(expire_holds) == 0


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
