"""Reservations that wait for units which others have, or wait for, too: both sides are informed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.availability.model.profiles import most_at_once
from chalicelib.core.time_ranges import TimeRange
from chalicelib.events.event_log import append_events
from chalicelib.events.model import Event, EventType
from chalicelib.reservations.reservation_events import KIND
from chalicelib.reservations.storage.pending import read_rivals

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.policies.model.wanted import Wanted
    from chalicelib.reservations.storage.pending import Rival
    from chalicelib.terms.model.terms import Terms

MOST_TOLD = 50


def append_conflicts(
    transaction: Transaction, terms: Terms, wanted: Wanted, reservation_id: UUID, actor: Actor
) -> None:
    """Queue `reservation.conflict` for a reservation and each that overlaps it, where there is not room for all."""
    policy = terms.policy
    blocked = policy.blocked(wanted.during)
    resource = wanted.resource
    rivals = read_rivals(transaction, resource, blocked, except_reservation=reservation_id)
    taken = [(TimeRange(rival.starts_at, rival.ends_at), _units(rival, terms)) for rival in rivals]
    wants = policy.units_taken(wanted.quantity, wanted.party_size) * resource.units_each
    if most_at_once(taken, blocked) + wants <= len(resource.places):
        return
    others = [rival.id for rival in rivals][:MOST_TOLD]
    told = [(reservation_id, others), *((other, [reservation_id]) for other in others)]
    append_events(
        transaction,
        actor,
        [
            Event(EventType.RESERVATION_CONFLICT, KIND, told_to, None, {"conflicts_with": [str(one) for one in about]})
            for told_to, about in told
        ],
    )


def _units(rival: Rival, terms: Terms) -> int:
    """The units that a rival has of those that are wanted, or wants of them."""
    if rival.units is not None:
        return rival.units
    return terms.policy.units_taken(rival.quantity, rival.party_size) * terms.resource.units_each
