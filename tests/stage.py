"""A tenant whose reservations live through their whole life, by use cases, scheduled functions and a movable clock."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

import psycopg

from chalicelib.availability.close_units import (
    ClosureChange,
    ClosureRequest,
    change_closure,
    close_units,
    list_closures,
    open_units,
)
from chalicelib.availability.model.closures import ClosureFilter
from chalicelib.core.time_ranges import TimesWanted
from chalicelib.database.transaction import Database
from chalicelib.events.event_log import Actor, EventFilter, RecordedEvent, list_events
from chalicelib.http.context import Context
from chalicelib.http.stored_answers import Answer
from chalicelib.jobs.budget import Budget
from chalicelib.reporting.storage.check import prove, snapshot
from chalicelib.reservations.change_reservation import Change, change_reservation
from chalicelib.reservations.confirm_reservation import confirm_reservation
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest, create_reservation
from chalicelib.reservations.extend_hold import extend_hold
from chalicelib.reservations.model.reservations import Action, Reservation, State
from chalicelib.reservations.read_reservation import read_reservation
from chalicelib.reservations.storage.reservations import read_reservations
from chalicelib.reservations.sweep_reservations import complete_stays, expire_holds, mark_no_shows
from chalicelib.reservations.transition_reservation import transition_reservation
from chalicelib.reservations.undo_transition import undo_transition
from chalicelib.terms.terms import TermsMemory
from chalicelib.waiting.promote_pending import promote_pending
from tests import databases
from tests.offers import INTERVAL, Json, Offer, add_tenant, policy
from tools.consistency import LEGAL
from tools.replay.simulation import Clock, install_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from chalicelib.availability.model.closures import Closure
    from chalicelib.http.idempotency import Outcome

import_module("chalicelib.wiring")  # as app.py and the scheduled functions do: it says by what places are offered
T = TypeVar("T")
TENANT = "life"
STAFF = Actor("staff", "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11", None)
MORNING = datetime(2027, 6, 1, 8, tzinfo=UTC)
ANSWER = Answer(200, {}, "")
MINUTE = timedelta(minutes=1)
MOST_CLOSURES = 200
JOBS = (expire_holds, promote_pending, mark_no_shows, complete_stays)


def offer(slug: str, confirmation: Json | str = "instant", capacity: int = 1, **changes: Any) -> Offer:  # noqa: ANN401 - JSON
    """Something that is reserved by the hour; `changes` are of its policy, but `assignment` of the offer."""
    assignment = changes.pop("assignment", "pooled")
    confirmed = {"kind": confirmation} if isinstance(confirmation, str) else confirmation
    document = policy(INTERVAL, per="hour", confirmation=confirmed, **changes)
    labels = tuple(f"{slug} {number}" for number in range(1, capacity + 1)) if assignment == "labelled" else ()
    return Offer(slug=slug, document=document, capacity=capacity, assignment=assignment, units=labels)


def hours(first: float, last: float) -> TimesWanted:
    """From so many to so many hours after the morning."""
    return TimesWanted(starts_at=MORNING + timedelta(hours=first), ends_at=MORNING + timedelta(hours=last))


@dataclass
class Stage:
    """The tenant, the application's and the scheduled functions' ways to it, and the clock."""

    resources: dict[str, UUID]
    application: Database
    jobs: Database
    clock: Clock
    databases: databases.Database
    memory: TermsMemory = field(default_factory=TermsMemory)

    @property
    def context(self) -> Context:
        """Of those who work there."""
        return Context(self.application, TENANT, STAFF)

    def reserve(self, slug: str, times: TimesWanted, quantity: int = 1, unit: int | None = None) -> Reservation:
        """Make a reservation, each of another guest."""
        guest = GuestDetails("Ada Lovelace", f"{uuid4().hex}@example.org", None)
        request = ReservationRequest(self.resources[slug], times, quantity, 1, guest, "", unit)
        return _kept(
            partial(create_reservation, self.context, self.memory, request),
        )

    def confirm(self, reservation: Reservation, *, by_staff: bool = True) -> Reservation:
        """Confirm it."""
        return _kept(
            partial(
                confirm_reservation,
                self.context,
                reservation.id,
                by_staff=by_staff,
            )
        )

    def extend_hold(self, reservation: Reservation) -> Reservation:
        """Hold it for longer."""
        return self._one(extend_hold, reservation)

    def undo(self, reservation: Reservation) -> Reservation:
        """Take a mistake back."""
        return self._one(undo_transition, reservation)

    def step(self, reservation: Reservation, action: Action) -> Reservation:
        """Take it to its next state."""
        kept: list[Reservation] = []
        transition_reservation(Context(self.application, TENANT, STAFF), reservation.id, action, partial(_keep, kept))
        return kept[-1]

    def change(self, reservation: Reservation, change: Change) -> Reservation:
        """Move, extend or shorten it."""
        return _kept(
            partial(
                change_reservation,
                self.context,
                reservation.id,
                change,
            )
        )

    def move(self, reservation: Reservation, times: TimesWanted) -> Reservation:
        """Move it to another time."""
        return self.change(reservation, Change(Action.MOVE, times=times))

    def close(self, request: ClosureRequest) -> Closure:
        """Close units."""
        kept: list[Closure] = []
        close_units(Context(self.application, TENANT, STAFF), request, partial(_keep, kept))
        return kept[-1]

    def change_closure(self, closure: Closure, change: ClosureChange) -> Closure:
        """Give a closure other times or units."""
        return change_closure(Context(self.application, TENANT, STAFF), closure.id, change)

    def reopen(self, closure: Closure) -> None:
        """End a closure."""
        open_units(Context(self.application, TENANT, STAFF), closure.id)

    def closures(self) -> list[Closure]:
        """All since the morning, by start."""
        return list_closures(Context(self.application, TENANT), ClosureFilter(starts_at=MORNING), MOST_CLOSURES)[0]

    def read(self, reservation: Reservation) -> Reservation:
        """As it is now."""
        return read_reservation(Context(self.application, TENANT), reservation.id)

    def read_all(self, ids: Sequence[UUID]) -> dict[UUID, Reservation]:
        """These as they are now, by id."""
        return self.application.run(TENANT, lambda transaction: read_reservations(transaction, ids))

    def state(self, reservation: Reservation) -> State:
        """Where it stands now."""
        return self.read(reservation).state

    def events(self, reservation: Reservation) -> list[RecordedEvent]:
        """What happened to it, in order."""
        wanted = EventFilter(entity_id=reservation.id)
        found = self.application.run(TENANT, lambda transaction: list_events(transaction, wanted, 100))
        return found[::-1]

    def told(self, reservation: Reservation) -> list[str]:
        """The types of what happened to it, in order."""
        return [event.type.removeprefix("reservation.") for event in self.events(reservation)]

    def pass_by(self, passing: timedelta) -> None:
        """Let time go by."""
        with psycopg.connect(self.databases.owner) as owner:
            row = owner.execute("SELECT clock_now()").fetchone()
        assert row is not None
        self.clock.move(row[0] + passing)

    def run(self, *work: Callable[[Database, Budget], int]) -> int:
        """Run scheduled functions once, all of them where none is named; return how much they changed."""
        return sum(one(self.jobs, Budget(30)) for one in work or JOBS)

    def broken(self) -> list[str]:
        """What ./dev check finds."""
        with snapshot(self.databases.jobs) as connection:
            verdicts = list(prove(connection, LEGAL, most=3))
        return [f"{verdict.proof.claim}: {finding.text}" for verdict in verdicts for finding in verdict.findings]

    def _one(self, use_case: Callable[..., Outcome], reservation: Reservation) -> Reservation:
        return _kept(partial(use_case, self.context, reservation.id))


@contextmanager
def open_stage(database: databases.Database, *offers: Offer, at: datetime = MORNING) -> Generator[Stage]:
    """Make the tenant, with a clock that stands at the morning of 1 June 2027, or at another time."""
    ids = add_tenant(database.owner, TENANT, offers)
    with (
        psycopg.connect(database.owner, autocommit=True) as owner,
        _stage(database, ids, install_clock(owner, at)) as stage,
    ):
        yield stage


@contextmanager
def reopen_stage(copy: databases.Database, resources: dict[str, UUID]) -> Generator[Stage]:
    """Go on in a copy of a stage's database, where its clock stands."""
    with psycopg.connect(copy.owner, autocommit=True) as owner, _stage(copy, resources, Clock(owner)) as stage:
        yield stage


@contextmanager
def _stage(database: databases.Database, resources: dict[str, UUID], clock: Clock) -> Generator[Stage]:
    application = Database(database.app, pool_size=4, request_seconds=10)
    jobs = Database(database.jobs, pool_size=4, request_seconds=10)
    try:
        yield Stage(resources, application, jobs, clock, database)
    finally:
        application.close()
        jobs.close()


def _kept(use_case: Callable[..., Outcome]) -> Reservation:
    kept: list[Reservation] = []
    use_case(render=partial(_keep, kept))
    return kept[-1]


def _keep(kept: list[T], one: T) -> Answer:
    kept.append(one)
    return ANSWER
