"""Resources as administrators keep them: made, changed, archived. The database decides what conflicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from chalicelib.availability.close_units import capacity_closure, replace_blocked
from chalicelib.availability.for_others import add_closure, read_closures, read_inventory_closures, remove_closure
from chalicelib.availability.model.closures import Closure, ClosureKind
from chalicelib.availability.vacate_units import vacate_units
from chalicelib.availability.waitlist_precedence import offer_queue_afterwards
from chalicelib.catalogue.storage import resources
from chalicelib.catalogue.storage.resources import ResourceFields
from chalicelib.core.errors import ConflictError, InvalidInputError, NotFoundError
from chalicelib.core.resources import Resource, Tenant, Unit, UnitAssignment
from chalicelib.core.time_ranges import LATEST_AT, TimeRange
from chalicelib.core.units import UnitSet
from chalicelib.core.versions import check_version
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Isolation
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.terms.for_others import read_catalogue, read_units
from chalicelib.terms.model.terms import CatalogueEntry, CatalogueFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer

KIND = "resource"
MOST_UNITS = 100_000
FOREVER = datetime(2199, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Details:
    """A resource with all that is shown of it."""

    tenant: Tenant
    entry: CatalogueEntry
    units: list[Unit]
    now: datetime


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """A unit, and what closes it now or will: by start."""

    number: int
    label: str | None
    closures: Sequence[Closure]


def create_resource(
    context: Context,
    fields: Mapping[str, Any],
    labels: Sequence[str],
    render: Callable[[Details], Answer],
) -> Outcome:
    """Offer something new. `fields` are those of `ResourceFields`, with the policy's id or slug as `policy`.

    Raises `ConflictError` for a slug that is taken, `InvalidInputError` for an unknown policy or labels that do not
    fit.
    """

    def work(transaction: Transaction) -> Details:
        resource_id = new_id()
        wanted = ResourceFields(
            **{name: value for name, value in fields.items() if name != "policy"},
            policy_id=_policy(transaction, fields["policy"]),
        )
        _check_labels(wanted, labels)
        resources.add_resource(transaction, resource_id, wanted, otherwise=_SlugTakenError)
        transaction.settle()
        for number, label in enumerate(labels, 1):
            resources.label_unit(transaction, resource_id, number, label)
        append_event(
            transaction, context.actor, Event(EventType.RESOURCE_CREATED, KIND, resource_id, None, _facts(wanted))
        )
        transaction.settle()
        return details_of(transaction, str(resource_id))

    return context.run_once(work, render)


def change_resource(
    context: Context,
    named: str,
    changes: Mapping[str, Any],
) -> Details:
    """Change what is offered. Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`.

    A capacity is lowered by closing the units above it from now on, so that the constraint which refuses overlaps also
    refuses a reservation that is being made at this moment. Anyone who has those units gets others;
    `ConflictingReservationsError` says for whom there are none.
    """

    def work(transaction: Transaction) -> Details:
        found = find_entry(transaction, named, context.expected_version)
        before = _fields_of(found, found.policy_id)
        after = replace(before, **{name: value for name, value in changes.items() if name != "policy"})
        if "policy" in changes:
            after = replace(after, policy_id=_policy(transaction, changes["policy"]))
        resource_id = found.resource.id
        if after.capacity != before.capacity and found.resource.share is not None:
            message = "Its capacity follows from the units that it draws from; change those."
            raise InvalidInputError("capacity", message)
        if after.capacity != before.capacity:
            respect_edit_locks(transaction, context.actor, (resource_id, TimeRange(transaction.now, LATEST_AT)))
            _change_capacity(transaction, found.resource, after.capacity, context.actor)
        resources.change_resource(transaction, resource_id, after, found.version)
        offer_queue_afterwards(transaction, context.tenant, resource_id)
        event = Event(EventType.RESOURCE_UPDATED, KIND, resource_id, _facts(before), _facts(after))
        append_event(transaction, context.actor, event)
        transaction.settle()
        return details_of(transaction, str(resource_id))

    return context.run(work, isolation=Isolation.SERIALIZABLE)


def archive_resource(context: Context, named: str) -> None:
    """Archive a resource; its reservations stay and can be changed.

    Raises `NotFoundError`, `VersionMismatchError`.
    """

    def work(transaction: Transaction) -> None:
        found = find_entry(transaction, named, context.expected_version)
        respect_edit_locks(transaction, context.actor, (found.resource.id, TimeRange(transaction.now, LATEST_AT)))
        resources.archive_resource(transaction, found.resource.id, found.version)
        facts = {"archived_at": None}, {"archived_at": transaction.now.isoformat()}
        append_event(transaction, context.actor, Event(EventType.RESOURCE_ARCHIVED, KIND, found.resource.id, *facts))

    context.run(work)


def restore_resource(context: Context, named: str, render: Callable[[Details], Answer]) -> Outcome:
    """Offer something again; what is offered already stays as it is.

    Raises `NotFoundError`, `VersionMismatchError`.
    """

    def work(transaction: Transaction) -> Details:
        restored = resources.restore_resource(transaction, named)
        if restored is None:
            return details_of(transaction, named)
        resource_id, since, version = restored
        check_version("resource", version, context.expected_version)
        facts = {"archived_at": since.isoformat()}, {"archived_at": None}
        offer_queue_afterwards(transaction, context.tenant, resource_id)
        append_event(transaction, context.actor, Event(EventType.RESOURCE_RESTORED, KIND, resource_id, *facts))
        transaction.settle()
        return details_of(transaction, str(resource_id))

    return context.run_once(work, render)


def list_amenities(context: Context) -> list[tuple[str, int]]:
    """Return the amenities in use and how many resources have each."""
    return context.run(resources.list_amenities)


def label_unit(
    context: Context,
    named: str,
    number: int,
    label: str,
) -> Details:
    """Give a unit another label.

    Raises `NotFoundError`, `VersionMismatchError`, and `ConflictError` for a label that another unit has.
    """

    def work(transaction: Transaction) -> Details:
        found = find_entry(transaction, named, context.expected_version)
        resource = found.resource
        if resource.assignment is not UnitAssignment.LABELLED or number not in resource.places:
            message = "There is no such unit."
            raise NotFoundError(message)
        units = read_units(transaction, resource.id)
        if any(unit.label == label and unit.number != number for unit in units):
            message = f"Another unit of {resource.name} is called {label} already."
            raise ConflictError(message)
        before = next((unit.label for unit in units if unit.number == number), None)
        resources.label_unit(transaction, resource.id, number, label)
        resources.touch_resource(transaction, resource.id)
        facts = [{"unit": number, "label": text} for text in (before, label)]
        append_event(
            transaction, context.actor, Event(EventType.RESOURCE_UPDATED, KIND, resource.id, facts[0], facts[1])
        )
        transaction.settle()
        return details_of(transaction, str(resource.id))

    return context.run(work, isolation=Isolation.SERIALIZABLE)


def list_units(context: Context, named: str, after: int, limit: int) -> tuple[list[UnitStatus], int | None]:
    """Return the units numbered above `after`, and the number to go on after. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> tuple[list[UnitStatus], int | None]:
        resource = find_entry(transaction, named, None).resource
        labels = {unit.number: unit.label for unit in read_units(transaction, resource.id)}
        known = [
            closure
            for closure in read_closures(transaction, resource.id)
            if closure.id != capacity_closure(resource.id)
        ]
        numbers = list(islice((number for number in resource.places if number > after), limit))
        found = [
            UnitStatus(number, labels.get(number), [closure for closure in known if number in closure.units])
            for number in numbers
        ]
        return found, numbers[-1] if numbers and numbers[-1] < resource.last_unit else None

    return context.run(work, isolation=Isolation.SNAPSHOT)


def _change_capacity(transaction: Transaction, resource: Resource, capacity: int, actor: Actor) -> None:
    """Close the units above a lowered capacity for good, in place of those above an earlier one."""
    closure_id = capacity_closure(resource.id)
    known = read_inventory_closures(transaction, resource.inventory_id)
    others = [closure for closure in known if closure.id != closure_id]
    if len(others) != len(known):
        remove_closure(transaction, closure_id)
    if (capacity < resource.capacity or len(others) != len(known)) and capacity < MOST_UNITS:
        during = TimeRange(transaction.now, FOREVER)
        above = UnitSet.span(capacity + 1, MOST_UNITS + 1)
        reason = f"The capacity is {capacity}."
        closure = Closure(closure_id, resource.id, ClosureKind.LOWERED_CAPACITY, during, above, reason)
        vacate_units(transaction, resource, closure, actor)
        add_closure(transaction, closure)
        others.append(closure)
    replace_blocked(transaction, resource.inventory_id, others)
    resources.remove_units(transaction, resource.id, capacity + 1)


def find_entry(transaction: Transaction, named: str, expected_version: int | None) -> CatalogueEntry:
    """Return a resource as it is offered. Raises `NotFoundError`, `VersionMismatchError`."""
    found = read_catalogue(transaction, CatalogueFilter(named=named), 1)
    if not found:
        message = "There is no such resource."
        raise NotFoundError(message)
    version = found[0].version
    check_version("resource", version, expected_version)
    return found[0]


def details_of(transaction: Transaction, named: str) -> Details:
    """Return a resource with its units. Raises `NotFoundError`."""
    entry = find_entry(transaction, named, None)
    return Details(transaction.tenant, entry, read_units(transaction, entry.resource.id), transaction.now)


def _policy(transaction: Transaction, named: str) -> UUID:
    found = resources.find_policy(transaction, named)
    if found is None:
        message = f"There is no policy {named!r}."
        raise InvalidInputError("policy", message)
    return found


def _check_labels(wanted: ResourceFields, labels: Sequence[str]) -> None:
    if labels and wanted.assignment is not UnitAssignment.LABELLED:
        message = "Units of a pooled resource have no labels."
        raise InvalidInputError("units", message)
    if len(labels) > wanted.capacity or len(set(labels)) != len(labels):
        message = f"Labels must differ, and there are {wanted.capacity} units at most."
        raise InvalidInputError("units", message)


def _fields_of(entry: CatalogueEntry, policy_id: UUID) -> ResourceFields:
    resource = entry.resource
    return ResourceFields(
        slug=resource.slug,
        name=resource.name,
        kind=entry.kind,
        summary=entry.summary,
        description=entry.description,
        capacity=resource.capacity,
        max_party_size=resource.max_party_size,
        assignment=resource.assignment,
        policy_id=policy_id,
        amenities=entry.amenities,
        location=entry.location,
        position=entry.position,
    )


def _facts(fields: ResourceFields) -> dict[str, Any]:
    return {**asdict(fields), "policy_id": str(fields.policy_id), "amenities": list(fields.amenities)}


class _SlugTakenError(ConflictError):
    def __init__(self) -> None:
        super().__init__("Another resource has this slug, perhaps an archived one.")
