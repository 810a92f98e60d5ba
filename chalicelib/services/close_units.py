"""Close a resource or some of its units for a time, lower its capacity, and open it again.

Closures may overlap each other, allocations may not. So what all closures of a resource block together is computed in
the domain and owned by the resource itself, and every change of its closures replaces that set. A closure is refused
when somebody has a unit that it needs: the exclusion constraint sees closures and reservations alike. A lowered
capacity wants fewer units and no particular ones: whoever has them gets others where there are some.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from chalicelib.domain.closures import Closure, ClosureKind, blocked_parts
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    ReservationsInTheWayError,
    VersionMismatchError,
)
from chalicelib.domain.events import Event, EventType
from chalicelib.domain.time_ranges import TimeRange
from chalicelib.domain.units import UNBOUNDED, UnitSet
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.respect_edit_locks import respect_edit_locks
from chalicelib.services.vacate_units import vacate_units, without_room
from chalicelib.storage import closures
from chalicelib.storage.admission import Taking, release_units, take_units
from chalicelib.storage.events import append_event
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.resources import read_terms
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.domain.errors import InTheWay
    from chalicelib.domain.resources import Resource
    from chalicelib.storage.closures import ClosureFilter
    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.transaction import Database, Transaction


CAPACITY_CLOSURES = UUID("0d0f7a8e-2f6b-4c55-9f0e-6c1f8f5f7b11")
"""Namespace (RFC 9562, version 5) of the closures that lowered capacities are."""


@dataclass(frozen=True, slots=True)
class ClosureRequest:
    """What to close: all of it (no units, no capacity), these units, or the units above a lowered capacity."""

    resource_id: UUID
    during: TimeRange
    reason: str
    units: Sequence[int] = ()
    lowered_to: int | None = None


def capacity_closure(resource_id: UUID) -> UUID:
    """Return the id of the one closure that a resource's lowered capacity is; it changes with the capacity only."""
    return uuid5(CAPACITY_CLOSURES, str(resource_id))


def close_units(
    database: Database,
    tenant: str,
    request: ClosureRequest,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[Closure], Answer],
) -> Outcome:
    """Close units. Raises `NotFoundError`, `InvalidInputError`, `ReservationsInTheWayError`.

    SERIALIZABLE: the set of all closures is read and replaced.
    """

    def work(transaction: Transaction) -> Closure:
        closure = _wanted(transaction, request)
        respect_edit_locks(transaction, actor, (closure.resource_id, closure.during))
        _make_room(transaction, closure, actor)
        known = closures.read_closures(transaction, request.resource_id)
        closures.add_closure(transaction, closure)
        replace_blocked(transaction, request.resource_id, [*known, closure])
        append_event(
            transaction, actor, Event(EventType.CLOSURE_ADDED, "closure", closure.id, None, _facts_of(closure))
        )
        return closure

    return run_once(database, tenant, claim, work, render, isolation=Isolation.SERIALIZABLE)


def preview_closure(database: Database, tenant: str, request: ClosureRequest) -> list[InTheWay]:
    """Return up to 100 reservations that a closure would be refused for. Raises as `close_units` does otherwise."""
    return database.run(
        tenant,
        lambda transaction: _in_the_way(transaction, _wanted(transaction, request)),
        isolation=Isolation.SNAPSHOT,
    )


