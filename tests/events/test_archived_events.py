"""Histories after months of events were archived: told by what is kept, or refused with where that begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.availability.close_units import ClosureRequest
from chalicelib.core.errors import ArchivedError, NotFoundError, RuleViolationsError
from chalicelib.core.time_ranges import TimeRange, TimesWanted
from chalicelib.http.context import Context
from chalicelib.http.problems import of_refusal
from chalicelib.jobs.budget import Budget
from chalicelib.jobs.make_partitions import make_partitions
from chalicelib.reporting.read_calendar import Calendar, read_calendar
from chalicelib.reservations.change_reservation import Change
from chalicelib.reservations.model.reservations import Action
from chalicelib.reservations.reservation_events import facts_of
from chalicelib.reservations.search_reservations import read_as_of, read_history
from tests.months import age_events, begin_three_months_ago
from tests.stage import TENANT, Stage, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Generator

    from chalicelib.reservations.model.reservations import Reservation
    from tests.databases import Database

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
AGES_AGO = NOW - timedelta(days=150)
LATELY = NOW - timedelta(days=20)


@pytest.fixture
def stage(database: Database) -> Generator[Stage]:
    """A tenant whose clock stands five months ago."""
    begin_three_months_ago(database)
    with open_stage(database, offer("room", capacity=5), at=AGES_AGO) as stage:
        yield stage


def archive(stage: Stage) -> datetime:
    """Let five months pass and archive what is older than two; return where what is kept begins."""
    age_events(stage.databases, 5)
    assert make_partitions(stage.jobs, Budget(20), 2) == 4
    stage.clock.move(NOW)
    with psycopg.connect(stage.databases.owner) as owner:
        row = owner.execute("SELECT date_trunc('month', now(), 'UTC') - interval '3 months'").fetchone()
    assert row is not None
    return row[0]


def times(day: int, hours: int = 2) -> TimesWanted:
    return TimesWanted(starts_at=NOW + timedelta(days=day), ends_at=NOW + timedelta(days=day, hours=hours))


def closed(stage: Stage, day: int, unit: int) -> ClosureRequest:
    during = TimeRange(NOW + timedelta(days=day), NOW + timedelta(days=day + 1))
    return ClosureRequest(stage.resources["room"], during, "Painters", [unit])


def as_of(stage: Stage, reservation: Reservation, instant: datetime) -> dict[str, object]:
    return read_as_of(Context(stage.application, TENANT), reservation.id, instant)


def calendar(stage: Stage, instant: datetime | None) -> Calendar:
    until_on = (NOW + timedelta(days=30)).date()
    return read_calendar(Context(stage.application, TENANT), NOW.date(), until_on, resource_id=None, as_of=instant)


def test_a_reservation_is_told_as_it_stood_though_its_beginning_is_archived(stage: Stage) -> None:
    untouched, changed = stage.reserve("room", times(10)), stage.reserve("room", times(12))
    kept_from = archive(stage)
    extended = stage.change(changed, Change(Action.EXTEND, times=TimesWanted(ends_at=times(12, 4).ends_at)))
    assert extended.during != changed.during
    for instant in (kept_from, LATELY, NOW):
        assert as_of(stage, untouched, instant) == facts_of(untouched)
        assert as_of(stage, changed, instant) == facts_of(extended if instant == NOW else changed)
    with pytest.raises(ArchivedError) as refused:
        as_of(stage, changed, kept_from - timedelta(microseconds=1))
    assert refused.value.kept_from == kept_from
    answer = of_refusal(refused.value, "r")
    assert (answer.status_code, '"code": "archived"' in answer.body) == (410, True)
    assert kept_from.date().isoformat() in answer.body
    with pytest.raises(NotFoundError):
        as_of(stage, changed, AGES_AGO - timedelta(days=1))


def test_a_history_says_from_when_on_it_is_complete(stage: Stage) -> None:
    old = stage.reserve("room", times(10))
    assert read_history(Context(stage.application, TENANT), old.id)[1] is None
    kept_from = archive(stage)
    assert read_history(Context(stage.application, TENANT), old.id) == ([], kept_from)
    told, since = read_history(Context(stage.application, TENANT), stage.reserve("room", times(11)).id)
    assert (len(told), since) == (1, None)


def test_the_calendar_is_told_as_it_stood_though_what_led_to_it_is_archived(stage: Stage) -> None:
    stage.reserve("room", times(10))
    cancelled = stage.reserve("room", times(12))
    stage.close(closed(stage, 14, 1))
    reopened = stage.close(closed(stage, 16, 2))
    kept_from = archive(stage)
    as_it_stood = calendar(stage, None)
    stage.step(cancelled, Action.CANCEL)
    stage.reopen(reopened)
    stage.reserve("room", times(13))
    stage.close(closed(stage, 20, 3))
    assert calendar(stage, LATELY) == as_it_stood
    assert calendar(stage, NOW) == calendar(stage, None) != as_it_stood
    assert sum(one.occupied + one.closed for day in as_it_stood.days for one in day.resources) >= 4
    with pytest.raises(ArchivedError):
        calendar(stage, kept_from - timedelta(microseconds=1))


def test_what_happened_in_an_archived_month_is_too_old_to_be_taken_back(stage: Stage) -> None:
    starts_at = AGES_AGO + timedelta(hours=1)
    made = stage.reserve("room", TimesWanted(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2)))
    stage.clock.move(starts_at)
    stage.step(made, Action.CHECK_IN)
    archive(stage)
    with pytest.raises(RuleViolationsError) as refused:
        stage.undo(made)
    assert [violation.code for violation in refused.value.violations] == ["too_late"]
