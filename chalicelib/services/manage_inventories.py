"""Inventories as administrators keep them: made to be shared, renamed, enlarged, made smaller, deleted.

A resource draws from units that there are, always. Who changes an inventory locks its row first, and so does who lets a
resource draw from it (`share_units`). READ COMMITTED, so that what is read after the lock is what was stored before it.
The own inventory of a resource changes with the resource and never here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import ConflictError, NotFoundError, ResourcesInTheWayError, VersionMismatchError
from chalicelib.domain.events import Event, EventType
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.storage import inventories
from chalicelib.storage.events import append_event
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.inventories import Inventory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.transaction import Database, Transaction

KIND = "inventory"


def create_inventory(
    database: Database,
    tenant: str,
    name: str,
    capacity: int,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[Inventory], Answer],
) -> Outcome:
    """Make units for resources to draw from."""

    def work(transaction: Transaction) -> Inventory:
        inventory = Inventory(new_id(), name, capacity)
        inventories.add_inventory(transaction, inventory)
        append_event(
            transaction, actor, Event(EventType.INVENTORY_CREATED, KIND, inventory.id, None, _facts(inventory))
        )
        return inventory

    return run_once(database, tenant, claim, work, render)


def list_inventories(database: Database, tenant: str, after: UUID | None, limit: int) -> tuple[list[Inventory], bool]:
    """Return a page of the inventories that are shared, or made to be, and whether there are more."""
    found = database.run(tenant, lambda transaction: inventories.list_inventories(transaction, after, limit + 1))
    return found[:limit], len(found) > limit


def read_inventory(database: Database, tenant: str, inventory_id: UUID) -> Inventory:
    """Return one of those that are listed. Raises `NotFoundError`."""
    return database.run(tenant, lambda transaction: _find(transaction, inventory_id))


def change_inventory(
    database: Database,
    tenant: str,
    inventory_id: UUID,
    changes: Mapping[str, Any],
    actor: Actor,
    expected_version: int | None,
) -> Inventory:
    """Give an inventory another `name` or `capacity`. One that changes nothing makes no version and no event.

    Raises `NotFoundError`, `VersionMismatchError`, `ConflictError` for the own units of a resource, and
    `ResourcesInTheWayError` for resources that draw from units above a lower capacity.
    """

    def work(transaction: Transaction) -> Inventory:
        before = _locked(transaction, inventory_id)
        if expected_version not in {None, before.version}:
            message = (
                f"The inventory was changed meanwhile: version {before.version}, not {expected_version}. Read it again."
            )
            raise VersionMismatchError(message)
        if replace(before, **changes) == before:
            return before
        after = replace(before, **changes, version=before.version + 1)
        drawing = inventories.resources_above(transaction, inventory_id, after.capacity)
        if drawing:
            units = f"the units of {before.name} above {after.capacity}"
            raise ResourcesInTheWayError(units, drawing)
        inventories.change_inventory(transaction, after, before.version)
        event = Event(EventType.INVENTORY_UPDATED, KIND, inventory_id, _facts(before), _facts(after))
        append_event(transaction, actor, event)
        return after

    return database.run(tenant, work)


def delete_inventory(database: Database, tenant: str, inventory_id: UUID, actor: Actor) -> None:
    """Delete an inventory from which nothing draws, archived resources included.

    Raises `NotFoundError`, `ResourcesInTheWayError`, and `ConflictError` for the own units of a resource or while it is
    still recorded who had units of it.
    """

    def work(transaction: Transaction) -> None:
        before = _locked(transaction, inventory_id)
        drawing = inventories.resources_above(transaction, inventory_id, 0)
        if drawing:
            raise ResourcesInTheWayError(before.name, drawing)
        _refuse_while_recorded(transaction, before)
        inventories.delete_inventory(transaction, inventory_id)
        append_event(transaction, actor, Event(EventType.INVENTORY_DELETED, KIND, inventory_id, _facts(before), None))

    database.run(tenant, work)


def _find(transaction: Transaction, inventory_id: UUID) -> Inventory:
    found = inventories.find_inventory(transaction, inventory_id)
    if found is None or not found.is_shared:
        message = "There is no such inventory."
        raise NotFoundError(message)
    return found


def _locked(transaction: Transaction, inventory_id: UUID) -> Inventory:
    inventories.lock_inventories(transaction, [inventory_id])
    found = _find(transaction, inventory_id)
    if found.own:
        message = f"These are the own units of {found.name}. Change that resource; its units change with it."
        raise ConflictError(message)
    return found


def _refuse_while_recorded(transaction: Transaction, inventory: Inventory) -> None:
    """Say who had units last. Nothing draws from them any more, so nothing of this is still to come."""
    users = inventories.read_users(transaction, inventory.id)
    if not users:
        return
    named = ", ".join("closures" if code is None else f"the reservation {code}" for code, _ in users[:5])
    until = f"{users[0][1]:%Y-%m-%d %H:%M} UTC"
    message = (
        f"It is still recorded who had units of {inventory.name} until {until}: {named}{' …' if users[5:] else ''}. "
        "Such records are removed some minutes after the time is over. Delete it then."
    )
    raise ConflictError(message)


def _facts(inventory: Inventory) -> dict[str, Any]:
    return {"name": inventory.name, "capacity": inventory.capacity}
