"""What is owed, given back and retained, whatever becomes of a reservation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import starmap
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.money import Quote
from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.core.units import UnitSet
from chalicelib.policies.model.policies import CancellationTier, GuestChanges, Policy
from chalicelib.policies.model.rates import Base, LengthOfStay, Rates
from chalicelib.reservations.model.dues import (
    ENDED_STATES,
    OWING_STATES,
    due,
    left_early,
    refund,
    refund_steps,
    refund_steps_of,
    settled,
)
from chalicelib.reservations.model.reservations import Guest, Reservation, State
from tests.subjects import LISBON, NIGHTS, NOW, at, between, policy, resource

if TYPE_CHECKING:
    from datetime import datetime

DURING = between("2026-11-27 15:00", "2026-11-29 11:00")
TIERS = (CancellationTier(7 * 1440, 100), CancellationTier(1440, 50), CancellationTier(0, 10))
LAST_FREE, LAST_HALF = DURING.starts_at - timedelta(days=7), DURING.starts_at - timedelta(days=1)
TOO_LATE = DURING.starts_at + timedelta(minutes=1)


def reservation(total: int = 20_000, state: State = State.CONFIRMED, during: TimeRange = DURING) -> Reservation:
    return Reservation(
        id=UUID(int=1),
        code="QX7R-M2KD",
        resource_id=UUID(int=1),
        guest=Guest(UUID(int=3), "Ada", "ada@example.org", None),
        state=state,
        during=during,
        stay=None,
        quantity=1,
        party_size=1,
        units=UnitSet.of((4,)),
        units_promised=False,
        notes="",
        price=Quote("EUR", total, ()),
        zone=LISBON,
        policy_id=UUID(int=5),
        policy_version=1,
        hold_expires_at=None,
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )


def under(*tiers: CancellationTier, **changes: object) -> Policy:
    return policy(NIGHTS, cancellation=tiers, **changes)


def costing(before: Reservation, total: int, **changes: object) -> Reservation:
    return replace(before, price=Quote("EUR", total, ()), **changes)  # type: ignore[arg-type] - fields of the class


def cancelled(before: Reservation, terms: Policy, now: datetime) -> Reservation:
    return settled(before, replace(before, state=State.CANCELLED), terms, now)


def moved(before: Reservation, days: int, terms: Policy, now: datetime, total: int | None = None) -> Reservation:
    during = TimeRange(before.during.starts_at + timedelta(days=days), before.during.ends_at + timedelta(days=days))
    return settled(before, costing(before, before.price.total if total is None else total, during=during), terms, now)


# Tiers


@st.composite
def cancellations(draw: st.DrawFn) -> tuple[CancellationTier, ...]:
    tier = st.builds(CancellationTier, until_minutes_before=st.integers(0, 100_000), refund_percent=st.integers(0, 100))
    found = draw(st.lists(tier, max_size=4, unique_by=lambda one: one.until_minutes_before))
    percents = sorted((one.refund_percent for one in found), reverse=True)
    minutes = sorted((one.until_minutes_before for one in found), reverse=True)
    return tuple(map(CancellationTier, minutes, percents))


minutes_before = st.integers(-10_000, 200_000)
amounts = st.integers(0, 10**6)


@given(cancellations(), st.integers(0, 10**9), minutes_before, st.integers(0, 10_000))
def test_waiting_never_pays_and_nobody_gets_more_than_the_price(
    tiers: tuple[CancellationTier, ...], price: int, before: int, waiting: int
) -> None:
    early = refund(tiers, price, DURING.starts_at, DURING.starts_at - timedelta(minutes=before))
    late = refund(tiers, price, DURING.starts_at, DURING.starts_at - timedelta(minutes=before - waiting))
    assert 0 <= late <= early <= price


@pytest.mark.parametrize(
    ("now", "given_back"),
    [
        ("2026-11-20 15:00", 9999),
        ("2026-11-20 15:01", 5000),  # half of 9999, half a unit up
        ("2026-11-26 15:00", 5000),
        ("2026-11-26 15:01", 1000),
        ("2026-11-27 15:00", 1000),
        ("2026-11-27 15:01", 0),
    ],
)
def test_a_tier_counts_until_its_last_minute(now: str, given_back: int) -> None:
    assert refund(TIERS, 9999, DURING.starts_at, at(now)) == given_back


def test_without_tiers_nothing_is_given_back() -> None:
    assert refund((), 9999, DURING.starts_at, NOW) == 0


# Ends


def test_the_price_is_owed_from_the_confirmation_on() -> None:
    terms = under(*TIERS)
    for state in State:
        assert due(reservation(state=state)) == (20_000 if state in OWING_STATES else 0)
    held = reservation(state=State.HELD)
    confirmed = settled(held, replace(held, state=State.CONFIRMED), terms, TOO_LATE)
    assert (due(confirmed), confirmed.refund, confirmed.retained) == (20_000, 0, 0)


@pytest.mark.parametrize("state", [State.HELD, State.PENDING])
@pytest.mark.parametrize("ended", sorted(ENDED_STATES))
def test_nothing_is_given_back_of_what_was_never_owed(state: State, ended: State) -> None:
    before = reservation(state=state)
    after = settled(before, replace(before, state=ended), under(*TIERS), LAST_FREE)
    assert (due(after), after.refund, after.retained) == (0, 0, 0)


@pytest.mark.parametrize(("now", "given_back"), [(LAST_FREE, 20_000), (LAST_HALF, 10_000), (TOO_LATE, 0)])
def test_a_cancellation_gives_back_by_the_tier_and_retains_the_rest(now: datetime, given_back: int) -> None:
    after = cancelled(reservation(), under(*TIERS), now)
    assert (due(after), after.refund, after.retained) == (20_000 - given_back, given_back, 20_000 - given_back)


def test_who_does_not_come_gets_nothing_back_and_owes_the_same_when_that_was_a_mistake() -> None:
    before = replace(reservation(), retained=500)
    missed = settled(before, replace(before, state=State.NO_SHOW), under(CancellationTier(0, 100)), DURING.starts_at)
    assert (due(missed), missed.refund, missed.retained) == (20_500, 0, 20_500)
    back = settled(missed, before, under(*TIERS), TOO_LATE)
    assert (due(back), back.retained, back.nonrefundable) == (20_500, 500, 0)


# Changes


@given(cancellations(), minutes_before, amounts, amounts)
def test_what_is_given_up_gives_back_what_cancelling_it_would(
    tiers: tuple[CancellationTier, ...], minutes: int, stays: int, goes: int
) -> None:
    terms, now = under(*tiers), DURING.starts_at - timedelta(minutes=minutes)
    before = reservation(stays + goes)
    after = settled(before, costing(before, stays), terms, now)
    assert after.refund == refund(tiers, goes, DURING.starts_at, now)
    assert due(after) == stays + after.retained == before.price.total - (after.refund or 0)
    rest = cancelled(after, terms, now)
    at_once = cancelled(before, terms, now)
    assert abs((after.refund or 0) + (rest.refund or 0) - (at_once.refund or 0)) <= 1  # each is rounded by itself


def test_what_costs_more_owes_more_and_what_was_retained_counts_towards_it() -> None:
    terms, before = under(*TIERS), reservation(40_000)
    shorter = settled(before, costing(before, 20_000), terms, LAST_HALF)
    assert (due(shorter), shorter.refund, shorter.retained) == (30_000, 10_000, 10_000)
    longer = settled(shorter, costing(shorter, 25_000), terms, LAST_HALF)
    assert (due(longer), longer.refund, longer.retained) == (30_000, 0, 5_000)
    longest = settled(longer, costing(longer, 60_000), terms, LAST_HALF)
    assert (due(longest), longest.refund, longest.retained) == (60_000, 0, 0)


def test_moving_away_and_cancelling_there_gives_back_no_more_than_cancelling_at_first() -> None:
    terms = under(*TIERS)
    for now, given_back in ((LAST_FREE, 20_000), (LAST_HALF, 10_000), (DURING.starts_at, 2_000)):
        away = moved(reservation(), 300, terms, now)
        assert (due(away), away.refund, away.retained) == (20_000, 0, 0)
        after = cancelled(away, terms, now)
        assert (after.refund, after.retained) == (given_back, 20_000 - given_back)
        again = cancelled(moved(moved(away, 300, terms, now), -600, terms, now), terms, now)
        assert (again.refund, again.retained) == (given_back, 20_000 - given_back)


@given(cancellations(), st.lists(st.tuples(st.integers(-400, 400), st.none() | amounts), max_size=5))
def test_no_chain_of_moves_pays(tiers: tuple[CancellationTier, ...], moves: list[tuple[int, int | None]]) -> None:
    terms, now = under(*tiers), LAST_HALF
    one = reservation()
    least = due(cancelled(one, terms, now))
    for days, total in moves:
        one = moved(one, days, terms, now, total)
        assert due(one) >= one.price.total
        assert due(cancelled(one, terms, now)) >= least


def test_a_tenant_may_let_only_the_new_start_count() -> None:
    terms = under(*TIERS, guest_changes=GuestChanges(renews_cancellation=True))
    after = cancelled(moved(reservation(), 300, terms, TOO_LATE), terms, TOO_LATE)
    assert (after.refund, after.retained) == (20_000, 0)


def test_what_is_moved_to_where_it_is_held_first_owes_what_a_cancellation_would_have_retained() -> None:
    terms, before = under(*TIERS), reservation()
    held = replace(before, state=State.HELD, resource_id=UUID(int=2))
    after = settled(before, held, terms, LAST_HALF)
    assert (due(after), after.refund, after.retained) == (10_000, 10_000, 10_000)
    expired = settled(after, replace(after, state=State.EXPIRED), terms, LAST_HALF)
    assert (due(expired), expired.refund) == (10_000, 0)
    confirmed = settled(after, replace(after, state=State.CONFIRMED), terms, LAST_HALF)
    assert (due(confirmed), confirmed.retained) == (20_000, 0)
    assert cancelled(confirmed, terms, LAST_FREE).refund == 10_000


# Leaving early

WEEK = Stay(date(2026, 11, 27), date(2026, 12, 4))
NIGHTLY = Rates(Base("night", 10_000), length_of_stay=(LengthOfStay(7, 10),))
LEAVING = (CancellationTier(2 * 1440, 100), CancellationTier(1440, 50))


def left(now: str, early_check_out: str = "by_tiers", **changes: object) -> Reservation:
    before = replace(reservation(63_000, State.CHECKED_IN), stay=WEEK, during=NIGHTS.during(WEEK, LISBON), **changes)  # type: ignore[arg-type] - fields of the class
    terms = under(*LEAVING, early_check_out=early_check_out, rates=NIGHTLY)
    after = settled(before, replace(before, state=State.COMPLETED), terms, at(now))
    return left_early(before, after, terms, resource(), "EUR", at(now))


def test_who_leaves_early_owes_the_price_unless_the_policy_says_otherwise() -> None:
    after = left("2026-11-28 09:00", "keep_price")
    assert (after.price.total, due(after), after.refund, after.retained) == (63_000, 63_000, 0, 0)


def test_nights_that_have_not_begun_are_given_back_by_their_own_start() -> None:
    # Two nights of seven; the third begins on the 29th at 15:00. The last one costs 3,000 more, by the discount.
    after = left("2026-11-28 16:00")
    assert after.price.total == 20_000
    assert after.refund == 28_000  # nothing of the third, half of the fourth, all of the others
    assert (due(after), after.retained) == (35_000, 15_000)


def test_the_night_that_is_running_is_owed_and_so_is_the_first_one() -> None:
    assert left("2026-12-03 16:00").refund == 0
    assert left("2026-11-27 14:00").price.total == 10_000


def test_what_cannot_be_refunded_is_not_given_back_to_who_leaves_early() -> None:
    after = left("2026-11-28 16:00", nonrefundable=50_000)
    assert (due(after), after.refund) == (50_000, 13_000)


def tiers_of(minutes: set[int], percents: list[int]) -> list[CancellationTier]:
    """As many tiers as there are numbers for both, from early to late; waiting never pays."""
    return list(
        starmap(CancellationTier, zip(sorted(minutes, reverse=True), sorted(percents, reverse=True), strict=False))
    )


TIERS_OF_ANY_KIND = st.builds(
    tiers_of,
    st.sets(st.integers(0, 60) | st.integers(0, 30_000), max_size=6),
    st.lists(st.integers(0, 100), max_size=6),
)


@given(
    TIERS_OF_ANY_KIND,
    st.integers(-40_000, 3_000),
    st.integers(0, 10**6),
    st.integers(0, 10**5),
    st.integers(0, 10**5),
    st.sampled_from([State.CONFIRMED, State.HELD, State.PENDING]),
)
def test_the_current_step_is_what_cancelling_gives_back(
    tiers: list[CancellationTier], minutes: int, total: int, retained: int, nonrefundable: int, state: State
) -> None:
    now, terms = DURING.starts_at + timedelta(minutes=minutes), under(*tiers)
    before = replace(reservation(total, state), retained=retained, nonrefundable=nonrefundable)
    steps = refund_steps_of(before, terms, now)
    confirmed = settled(before, replace(before, state=State.CONFIRMED), terms, now)
    confirmed = before if state is State.CONFIRMED else confirmed
    cancelled = settled(confirmed, replace(confirmed, state=State.CANCELLED), terms, now)
    [current] = [step for step in steps if step.current]
    assert (current.refund, current.retained) == (cancelled.refund, cancelled.retained)
    assert all(step.refund + step.retained == due(confirmed) or step.refund == 0 for step in steps)


@given(TIERS_OF_ANY_KIND, st.integers(-40_000, 3_000))
def test_steps_go_on_in_time_and_down_in_what_they_give_back(tiers: list[CancellationTier], minutes: int) -> None:
    now = DURING.starts_at + timedelta(minutes=minutes)
    steps = refund_steps(tiers, DURING.starts_at, now, price=1000)
    assert (steps[-1].until, steps[-1].percent, steps[-1].refund) == (None, 0, 0)
    ends = [step.until for step in steps[:-1]]
    assert ends == sorted(set(ends), key=str)
    assert [step.percent for step in steps] == sorted({step.percent for step in steps}, reverse=True)
    for step in steps[:-1]:
        assert step.until is not None
        after = step.until + timedelta.resolution
        assert (
            refund(tiers, 1000, DURING.starts_at, step.until)
            == step.refund
            > refund(tiers, 1000, DURING.starts_at, after)
        )


def test_a_step_counts_until_its_last_instant() -> None:
    def current(now: datetime) -> int:
        [step] = [one for one in refund_steps(TIERS, DURING.starts_at, now, price=200) if one.current]
        return step.percent

    instant = timedelta.resolution
    assert [current(at) for at in (LAST_FREE, LAST_FREE + instant, LAST_HALF, LAST_HALF + instant)] == [100, 50, 50, 10]
    assert [current(at) for at in (DURING.starts_at, DURING.starts_at + instant)] == [10, 0]
