"""Inventories as administrators keep them: made to be shared, renamed, enlarged, made smaller, deleted.

A resource draws from units that there are, always. Who changes an inventory locks its row first, and so does who lets a
resource draw from it (`share_units`). READ COMMITTED, so that what is read after the lock is what was stored before it.
The own inventory of a resource changes with the resource and never here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.catalogue.model.inventories import Inventory
from chalicelib.catalogue.storage import inventories
from chalicelib.core.errors import ConflictError, ConflictingResourcesError, NotFoundError
from chalicelib.core.versions import check_version
from chalicelib.database.identifiers import new_id
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer

KIND = "inventory"


def create_inventory(
    context: Context,
    name: str,
    capacity: int,
    render: Callable[[Inventory], Answer],
) -> Outcome:
    """Make units for resources to draw from."""

    def work(transaction: Transaction) -> Inventory:
        inventory = Inventory(new_id(), name, capacity)
        inventories.add_inventory(transaction, inventory)
        append_event(
            transaction, context.actor, Event(EventType.INVENTORY_CREATED, KIND, inventory.id, None, _facts(inventory))
        )
        return inventory

    return context.run_once(work, render)


def list_inventories(context: Context, after: UUID | None, limit: int) -> tuple[list[Inventory], bool]:
    """Return a page of the inventories that are shared, or made to be, and whether there are more."""
    found = context.run(lambda transaction: inventories.list_inventories(transaction, after, limit + 1))
    return found[:limit], len(found) > limit


def read_inventory(context: Context, inventory_id: UUID) -> Inventory:
    """Return one of those that are listed. Raises `NotFoundError`."""
    return context.run(lambda transaction: _find(transaction, inventory_id))


def change_inventory(
    context: Context,
    inventory_id: UUID,
    changes: Mapping[str, Any],
) -> Inventory:
    """Give an inventory another `name` or `capacity`. One that changes nothing makes no version and no event.

    Raises `NotFoundError`, `VersionMismatchError`, `ConflictError` for the own units of a resource, and
    `ConflictingResourcesError` for resources that draw from units above a lower capacity.
    """

    def work(transaction: Transaction) -> Inventory:
        before = _locked(transaction, inventory_id)
        check_version("inventory", before.version, context.expected_version)
        if replace(before, **changes) == before:
            return before
        after = replace(before, **changes, version=before.version + 1)
        drawing = inventories.resources_above(transaction, inventory_id, after.capacity)
        if drawing:
            units = f"the units of {before.name} above {after.capacity}"
            raise ConflictingResourcesError(units, drawing)
        inventories.change_inventory(transaction, after, before.version)
        event = Event(EventType.INVENTORY_UPDATED, KIND, inventory_id, _facts(before), _facts(after))
        append_event(transaction, context.actor, event)
        return after

    return context.run(work)


def delete_inventory(context: Context, inventory_id: UUID) -> None:
    """Delete an inventory from which nothing draws, archived resources included.

    Raises `NotFoundError`, `ConflictingResourcesError`, and `ConflictError` for the own units of a resource or while it
    is still recorded who had units of it.
    """

    def work(transaction: Transaction) -> None:
        before = _locked(transaction, inventory_id)
        check_version("inventory", before.version, context.expected_version)
        drawing = inventories.resources_above(transaction, inventory_id, 0)
        if drawing:
            raise ConflictingResourcesError(before.name, drawing)
        _refuse_while_recorded(transaction, before)
        inventories.delete_inventory(transaction, inventory_id)
        append_event(
            transaction, context.actor, Event(EventType.INVENTORY_DELETED, KIND, inventory_id, _facts(before), None)
        )

    context.run(work)


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
