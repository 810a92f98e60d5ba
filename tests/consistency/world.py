"""A database in which everything has happened once: made through the use cases, by a clock that a test can move."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import psycopg

from chalicelib.availability.close_units import ClosureRequest, close_units
from chalicelib.core.time_ranges import TimeRange, TimesWanted
from chalicelib.database import transaction
from chalicelib.events.event_log import Actor
from chalicelib.http.context import Context
from chalicelib.http.stored_answers import Answer
from chalicelib.reservations.change_reservation import Change, change_reservation
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest, create_reservation
from chalicelib.reservations.model.reservations import Action
from chalicelib.reservations.transition_reservation import transition_reservation
from chalicelib.reservations.update_reservation import update_reservation
from chalicelib.terms.terms import TermsMemory
from tests.offers import INTERVAL, STAY, Offer, add_tenant, policy
from tools.replay.simulation import install_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from chalicelib.reservations.model.reservations import Reservation
    from tests.databases import Database

T = TypeVar("T")
TENANT = "lake"
STAFF = Actor("staff", "desk@lake.example", None)
ANSWER = Answer(200, {}, "")
GUEST = GuestDetails("Ada Lovelace", "ada@example.org", None)
OFFERS = [
    Offer(
        slug="rooms",
        document=policy(STAY, {"rule": "buffers", "before_minutes": 0, "after_minutes": 60}),
        capacity=3,
        assignment="labelled",
        units=("Room 1", "Room 2", "Room 3"),
    ),
    Offer(slug="cabins", document=policy(STAY), capacity=2, assignment="labelled", units=("Cabin 1", "Cabin 2")),
    Offer(slug="huts", document=policy(STAY), capacity=2, assignment="labelled", units=("Hut 1", "Hut 2")),
    Offer(slug="kayaks", document=policy(INTERVAL, per="hour"), capacity=2),
    Offer(slug="tours", document=policy(INTERVAL, per="person", capacity_counts="people"), capacity=10),
]


@dataclass(frozen=True, slots=True)
class World:
    """Ids of the resources by slug, and of the reservations by what happened to them."""

    resources: dict[str, UUID]
    reservations: dict[str, UUID]


class Staff:
    """Does by use cases what staff and guests do."""

    def __init__(self, application: transaction.Database, world: World) -> None:
        self._application = application
        self._memory = TermsMemory()
        self.resources = world.resources
        self.reservations = world.reservations

    def reserve(
        self, name: str, slug: str, times: TimesWanted, *, party_size: int = 1, unit: int | None = None
    ) -> None:
        """Make a reservation and remember it by a name."""

        def remember(reservation: Reservation) -> Answer:
            self.reservations[name] = reservation.id
            return ANSWER

        request = ReservationRequest(self.resources[slug], times, 1, party_size, GUEST, "", unit)
        create_reservation(Context(self._application, TENANT, STAFF), self._memory, request, remember)

    def step(self, name: str, action: Action) -> None:
        """Take a reservation to its next state."""
        transition_reservation(Context(self._application, TENANT, STAFF), self.reservations[name], action, _answer)

    def change(self, name: str, change: Change) -> None:
        """Move, extend or shorten a reservation."""
        change_reservation(Context(self._application, TENANT, STAFF), self.reservations[name], change, _answer)

    def annotate(self, name: str) -> None:
        """Correct a reservation's details."""
        update_reservation(
            Context(self._application, TENANT, STAFF), self.reservations[name], guest=None, notes="Late arrival"
        )

    def close(self, slug: str, during: TimeRange, units: Sequence[int] = ()) -> None:
        """Close a resource or some of its units."""
        request = ClosureRequest(self.resources[slug], during, "Repairs", units)
        close_units(Context(self._application, TENANT, STAFF), request, _answer)


def _answer(_: object) -> Answer:
    return ANSWER


