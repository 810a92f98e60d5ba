"""Close a resource or some of its units for a time, lower its capacity, and open it again.

Closures may overlap each other, allocations may not. So what all closures of an inventory block together is computed in
the domain and owned by the inventory itself, and every change of its closures replaces that set. The exclusion
constraint sees closures and reservations alike. Guests whose units are closed get others where there are some, and
where there are none the closure is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from chalicelib.availability.model.closures import Closure, ClosureKind, blocked_parts, effective
from chalicelib.availability.storage import closures
from chalicelib.availability.storage.admission import block_units
from chalicelib.availability.unit_events import unit_runs
from chalicelib.availability.vacate_units import vacate_units, without_room
from chalicelib.availability.waitlist_precedence import free_units
from chalicelib.core.errors import ConflictError, InvalidInputError, NotFoundError
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import UNBOUNDED, UnitSet
from chalicelib.core.versions import check_version
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Isolation
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.terms.for_others import read_resource, read_terms

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.availability.model.closures import ClosureFilter
    from chalicelib.core.errors import ConflictingReservation
    from chalicelib.core.resources import Resource
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer


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
    context: Context,
    request: ClosureRequest,
    render: Callable[[Closure], Answer],
) -> Outcome:
    """Close units; guests who have them are given others.

    Raises `NotFoundError`, `InvalidInputError`, `ConflictError` where that is closed already, and
    `ConflictingReservationsError` for those who cannot be moved.

    SERIALIZABLE: the set of all closures is read and replaced.
    """

    def work(transaction: Transaction) -> Closure:
        resource = _resource(transaction, request.resource_id)
        closure = _wanted(resource, request)
        respect_edit_locks(transaction, context.actor, (closure.resource_id, closure.during))
        _refuse_twice(transaction, closure)
        blocks = effective(closure, resource)
        vacate_units(transaction, resource, blocks, context.actor)
        known = closures.read_inventory_closures(transaction, resource.inventory_id)
        closures.add_closure(transaction, closure)
        replace_blocked(transaction, resource.inventory_id, [*known, blocks])
        append_event(
            transaction, context.actor, Event(EventType.CLOSURE_ADDED, "closure", closure.id, None, _facts_of(closure))
        )
        return closure

    return context.run_once(work, render, isolation=Isolation.SERIALIZABLE)


def preview_closure(context: Context, request: ClosureRequest) -> list[ConflictingReservation]:
    """Return up to 100 reservations that a closure would be refused for. Raises as `close_units` does otherwise."""

    def work(transaction: Transaction) -> list[ConflictingReservation]:
        resource = _resource(transaction, request.resource_id)
        return without_room(transaction, resource, effective(_wanted(resource, request), resource))

    return context.run(work, isolation=Isolation.SNAPSHOT)


@dataclass(frozen=True, slots=True)
class ClosureChange:
    """What should be different about a closure; None leaves it as it is."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reason: str | None = None
    units: Sequence[int] | None = None


def change_closure(context: Context, closure_id: UUID, change: ClosureChange) -> Closure:
    """Give a closure another time, other units or another reason.

    Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`, `InvalidRangeError`, `ConflictError` where that
    is closed already, and `ConflictingReservationsError` for those who cannot be moved from what it needs now.
    """

    def work(transaction: Transaction) -> Closure:
        before = _find(transaction, closure_id, context.expected_version)
        during = TimeRange(change.starts_at or before.during.starts_at, change.ends_at or before.during.ends_at)
        kind, units = before.kind, before.units
        resource = read_resource(transaction, before.resource_id)
        if change.units is not None:
            request = ClosureRequest(before.resource_id, during, before.reason, change.units)
            kind, units = _what_closes(request, resource)
        reason = change.reason or before.reason
        after = replace(before, kind=kind, during=during, units=units, reason=reason, version=before.version + 1)
        touched = (before.resource_id, before.during), (after.resource_id, after.during)
        respect_edit_locks(transaction, context.actor, *touched)
        _refuse_twice(transaction, after)
        blocks = effective(after, resource)
        others = _others(transaction, resource, before)
        replace_blocked(transaction, resource.inventory_id, others)  # guests may go where it was
        vacate_units(transaction, resource, blocks, context.actor)
        closures.change_closure(transaction, before, after)
        replace_blocked(transaction, resource.inventory_id, [*others, blocks])
        facts = _facts_of(before), _facts_of(after)
        append_event(transaction, context.actor, Event(EventType.CLOSURE_CHANGED, "closure", closure_id, *facts))
        return after

    return context.run(work, isolation=Isolation.SERIALIZABLE)


