"""Replays in life mode: the scheduled functions run as simulated time passes, and the end is the file's own."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from rich.console import Console

from chalicelib.scheduled import JOBS
from tests.databases import new_database
from tests.replay.playing import Replay, fewer_rooms, play
from tests.replay.rows import SLICE, booking
from tools.replay.bookings import Ending, read_bookings
from tools.replay.endings import Count, Difference, Endings, compare_endings
from tools.replay.hotel import SLUG, ZONE
from tools.replay.jobs import LEFT_OUT, ONCE_A_DAY, Jobs, jobs_to_run
from tools.replay.oracle import Verdict
from tools.replay.report import show
from tools.replay.settings import Setting, SettingName
from tools.replay.statistics import statistics_differ
from tools.replay.timeline import LEAVE_WITHOUT_A_WORD, Action, Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from local.background import Scheduled
    from local.postgres.cluster import Cluster
    from tools.replay.bookings import Booking

    Start = Callable[[Sequence[Booking], Setting, Sequence[Scheduled]], Replay]

pytestmark = pytest.mark.timeout(300)
NO_NIGHTS = "a stay of no nights (invalid_range, request: invalid_range (check_out_on))"
NO_ROOM = "no room was left (no_capacity)"
CANCELLED_LATE = "cancelled after the day of arrival, when the job had marked that nobody came"
ONE_ROOM = Setting(SettingName.BOOKED, {"A": 1}, pooled=False)
SMALL = (
    booking(0, booked=1, arrival=10, nights=2),  # leaves without a word
    booking(1, booked=1, arrival=12, nights=2),
    booking(2, booked=2, arrival=12, nights=1),  # no room
    booking(3, booked=2, arrival=14, nights=0),
    booking(4, booked=2, arrival=14, nights=3, ending=Ending.NO_SHOW, ended=16),
    booking(5, booked=15, arrival=15, nights=1),  # in what the job gave back
    booking(6, booked=2, arrival=20, nights=4, ending=Ending.CANCELLED, ended=22),
    booking(7, booked=21, arrival=21, nights=1),  # in what the job gave back
    booking(8, booked=2, arrival=25, nights=2, ending=Ending.CANCELLED, ended=25),
    booking(9, booked=25, arrival=25, nights=3, ended=26),  # leaves early, and is checked out
)


@pytest.fixture(scope="module")
def start(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Generator[Start]:
    with ExitStack() as stack:

        def start(bookings: Sequence[Booking], setting: Setting, functions: Sequence[Scheduled]) -> Replay:
            access_log = tmp_path_factory.mktemp("life") / "access.log"
            return play(stack.enter_context(new_database(cluster)), access_log, bookings, setting, life=functions)

        yield start


@pytest.fixture(
    scope="module",
    params=[pytest.param(3, id="a third"), pytest.param(1, id="all", marks=pytest.mark.slow)],
)
def hotel(request: pytest.FixtureRequest, start: Start) -> Replay:
    """The slice of the file, or every third row of it, in fewer rooms than the hotel had."""
    bookings = read_bookings(SLICE)[:: request.param]
    return start(bookings, fewer_rooms(bookings, moves=False), jobs_to_run())


@pytest.fixture(scope="module")
def small(start: Start) -> Replay:
    """One row of each kind, in one room."""
    return start(SMALL, ONE_ROOM, jobs_to_run())


@pytest.fixture(scope="module")
def without_jobs(start: Start) -> Replay:
    """The same rows, with nothing that marks or completes."""
    return start(SMALL, ONE_ROOM, [])


def life(replay: Replay) -> Endings:
    assert replay.report.life is not None
    return replay.report.life


def differences(found: Endings) -> set[tuple[str, str, str | None, tuple[int, ...]]]:
    return {(one.ending, one.became, one.reason, tuple(one.rows)) for one in found.differences}


def compared(replay: Replay, bookings: Sequence[Booking]) -> Endings:
    """The end of a replay against another file."""
    with psycopg.connect(replay.database.owner) as owner:
        return compare_endings(owner, replay.hotel.tenant_id, bookings, replay.played.outcomes, {})


def printed(replay: Replay) -> str:
    text = StringIO()
    show(replay.report, Console(file=text, width=200))
    return text.getvalue()


def test_the_slice_ends_with_the_file_s_own_counts_less_what_was_refused(hotel: Replay) -> None:
    assert [(outcome.event, outcome.verdict) for outcome in hotel.played.outcomes] == list(
        zip(hotel.happened, hotel.expected, strict=True)
    )
    assert hotel.report.good
    refused = {
        ending: sum(
            outcome.verdict in {Verdict.NO_ROOM, Verdict.BAD_INPUT}
            for outcome in hotel.played.outcomes
            if outcome.event.phase is Phase.CREATE and outcome.event.booking.ending is ending
        )
        for ending in Ending
    }
    found = life(hotel)
    assert {(one.reason, one.became) for one in found.differences} == {(NO_ROOM, "refused"), (NO_NIGHTS, "refused")}
    assert sum(refused.values()) > 7
    for count in found.counts:
        file = sum(booking.ending == count.ending for booking in hotel.bookings)
        assert (count.file, count.refused, count.otherwise) == (file, refused[Ending(count.ending)], 0)
        assert count.berth == count.expected == file - refused[Ending(count.ending)]
    assert [count.ending for count in found.counts] == list(Ending)


def test_what_jobs_do_is_done_by_nobody_else_and_the_rest_by_people(hotel: Replay) -> None:
    actors = life(hotel).actors
    assert actors["reservation.no_show"] == {"job": hotel.count(Action.NO_SHOW, Verdict.DONE)}
    assert actors["reservation.completed"] == {
        "job": hotel.count(Action.COMPLETE, Verdict.DONE),
        "staff": hotel.count(Action.CHECK_OUT, Verdict.DONE),
    }
    assert hotel.count(Action.COMPLETE, Verdict.DONE) > 50
    assert actors["reservation.cancelled"] == {"guest": hotel.count(Action.CANCEL, Verdict.DONE)}


def test_jobs_do_their_work_when_it_is_due_by_the_simulated_clock(hotel: Replay) -> None:
    late = """
    SELECT event.type, event.occurred_at - CASE event.type
        WHEN 'reservation.no_show' THEN reservation.starts_at + interval '7 hours' ELSE reservation.ends_at END
    FROM events AS event
    INNER JOIN reservations AS reservation ON event.entity_id = reservation.id
    WHERE event.actor_kind = 'job'
    """
    waits = hotel.rows(late)
    assert {kind for kind, _ in waits} == {"reservation.no_show", "reservation.completed"}
    assert all(timedelta(0) <= wait <= timedelta(hours=1) for _, wait in waits)


def test_every_job_but_the_one_that_sends_emails_runs_at_its_rate(hotel: Replay) -> None:
    runs = life(hotel).jobs
    assert set(runs) == set(JOBS) - LEFT_OUT
    moments = {outcome.event.on.toordinal() * 100 + outcome.event.phase.order for outcome in hotel.played.outcomes}
    assert runs["mark_no_shows"].times == len(moments)
    days = {outcome.event.on for outcome in hotel.played.outcomes}
    assert {runs[name].times for name in ONCE_A_DAY} == {len(days)}
    assert runs["mark_no_shows"].changed == hotel.count(Action.NO_SHOW, Verdict.DONE)
    assert runs["complete_stays"].changed == hotel.count(Action.COMPLETE, Verdict.DONE)
    assert all(runs[name].changed for name in ("remove_past_allocations", "remove_old_records", "refresh_statistics"))


def test_all_proofs_hold_after_the_jobs_and_the_statistics_are_right(hotel: Replay) -> None:
    assert [proven for proven in hotel.report.proofs if proven.broken] == []
    with psycopg.connect(hotel.database.owner, autocommit=True) as owner:
        compared, differing = statistics_differ(owner, hotel.database.app, SLUG, hotel.hotel.tenant_id, ZONE)
        assert (compared > 50, differing) == (True, [])
        with Jobs(hotel.database.jobs, owner, []) as jobs:
            seals = jobs.seals(SLUG)
            assert (seals.events > 1.5 * len(hotel.bookings), seals.broken) == (True, None)


def test_each_kind_of_difference_has_its_reason(small: Replay) -> None:
    assert small.report.good
    assert differences(life(small)) == {
        ("Check-Out", "refused", NO_ROOM, (2,)),
        ("Check-Out", "refused", NO_NIGHTS, (3,)),
        ("Canceled", "No-Show", CANCELLED_LATE, (6,)),
    }
    assert [
        (count.ending, count.file, count.refused, count.otherwise, count.berth, count.unexplained)
        for count in life(small).counts
    ] == [("Check-Out", 7, 2, 0, 5, 0), ("Canceled", 2, 0, -1, 1, 0), ("No-Show", 1, 0, 1, 2, 0)]


def test_what_the_job_marked_is_free_again_and_too_late_to_cancel(small: Replay) -> None:
    assert small.expected == [outcome.verdict for outcome in small.played.outcomes]
    assert small.count(Action.CANCEL, Verdict.TOO_LATE) == 1
    assert life(small).actors["reservation.completed"] == {"job": 1, "staff": 4}


def test_the_report_lists_the_differences_with_their_reasons(small: Replay) -> None:
    text = printed(small)
    assert f"1 row Canceled → No-Show: {CANCELLED_LATE}" in text
    assert f"1 row Check-Out → refused: {NO_ROOM}" in text
    assert "The file's own counts, less what is listed with its reason." in text
    written = small.report.json()["life"]
    assert (written["good"], len(written["differences"])) == (True, 3)
    assert written["counts"][1] == {
        "ending": "Canceled",
        "file": 2,
        "refused": 0,
        "otherwise": -1,
        "berth": 1,
        "expected": 1,
        "unexplained": 0,
    }


def test_without_the_jobs_the_differences_are_reported_as_not_explained(without_jobs: Replay) -> None:
    """The control: with nothing that marks or completes, the end is not the file's, and the report says so."""
    assert not without_jobs.report.good
    assert not life(without_jobs).good
    unexplained = {found for found in differences(life(without_jobs)) if found[2] is None}
    assert ("Check-Out", "checked_in", None, (0,)) in unexplained
    assert ("No-Show", "confirmed", None, (4,)) in unexplained
    counts = {count.ending: count.unexplained for count in life(without_jobs).counts}
    assert counts["checked_in"] == counts["confirmed"] == 1
    assert counts["No-Show"] == -1
    missed = [found for found in without_jobs.report.disagreements if found.action in {"no-show", "complete"}]
    assert [(found.row, found.reason) for found in missed] == [
        (0, "the jobs left it checked_in"),
        (4, "the jobs left it confirmed"),
        (6, "the jobs left it confirmed"),
    ]
    assert "1 row No-Show → confirmed: NOT EXPLAINED (rows 4)" in printed(without_jobs)


