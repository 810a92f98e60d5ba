"""A replay for tests: bookings through the real gateway, functions and Postgres, and all that came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

from chalicelib.reporting.storage.check import prove, snapshot
from local.environment import MANY_GUESTS
from local.gateway.serve import serve
from tests.databases import Database
from tools.consistency import LEGAL
from tools.replay.bookings import Booking
from tools.replay.books import Books, books_of_berth
from tools.replay.command import reception_token
from tools.replay.endings import compare_endings
from tools.replay.hotel import ZONE, Hotel, add_hotel
from tools.replay.jobs import Jobs
from tools.replay.oracle import Oracle, Verdict
from tools.replay.player import Played, Player
from tools.replay.report import Proven, Report, make_report
from tools.replay.settings import Setting, SettingName, setting_named
from tools.replay.simulation import install_clock
from tools.replay.timeline import Action, Event, events, steps

if TYPE_CHECKING:
    from pathlib import Path

    from local.background import Scheduled


ROOMS_LEFT = 0.8
"""Of the rooms that were slept in: enough to refuse some, and to make others exchange rooms."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Everything about one replay."""

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


def play(
    database: Database,
    access_log: Path,
    bookings: Sequence[Booking],
    setting: Setting,
    *,
    moves: bool = False,
    life: Sequence[Scheduled] | None = None,
) -> Replay:
    """Play the bookings; `life`: with these scheduled functions, None: as the file says, without any."""
    happened = events(bookings, moves=moves, life=life is not None)
    planned = list(steps(happened))
    variables = {"DATABASE_URL": database.app, "BERTH_SIGNING_KEYS": "local:" + "s" * 40, **MANY_GUESTS}
    with psycopg.connect(database.owner, autocommit=True) as owner, ExitStack() as stack:
        clock = install_clock(owner, planned[0].at(ZONE))
        hotel = add_hotel(owner, setting, bookings, life=life is not None)
        jobs = None if life is None else stack.enter_context(Jobs(database.jobs, owner, life))
        with serve("127.0.0.1", 0, 2, variables, access_log=access_log) as gateway:
            gateway.wait_until_ready()
            player = Player(setting, hotel, reception_token(database.owner, variables), jobs)
            played = asyncio.run(player.play(gateway.address, clock, planned, 8, lambda _step, _outcomes: None))
        books = books_of_berth(owner, hotel.tenant_id)
        endings = None
        if jobs is not None:
            endings = compare_endings(owner, hotel.tenant_id, bookings, played.outcomes, jobs.runs)
    with snapshot(database.jobs) as connection:
        proofs = [
            Proven(verdict.proof.claim, verdict.examined, verdict.broken)
            for verdict in prove(connection, LEGAL, most=20)
        ]
    expected = Oracle(setting).play(happened)
    report = make_report(setting, bookings, played, expected, books, proofs, moves=moves, life=endings)
    return Replay(database, hotel, bookings, happened, setting, played, expected, books, report)


def fewer_rooms(bookings: Sequence[Booking], *, moves: bool) -> Setting:
    """Not quite as many rooms as the hotel needed."""
    slept = setting_named(SettingName.SLEPT, events(bookings, moves=moves), moves=moves)
    fewer = {room_type: max(1, int(rooms * ROOMS_LEFT)) for room_type, rooms in slept.capacities.items()}
    return Setting(slept.name, fewer, pooled=False)
