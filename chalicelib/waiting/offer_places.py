"""Offer places that have come free to the waitlist: the oldest whom they fit gets a reservation that is held.

A resource's queue is worked off by one transaction at a time, in order, and each offer takes its units before the next
one is looked at. Nothing is offered that has begun, or that the rules would not allow any more.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.availability.admission import Claimant, read_board
from chalicelib.availability.model.needs import departure_of
from chalicelib.core.errors import NoCapacityError, RuleViolationsError
from chalicelib.core.time_ranges import TimesWanted
from chalicelib.database.errors import TryAgainError
from chalicelib.database.transaction import Isolation
from chalicelib.events.event_log import Actor
from chalicelib.events.model import EventType
from chalicelib.policies.model.policies import Confirmation
from chalicelib.policies.model.wanted import Wanted
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest, reserve
from chalicelib.tenants.for_others import read_settings
from chalicelib.terms.for_others import read_terms
from chalicelib.waiting.join_waitlist import MOST_WAITING, append_waitlist_event
from chalicelib.waiting.model.waitlist import EntryFilter, EntryState
from chalicelib.waiting.storage import waitlist

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.availability.model.boards import Board
    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.jobs.isolation import Isolated
    from chalicelib.terms.model.terms import Terms
    from chalicelib.waiting.model.waitlist import WaitlistEntry

MINUTE = timedelta(minutes=1)
ACTOR = Actor("job", "offer_waitlist_places", None)


def work_off(run: Isolated, tenant: str, resource_id: UUID) -> int:
    """Work off a queue, each entry apart from the others where one fails."""

    def find(transaction: Transaction, only: Sequence[str] | None) -> list[WaitlistEntry]:
        resting = set(run.resting)
        named = [(str(entry.id), entry) for entry in _read_queue(transaction, resource_id)]
        return [entry for name, entry in named if name not in resting and (only is None or name in only)]

    def do(transaction: Transaction, entries: Sequence[WaitlistEntry]) -> int:
        return _offer(transaction, resource_id, entries)

    return run.batch(find, do, lambda entry: entry.id, tenant=tenant, isolation=Isolation.SERIALIZABLE)[1]


def offer_places(database: Database, tenant: str, resource_id: UUID) -> int:
    """Work off the queue of one resource; return how many entries changed."""
    return database.run(
        tenant,
        lambda work: _offer(work, resource_id, _read_queue(work, resource_id)),
        isolation=Isolation.SERIALIZABLE,
    )


def _read_queue(transaction: Transaction, resource_id: UUID) -> list[WaitlistEntry]:
    waitlist.lock_queue(transaction, resource_id)
    wanted = EntryFilter(resource_id=resource_id, states=[EntryState.WAITING])
    return waitlist.read_entries(transaction, wanted, MOST_WAITING)


def _offer(transaction: Transaction, resource_id: UUID, entries: Sequence[WaitlistEntry]) -> int:
    found = read_terms(transaction, resource_ids=[resource_id])
    done = 0
    for entry in entries:
        if entry.during.starts_at <= transaction.now:
            _decide(transaction, entry, EntryState.OVER, EventType.WAITLIST_OVER)
            done += 1
    waiting = [entry for entry in entries if entry.during.starts_at > transaction.now]
    if not found or not waiting:
        return done
    minutes = read_settings(transaction)[0].waitlist_offer_minutes
    resource = found[0].resource
    board = read_board(transaction, resource, transaction.now)
    for entry in waiting:
        if not _fits(board, found[0], entry):
            continue
        if _hold(transaction, found[0], entry, minutes):
            _decide(transaction, entry, EntryState.OFFERED, EventType.WAITLIST_OFFERED)
            done += 1
        else:
            board.take_back(entry.id)
    return done


def _fits(board: Board, terms: Terms, entry: WaitlistEntry) -> bool:
    """Whether there is room after those who were offered something before, by a look in memory."""
    quantity = terms.policy.units_taken(entry.quantity, entry.party_size)
    departure_id = departure_of(terms.resource, terms.policy, entry.during)
    blocked = terms.policy.blocked(entry.during)
    return board.give(entry.id, blocked, quantity, 0, departure_id=departure_id) is not None


def _hold(transaction: Transaction, terms: Terms, entry: WaitlistEntry, minutes: int) -> bool:
    """Reserve it for them until the offer ends, at the latest when it begins; False where the rules are against it."""
    left = (entry.during.starts_at - transaction.now) // MINUTE
    if left < 1:
        return False
    request = ReservationRequest(
        resource_id=entry.resource_id,
        times=TimesWanted(),
        quantity=entry.quantity,
        party_size=entry.party_size,
        guest=GuestDetails(entry.guest.name, entry.guest.email, entry.guest.phone),
        notes=entry.notes,
        unit=None,
    )
    wanted = Wanted(terms.resource, entry.during, entry.stay, entry.quantity, entry.party_size)
    hold = Confirmation("hold", hold_minutes=min(minutes, left))
    try:
        reserve(transaction, terms, wanted, Claimant(entry.id, entry.guest.email, waited=True), request, ACTOR, hold)
    except (NoCapacityError, RuleViolationsError):
        return False
    return True


def _decide(transaction: Transaction, before: WaitlistEntry, state: EntryState, event_type: EventType) -> None:
    waitlist.decide_entry(transaction, before.id, before.state, state, otherwise=TryAgainError)
    append_waitlist_event(transaction, ACTOR, event_type, before, replace(before, state=state))
