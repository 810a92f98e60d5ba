"""Wait for something that is taken, look at one's place, and leave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.access.throttle import count_hold
from chalicelib.availability.admission import Claimant, admit, read_board
from chalicelib.availability.model.needs import departure_of
from chalicelib.availability.wanted_times import resolve
from chalicelib.core.errors import ConflictError, ForbiddenError, NotFoundError
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Isolation
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.policies.model.wanted import Wanted
from chalicelib.reservations.confirm_by_email import check_confirmed
from chalicelib.reservations.model.reservations import Guest
from chalicelib.tenants.for_others import read_settings
from chalicelib.terms.terms import offered_terms
from chalicelib.waiting.model.waitlist import EntryFilter, EntryState, WaitlistEntry
from chalicelib.waiting.storage import waitlist

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.reservations.create_reservation import ReservationRequest
    from chalicelib.terms.model.terms import Terms

KIND = "waitlist_entry"
MOST_WAITING = 500
MOST_OF_A_GUEST = 5


def join_waitlist(
    context: Context,
    request: ReservationRequest,
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
        append_waitlist_event(transaction, context.actor, EventType.WAITLIST_JOINED, None, entry)
        check_confirmed(transaction, request.anonymous)
        if request.anonymous is not None:
            count_hold(transaction, request.anonymous, request.guest.email)
        return entry

    return context.run_once(work, render, isolation=Isolation.SERIALIZABLE)


def read_entry(context: Context, entry_id: UUID) -> WaitlistEntry:
    """Return an entry with its place in the queue. Raises `NotFoundError`."""
    return context.run(lambda transaction: find_entry(transaction, entry_id))


def list_entries(context: Context, wanted: EntryFilter, limit: int) -> tuple[list[WaitlistEntry], bool]:
    """Return a page of entries, the oldest first, and whether there are more."""
    found = context.run(lambda transaction: waitlist.read_entries(transaction, wanted, limit + 1))
    return found[:limit], len(found) > limit


def leave_waitlist(context: Context, entry_id: UUID) -> None:
    """Wait no more. Raises `NotFoundError`, `NotWaitingError`: an offer is cancelled instead."""

    def work(transaction: Transaction) -> None:
        before = find_entry(transaction, entry_id)
        if before.state is not EntryState.WAITING:
            raise NotWaitingError
        waitlist.decide_entry(transaction, entry_id, before.state, EntryState.LEFT, otherwise=NotWaitingError)
        after = replace(before, state=EntryState.LEFT)
        append_waitlist_event(transaction, context.actor, EventType.WAITLIST_LEFT, before, after)

    context.run(work)


def find_entry(transaction: Transaction, entry_id: UUID) -> WaitlistEntry:
    """Return an entry. Raises `NotFoundError`."""
    found = waitlist.read_entries(transaction, EntryFilter(id=entry_id), 1)
    if not found:
        message = "There is no such waitlist entry."
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
    if terms.policy.confirmation.queues:
        message = f"Anyone who reserves {terms.resource.name} is accepted and waits there; reserve it."
        raise ConflictError(message)
    if not read_settings(transaction)[0].waitlist:
        message = "There is no waitlist here."
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