def open_units(context: Context, closure_id: UUID) -> None:
    """Take a closure back; of one that has begun, what is still to come.

    Raises `NotFoundError`, `VersionMismatchError`. What was closed stays known: occupancy counts it.
    """

    def work(transaction: Transaction) -> None:
        before = _find(transaction, closure_id, context.expected_version)
        respect_edit_locks(transaction, context.actor, (before.resource_id, before.during))
        resource = read_resource(transaction, before.resource_id)
        others = _others(transaction, resource, before)
        if before.during.ends_at <= transaction.now:
            message = "The closure is over already; what was closed stays known."
            raise ConflictError(message)
        if before.during.starts_at < transaction.now:
            ended = replace(before, during=TimeRange(before.during.starts_at, transaction.now))
            closures.change_closure(transaction, before, ended)
            others, after = [*others, effective(ended, resource)], _facts_of(ended)
        else:
            closures.remove_closure(transaction, closure_id)
            after = None
        replace_blocked(transaction, resource.inventory_id, others)
        event = Event(EventType.CLOSURE_REMOVED, "closure", closure_id, _facts_of(before), after)
        append_event(transaction, context.actor, event)

    context.run(work, isolation=Isolation.SERIALIZABLE)


def list_closures(
    context: Context, wanted: ClosureFilter, limit: int
) -> tuple[list[Closure], tuple[datetime, UUID] | None]:
    """Return a page of closures by start, and the place after which the next page begins, if there is one."""
    found = context.run(lambda transaction: closures.page_closures(transaction, wanted, limit + 1))
    shown = [closure for closure in found[:limit] if closure.id != capacity_closure(closure.resource_id)]
    return shown, (found[limit - 1].during.starts_at, found[limit - 1].id) if len(found) > limit else None


def _find(transaction: Transaction, closure_id: UUID, expected_version: int | None) -> Closure:
    closure = closures.find_closure(transaction, closure_id)
    if closure is None or closure.id == capacity_closure(closure.resource_id):
        message = "There is no such closure."
        raise NotFoundError(message)
    check_version("closure", closure.version, expected_version)
    return closure


def _others(transaction: Transaction, resource: Resource, closure: Closure) -> list[Closure]:
    known = closures.read_inventory_closures(transaction, resource.inventory_id)
    return [other for other in known if other.id != closure.id]


def _wanted(resource: Resource, request: ClosureRequest) -> Closure:
    kind, units = _what_closes(request, resource)
    return Closure(new_id(), request.resource_id, kind, request.during, units, request.reason)


def _refuse_twice(transaction: Transaction, closure: Closure) -> None:
    same = closures.find_same_closure(transaction, closure)
    if same is not None:
        message = f"The same units are closed for the same time already, by the closure {same}. Change that one."
        raise ConflictError(message)


def _resource(transaction: Transaction, resource_id: UUID) -> Resource:
    found = read_terms(transaction, resource_ids=[resource_id])
    if not found:
        message = "There is no such resource."
        raise NotFoundError(message)
    return found[0].resource


def _what_closes(request: ClosureRequest, resource: Resource) -> tuple[ClosureKind, UnitSet]:
    if request.lowered_to is not None:
        if not 0 <= request.lowered_to < resource.capacity:
            most = resource.capacity - 1
            message = f"The capacity of {resource.name} is {resource.capacity}; it can be lowered to 0 to {most}."
            raise InvalidInputError("lowered_to", message)
        kept = request.lowered_to * resource.units_each
        return ClosureKind.LOWERED_CAPACITY, UnitSet.of(islice(resource.places, kept, None))
    if not request.units:
        return ClosureKind.CLOSED, UnitSet.span(1, UNBOUNDED)
    units = UnitSet.of(request.units)
    if units - resource.places:
        message = f"{resource.name} has the units {resource.places}."
        raise InvalidInputError("units", message)
    return ClosureKind.OUT_OF_SERVICE, units


def replace_blocked(transaction: Transaction, inventory_id: UUID, known: Sequence[Closure]) -> None:
    """Replace what an inventory blocks by what all of its closures block together."""
    free_units(transaction, [inventory_id])
    parts = blocked_parts(known)
    if parts:
        block_units(transaction, inventory_id, parts)


def _facts_of(closure: Closure) -> dict[str, object]:
    return {
        "resource_id": str(closure.resource_id),
        "kind": closure.kind,
        "starts_at": closure.during.starts_at.isoformat(),
        "ends_at": closure.during.ends_at.isoformat(),
        "units": unit_runs(closure.units),
        "reason": closure.reason,
    }
