"""Who changes rooms is in each while they are there: the past stays where it was, wherever it is told."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.core.errors import RuleViolationsError
from chalicelib.core.time_ranges import TimesWanted
from chalicelib.http.context import Context
from chalicelib.reporting.read_calendar import read_calendar, read_day
from chalicelib.reporting.read_statistics import Step, read_statistics
from chalicelib.reservations.change_reservation import Change
from chalicelib.reservations.model.reservations import Action, Reservation
from tests.offers import STAY, Offer, policy
from tests.stage import MINUTE, MORNING, TENANT, Stage, hours, offer, open_stage

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.databases import Database

FIRST, LAST = date(2027, 6, 1), date(2027, 6, 5)
NIGHTS = TimesWanted(check_in_on=FIRST, check_out_on=LAST)


@contextmanager
def open_house(database: Database) -> Generator[tuple[Stage, Reservation]]:
    """Two rooms, and a guest who came into the first one on 1 June and stays for four nights."""
    rooms = [Offer(slug=slug, document=policy(STAY), assignment="labelled", units=(slug,)) for slug in ("a", "b")]
    with open_stage(database, *rooms) as stage:
        here = stage.reserve("a", NIGHTS)
        stage.pass_by(8 * 60 * MINUTE)
        stage.step(here, Action.CHECK_IN)
        yield stage, here


def into(stage: Stage, slug: str) -> Change:
    return Change(Action.MOVE, resource_id=stage.resources[slug])


def occupied(stage: Stage, as_of: datetime | None = None) -> dict[str, list[int]]:
    """How many units are taken on each of the five days."""
    return counted(stage, "occupied", as_of)


def lacking(stage: Stage, as_of: datetime | None = None) -> dict[str, list[int]]:
    """How many units others have on each of the five days."""
    return counted(stage, "taken_elsewhere", as_of)


def counted(stage: Stage, member: str, as_of: datetime | None) -> dict[str, list[int]]:
    found = read_calendar(
        Context(stage.application, TENANT), FIRST, LAST + timedelta(days=1), resource_id=None, as_of=as_of
    )
    names = {resource_id: slug for slug, resource_id in stage.resources.items()}
    taken: dict[str, list[int]] = {slug: [] for slug in stage.resources}
    for day in found.days:
        for one in day.resources:
            taken[names[one.resource_id]].append(getattr(one, member))
    return taken


def figures(stage: Stage) -> dict[str, tuple[int, int, int, int]]:
    """Nights, minutes, revenue and guests who came, of each resource."""
    found = read_statistics(Context(stage.application, TENANT), FIRST, LAST + timedelta(days=1), Step.DAY, None)
    return {offered.slug: (one.nights, one.reserved_minutes, one.revenue, one.came) for offered, one in found.resources}


SHARE = "UPDATE resources SET inventory_id = %s, units = '{[1,2)}' WHERE id = %s"


def test_what_shares_a_room_lacks_it_while_the_guest_was_there(database: Database) -> None:
    """Room a is also offered as suite, of the same unit."""
    rooms = [Offer(slug=slug, document=policy(STAY), assignment="labelled") for slug in ("a", "b", "suite")]
    with open_stage(database, *rooms) as stage:
        with psycopg.connect(database.owner) as owner:
            owner.execute(SHARE, [stage.resources["a"], stage.resources["suite"]])
        here = stage.reserve("a", NIGHTS)
        stage.pass_by(8 * 60 * MINUTE)
        stage.step(here, Action.CHECK_IN)
        assert lacking(stage)["suite"] == [1, 1, 1, 1, 0]
        stage.pass_by(42 * 60 * MINUTE)  # at ten in the morning of 3 June
        moved_at = MORNING + timedelta(hours=50)
        stage.change(here, into(stage, "b"))
        assert not stage.broken()
        assert lacking(stage) == {"a": [0] * 5, "b": [0] * 5, "suite": [1, 1, 0, 0, 0]}
        assert lacking(stage, moved_at) == lacking(stage)
        assert lacking(stage, moved_at - MINUTE)["suite"] == [1, 1, 1, 1, 0]


def test_nights_that_are_over_stay_in_the_room_where_they_were_spent(database: Database) -> None:
    with open_house(database) as (stage, here):
        before = figures(stage)
        stage.pass_by(42 * 60 * MINUTE)  # at ten in the morning of 3 June
        moved_at = MORNING + timedelta(hours=50)
        moved = stage.change(here, into(stage, "b"))
        stage.pass_by(MINUTE)
        assert not stage.broken()
        assert occupied(stage) == {"a": [1, 1, 0, 0, 0], "b": [0, 0, 1, 1, 0]}
        assert occupied(stage, moved_at - MINUTE) == {"a": [1, 1, 1, 1, 0], "b": [0, 0, 0, 0, 0]}
        assert occupied(stage, moved_at) == occupied(stage)
        total = here.price.total
        assert before == {"a": (4, 4 * 1440, total, 1), "b": (0, 0, 0, 0)}
        assert figures(stage) == {"a": (2, 2 * 1440, total // 2, 1), "b": (2, 2 * 1440, total // 2, 0)}
        for on, slug in ((2, "a"), (3, "b"), (4, "b")):
            [staying] = read_day(Context(stage.application, TENANT), date(2027, 6, on)).staying
            assert (staying.resource_id, list(staying.units)) == (stage.resources[slug], [1])
        [room] = moved.earlier_rooms
        assert (room.resource_id, room.during.ends_at) == (stage.resources["a"], moved_at)

        longer = stage.change(here, Change(Action.EXTEND, times=TimesWanted(check_out_on=date(2027, 6, 6))))
        assert sum(one[2] for one in figures(stage).values()) == longer.price.total
        assert figures(stage)["a"][2] == longer.price.total * 2 // 5
        stage.change(here, Change(Action.SHORTEN, times=TimesWanted(check_out_on=LAST)))
        back = stage.change(here, into(stage, "a"))  # one minute later: no night in between
        assert [room.resource_id for room in back.earlier_rooms] == [stage.resources["a"], stage.resources["b"]]
        stage.pass_by(MINUTE)
        assert occupied(stage) == {"a": [1, 1, 1, 1, 0], "b": [0, 0, 1, 0, 0]}  # for that minute
        assert figures(stage) == before
        stage.step(here, Action.CHECK_OUT)
        assert not stage.broken()


def test_hours_that_are_over_stay_in_the_room_where_they_were_spent(database: Database) -> None:
    with open_stage(database, offer("a"), offer("b")) as stage:
        here = stage.reserve("a", hours(1, 6))
        stage.step(here, Action.CHECK_IN)
        stage.pass_by(180 * MINUTE)
        stage.change(here, into(stage, "b"))
        assert stage.reserve("a", hours(3, 6)).state == "confirmed"  # nobody counts its time in a twice
        stage.pass_by(MINUTE)
        assert not stage.broken()
        assert {slug: days[0] for slug, days in occupied(stage).items()} == {"a": 1, "b": 1}
        assert figures(stage)["a"][:2] == (0, 300)
        assert figures(stage)["b"][:2] == (0, 180)
        # Two of five hours in a, where three more are sold; three in b.
        assert [figures(stage)[slug][2] for slug in ("a", "b")] == [here.price.total, here.price.total * 3 // 5]
        assert figures(stage)["b"][3] == 0


def test_a_reservation_ends_after_its_guest_changed_rooms_and_their_coming_is_no_mistake(database: Database) -> None:
    with open_stage(database, offer("a"), offer("b")) as stage:
        here = stage.reserve("a", hours(1, 6))
        stage.pass_by(120 * MINUTE)
        stage.step(here, Action.CHECK_IN)
        stage.pass_by(MINUTE)
        moved = stage.change(here, into(stage, "b"))
        sooner = TimesWanted(ends_at=MORNING + timedelta(hours=2))
        for refused in (lambda: stage.change(moved, Change(Action.SHORTEN, times=sooner)), lambda: stage.undo(moved)):
            with pytest.raises(RuleViolationsError) as caught:
                refused()
            assert [violation.code for violation in caught.value.violations] == ["changed_rooms"]
        assert not stage.broken()


def test_who_changes_rooms_before_the_start_was_in_no_other(database: Database) -> None:
    with open_stage(database, offer("a"), offer("b")) as stage:
        here = stage.reserve("a", hours(0.5, 6))
        stage.step(here, Action.CHECK_IN)
        assert stage.change(here, into(stage, "b")).earlier_rooms == ()
        assert {slug: days[0] for slug, days in occupied(stage).items()} == {"a": 0, "b": 1}
        assert not stage.broken()