def test_one_job_alone_leaves_what_the_other_does(start: Start) -> None:
    alone = [one for one in jobs_to_run() if one.name == "mark_no_shows"]
    found = life(start(SMALL, ONE_ROOM, alone))
    assert {difference for difference in differences(found) if difference[2] is None} == {
        ("Check-Out", "checked_in", None, (0,))
    }


def test_what_the_file_says_otherwise_is_not_explained_away(small: Replay) -> None:
    other = [replace(one, ending=Ending.CANCELLED, ended_on=date(2016, 5, 2)) if one.row == 1 else one for one in SMALL]
    assert ("Canceled", "Check-Out", None, (1,)) in differences(compared(small, other))
    in_time = [replace(one, ended_on=one.arrival_on) if one.row == 6 else one for one in SMALL]
    assert ("Canceled", "No-Show", None, (6,)) in differences(compared(small, in_time))
    with_nights = [booking(3, booked=2, arrival=14, nights=1) if one.row == 3 else one for one in SMALL]
    [refused] = [found for found in differences(compared(small, with_nights)) if found[3] == (3,)]
    assert refused[1].startswith("refused: invalid_range")
    assert refused[2] is None


@pytest.mark.parametrize(
    ("meddle", "became"),
    [
        ("UPDATE guests SET email = 'row-5@resort-hotel.example' WHERE email LIKE 'row-7@%'", "2 reservations"),
        ("UPDATE guests SET email = 'nobody@resort-hotel.example' WHERE email LIKE 'row-5@%'", "no reservation"),
    ],
)
def test_rows_with_too_many_reservations_or_none_are_not_explained(small: Replay, meddle: str, became: str) -> None:
    with psycopg.connect(small.database.owner) as owner:
        owner.execute(meddle.encode())
        found = compare_endings(owner, small.hotel.tenant_id, SMALL, small.played.outcomes, {})
        owner.rollback()
    assert ("Check-Out", became, None, (5,)) in differences(found)
    assert not found.good


def test_counts_that_differences_do_not_give_are_not_good() -> None:
    explained: list[Any] = [Difference("Check-Out", "refused", NO_ROOM, [1])]
    assert Endings([Count("Check-Out", 3, 1, 0, 2)], explained, {}, {}).good
    assert not Endings([Count("Check-Out", 3, 1, 0, 3)], explained, {}, {}).good


def test_every_third_guest_who_stays_to_the_end_leaves_without_a_word(hotel: Replay) -> None:
    left = {event.booking.row for event in hotel.happened if event.phase.action is Action.COMPLETE}
    stayed = [one for one in hotel.bookings if one.ending is Ending.STAYED and one.ended_on == one.departure_on]
    assert left == {one.row for one in stayed if one.nights and one.row % LEAVE_WITHOUT_A_WORD == 0}
