"""Resources as administrators keep them: made, changed, archived. The database decides what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from chalicelib.domain.closures import Closure, ClosureKind
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    VersionMismatchError,
)
from chalicelib.domain.events import Event, EventType
from chalicelib.domain.resources import Resource, Tenant, Unit, UnitAssignment
from chalicelib.domain.time_ranges import LATEST_AT, TimeRange
from chalicelib.domain.units import UnitSet
from chalicelib.services.close_units import capacity_closure, replace_blocked
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.respect_edit_locks import respect_edit_locks
from chalicelib.services.those_who_wait import offer_queue_afterwards
from chalicelib.services.vacate_units import vacate_units
from chalicelib.storage import catalogue, closures
from chalicelib.storage.catalogue import ArchivedResource, ResourceFields
from chalicelib.storage.events import append_event
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.resources import CatalogueEntry, CatalogueFilter, read_catalogue, read_units
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.transaction import Database, Transaction

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
    database: Database,
    tenant: str,
    fields: Mapping[str, Any],
    labels: Sequence[str],
    actor: Actor,
    claim: Claim | None,
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
        catalogue.add_resource(transaction, resource_id, wanted, otherwise=_SlugTakenError)
        transaction.settle()
        for number, label in enumerate(labels, 1):
            catalogue.label_unit(transaction, resource_id, number, label)
        append_event(transaction, actor, Event(EventType.RESOURCE_CREATED, KIND, resource_id, None, _facts(wanted)))
        transaction.settle()
        return details_of(transaction, str(resource_id))

    return run_once(database, tenant, claim, work, render)


def change_resource(
    database: Database,
    tenant: str,
    named: str,
    changes: Mapping[str, Any],
    actor: Actor,
    expected_version: int | None,
) -> Details:
    """Change what is offered. Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`.

    A capacity is lowered by closing the units above it from now on, so that the constraint which refuses overlaps also
    refuses a reservation that is being made at this moment. Whoever has those units gets others;
    `ReservationsInTheWayError` says for whom there are none.
    """

    def work(transaction: Transaction) -> Details:
        found = find_entry(transaction, named, expected_version)
        before = _fields_of(found, found.policy_id)
        after = replace(before, **{name: value for name, value in changes.items() if name != "policy"})
        if "policy" in changes:
            after = replace(after, policy_id=_policy(transaction, changes["policy"]))
        resource_id = found.resource.id
        if after.capacity != before.capacity and found.resource.share is not None:
            message = "Its capacity follows from the units that it draws from; change those."
            raise InvalidInputError("capacity", message)
        if after.capacity != before.capacity:
            respect_edit_locks(transaction, actor, (resource_id, TimeRange(transaction.now, LATEST_AT)))
            _change_capacity(transaction, found.resource, after.capacity, actor)
        catalogue.change_resource(transaction, resource_id, after, found.version)
        offer_queue_afterwards(transaction, tenant, resource_id)
        event = Event(EventType.RESOURCE_UPDATED, KIND, resource_id, _facts(before), _facts(after))
        append_event(transaction, actor, event)
        transaction.settle()
        return details_of(transaction, str(resource_id))

    return database.run(tenant, work, isolation=Isolation.SERIALIZABLE)


def archive_resource(database: Database, tenant: str, named: str, actor: Actor) -> None:
    """Offer something no more; its reservations stay and can be changed. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> None:
        found = find_entry(transaction, named, None)
        respect_edit_locks(transaction, actor, (found.resource.id, TimeRange(transaction.now, LATEST_AT)))
        catalogue.archive_resource(transaction, found.resource.id)
        facts = {"archived_at": None}, {"archived_at": transaction.now.isoformat()}
        append_event(transaction, actor, Event(EventType.RESOURCE_ARCHIVED, KIND, found.resource.id, *facts))

    database.run(tenant, work)


def restore_resource(
    database: Database, tenant: str, named: str, actor: Actor, claim: Claim | None, render: Callable[[Details], Answer]
) -> Outcome:
    """Offer something again; what is offered already stays as it is. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> Details:
        restored = catalogue.restore_resource(transaction, named)
        if restored is None:
            return details_of(transaction, named)
        resource_id, since = restored
        facts = {"archived_at": since.isoformat()}, {"archived_at": None}
        offer_queue_afterwards(transaction, tenant, resource_id)
        append_event(transaction, actor, Event(EventType.RESOURCE_RESTORED, KIND, resource_id, *facts))
        transaction.settle()
        return details_of(transaction, str(resource_id))

    return run_once(database, tenant, claim, work, render)


def list_archived(
    database: Database, tenant: str, before: tuple[datetime, UUID] | None, limit: int
) -> tuple[list[ArchivedResource], bool]:
    """Return a page of what is offered no more, the latest first, and whether there is more."""
    found = database.run(tenant, lambda transaction: catalogue.list_archived(transaction, before, limit + 1))
    return found[:limit], len(found) > limit


def list_amenities(database: Database, tenant: str) -> list[tuple[str, int]]:
    """Return the amenities in use and how many resources have each."""
    return database.run(tenant, catalogue.list_amenities)


def label_unit(
    database: Database,
    tenant: str,
    named: str,
    number: int,
    label: str,
    actor: Actor,
    expected_version: int | None,
) -> Details:
    """Give a unit another label.

    Raises `NotFoundError`, `VersionMismatchError`, and `ConflictError` for a label that another unit has.
    """

    def work(transaction: Transaction) -> Details:
        found = find_entry(transaction, named, expected_version)
        resource = found.resource
        if resource.assignment is not UnitAssignment.LABELLED or number not in resource.places:
            message = "There is no such unit."
            raise NotFoundError(message)
        units = read_units(transaction, resource.id)
        if any(unit.label == label and unit.number != number for unit in units):
            message = f"Another unit of {resource.name} is called {label} already."
            raise ConflictError(message)
        before = next((unit.label for unit in units if unit.number == number), None)
        catalogue.label_unit(transaction, resource.id, number, label)
        catalogue.touch_resource(transaction, resource.id)
        facts = [{"unit": number, "label": text} for text in (before, label)]
        append_event(transaction, actor, Event(EventType.RESOURCE_UPDATED, KIND, resource.id, facts[0], facts[1]))
        transaction.settle()
        return details_of(transaction, str(resource.id))

    return database.run(tenant, work, isolation=Isolation.SERIALIZABLE)


def list_units(
    database: Database, tenant: str, named: str, after: int, limit: int
) -> tuple[list[UnitStatus], int | None]:
    """Return the units numbered above `after`, and the number to go on after. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> tuple[list[UnitStatus], int | None]:
        resource = find_entry(transaction, named, None).resource
        labels = {unit.number: unit.label for unit in read_units(transaction, resource.id)}
        known = [
            closure
            for closure in closures.read_closures(transaction, resource.id)
            if closure.id != capacity_closure(resource.id)
        ]
        numbers = list(islice((number for number in resource.places if number > after), limit))
        found = [
            UnitStatus(number, labels.get(number), [closure for closure in known if number in closure.units])
            for number in numbers
        ]
        return found, numbers[-1] if numbers and numbers[-1] < resource.last_unit else None

    return database.run(tenant, work, isolation=Isolation.SNAPSHOT)


def _change_capacity(transaction: Transaction, resource: Resource, capacity: int, actor: Actor) -> None:
    """Close the units above a lowered capacity for good, in place of those above an earlier one."""
    closure_id = capacity_closure(resource.id)
    known = closures.read_inventory_closures(transaction, resource.inventory_id)
    others = [closure for closure in known if closure.id != closure_id]
    if len(others) != len(known):
        closures.remove_closure(transaction, closure_id)
    if (capacity < resource.capacity or len(others) != len(known)) and capacity < MOST_UNITS:
        during = TimeRange(transaction.now, FOREVER)
        above = UnitSet.span(capacity + 1, MOST_UNITS + 1)
        reason = f"The capacity is {capacity}."
        closure = Closure(closure_id, resource.id, ClosureKind.LOWERED_CAPACITY, during, above, reason)
        vacate_units(transaction, resource, closure, actor)
        closures.add_closure(transaction, closure)
        others.append(closure)
    replace_blocked(transaction, resource.inventory_id, others)
    catalogue.remove_units(transaction, resource.id, capacity + 1)


def find_entry(transaction: Transaction, named: str, expected_version: int | None) -> CatalogueEntry:
    """Return a resource as it is offered. Raises `NotFoundError`, `VersionMismatchError`."""
    found = read_catalogue(transaction, CatalogueFilter(named=named), 1)
    if not found:
        message = "There is no such resource."
        raise NotFoundError(message)
    version = found[0].version
    if expected_version not in {None, version}:
        message = f"The resource was changed meanwhile: version {version}, not {expected_version}. Read it again."
        raise VersionMismatchError(message)
    return found[0]


def details_of(transaction: Transaction, named: str) -> Details:
    """Return a resource with its units. Raises `NotFoundError`."""
    entry = find_entry(transaction, named, None)
    return Details(transaction.tenant, entry, read_units(transaction, entry.resource.id), transaction.now)


def _policy(transaction: Transaction, named: str) -> UUID:
    found = catalogue.find_policy(transaction, named)
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
