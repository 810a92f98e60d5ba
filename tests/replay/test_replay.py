"""A slice of the real bookings through the real gateway, functions and Postgres, against plain counting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.databases import new_database
from tests.replay.playing import Replay, fewer_rooms, play
from tests.replay.rows import SLICE
from tools.replay.bookings import read_bookings
from tools.replay.hotel import SLUG, ZONE
from tools.replay.oracle import Verdict
from tools.replay.report import make_report
from tools.replay.statistics import statistics_differ
from tools.replay.timeline import Action, steps

if TYPE_CHECKING:
    from collections.abc import Generator

    from local.postgres.cluster import Cluster


# With moves nothing is left out of what happens without them but the rooms that were enough: that takes its time.
AS_BOOKED = pytest.param(False, id="as booked", marks=pytest.mark.slow)


@pytest.fixture(scope="module", params=[AS_BOOKED, pytest.param(True, id="with moves")])
def replay(
    request: pytest.FixtureRequest, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Replay]:
    access_log = tmp_path_factory.mktemp("replay") / "access.log"
    bookings = read_bookings(SLICE)
    with new_database(cluster) as database:
        yield play(database, access_log, bookings, fewer_rooms(bookings, moves=request.param), moves=request.param)


def test_every_event_ends_as_counting_says(replay: Replay) -> None:
    ended = [(outcome.event, outcome.verdict) for outcome in replay.played.outcomes]
    assert ended == list(zip(replay.happened, replay.expected, strict=True))
    assert replay.report.good


def test_rooms_are_refused_and_exchanged_on_the_way(replay: Replay) -> None:
    assert replay.report.refused_for_room() == 51
    assert replay.rows("SELECT count(*) FROM events WHERE type = 'reservation.units_changed'")[0][0] > 0


def test_rows_without_nights_are_refused_as_bad_input(replay: Replay) -> None:
    without_nights = sum(booking.nights == 0 for booking in replay.bookings)
    assert replay.count(Action.CREATE, Verdict.BAD_INPUT) == without_nights == 7
    assert replay.report.refusals["create: 422 invalid_range, request: invalid_range (check_out_on)"] == without_nights


def test_every_proof_holds_afterwards(replay: Replay) -> None:
    assert [proven for proven in replay.report.proofs if proven.broken] == []


def test_the_books_are_what_the_answers_said(replay: Replay) -> None:
    endings = replay.report.berth_endings
    assert endings["Check-Out"] == replay.count(Action.CHECK_OUT, Verdict.DONE)
    assert endings["Canceled"] == replay.count(Action.CANCEL, Verdict.DONE)
    assert endings["No-Show"] == replay.count(Action.NO_SHOW, Verdict.DONE)
    assert sum(endings.values()) == sum(replay.report.hotel_endings.values()) == len(replay.bookings)


def test_nights_and_revenue_are_those_of_the_stays_that_happened(replay: Replay) -> None:
    stayed = [
        event.booking
        for event, verdict in zip(replay.happened, replay.expected, strict=True)
        if event.phase.action is Action.CHECK_OUT and verdict is Verdict.DONE
    ]
    assert sum(replay.books.nights.values()) == sum(booking.nights for booking in stayed)
    assert replay.report.kept_revenue == sum(booking.revenue for booking in stayed)
    assert replay.report.hotel_revenue > replay.report.kept_revenue > 0
    assert replay.books.revenue > 0


def test_everything_happened_at_its_own_time_and_by_whom_it_should(replay: Replay) -> None:
    told = replay.rows("SELECT min(occurred_at), max(occurred_at) FROM events")
    planned = [step.at(ZONE) for step in steps(replay.happened)]
    assert told == [(planned[0], planned[-1])]
    actors = set(replay.rows("SELECT DISTINCT type, actor_kind FROM events WHERE type != 'reservation.units_changed'"))
    by_guests = {("reservation.created", "guest"), ("reservation.cancelled", "guest")}
    at_reception = ["checked_in", "completed", "no_show", *(["moved"] if replay.report.moves else [])]
    assert actors == by_guests | {(f"reservation.{step}", "staff") for step in at_reception}
    reception = replay.rows("SELECT user_id::text FROM memberships WHERE role = 'agent'")
    assert replay.rows("SELECT DISTINCT actor_id FROM events WHERE actor_kind = 'staff'") == reception


def test_moves_are_done_where_the_other_type_has_room(replay: Replay) -> None:
    if not replay.report.moves:
        assert Action.MOVE not in replay.report.verdicts
        return
    assert replay.count(Action.MOVE, Verdict.DONE) == 15
    assert replay.count(Action.MOVE, Verdict.NO_ROOM) == 7


def test_a_disagreement_with_counting_is_reported_by_its_row(replay: Replay) -> None:
    """The control: an oracle that counts wrongly is contradicted, so agreement means something."""
    miscounted = [
        Verdict.DONE if verdict is Verdict.NO_ROOM and event.phase.action is Action.CREATE else verdict
        for event, verdict in zip(replay.happened, replay.expected, strict=True)
    ]
    report = make_report(
        replay.setting, replay.bookings, replay.played, miscounted, replay.books, (), moves=replay.report.moves
    )
    assert not report.good
    assert len(report.disagreements) == 51
    assert {found.reason for found in report.disagreements} == {"no_capacity"}
    assert {found.expected for found in report.disagreements} == {Verdict.DONE}


def test_the_statistics_of_all_that_happened_are_what_plain_counting_says(replay: Replay) -> None:
    with psycopg.connect(replay.database.owner) as connection:
        compared, differing = statistics_differ(connection, replay.database.app, SLUG, replay.hotel.tenant_id, ZONE)
        assert (compared > 50, differing) == (True, [])
        connection.execute("UPDATE daily_statistics SET nights = nights + 1")
        connection.commit()
        _, differing = statistics_differ(connection, replay.database.app, SLUG, replay.hotel.tenant_id, ZONE)
        assert any(difference.startswith("nights of") for difference in differing)
