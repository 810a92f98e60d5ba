"""A slice of the real bookings through the real gateway, functions and Postgres, against plain counting."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from chalicelib.storage.check import prove, snapshot
from local.check import LEGAL
from local.gateway.serve import serve
from local.replay.bookings import Booking, read_bookings
from local.replay.books import Books, books_of_berth
from local.replay.command import reception_token
from local.replay.hotel import SLUG, ZONE, Hotel, add_hotel
from local.replay.oracle import Oracle, Verdict
from local.replay.player import Played, Player
from local.replay.report import Proven, Report, make_report
from local.replay.settings import Setting, SettingName, setting_named
from local.replay.simulation import install_clock
from local.replay.statistics import statistics_differ
from local.replay.timeline import Action, Event, events, steps
from tests.databases import Database, new_database
from tests.replay.rows import SLICE

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from local.postgres.cluster import Cluster

ROOMS_LEFT = 0.8
"""Of the rooms that were slept in: enough to refuse some, and to make others exchange rooms."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Everything about one replay of the slice."""

    database: Database
    hotel: Hotel
    bookings: Sequence[Booking]
    happened: Sequence[Event]
    setting: Setting
    played: Played
    expected: Sequence[Verdict]
    books: Books
    report: Report

    def count(self, action: Action, verdict: Verdict) -> int:
        return self.report.verdicts[action].get(verdict, 0)

    def rows(self, query: str, *parameters: object) -> list[Any]:
        with psycopg.connect(self.database.owner) as connection:
            return connection.execute(query.encode(), parameters or None).fetchall()


@pytest.fixture(scope="module", params=[False, True], ids=["as booked", "with moves"])
def replay(
    request: pytest.FixtureRequest, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Replay]:
    access_log = tmp_path_factory.mktemp("replay") / "access.log"
    with new_database(cluster) as database:
        yield play(database, access_log, moves=request.param)


def play(database: Database, access_log: Path, *, moves: bool) -> Replay:
    bookings = read_bookings(SLICE)
    happened = events(bookings, moves=moves)
    slept = setting_named(SettingName.SLEPT, happened, moves=moves)
    fewer = {room_type: max(1, int(rooms * ROOMS_LEFT)) for room_type, rooms in slept.capacities.items()}
    setting = Setting(slept.name, fewer, pooled=False)
    planned = list(steps(happened))
    variables = {"DATABASE_URL": database.app, "BERTH_SIGNING_KEYS": "local:" + "s" * 40}
    with psycopg.connect(database.owner, autocommit=True) as owner:
        clock = install_clock(owner, planned[0].at(ZONE))
        hotel = add_hotel(owner, setting, bookings)
        with serve("127.0.0.1", 0, 2, variables, access_log=access_log) as gateway:
            gateway.wait_until_ready()
            player = Player(setting, hotel, reception_token(database.owner, variables))
            played = asyncio.run(player.play(gateway.address, clock, planned, 8, lambda _step, _outcomes: None))
        books = books_of_berth(owner, hotel.tenant_id)
    with snapshot(database.jobs) as connection:
        proofs = [
            Proven(verdict.proof.claim, verdict.examined, verdict.broken)
            for verdict in prove(connection, LEGAL, most=20)
        ]
    expected = Oracle(setting).play(happened)
    report = make_report(setting, bookings, played, expected, books, proofs, moves=moves)
    return Replay(database, hotel, bookings, happened, setting, played, expected, books, report)


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