@dataclass(frozen=True, slots=True)
class ClosureChange:
    """What should be different about a closure; None leaves it as it is."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reason: str | None = None
    units: Sequence[int] | None = None


def change_closure(
    database: Database, tenant: str, closure_id: UUID, change: ClosureChange, actor: Actor, expected_version: int | None
) -> Closure:
    """Give a closure another time, other units or another reason.

    Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`, `InvalidRangeError`, and
    `ReservationsInTheWayError` for reservations that have what it needs now.
    """

    def work(transaction: Transaction) -> Closure:
        before = _find(transaction, closure_id, expected_version)
        during = TimeRange(change.starts_at or before.during.starts_at, change.ends_at or before.during.ends_at)
        kind, units = before.kind, before.units
        if change.units is not None:
            request = ClosureRequest(before.resource_id, during, before.reason, change.units)
            kind, units = _what_closes(request, _resource(transaction, before.resource_id))
        reason = change.reason or before.reason
        after = replace(before, kind=kind, during=during, units=units, reason=reason, version=before.version + 1)
        touched = (before.resource_id, before.during), (after.resource_id, after.during)
        respect_edit_locks(transaction, actor, *touched)
        _make_room(transaction, after, actor)
        others = _others(transaction, before)
        closures.change_closure(transaction, before, after)
        replace_blocked(transaction, before.resource_id, [*others, after])
        facts = _facts_of(before), _facts_of(after)
        append_event(transaction, actor, Event(EventType.CLOSURE_CHANGED, "closure", closure_id, *facts))
        return after

    return database.run(tenant, work, isolation=Isolation.SERIALIZABLE)


def open_units(database: Database, tenant: str, closure_id: UUID, actor: Actor) -> None:
    """Take a closure back; of one that has begun, what is still to come. Raises `NotFoundError`.

    What was closed stays known: occupancy counts it.
    """

    def work(transaction: Transaction) -> None:
        before = _find(transaction, closure_id, None)
        respect_edit_locks(transaction, actor, (before.resource_id, before.during))
        others = _others(transaction, before)
        if before.during.ends_at <= transaction.now:
            message = "The closure is over already; what was closed stays known."
            raise ConflictError(message)
        if before.during.starts_at < transaction.now:
            ended = replace(before, during=TimeRange(before.during.starts_at, transaction.now))
            closures.change_closure(transaction, before, ended)
            others, after = [*others, ended], _facts_of(ended)
        else:
            closures.remove_closure(transaction, closure_id)
            after = None
        replace_blocked(transaction, before.resource_id, others)
        event = Event(EventType.CLOSURE_REMOVED, "closure", closure_id, _facts_of(before), after)
        append_event(transaction, actor, event)

    database.run(tenant, work, isolation=Isolation.SERIALIZABLE)


def list_closures(
    database: Database, tenant: str, wanted: ClosureFilter, limit: int
) -> tuple[list[Closure], tuple[datetime, UUID] | None]:
    """Return a page of closures by start, and the place after which the next page begins, if there is one."""
    found = database.run(tenant, lambda transaction: closures.page_closures(transaction, wanted, limit + 1))
    shown = [closure for closure in found[:limit] if closure.id != capacity_closure(closure.resource_id)]
    return shown, (found[limit - 1].during.starts_at, found[limit - 1].id) if len(found) > limit else None


def _find(transaction: Transaction, closure_id: UUID, expected_version: int | None) -> Closure:
    closure = closures.find_closure(transaction, closure_id)
    if closure is None or closure.id == capacity_closure(closure.resource_id):
        message = "There is no such closure."
        raise NotFoundError(message)
    if expected_version not in {None, closure.version}:
        message = f"The closure was changed meanwhile: version {closure.version}, not {expected_version}."
        raise VersionMismatchError(message)
    return closure


def _others(transaction: Transaction, closure: Closure) -> list[Closure]:
    return [other for other in closures.read_closures(transaction, closure.resource_id) if other.id != closure.id]


def _wanted(transaction: Transaction, request: ClosureRequest) -> Closure:
    kind, units = _what_closes(request, _resource(transaction, request.resource_id))
    return Closure(new_id(), request.resource_id, kind, request.during, units, request.reason)


def _resource(transaction: Transaction, resource_id: UUID) -> Resource:
    found = read_terms(transaction, resource_ids=[resource_id])
    if not found:
        message = "There is no such resource."
        raise NotFoundError(message)
    return found[0].resource


def _in_the_way(transaction: Transaction, closure: Closure) -> list[InTheWay]:
    if closure.kind is ClosureKind.LOWERED_CAPACITY:
        return without_room(transaction, _resource(transaction, closure.resource_id), closure)
    return closures.reservations_in_the_way(transaction, closure)


def _make_room(transaction: Transaction, closure: Closure, actor: Actor) -> None:
    if closure.kind is ClosureKind.LOWERED_CAPACITY:
        vacate_units(transaction, _resource(transaction, closure.resource_id), closure, actor)
        return
    in_the_way = closures.reservations_in_the_way(transaction, closure)
    if in_the_way:
        raise ReservationsInTheWayError(in_the_way)


def _what_closes(request: ClosureRequest, resource: Resource) -> tuple[ClosureKind, UnitSet]:
    if request.lowered_to is not None:
        if not 0 <= request.lowered_to < resource.capacity:
            most = resource.capacity - 1
            message = f"The capacity of {resource.name} is {resource.capacity}; it can be lowered to 0 to {most}."
            raise InvalidInputError("lowered_to", message)
        return ClosureKind.LOWERED_CAPACITY, UnitSet.span(request.lowered_to + 1, resource.capacity + 1)
    if not request.units:
        return ClosureKind.CLOSED, UnitSet.span(1, UNBOUNDED)
    if not all(1 <= unit <= resource.capacity for unit in request.units):
        message = f"{resource.name} has the units 1 to {resource.capacity}."
        raise InvalidInputError("units", message)
    return ClosureKind.OUT_OF_SERVICE, UnitSet.of(request.units)


def replace_blocked(transaction: Transaction, resource_id: UUID, known: Sequence[Closure]) -> None:
    """Let a resource own what all of its closures block together, instead of what it owned."""
    release_units(transaction, [resource_id])
    parts = blocked_parts(known)
    if parts:
        take_units(transaction, resource_id, "closure", [Taking(resource_id, parts, pinned=True)])


def _facts_of(closure: Closure) -> dict[str, object]:
    return {
        "resource_id": str(closure.resource_id),
        "kind": closure.kind,
        "starts_at": closure.during.starts_at.isoformat(),
        "ends_at": closure.during.ends_at.isoformat(),
        "units": [[first, end] for first, end in closure.units.runs],
        "reason": closure.reason,
    }
