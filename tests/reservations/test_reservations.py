from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import InvalidTransitionError, RuleViolationsError
from chalicelib.core.money import Quote
from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.core.units import UnitSet
from chalicelib.policies.model.policies import Confirmation
from chalicelib.reservations.model.dues import ENDED_STATES
from chalicelib.reservations.model.reservations import (
    BLOCKING_STATES,
    INITIAL_STATES,
    NOT_ASKED_FOR,
    TRANSITIONS,
    WAITING,
    Action,
    Guest,
    Reservation,
    State,
    allowed_actions,
    check_timing,
    next_state,
)
from tests.subjects import LISBON, NOW, at, between

FINAL = {State.CANCELLED, State.REJECTED}
WAYS_BACK = {(State.EXPIRED, Action.CONFIRM), (State.NO_SHOW, Action.UNDO), (State.COMPLETED, Action.UNDO)}
CHANGES = {
    Action.MOVE,
    Action.EXTEND,
    Action.SHORTEN,
    Action.UPDATE,
    Action.EXTEND_HOLD,
    Action.REQUEST_CHANGE,
    Action.REJECT_CHANGE,
    Action.WITHDRAW_CHANGE,
}


# The table


@given(st.sampled_from(State), st.sampled_from(Action))
def test_only_what_the_table_has_can_be_done(state: State, action: Action) -> None:
    if (state, action) in TRANSITIONS:
        assert next_state(state, action) is TRANSITIONS[state, action]
        assert (action in allowed_actions(state)) == (action not in NOT_ASKED_FOR)
    else:
        with pytest.raises(InvalidTransitionError) as refusal:
            next_state(state, action)
        assert refusal.value.allowed == allowed_actions(state)
        assert (refusal.value.state, refusal.value.action) == (state, action)


def test_what_is_final_never_changes_and_everything_else_can_end() -> None:
    assert {state for state in State if not allowed_actions(state)} == FINAL
    assert {step for step in TRANSITIONS if step[0] in {State.EXPIRED, State.NO_SHOW, State.COMPLETED}} == WAYS_BACK
    ending = set(FINAL)
    for _ in State:
        ending |= {before for (before, _), after in TRANSITIONS.items() if after in ending}
    assert ending == set(State)


def test_every_state_can_be_reached_from_how_a_reservation_begins() -> None:
    reached = set(INITIAL_STATES.values())
    for _ in State:
        reached |= {after for (before, _), after in TRANSITIONS.items() if before in reached}
    assert reached == set(State)


def test_a_reservation_begins_in_some_way_for_every_kind_of_confirmation() -> None:
    assert set(INITIAL_STATES) == set(get_args(get_type_hints(Confirmation)["kind"]))
    assert {kind for kind, state in INITIAL_STATES.items() if state is State.PENDING} == set(WAITING)
    assert not FINAL & set(INITIAL_STATES.values())


def test_a_change_changes_no_state_and_every_other_action_does() -> None:
    for (before, action), after in TRANSITIONS.items():
        assert (before is after) == (action in CHANGES)


def test_units_are_blocked_from_the_hold_until_the_guest_leaves_and_by_nothing_that_has_ended() -> None:
    assert {State.HELD, State.CONFIRMED, State.CHECKED_IN} == BLOCKING_STATES
    assert not BLOCKING_STATES & (FINAL | ENDED_STATES | {State.COMPLETED})
    assert {before for before, _ in WAYS_BACK} | FINAL == ENDED_STATES | {State.COMPLETED}


def test_only_who_has_come_can_be_checked_out_and_only_who_has_not_can_fail_to_come() -> None:
    assert [before for before, action in TRANSITIONS if action is Action.CHECK_OUT] == [State.CHECKED_IN]
    assert [before for before, action in TRANSITIONS if action is Action.NO_SHOW] == [State.CONFIRMED]


# Timing


