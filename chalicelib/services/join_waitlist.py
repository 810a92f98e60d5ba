"""Wait for something that is taken, look at one's place, and leave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain.errors import ConflictError, ForbiddenError, NotFoundError
from chalicelib.domain.events import Event, EventType
from chalicelib.domain.needs import departure_of
from chalicelib.domain.policies import Wanted
from chalicelib.domain.reservations import Guest
from chalicelib.domain.waitlist import EntryState, WaitlistEntry
from chalicelib.services.admission import Claimant, admit, read_board
from chalicelib.services.confirm_by_email import check_confirmed
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.terms import offered_terms
from chalicelib.services.throttle import count_hold
from chalicelib.services.wanted_times import resolve
from chalicelib.storage import waitlist
from chalicelib.storage.events import append_event
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.tenants import read_settings
from chalicelib.storage.transaction import Isolation
from chalicelib.storage.waitlist import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.services.create_reservation import ReservationRequest
    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.resources import Terms
    from chalicelib.storage.transaction import Database, Transaction

KIND = "waitlist_entry"
MOST_WAITING = 500
MOST_OF_A_GUEST = 5
QUEUES = frozenset({"pending", "approval"})
"""Kinds of confirmation by which everybody is accepted, and waits in a queue anyway."""


def join_waitlist(
    database: Database,
    tenant: str,
    request: ReservationRequest,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[WaitlistEntry], Answer],
) -> Outcome:
    """Wait for what is taken, by the same rules as reserving it.

    Raises `NotFoundError`, `InvalidInputError`, `RuleViolationsError` for what could not be reserved if it were free,
    `ConflictError` for what is free, or when too many wait, and `ForbiddenError` where nobody is kept waiting.
    """

    def work(transaction: Transaction) -> WaitlistEntry:
        terms = _terms(transaction, request.resource_id)
        during, stay = resolve(request.times, terms.policy, terms.tenant.zone)
        wanted = Wanted(terms.resource, during, stay, request.quantity, request.party_size)
        admit(transaction, terms, wanted, Claimant(new_id(), request.guest.email, blocks=False))
        if _has_room(transaction, terms, wanted):
            message = "There is room for this. Reserve it instead of waiting."
            raise ConflictError(message)
        everybody, own = waitlist.count_waiting(transaction, terms.resource.id, request.guest.email)
        if everybody >= MOST_WAITING or own >= MOST_OF_A_GUEST:
            message = f"Up to {MOST_WAITING} wait for a resource, and each guest up to {MOST_OF_A_GUEST} times."
            raise ConflictError(message)
        entry = WaitlistEntry(
            id=new_id(),
            resource_id=terms.resource.id,
            guest=Guest(new_id(), request.guest.name, request.guest.email, request.guest.phone),
            state=EntryState.WAITING,
            during=during,
            stay=stay,
            quantity=request.quantity,
            party_size=request.party_size,
            notes=request.notes,
            joined_at=transaction.now,
            decided_at=None,
            place=everybody + 1,
        )
        waitlist.add_entry(transaction, entry)
        append_waitlist_event(transaction, actor, EventType.WAITLIST_JOINED, None, entry)
        check_confirmed(transaction, request.stranger)
        if request.stranger is not None:
            count_hold(transaction, request.stranger, request.guest.email)
        return entry

    return run_once(database, tenant, claim, work, render, isolation=Isolation.SERIALIZABLE)


def read_entry(database: Database, tenant: str, entry_id: UUID) -> WaitlistEntry:
    """Return an entry with its place in the queue. Raises `NotFoundError`."""
    return database.run(tenant, lambda transaction: find_entry(transaction, entry_id))


def list_entries(database: Database, tenant: str, wanted: EntryFilter, limit: int) -> tuple[list[WaitlistEntry], bool]:
    """Return a page of entries, the oldest first, and whether there are more."""
    found = database.run(tenant, lambda transaction: waitlist.read_entries(transaction, wanted, limit + 1))
    return found[:limit], len(found) > limit


def leave_waitlist(database: Database, tenant: str, entry_id: UUID, actor: Actor) -> None:
    """Wait no more. Raises `NotFoundError`, `NotWaitingError`: an offer is cancelled instead."""

    def work(transaction: Transaction) -> None:
        before = find_entry(transaction, entry_id)
        if before.state is not EntryState.WAITING:
            raise NotWaitingError
        waitlist.decide_entry(transaction, entry_id, before.state, EntryState.LEFT, otherwise=NotWaitingError)
        after = replace(before, state=EntryState.LEFT)
        append_waitlist_event(transaction, actor, EventType.WAITLIST_LEFT, before, after)

    database.run(tenant, work)


def find_entry(transaction: Transaction, entry_id: UUID) -> WaitlistEntry:
    """Return an entry. Raises `NotFoundError`."""
    found = waitlist.read_entries(transaction, EntryFilter(id=entry_id), 1)
    if not found:
        message = "Nobody waits under this id."
        raise NotFoundError(message)
    return found[0]


def append_waitlist_event(
    transaction: Transaction,
    actor: Actor,
    event_type: EventType,
    before: WaitlistEntry | None,
    after: WaitlistEntry,
) -> None:
    """Queue an event about an entry; nothing personal is in it."""
    facts = None if before is None else _facts_of(before)
    append_event(transaction, actor, Event(event_type, KIND, after.id, facts, _facts_of(after)))


def _facts_of(entry: WaitlistEntry) -> dict[str, object]:
    stay = entry.stay
    return {
        "state": entry.state,
        "resource_id": str(entry.resource_id),
        "starts_at": entry.during.starts_at.isoformat(),
        "ends_at": entry.during.ends_at.isoformat(),
        "check_in_on": None if stay is None else stay.check_in_on.isoformat(),
        "check_out_on": None if stay is None else stay.check_out_on.isoformat(),
        "quantity": entry.quantity,
        "party_size": entry.party_size,
        "joined_at": entry.joined_at.isoformat(),
    }


def _terms(transaction: Transaction, resource_id: UUID) -> Terms:
    terms = offered_terms(transaction, resource_id)
    if terms.policy.confirmation.kind in QUEUES:
        message = f"Whoever reserves {terms.resource.name} is accepted and waits there; reserve it."
        raise ConflictError(message)
    if not read_settings(transaction)[0].waitlist:
        message = "Nobody is kept waiting here."
        raise ForbiddenError(message)
    return terms


def _has_room(transaction: Transaction, terms: Terms, wanted: Wanted) -> bool:
    blocked = terms.policy.blocked(wanted.during)
    from_at = min(blocked.starts_at, transaction.now)
    quantity = terms.policy.units_taken(wanted.quantity, wanted.party_size)
    board = read_board(transaction, terms.resource, from_at)
    departure_id = departure_of(terms.resource, terms.policy, wanted.during)
    return board.give(new_id(), blocked, quantity, 0, departure_id=departure_id) is not None


class NotWaitingError(ConflictError):
    """They do not wait any more."""

    def __init__(self) -> None:
        super().__init__("This one does not wait any more. An offer is confirmed or cancelled as a reservation.")
