"""The examples of docs/POLICIES.md about what is owed: each is run, and each that is run is told."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.core.money import Quote, money_text
from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.policies.model.policies import CancellationTier, GuestChanges, Policy
from chalicelib.policies.model.rates import Base, Rates
from chalicelib.reservations.model.dues import due, left_early, settled
from chalicelib.reservations.model.reservations import Reservation, State
from tests.policies.test_policies_page import PAGE
from tests.reservations.test_dues import reservation
from tests.subjects import LISBON, NIGHTS, policy, resource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

FOUR = Stay(date(2026, 11, 27), date(2026, 12, 1))
START = NIGHTS.during(FOUR, LISBON).starts_at
DAY = timedelta(days=1)
TERMS = policy(
    NIGHTS,
    cancellation=(CancellationTier(7 * 1440, 100), CancellationTier(2 * 1440, 50)),
    rates=Rates(Base("night", 10_000)),
)
RENEWING = replace(TERMS, guest_changes=GuestChanges(renews_cancellation=True))


def made(state: State = State.CONFIRMED) -> Reservation:
    return replace(reservation(40_000, state, NIGHTS.during(FOUR, LISBON)), stay=FOUR)


def to(state: State, before: Reservation, now: datetime, terms: Policy = TERMS) -> Reservation:
    return settled(before, replace(before, state=state), terms, now)


def costing(total: int, before: Reservation, now: datetime) -> Reservation:
    return settled(before, replace(before, price=Quote("EUR", total, ())), TERMS, now)


def moved(now: datetime, terms: Policy = TERMS) -> Reservation:
    before = made()
    during = TimeRange(before.during.starts_at + 365 * DAY, before.during.ends_at + 365 * DAY)
    return settled(before, replace(before, during=during), terms, now)


def left(after: timedelta, terms: Policy) -> Reservation:
    before = made(State.CHECKED_IN)
    gone = to(State.COMPLETED, before, START + after, terms)
    return left_early(before, gone, terms, resource(), "EUR", START + after)


EXAMPLES: Mapping[str, Callable[[], Reservation]] = {
    "held, then cancelled a day before": lambda: to(State.CANCELLED, made(State.HELD), START - DAY),
    "cancelled 7 days before": lambda: to(State.CANCELLED, made(), START - 7 * DAY),
    "cancelled 3 days before": lambda: to(State.CANCELLED, made(), START - 3 * DAY),
    "shortened to two nights 3 days before": lambda: costing(20_000, made(), START - 3 * DAY),
    "shortened to two nights 3 days before, then extended to three": lambda: costing(
        30_000, costing(20_000, made(), START - 3 * DAY), START - 3 * DAY
    ),
    "moved by a year 3 days before": lambda: moved(START - 3 * DAY),
    "moved by a year 3 days before, then cancelled at once": lambda: to(
        State.CANCELLED, moved(START - 3 * DAY), START - 3 * DAY
    ),
    "moved by a year a day before, then cancelled at once": lambda: to(
        State.CANCELLED, moved(START - DAY), START - DAY
    ),
    "moved by a year a day before, then cancelled at once, with `renews_cancellation`": lambda: to(
        State.CANCELLED, moved(START - DAY, RENEWING), START - DAY
    ),
    "the guest did not come": lambda: to(State.NO_SHOW, made(), START + DAY),
    "left on the second day": lambda: left(DAY, TERMS),
    "left on the first day, with `by_tiers`": lambda: left(
        timedelta(hours=1), replace(TERMS, early_check_out="by_tiers")
    ),
}
TOLD = dict(re.findall(r"^\| ([^|]+) \| ([\d.]+ \| [\d.]+ \| [\d.]+) \|$", PAGE, re.MULTILINE))


@pytest.mark.parametrize("happens", EXAMPLES)
def test_what_is_owed_is_as_told(happens: str) -> None:
    after = EXAMPLES[happens]()
    amounts = (due(after), after.refund or 0, after.retained)
    assert TOLD[happens] == " | ".join(money_text(amount, "EUR").removesuffix(" EUR") for amount in amounts)


def test_every_example_is_run() -> None:
    assert TOLD.keys() == EXAMPLES.keys()