DURING = between("2026-11-27 15:00", "2026-11-29 11:00")


def reservation(during: TimeRange = DURING) -> Reservation:
    return Reservation(
        id=UUID(int=1),
        code="QX7R-M2KD",
        resource_id=UUID(int=2),
        guest=Guest(UUID(int=3), "Ada", "ada@example.org", None),
        state=State.CONFIRMED,
        during=during,
        stay=None,
        quantity=1,
        party_size=2,
        units=UnitSet.of((4,)),
        units_promised=False,
        notes="",
        price=Quote("EUR", 0, ()),
        zone=LISBON,
        policy_id=UUID(int=5),
        policy_version=1,
        hold_expires_at=None,
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )


@pytest.mark.parametrize(
    ("action", "now", "code"),
    [
        (Action.CHECK_IN, "2026-11-27 14:59", "too_early"),
        (Action.CHECK_IN, "2026-11-27 15:00", None),
        (Action.CHECK_IN, "2026-11-29 10:59", None),
        (Action.CHECK_IN, "2026-11-29 11:00", "too_late"),
        (Action.NO_SHOW, "2026-11-27 14:59", "too_early"),
        (Action.NO_SHOW, "2026-11-27 15:00", None),
        (Action.NO_SHOW, "2026-12-27 15:00", None),
        (Action.CANCEL, "2026-11-20 00:00", None),
        (Action.CANCEL, "2026-11-29 10:59", None),
        (Action.CANCEL, "2026-11-29 11:00", "too_late"),
        (Action.CHECK_OUT, "2026-11-27 15:01", None),
        (Action.CHECK_OUT, "2026-12-27 15:01", None),
    ],
)
def test_what_cannot_be_true_yet_or_any_more_is_refused(action: Action, now: str, code: str | None) -> None:
    if code is None:
        check_timing(action, reservation(), at(now), LISBON)
        return
    with pytest.raises(RuleViolationsError) as refusal:
        check_timing(action, reservation(), at(now), LISBON)
    [violation] = refusal.value.violations
    assert (violation.rule, violation.code) == ("timing", code)
    assert violation.parameters == {
        "starts_at": "2026-11-27T15:00:00Z",
        "ends_at": "2026-11-29T11:00:00Z",
    }


@pytest.mark.parametrize(
    ("starts", "now", "early_minutes", "refused"),
    [
        ("2026-11-28 00:00", "2026-11-27 23:34", 30, False),
        ("2026-11-28 00:00", "2026-11-27 23:29", 30, True),
        ("2026-11-27 23:45", "2026-11-28 00:01", 0, False),
        ("2026-11-27 23:45", "2026-11-27 00:01", 60, True),
        ("2026-11-27 23:45", "2026-11-27 22:45", 60, False),
    ],
)
def test_guests_come_so_many_minutes_early_whatever_the_date_is(
    starts: str, now: str, early_minutes: int, *, refused: bool
) -> None:
    late = reservation(TimeRange(at(starts), at(starts) + timedelta(hours=2)))
    if not refused:
        check_timing(Action.CHECK_IN, late, at(now), LISBON, early_minutes)
        return
    with pytest.raises(RuleViolationsError):
        check_timing(Action.CHECK_IN, late, at(now), LISBON, early_minutes)


def test_guests_of_a_stay_come_all_day_where_the_resource_is() -> None:
    auckland = ZoneInfo("Pacific/Auckland")  # where it is 28 November since 11:00 UTC
    stay = replace(reservation(), stay=Stay(date(2026, 11, 28), date(2026, 11, 29)))
    check_timing(Action.CHECK_IN, stay, at("2026-11-27 11:00"), auckland)
    with pytest.raises(RuleViolationsError):
        check_timing(Action.CHECK_IN, stay, at("2026-11-27 10:59"), auckland)
    check_timing(Action.CHECK_IN, stay, at("2026-11-27 10:00"), auckland, 300)
