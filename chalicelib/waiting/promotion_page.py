"""A page of the queue for one resource: who of those who wait gets units, decided in memory and stored at once."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.availability.admission import BEGINNING_OF_TIME, Claimant, promised_unit, read_board
from chalicelib.availability.ended_holds import expire_ended_holds
from chalicelib.availability.for_others import Needing, Taking, release_to_move, take_needs, take_units
from chalicelib.availability.model.needs import departure_of
from chalicelib.availability.unit_events import append_moved_units
from chalicelib.availability.waitlist_precedence import free_units
from chalicelib.core.errors import BerthError
from chalicelib.core.units import Move, Placement, UnitSet
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks_of
from chalicelib.policies.model.wanted import Wanted
from chalicelib.reservations import reservation_events
from chalicelib.reservations.change_reservation import (
    EVENTS,
    Change,
    changed,
    check_begun,
    claimant_of,
    promised_policy,
    turn_down_change,
)
from chalicelib.reservations.for_others import change_reservation, decide_change, read_reservations
from chalicelib.reservations.model.dues import settled
from chalicelib.reservations.model.reservations import (
    BLOCKING_STATES,
    Action,
    Reservation,
    State,
    WaitingChange,
    due_at,
)
from chalicelib.reservations.transition_reservation import step
from chalicelib.terms.for_others import read_terms
from chalicelib.terms.model.terms import Terms
from chalicelib.terms.terms import all_terms_of, change_key, terms_key
from chalicelib.waiting.storage.pending import Promoted, promote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from chalicelib.availability.model.boards import Board
    from chalicelib.core.resources import Resource
    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.policies.model.policies import Policy
    from chalicelib.waiting.storage.pending import Waiting


@dataclass(frozen=True, slots=True)
class _Changing:
    """A reservation whose change has found room."""

    before: Reservation
    change: WaitingChange
    terms: Terms
    wanted: Wanted
    claimant: Claimant


class Page:
    """One transaction's part of a queue. `consider` everybody in order, then `store`."""

    def __init__(
        self,
        transaction: Transaction,
        resource: Resource,
        actor: Actor,
        queue: Sequence[Waiting],
        changes: Sequence[tuple[UUID, WaitingChange]],
    ) -> None:
        self._transaction = transaction
        self._resource = resource
        self._actor = actor
        self._before = read_reservations(transaction, [reservation_id for reservation_id, _ in changes])
        kept = [key for _, change in changes if (key := change_key(change)) is not None]
        self._terms = all_terms_of(transaction, [*queue, *self._before.values()], kept)
        self._offered = next(iter(read_terms(transaction, resource_ids=[resource.id])), None)
        self._promoted: list[tuple[Waiting, Policy]] = []
        self._changing: list[_Changing] = []
        self._ended = 0
        self._board = self._read_board()

    def consider(self, one: Waiting) -> None:
        """Give units to a pending reservation if there are any; what is over already gets none."""
        if one.during.ends_at <= self._transaction.now:
            return
        terms = self._terms[terms_key(one)]
        policy = terms.policy
        try:
            wanted = Wanted(terms.resource, one.during, None, one.quantity, one.party_size)
            promised_unit(one.wanted_unit, wanted, terms)
        except BerthError as impossible:
            step(self._transaction, self._read(one.id), Action.REJECT, self._actor, impossible.detail)
            self._ended += 1
            return
        keep = None if one.wanted_unit is None else UnitSet.of((one.wanted_unit,))
        quantity = policy.units_taken(one.quantity, one.party_size)
        blocked, departure_id = policy.blocked(one.during), departure_of(self._resource, policy, one.during)
        if self._board.give(one.id, blocked, quantity, self._start(), departure_id=departure_id, keep=keep):
            self._promoted.append((one, policy))

    def consider_change(self, reservation_id: UUID, change: WaitingChange) -> None:
        """Make a change that waits if there is room for it, its reservation's own units counted as free."""
        if change.during.ends_at <= self._transaction.now:
            return  # its grace ends, and then it is given up like any other, and told
        before = self._before[reservation_id]
        if before.state not in BLOCKING_STATES:
            decide_change(self._transaction, reservation_id, "withdrawn")
            return
        terms = self._target(reservation_id, change)
        if terms is None:
            self._turn_down(before, change, "What it would move to is not offered any more.")
            return
        try:
            wanted = Wanted(terms.resource, change.during, change.stay, change.quantity, change.party_size)
            check_begun(before, wanted, self._transaction.now, by_guest=True)
            claimant = claimant_of(before, Change(change.action, unit=change.unit), terms, wanted)
        except BerthError as impossible:
            self._turn_down(before, change, impossible.detail)
            return
        quantity = terms.policy.units_taken(wanted.quantity, wanted.party_size)
        had = self._board.take_back(reservation_id)
        blocked = terms.policy.blocked(wanted.during)
        departure_id = departure_of(terms.resource, terms.policy, wanted.during)
        if self._board.give(
            reservation_id, blocked, quantity, self._start(), departure_id=departure_id, keep=claimant.keep
        ):
            self._changing.append(_Changing(before, change, terms, wanted, claimant))
        else:
            self._board.put_back(had)

    def store(self) -> int:
        """Queue everything that was decided; return for how many the waiting has ended."""
        given = self._board.given
        if not given:
            return self._ended
        transaction, resource = self._transaction, self._resource
        if self._changing:
            free_units(transaction, [one.before.id for one in self._changing])
        moved = self._board.moved
        if moved:
            release_to_move(transaction, resource.inventory_id, [before for before, _ in moved])
        pinned = {one.id for one, _ in self._promoted if one.wanted_unit is not None}
        pinned |= {one.before.id for one in self._changing if one.claimant.pinned}
        takings = [
            Taking(
                before.owner_id, before.resource_id or resource.id, parts, pinned=False, held_until=before.held_until
            )
            for before, parts in moved
        ]
        held = self._held()
        takings += [Taking(who, resource.id, parts, who in pinned, held.get(who)) for who, parts in given.items()]
        take_units(transaction, resource.inventory_id, takings)
        take_needs(transaction, resource, list(self._needing()))
        self._store_promoted()
        for one in self._changing:
            self._store_changed(one)
        moves = tuple(Move(before.owner_id, before.units, parts[0].units) for before, parts in moved)
        append_moved_units(transaction, self._actor, Placement((), moves))
        return len(given) + self._ended

    def _turn_down(self, before: Reservation, change: WaitingChange, reason: str) -> None:
        """Give up a change that cannot be, however long it waits."""
        turn_down_change(self._transaction, before, change, self._actor, reason)
        self._ended += 1

    def _read(self, reservation_id: UUID) -> Reservation:
        return read_reservations(self._transaction, [reservation_id])[reservation_id]

    def _needing(self) -> Iterator[Needing]:
        during = {one.id: (policy, one.during) for one, policy in self._promoted}
        during |= {one.before.id: (one.terms.policy, one.wanted.during) for one in self._changing}
        held = self._held()
        for owner_id, (policy, use) in during.items():
            departure_id = departure_of(self._resource, policy, use)
            yield Needing(owner_id, policy.blocked(use), departure_id, held.get(owner_id))

    def _held(self) -> dict[UUID, datetime | None]:
        """Until when those who change are held; who waited is confirmed."""
        return {one.before.id: one.before.hold_expires_at for one in self._changing}

    def _store_promoted(self) -> None:
        if not self._promoted:
            return
        now = self._transaction.now
        promoted = [
            Promoted(one.id, self._units_of(one.id), due_at(State.CONFIRMED, policy, one.during, now))
            for one, policy in self._promoted
        ]
        promote(self._transaction, promoted, self._actor)

    def _store_changed(self, one: _Changing) -> None:
        transaction, change = self._transaction, one.change
        after = changed(one.before, one.terms, one.wanted, self._units_of(one.before.id), change.unit, transaction.now)
        after = settled(one.before, after, promised_policy(transaction, one.before, one.terms), change.created_at)
        respect_edit_locks_of(transaction, self._actor, one.before, after)
        change_reservation(transaction, one.before, after)
        decide_change(transaction, one.before.id, "promoted")
        reservation_events.append_changed(transaction, self._actor, EVENTS[change.action], one.before, after)

    def _units_of(self, owner_id: UUID) -> UnitSet:
        units = UnitSet()
        for part in self._board.given[owner_id]:
            units |= part.units
        return units

    def _policy_of(self, one: Waiting) -> Policy:
        return self._terms[terms_key(one)].policy

    def _target(self, reservation_id: UUID, change: WaitingChange) -> Terms | None:
        """The terms of a change as `waiting_terms` says, None where it would move to what is archived."""
        before = self._before[reservation_id]
        if change.resource_id == before.resource_id:
            return self._terms[terms_key(before)]
        key = change_key(change)
        return self._offered if key is None or self._offered is None else self._terms[key]

    def _read_board(self) -> Board:
        """All that blocks, past parts included: under some terms buffers reach back further than under others."""
        resource = self._resource
        expire_ended_holds(self._transaction, resource)
        return read_board(self._transaction, resource, BEGINNING_OF_TIME)

    def _start(self) -> int:
        return random.randrange(self._resource.last_unit)  # noqa: S311 - spreads over a pool, no secret
