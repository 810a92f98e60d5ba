"""Give reservations other units where a closure or a lowered capacity takes theirs away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.availability.admission import END_OF_TIME
from chalicelib.availability.ended_holds import expire_ended_holds
from chalicelib.availability.model.vacating import Vacated, vacate
from chalicelib.availability.storage import admission, closures
from chalicelib.availability.storage.admission import Taking
from chalicelib.availability.unit_events import append_moved_units
from chalicelib.core.errors import ConflictingReservationsError
from chalicelib.core.resources import UnitAssignment
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import Move, Part, Placement, UnitSet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from chalicelib.availability.model.closures import Closure
    from chalicelib.core.allocations import Allocation
    from chalicelib.core.errors import ConflictingReservation
    from chalicelib.core.resources import Resource
    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor


def without_room(transaction: Transaction, resource: Resource, closure: Closure) -> list[ConflictingReservation]:
    """Return up to 100 reservations for which there are no other units, by start."""
    return _named(transaction, resource, closure, _look(transaction, resource, closure))


def vacate_units(transaction: Transaction, resource: Resource, closure: Closure, actor: Actor) -> None:
    """Queue other units for whoever has those that the closure needs. What it blocks is queued after that.

    Raises `ConflictingReservationsError` for those without room.
    """
    expire_ended_holds(transaction, resource)
    vacated = _look(transaction, resource, closure)
    if vacated.stuck:
        used = any(max(one.starts_at, closure.during.starts_at) < transaction.now for one in vacated.stuck)
        raise ConflictingReservationsError(_named(transaction, resource, closure, vacated), used=used)
    if not vacated.moved:
        return
    owned = admission.read_owned(transaction, sorted({one.owner_id for one in vacated.moved}))
    moved = {_key(one): parts for one, parts in vacated.moved.items()}
    takings: list[Taking] = []
    moves: list[Move] = []
    for owner_id, rows in owned.items():
        parts = [part for row in rows for part in moved.get(_key(row), (_part(row),))]
        first = rows[0]
        takings.append(Taking(owner_id, first.resource_id or resource.id, parts, first.pinned, first.held_until))
        moves.append(Move(owner_id, _units(_part(row) for row in rows), _units(parts)))
    inventory_id = resource.inventory_id
    admission.release_to_move(transaction, inventory_id, [row for rows in owned.values() for row in rows])
    admission.take_units(transaction, inventory_id, takings)
    append_moved_units(transaction, actor, Placement(parts=(), moved=tuple(moves)))


def _named(
    transaction: Transaction, resource: Resource, closure: Closure, vacated: Vacated
) -> list[ConflictingReservation]:
    if not vacated.stuck:
        return []
    conflicting = closures.conflicting_reservations(transaction, resource.inventory_id, closure)
    stuck = {one.owner_id for one in vacated.stuck}
    return [one for one in conflicting if one.id in stuck] or conflicting


def _look(transaction: Transaction, resource: Resource, closure: Closure) -> Vacated:
    during = closure.during
    known = admission.read_allocations(transaction, [resource], during.starts_at, during.ends_at, except_owner=None)[
        resource.id
    ]
    if resource.assignment is UnitAssignment.LABELLED or any(one.assignment is not None for one in known):
        known = _all_since(transaction, resource, min(during.starts_at, transaction.now))
    return vacate(resource, known, Part(during, closure.units), transaction.now)


def _all_since(transaction: Transaction, resource: Resource, since: datetime) -> list[Allocation]:
    """What ends later, and what shares an instant with that: who is moved has the new units from the start."""
    known: list[Allocation] = []
    for _ in range(2):
        since = min((one.starts_at for one in known), default=since)
        found = admission.read_allocations(transaction, [resource], since, END_OF_TIME, except_owner=None)
        known = found[resource.id]
    return known


def _key(allocation: Allocation) -> tuple[UUID, datetime]:
    """What tells an owner's allocations apart, however they were read."""
    return allocation.owner_id, allocation.starts_at


def _part(allocation: Allocation) -> Part:
    return Part(TimeRange(allocation.starts_at, allocation.ends_at), allocation.units)


def _units(parts: Iterable[Part]) -> UnitSet:
    units = UnitSet.of(())
    for part in parts:
        units |= part.units
    return units
