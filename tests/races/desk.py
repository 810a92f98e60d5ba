"""What racers do: the use cases as the functions run them, each attempt ending in a result that can be compared.

An attempt is `partial(Desk.create, …)`, so that it can be handed to another process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from chalicelib.availability.close_units import ClosureRequest, close_units
from chalicelib.catalogue.manage_resources import change_resource
from chalicelib.core.errors import BerthError
from chalicelib.core.time_ranges import TimeRange
from chalicelib.database.transaction import Database, Isolation, Transaction
from chalicelib.events.event_log import Actor
from chalicelib.guests.manage_guests import merge_guests
from chalicelib.http.context import Context
from chalicelib.http.idempotency import Outcome
from chalicelib.http.stored_answers import Answer, Claim
from chalicelib.reservations.change_reservation import Change, change_reservation
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest, create_reservation
from chalicelib.reservations.model.reservations import Action
from chalicelib.reservations.transition_reservation import transition_reservation
from chalicelib.terms.terms import TermsMemory

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

    from chalicelib.availability.model.closures import Closure
    from chalicelib.core.time_ranges import TimesWanted
    from chalicelib.reservations.model.reservations import Reservation

T = TypeVar("T")
TENANT = "rivals"
DONE = "done"
PATIENCE_SECONDS = 240
"""For a request, and a quarter of it for a lock: who comes first to a gate waits there, however busy the machine is."""
ACTOR = Actor("guest", None, None)


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended: `done` or the refusal's code; the answer, and whether it was a replay."""

    code: str
    answer: Answer | None = None
    replayed: bool = False

    @property
    def reservation_id(self) -> UUID:
        """The id of the reservation that the answer is about."""
        assert self.answer is not None, self.code
        return UUID(self.answer.body)


class CarelessDatabase(Database):
    """For controls: a database that runs everything at READ COMMITTED, whatever is asked of it."""

    def run(
        self, tenant: str, work: Callable[[Transaction], T], *, isolation: Isolation = Isolation.READ_COMMITTED
    ) -> T:
        """Run at READ COMMITTED."""
        del isolation
        return super().run(tenant, work)


class Desk:
    """The use cases on one pool of connections, as one container of the functions has them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._memory = TermsMemory()

    def create(
        self,
        resource_id: UUID,
        times: TimesWanted,
        *,
        quantity: int = 1,
        unit: int | None = None,
        email: str = "ada@example.org",
        key: str | None = None,
        body_hash: bytes = b"one body",
    ) -> Result:
        """Reserve."""
        guest = GuestDetails("Ada Lovelace", email, None)
        request = ReservationRequest(resource_id, times, quantity, 1, guest, "", unit)
        claim = None if key is None else Claim("anyone:", "POST /reservations", key, body_hash)
        return _result(
            lambda: create_reservation(
                Context(self._database, TENANT, ACTOR, claim=claim), self._memory, request, _answer
            )
        )

    def extend(self, reservation_id: UUID, times: TimesWanted) -> Result:
        """Give a reservation a later end."""
        return self._change(reservation_id, Change(Action.EXTEND, times=times))

    def move(self, reservation_id: UUID, resource_id: UUID) -> Result:
        """Move a reservation to another resource at the same time."""
        return self._change(reservation_id, Change(Action.MOVE, resource_id=resource_id))

    def cancel(self, reservation_id: UUID) -> Result:
        """Let a reservation go."""
        return _result(
            lambda: transition_reservation(
                Context(self._database, TENANT, ACTOR), reservation_id, Action.CANCEL, _answer
            )
        )

    def close(self, resource_id: UUID, starts_at: datetime, ends_at: datetime, units: Sequence[int] = ()) -> Result:
        """Close a resource, or some of its units, for a time."""
        request = ClosureRequest(resource_id, TimeRange(starts_at, ends_at), "race", units)
        return _result(lambda: close_units(Context(self._database, TENANT, ACTOR), request, _answer))

    def lower(self, resource_id: UUID, capacity: int) -> Result:
        """Give a resource another capacity."""
        changes = {"capacity": capacity}
        return _result(lambda: change_resource(Context(self._database, TENANT, ACTOR), str(resource_id), changes))

    def merge(self, kept_id: UUID, other_id: UUID) -> Result:
        """Let one guest have another's reservations."""
        return _result(lambda: merge_guests(Context(self._database, TENANT, ACTOR), kept_id, other_id))

    def _change(self, reservation_id: UUID, change: Change) -> Result:
        return _result(
            lambda: change_reservation(Context(self._database, TENANT, ACTOR), reservation_id, change, _answer)
        )


Attempt = Callable[[Desk], Result]


@contextmanager
def open_desk(app_dsn: str, connections: int, database_class: type[Database] = Database) -> Generator[Desk]:
    """A desk with connections of its own."""
    database = database_class(app_dsn, pool_size=connections, request_seconds=PATIENCE_SECONDS)
    try:
        yield Desk(database)
    finally:
        database.close()


def _answer(subject: Reservation | Closure) -> Answer:
    return Answer(201, {"Content-Type": "text/plain"}, str(subject.id))


def _result(attempt: Callable[[], object]) -> Result:
    try:
        outcome = attempt()
    except BerthError as refusal:
        return Result(refusal.code)
    if not isinstance(outcome, Outcome):
        return Result(DONE)
    return Result(DONE, outcome.answer, outcome.replayed)
