"""Inventories, and what draws from them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.catalogue.model.inventories import Drawing, Inventory
from chalicelib.core.errors import ConflictingResource
from chalicelib.core.unit_sets import UnitSet
from chalicelib.database import statements
from chalicelib.database.rows import conflicting_reservation
from chalicelib.database.unit_sets import OWN_UNITS, unit_set_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chalicelib.core.errors import ConflictingReservation
    from chalicelib.core.resources import Resource
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


def add_inventory(transaction: Transaction, inventory: Inventory) -> None:
    """Queue a new inventory."""
    values = {"id": inventory.id, "name": inventory.name, "capacity": inventory.capacity}
    transaction.write(SQL["add_inventory"], values)


def list_inventories(transaction: Transaction, after: UUID | None, limit: int) -> list[Inventory]:
    """Return inventories that are shared, or were made to be shared, by id: the oldest first."""
    return _read(transaction, None, after, limit)


def find_inventory(transaction: Transaction, inventory_id: UUID) -> Inventory | None:
    """Return an inventory, also the own one of a resource that shares it with none."""
    return next(iter(_read(transaction, inventory_id, None, 1)), None)


def _read(transaction: Transaction, inventory_id: UUID | None, after: UUID | None, limit: int) -> list[Inventory]:
    rows = transaction.rows(SQL["list_inventories"], {"id": inventory_id, "after": after, "limit": limit})
    return [
        Inventory(
            row.id,
            row.name,
            row.capacity,
            tuple(Drawing(UUID(one["resource_id"]), one["slug"], one["needed"]) for one in row.resources),
            row.own,
            row.version,
        )
        for row in rows
    ]


def change_inventory(transaction: Transaction, inventory: Inventory, version: int) -> None:
    """Queue another name and capacity for the version that was read."""
    values = {"id": inventory.id, "name": inventory.name, "capacity": inventory.capacity, "version": version}
    transaction.write(SQL["change_inventory"], values)


def delete_inventory(transaction: Transaction, inventory_id: UUID) -> None:
    """Queue that an inventory is deleted, which was made to be shared."""
    transaction.write(SQL["delete_inventory"], {"id": inventory_id})


def resources_above(transaction: Transaction, inventory_id: UUID, capacity: int) -> list[ConflictingResource]:
    """Return up to 100 resources, archived or not, that draw from units of an inventory above a capacity."""
    rows = transaction.rows(SQL["resources_above"], {"id": inventory_id, "capacity": capacity})
    return [ConflictingResource(row.id, row.slug, row.archived) for row in rows]


def read_users(transaction: Transaction, inventory_id: UUID) -> list[tuple[str | None, datetime]]:
    """Return up to 6 that have allocations of an inventory, and until when, the latest first.

    Reservations by their codes; None: closures.
    """
    return [(row.code, row.ends_at) for row in transaction.rows(SQL["read_users"], {"id": inventory_id})]


def lock_inventories(transaction: Transaction, inventory_ids: Iterable[UUID]) -> None:
    """Wait for those who change inventories, or what draws from them; others wait for this."""
    transaction.changes = True
    transaction.rows(SQL["lock_inventories"], {"ids": sorted(set(inventory_ids))})


def lock(transaction: Transaction, resource_id: UUID, inventory_ids: Iterable[UUID]) -> None:
    """Wait for those who take units of a resource or change what draws from the inventories; others wait for this."""
    lock_inventories(transaction, inventory_ids)
    transaction.rows(SQL["lock_resource"], {"resource_id": resource_id})


def reservations_to_come(transaction: Transaction, resource: Resource) -> list[ConflictingReservation]:
    """Return up to 100 reservations of a resource that have not ended and block something, by start."""
    inventory_ids = [resource.inventory_id, *([] if resource.need is None else [resource.need.inventory_id])]
    values = {"resource_id": resource.id, "inventory_ids": inventory_ids}
    return [conflicting_reservation(row) for row in transaction.rows(SQL["reservations_to_come"], values)]


def share_units(transaction: Transaction, resource: Resource, version: int) -> None:
    """Queue what a resource draws from, and needs, for the version that was read."""
    share, need = resource.share, resource.need
    transaction.write(
        SQL["share_units"],
        {
            "resource_id": resource.id,
            "inventory_id": resource.inventory_id,
            "units": unit_set_text(UnitSet(OWN_UNITS) if share is None else share.units),
            "units_each": resource.units_each,
            "needs_inventory_id": None if need is None else need.inventory_id,
            "needs_units": None if need is None else unit_set_text(need.units),
            "capacity": resource.capacity,
            "version": version,
        },
    )
    values = {"resource_id": resource.id, "units": unit_set_text(resource.places)}
    transaction.write(SQL["forget_labels"], values, rows=None)
