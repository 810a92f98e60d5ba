"""Only what is newly taken is checked; what has begun stays; who is here changes rooms from now on; holds last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from chalicelib.core.errors import NoCapacityError, RuleViolationsError
from chalicelib.core.time_ranges import TimesWanted
from chalicelib.events.event_log import Actor
from chalicelib.http.context import Context
from chalicelib.reservations.change_reservation import Change, change_reservation
from chalicelib.reservations.model.reservations import Action, State
from tests.offers import INTERVAL, policy, publish
from tests.stage import ANSWER, MINUTE, MORNING, TENANT, Stage, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.reservations.model.reservations import Reservation
    from tests.databases import Database
    from tests.offers import Json

GUEST = Actor("guest", None, None)
NOTHING_AFTER_NINE: Json = {"rule": "daily_cutoff", "at": "09:00"}
CLOSED: Json = {
    "rule": "blackout_dates",
    "ranges": [{"from_on": "2027-06-03", "until_on": "2027-06-04", "reason": "!"}],
}
BY_THE_HOUR = {"per": "hour", "amount": 10000}


def ends_in(last: float) -> TimesWanted:
    return TimesWanted(ends_at=hours(0, last).ends_at)


def shrunk(stage: Stage, slug: str) -> None:
    """Let the resource accept fewer people than before."""
    with psycopg.connect(stage.databases.owner) as owner:
        owner.execute(
            "UPDATE resources SET max_party_size = 1, version = version + 1 WHERE id = %s", [stage.resources[slug]]
        )


def refused(code: str, work: Callable[[], object]) -> None:
    with pytest.raises(RuleViolationsError) as caught:
        work()
    assert [violation.code for violation in caught.value.violations] == [code]


def by_guest(stage: Stage, reservation: Reservation, **members: Any) -> Any:  # noqa: ANN401 - fields of the class
    change = Change(Action.MOVE, **members)
    return change_reservation(Context(stage.application, TENANT, GUEST), reservation.id, change, lambda _: ANSWER)


def test_giving_up_needs_no_permission(database: Database) -> None:
    with open_stage(database, offer("room", capacity=3)) as stage:
        made = stage.change(stage.reserve("room", hours(30, 34), 2), Change(Action.MOVE, party_size=4))
        shrunk(stage, "room")
        assert stage.change(made, Change(Action.SHORTEN, times=ends_in(33))).price.total == 60000
        assert stage.change(made, Change(Action.MOVE, party_size=3)).party_size == 3
        assert stage.move(made, hours(31, 33)).price.total == 40000
        smaller = stage.change(made, Change(Action.MOVE, quantity=1, party_size=1))
        assert (smaller.quantity, len(smaller.units)) == (1, 1)
        refused("party_too_large", lambda: stage.change(made, Change(Action.MOVE, party_size=2)))
        assert not stage.broken()


def test_after_the_cutoff_something_can_be_given_up_and_nothing_added(database: Database) -> None:
    with open_stage(database, offer("room", rules=[NOTHING_AFTER_NINE])) as stage:
        made = stage.reserve("room", hours(30, 34))
        stage.pass_by(60 * MINUTE)
        assert stage.change(made, Change(Action.SHORTEN, times=ends_in(33))).version == 2
        refused("after_cutoff", lambda: stage.change(made, Change(Action.EXTEND, times=ends_in(34))))
        assert not stage.broken()


def test_a_change_that_changes_nothing_is_none(database: Database) -> None:
    with open_stage(database, offer("room"), offer("queue", "pending")) as stage:
        made = stage.reserve("room", hours(5, 6))
        same = stage.change(made, Change(Action.MOVE, times=hours(5, 6), quantity=1, party_size=1))
        assert (same.version, same.updated_at) == (1, made.updated_at)
        waiting = stage.reserve("queue", hours(5, 6))
        stage.run()
        assert stage.move(waiting, hours(5, 6)).change is None
        assert [stage.told(one) for one in (made, waiting)] == [["created"], ["created", "confirmed"]]


def test_less_does_not_wait_for_room(database: Database) -> None:
    with open_stage(database, offer("queue", "pending", capacity=2)) as stage:
        made = stage.reserve("queue", hours(5, 8), 2)
        stage.run()
        assert stage.change(made, Change(Action.MOVE, quantity=1)).quantity == 1
        assert stage.move(made, hours(6, 8)).change is None
        assert stage.move(made, hours(6, 9)).change is not None


def test_a_new_time_has_to_be_open_today_and_costs_what_was_promised(database: Database) -> None:
    with open_stage(database, offer("room", rates=policy(INTERVAL)["rates"] | {"base": BY_THE_HOUR})) as stage:
        made = stage.reserve("room", hours(40, 42))  # from midnight of the third of June
        publish(database.owner, stage.resources["room"], policy(INTERVAL, CLOSED, per="hour", amount=99900))
        assert stage.change(made, Change(Action.SHORTEN, times=ends_in(41.5))).price.total == 15000
        refused("blacked_out", lambda: stage.change(made, Change(Action.EXTEND, times=ends_in(42))))
        refused("blacked_out", lambda: stage.move(made, hours(46, 47)))
        assert stage.move(made, hours(90, 92)).price.total == 20000
        publish(database.owner, stage.resources["room"], policy(INTERVAL, per="hour", amount=99900))
        assert stage.move(made, hours(40, 42)).price.total == 20000
        assert not stage.broken()


def test_a_granted_hold_is_confirmed_until_it_ends_whatever_the_rules_say_by_then(database: Database) -> None:
    hold = {"kind": "hold", "hold_minutes": 70}
    with open_stage(database, offer("room", hold, rules=[NOTHING_AFTER_NINE])) as stage:
        held, late = stage.reserve("room", hours(30, 34)), stage.reserve("room", hours(40, 41))
        shrunk(stage, "room")
        stage.pass_by(65 * MINUTE)
        assert stage.confirm(held, by_staff=False).state is State.CONFIRMED
        stage.pass_by(5 * MINUTE)
        stage.run()
        refused("after_cutoff", lambda: stage.confirm(late, by_staff=False))


def test_extending_a_hold_adds_to_its_end_and_goes_no_further_than_its_start(database: Database) -> None:
    with open_stage(database, offer("room", {"kind": "hold", "hold_minutes": 40})) as stage:
        far, near, soon = (stage.reserve("room", hours(*times)) for times in ((5, 6), (1, 1.5), (0.5, 1)))
        stage.pass_by(MINUTE)
        assert stage.extend_hold(far).hold_expires_at == MORNING + 80 * MINUTE
        assert stage.extend_hold(near).hold_expires_at == MORNING + 60 * MINUTE
        refused("already_extended", lambda: stage.extend_hold(far))
        refused("held_until_start", lambda: stage.extend_hold(soon))


def test_what_has_begun_or_is_over_is_not_moved(database: Database) -> None:
    with open_stage(database, offer("room"), offer("other")) as stage:
        made, here = stage.reserve("room", hours(1, 3)), stage.reserve("other", hours(1, 3))
        stage.step(here, Action.CHECK_IN)
        refused("already_begun", lambda: stage.move(here, hours(50, 52)))
        stage.pass_by(90 * MINUTE)
        refused("already_begun", lambda: stage.move(made, hours(50, 52)))
        refused("already_begun", lambda: stage.change(made, Change(Action.MOVE, resource_id=stage.resources["other"])))
        assert stage.change(made, Change(Action.EXTEND, times=ends_in(4))).version == 2
        assert stage.change(made, Change(Action.MOVE, party_size=2)).party_size == 2
        stage.pass_by(150 * MINUTE)
        for change in (
            Change(Action.MOVE, times=hours(50, 52)),
            Change(Action.EXTEND, times=ends_in(5)),
            Change(Action.SHORTEN, times=ends_in(3.5)),
        ):
            refused("too_late", lambda change=change: stage.change(made, change))
        refused("too_late", lambda: stage.step(made, Action.CANCEL))
        assert not stage.broken()


def test_who_is_checked_in_changes_rooms_from_now_on_and_keeps_their_terms(database: Database) -> None:
    strict: Json = {"rule": "lead_time", "minimum_minutes": 10_000}
    with open_stage(database, offer("room"), offer("dear")) as stage:
        here, there = stage.reserve("room", hours(1, 6)), stage.reserve("dear", hours(1, 3))
        publish(database.owner, stage.resources["dear"], policy(INTERVAL, strict, per="hour", amount=99900))
        stage.step(here, Action.CHECK_IN)
        stage.pass_by(120 * MINUTE)
        elsewhere = Change(Action.MOVE, resource_id=stage.resources["dear"])
        with pytest.raises(NoCapacityError):
            stage.change(here, elsewhere)
        stage.pass_by(60 * MINUTE)
        assert stage.state(there) is State.CONFIRMED  # it is over, and no job has run
        refused("already_begun", lambda: by_guest(stage, here, resource_id=stage.resources["dear"]))
        moved = stage.change(here, elsewhere)
        assert (moved.state, moved.resource_id, moved.during) == (
            State.CHECKED_IN,
            stage.resources["dear"],
            here.during,
        )
        assert (moved.price, moved.policy_id) == (here.price, here.policy_id)
        assert stage.reserve("room", hours(3, 6)).state is State.CONFIRMED
        longer = stage.change(here, Change(Action.EXTEND, times=ends_in(7)))
        assert longer.price.total == 60000
        assert not stage.broken()
        stage.step(here, Action.CHECK_OUT)


def test_a_move_to_another_resource_is_a_new_claim_there(database: Database) -> None:
    rules: list[Json] = [
        {"rule": "lead_time", "minimum_minutes": 10_080},
        {"rule": "horizon", "maximum_days": 0},
        {"rule": "arrival_weekdays", "weekdays": ["mon"]},
        {"rule": "daily_cutoff", "at": "00:00", "within_days": 5},
        {"rule": "length", "minimum": 600},
    ]
    with open_stage(database, offer("room"), offer("strict", rules=rules)) as stage:
        made = stage.reserve("room", hours(30, 34))  # on Wednesday
        with pytest.raises(RuleViolationsError) as caught:
            stage.change(made, Change(Action.MOVE, resource_id=stage.resources["strict"]))
        codes = [violation.code for violation in caught.value.violations]
        assert codes == ["too_soon", "too_far_ahead", "arrival_weekday", "after_cutoff", "too_short"]
