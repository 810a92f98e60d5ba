"""Units that several resources share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.catalogue import ONE, resource_reply
from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.identifiers import identifier
from chalicelib.api.pages import CursorError, cursor_after, id_of, link_to_next
from chalicelib.api.schemas.inventories import (
    ChangeInventory,
    CreateInventory,
    InventoryBody,
    InventoryList,
    ShareUnits,
    inventory_body,
)
from chalicelib.api.schemas.lists import PageQuery
from chalicelib.api.schemas.resources import ResourceDetails
from chalicelib.domain import errors
from chalicelib.domain.people import MANAGERS, Scope
from chalicelib.services import manage_inventories, share_units

if TYPE_CHECKING:
    from chalicelib.services.idempotency import Outcome
    from chalicelib.storage.inventories import Inventory

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/inventories"
INVENTORY = COLLECTION + "/{inventory}"


@endpoint(
    blueprint,
    "POST",
    COLLECTION,
    roles=MANAGERS,
    tag="inventories",
    body=CreateInventory,
    response=InventoryBody,
    status=201,
    errors=[errors.NotFoundError],
    idempotent=True,
    scope=Scope.CATALOGUE_WRITE,
)
def create_inventory(call: Call[CreateInventory, NoBody]) -> Outcome:
    """Create units that several resources can draw from: the halves of a hall, a guide. By itself it offers nothing."""
    return manage_inventories.create_inventory(
        call.database,
        call.tenant,
        call.body.name,
        call.body.capacity,
        call.actor,
        call.claim,
        lambda inventory: render(_reply(inventory, 201).found_at(call.address(INVENTORY, inventory=inventory.id))),
    )


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=MANAGERS,
    tag="inventories",
    query=PageQuery,
    response=InventoryList,
    errors=[errors.NotFoundError, CursorError],
    scope=Scope.CATALOGUE_WRITE,
)
def list_inventories(call: Call[NoBody, PageQuery]) -> Reply:
    """List inventories that are shared or made to be: also the own ones of resources, under the resource's id."""
    after = id_of(call.query.cursor)
    found, more = manage_inventories.list_inventories(call.database, call.tenant, after, call.query.limit)
    cursor = cursor_after((0, str(found[-1].id))) if more else None
    body = InventoryList(items=[inventory_body(one) for one in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


@endpoint(
    blueprint,
    "GET",
    INVENTORY,
    roles=MANAGERS,
    tag="inventories",
    response=InventoryBody,
    errors=[errors.NotFoundError],
    scope=Scope.CATALOGUE_WRITE,
)
def read_inventory(call: Call[NoBody, NoBody]) -> Reply:
    """Read an inventory that is shared or made to be, and what draws from it."""
    return _reply(manage_inventories.read_inventory(call.database, call.tenant, identifier(call, "inventory")))


@endpoint(
    blueprint,
    "PATCH",
    INVENTORY,
    roles=MANAGERS,
    tag="inventories",
    body=ChangeInventory,
    response=InventoryBody,
    errors=[
        errors.NotFoundError,
        errors.VersionMismatchError,
        errors.ConflictError,
        errors.ResourcesInTheWayError,
    ],
    needs_version=True,
    scope=Scope.CATALOGUE_WRITE,
)
def change_inventory(call: Call[ChangeInventory, NoBody]) -> Reply:
    """Give an inventory another name or more units, or take away the last ones.

    Refused while resources draw from those or need them, archived ones included: the answer names them. Resources get
    none of the new units until they are told to draw from them. A resource's own units change with the resource.
    """
    inventory_id = identifier(call, "inventory")
    return _reply(
        manage_inventories.change_inventory(
            call.database, call.tenant, inventory_id, call.body.fields(), call.actor, call.if_match
        )
    )


@endpoint(
    blueprint,
    "DELETE",
    INVENTORY,
    roles=MANAGERS,
    tag="inventories",
    response=None,
    status=204,
    errors=[errors.NotFoundError, errors.ConflictError, errors.ResourcesInTheWayError],
    scope=Scope.CATALOGUE_WRITE,
)
def delete_inventory(call: Call[NoBody, NoBody]) -> Reply:
    """Delete an inventory from which nothing draws.

    Refused while resources draw from it or need some of it, archived ones included, and for some minutes after the last
    of its units was in use.
    """
    manage_inventories.delete_inventory(call.database, call.tenant, identifier(call, "inventory"), call.actor)
    return Reply("", 204)


@endpoint(
    blueprint,
    "PUT",
    ONE + "/inventory",
    roles=MANAGERS,
    tag="inventories",
    body=ShareUnits,
    response=ResourceDetails,
    errors=[
        errors.NotFoundError,
        errors.VersionMismatchError,
        errors.ConflictError,
        errors.ReservationsInTheWayError,
        errors.ContentionError,
    ],
    needs_version=True,
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
    body_limit=256 * 1024,
)
def share(call: Call[ShareUnits, NoBody]) -> Reply:
    """Let a resource draw from an inventory that others draw from, too, and say what it needs besides.

    What one of them takes the others do not have at that time. The own inventory of a resource has the resource's id:
    a boat as a whole draws from that of its seats. Refused while something of the resource is reserved or closed.
    """
    return resource_reply(
        share_units.share_units(
            call.database, call.tenant, call.path["resource"], call.body.wanted(), call.actor, call.if_match
        )
    )


def _reply(inventory: Inventory, status: int = 200) -> Reply:
    return Reply(inventory_body(inventory), status, version=inventory.version)
