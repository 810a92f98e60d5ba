"""Close a resource or some of its units for a time, lower its capacity, and open it again.

Closures may overlap each other, allocations may not. So what all closures of a resource block together is computed in
the domain and owned by the resource itself, and every change of its closures replaces that set. A closure is refused
when somebody has a unit that it needs: the exclusion constraint sees closures and reservations alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from chalicelib.domain.closures import Closure, ClosureKind, blocked_parts
from chalicelib.domain.errors import InvalidInputError, NotFoundError, ReservationsInTheWayError
from chalicelib.domain.events import Event, EventType
from chalicelib.domain.time_ranges import TimeRange
from chalicelib.domain.units import UNBOUNDED, UnitSet
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.storage import closures
from chalicelib.storage.admission import Taking, release_units, take_units
from chalicelib.storage.events import append_event
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.resources import read_terms
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.domain.resources import Resource
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
        found = read_terms(transaction, resource_ids=[request.resource_id])
        if not found:
            message = "There is no such resource."
            raise NotFoundError(message)
        kind, units = _what_closes(request, found[0].resource)
        closure = Closure(new_id(), request.resource_id, kind, request.during, units, request.reason)
        in_the_way = closures.reservations_in_the_way(transaction, closure)
        if in_the_way:
            raise ReservationsInTheWayError(in_the_way)
        known = closures.read_closures(transaction, request.resource_id)
        closures.add_closure(transaction, closure)
        replace_blocked(transaction, request.resource_id, [*known, closure])
        append_event(
            transaction, actor, Event(EventType.CLOSURE_ADDED, "closure", closure.id, None, _facts_of(closure))
        )
        return closure

    return run_once(database, tenant, claim, work, render, isolation=Isolation.SERIALIZABLE)


def open_units(database: Database, tenant: str, closure_id: UUID, actor: Actor) -> None:
    """Take a closure back. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> None:
        closure = closures.find_closure(transaction, closure_id)
        if closure is None or closure.id == capacity_closure(closure.resource_id):
            message = "There is no such closure."
            raise NotFoundError(message)
        known = closures.read_closures(transaction, closure.resource_id)
        closures.remove_closure(transaction, closure_id)
        replace_blocked(transaction, closure.resource_id, [other for other in known if other.id != closure_id])
        append_event(
            transaction, actor, Event(EventType.CLOSURE_REMOVED, "closure", closure_id, _facts_of(closure), None)
        )

    database.run(tenant, work, isolation=Isolation.SERIALIZABLE)


def list_closures(database: Database, tenant: str, resource_id: UUID | None) -> list[Closure]:
    """Return the closures that have not ended, by start."""
    found = database.run(tenant, lambda transaction: closures.read_closures(transaction, resource_id))
    return [closure for closure in found if closure.id != capacity_closure(closure.resource_id)]


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
