"""A look at what nothing has changed is answered by what is remembered, and never by anything that has."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.availability.close_units import ClosureRequest
from chalicelib.availability.list_availability import Look, PeriodWanted, list_availability
from chalicelib.availability.remembered_looks import FRESH, LookMemory
from chalicelib.core.errors import NotFoundError
from chalicelib.core.time_ranges import TimeRange
from chalicelib.http.context import Context
from chalicelib.reservations.model.reservations import Action
from tests.offers import INTERVAL, add_tenant, policy, publish
from tests.stage import MORNING, TENANT, Stage, hours, offer, open_stage

if TYPE_CHECKING:
    from tests.databases import Database

ONE_HOUR = timedelta(hours=1)
DAY = PeriodWanted(MORNING, MORNING + timedelta(hours=12))
HELD = {"kind": "hold", "hold_minutes": 10}
SECOND = timedelta(seconds=1)


def look(stage: Stage, memory: LookMemory, tenant: str = TENANT, slug: str = "room") -> Look:
    return list_availability(Context(stage.application, tenant), memory, slug, DAY, 1, 1)


def free(found: Look) -> list[tuple[float, float]]:
    """The free ranges, in hours after the morning."""
    ranges = found.listing.ranges or ()
    return [((one.starts_at - MORNING) / ONE_HOUR, (one.ends_at - MORNING) / ONE_HOUR) for one in ranges]


def test_the_same_look_is_answered_by_the_same_listing(database: Database) -> None:
    with open_stage(database, offer("room")) as stage:
        memory = LookMemory()
        first = look(stage, memory)
        stage.pass_by(2 * SECOND)
        again = look(stage, memory)
        assert again.listing is first.listing
        assert (first.age, timedelta() < again.age < FRESH) == (timedelta(), True)


def test_whatever_happens_to_units_is_seen_by_the_next_look(database: Database) -> None:
    with open_stage(database, offer("room", HELD)) as stage:
        memory = LookMemory()
        assert free(look(stage, memory)) == [(0, 12)]
        held = stage.reserve("room", hours(5, 6))
        assert free(look(stage, memory)) == [(0, 5), (6, 12)]
        confirmed = stage.confirm(held)
        moved = stage.move(confirmed, hours(7, 8))
        assert free(look(stage, memory)) == [(0, 7), (8, 12)]
        stage.step(moved, Action.CANCEL)
        stage.reserve("room", hours(7, 9))
        assert free(look(stage, memory)) == [(0, 7), (9, 12)]
        closed = TimeRange(MORNING, MORNING + timedelta(hours=1))
        stage.close(ClosureRequest(stage.resources["room"], closed, "paint", (1,)))
        assert free(look(stage, memory)) == [(1, 7), (9, 12)]


def test_a_hold_that_ends_is_free_in_the_next_look_though_nobody_swept_it(database: Database) -> None:
    with open_stage(database, offer("room", HELD)) as stage:
        memory = LookMemory()
        stage.reserve("room", hours(5, 6))
        stage.pass_by(timedelta(minutes=10) - SECOND)
        assert len(free(look(stage, memory))) == 2
        stage.pass_by(SECOND)
        assert len(free(look(stage, memory))) == 1


def test_new_terms_are_seen_by_the_next_look(database: Database) -> None:
    with open_stage(database, offer("room"), offer("other")) as stage:
        memory = LookMemory()
        assert len(free(look(stage, memory))) == 1
        hours_open = {"rule": "opening_hours", "weekly": {"tue": [{"opens": "10:00", "closes": "12:00"}]}}
        publish(database.owner, stage.resources["room"], policy(INTERVAL, hours_open, per="hour"))
        assert free(look(stage, memory)) == [(2, 4)]
        with psycopg.connect(database.owner) as owner:
            owner.execute("UPDATE tenants SET timezone = 'Asia/Tokyo', version = version + 1 WHERE slug = %s", [TENANT])
        assert free(look(stage, memory)) == []  # from 01:00 to 03:00 UTC
        with psycopg.connect(database.owner) as owner:
            owner.execute(
                "UPDATE resources SET archived_at = clock_now(), version = version + 1 WHERE slug = 'room' RETURNING 1"
            )
        with pytest.raises(NotFoundError):
            look(stage, memory)


def test_what_the_clock_decides_is_looked_at_again_when_an_answer_is_not_fresh_any_more(database: Database) -> None:
    with open_stage(database, offer("room")) as stage:
        memory = LookMemory()
        stage.pass_by(timedelta(minutes=60) - SECOND)
        assert free(look(stage, memory)) == [(1, 12)]
        stage.pass_by(FRESH - SECOND)
        assert free(look(stage, memory)) == [(1, 12)]  # for a moment more, as caches may
        stage.pass_by(SECOND)
        later = look(stage, memory)
        assert (free(later), later.age) == ([(1.5, 12)], timedelta())


def test_tenants_who_call_theirs_alike_see_their_own(database: Database) -> None:
    with open_stage(database, offer("room")) as stage:
        add_tenant(database.owner, "other", [offer("room")])
        memory = LookMemory()
        stage.reserve("room", hours(5, 6))
        mine, theirs = look(stage, memory), look(stage, memory, "other")
        assert (len(free(mine)), len(free(theirs))) == (2, 1)
        again = look(stage, memory), look(stage, memory, "other")
        assert [one.listing for one in again] == [mine.listing, theirs.listing]
        assert mine.listing.outlook.resource.id != theirs.listing.outlook.resource.id


def test_other_questions_have_other_answers(database: Database) -> None:
    with open_stage(database, offer("room", capacity=2)) as stage:
        memory = LookMemory()
        stage.reserve("room", hours(5, 6))
        asked = Context(stage.application, TENANT), memory, "room"
        assert len(list_availability(*asked, DAY, 1, 1).listing.ranges or ()) == 1
        assert len(list_availability(*asked, DAY, 2, 1).listing.ranges or ()) == 2
        assert len(list_availability(*asked, DAY, 1, 90).listing.ranges or ()) == 0
        with_reasons = list_availability(*asked, DAY, 1, 1, reasons=True).listing
        assert with_reasons.unavailable is not None
        assert list_availability(*asked, DAY, 1, 1).listing.unavailable is None


def test_what_is_remembered_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.availability.remembered_looks.MOST_PARTS", 4)
    with open_stage(database, offer("room"), offer("second"), offer("third")) as stage:
        memory = LookMemory()
        first = look(stage, memory)
        assert look(stage, memory).listing is first.listing
        for slug in ("second", "third"):
            look(stage, memory, slug=slug)
        assert look(stage, memory).listing is not first.listing