def june(day: int, hour: int = 0) -> datetime:
    """An instant in June 2027; day 0 is the last of May."""
    return datetime(2027, 5, 31, hour, tzinfo=UTC) + timedelta(days=day)


def hours(day: int, first: int, last: int) -> TimesWanted:
    """Hours of a day in June."""
    return TimesWanted(starts_at=june(day, first), ends_at=june(day, last))


def nights(first: int, last: int) -> TimesWanted:
    """Nights in June."""
    return TimesWanted(check_in_on=june(first).date(), check_out_on=june(last).date())


class PausedDatabase(transaction.Database):
    """Does something when all of a use case is written and nothing committed."""

    before_commit: Callable[[], None]

    def run(
        self,
        tenant: str,
        work: Callable[[transaction.Transaction], T],
        *,
        isolation: transaction.Isolation = transaction.Isolation.READ_COMMITTED,
    ) -> T:
        """Run as always, up to the COMMIT; then do that."""

        def written(tx: transaction.Transaction) -> T:
            answer = work(tx)
            tx.settle()
            if tx.changes:
                self.before_commit()
            return answer

        return super().run(tenant, written, isolation=isolation)


@contextmanager
def working(database: Database, before_commit: Callable[[], None] = lambda: None) -> Generator[transaction.Database]:
    """The application's own way to the database."""
    application = PausedDatabase(database.app, pool_size=1, request_seconds=10)
    application.before_commit = before_commit
    try:
        yield application
    finally:
        application.close()


def make_world(database: Database) -> World:
    """Let everything happen, from the last of May to the morning of 1 June."""
    world = World(add_tenant(database.owner, TENANT, OFFERS), {})
    add_tenant(database.owner, "elsewhere", [Offer(slug="desk", document=policy(INTERVAL))])
    with psycopg.connect(database.owner, autocommit=True) as owner, working(database) as application:
        clock = install_clock(owner, june(0, 8))
        staff = Staff(application, world)
        _fill(staff)
        staff.step("staying", Action.CHECK_IN)
        staff.step("left", Action.CHECK_IN)
        clock.move(june(1, 9))
        staff.step("left", Action.CHECK_OUT)
        staff.step("absent", Action.NO_SHOW)
    return world


def _fill(staff: Staff) -> None:
    staff.reserve("staying", "rooms", nights(0, 3))
    staff.reserve("left", "rooms", nights(0, 4))
    staff.reserve("absent", "rooms", nights(0, 2))
    staff.reserve("cancelled", "rooms", nights(10, 12))
    staff.step("cancelled", Action.CANCEL)
    staff.reserve("promised", "rooms", nights(14, 16), unit=2)
    staff.close("rooms", TimeRange(june(20), june(25)))
    staff.close("rooms", TimeRange(june(22), june(27)), [3])

    # Two cabins: whoever wants 3 to 7 June finds neither free throughout, until a later stay is given the other one.
    staff.reserve("first", "cabins", nights(1, 3))
    staff.reserve("second", "cabins", nights(2, 5))
    staff.reserve("exchanged", "cabins", nights(5, 7))
    staff.reserve("between", "cabins", nights(3, 7))
    staff.reserve("moved", "rooms", nights(28, 29))
    staff.change("moved", Change(Action.MOVE, resource_id=staff.resources["cabins"]))
    staff.change("moved", Change(Action.EXTEND, times=TimesWanted(check_out_on=june(31).date())))
    staff.change("moved", Change(Action.SHORTEN, times=TimesWanted(check_out_on=june(30).date())))
    staff.annotate("moved")

    # Two kayaks, each away for one of two hours: whoever wants both hours has to change kayaks.
    staff.close("kayaks", TimeRange(june(8, 9), june(8, 10)), [1])
    staff.close("kayaks", TimeRange(june(8, 10), june(8, 11)), [2])
    staff.reserve("split", "kayaks", hours(8, 9, 11))
    staff.reserve("group", "tours", hours(9, 9, 12), party_size=4)
