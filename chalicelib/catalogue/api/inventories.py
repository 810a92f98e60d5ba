"""Units that several resources share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, Scope
from chalicelib.catalogue import manage_inventories, share_units
from chalicelib.catalogue.api.manage_resources import ONE, resource_reply
from chalicelib.catalogue.schemas.inventories import (
    ChangeInventory,
    CreateInventory,
    InventoryBody,
    InventoryList,
    ShareUnits,
    inventory_body,
)
from chalicelib.catalogue.schemas.list_resources import ResourceDetails
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.identifiers import identifier
from chalicelib.http.lists import PageQuery
from chalicelib.http.paging import CursorError, cursor_after, id_of, link_to_next

if TYPE_CHECKING:
    from chalicelib.catalogue.model.inventories import Inventory
    from chalicelib.http.idempotency import Outcome

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
    """Create an inventory.

    Creates units that several resources can draw from: the halves of a hall, a guide. It offers nothing by itself:
    let resources draw from it next.
    """
    return manage_inventories.create_inventory(
        call.context,
        call.body.name,
        call.body.capacity,
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
    """List inventories.

    Returns the inventories that are shared or were created to be, the oldest first. A resource's own inventory has
    the resource's id, and is listed once others draw from it.
    """
    after = id_of(call.query.cursor)
    found, more = manage_inventories.list_inventories(call.context, after, call.query.limit)
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
    """Read an inventory.

    Returns its capacity and every resource that draws from it or needs it.
    """
    return _reply(manage_inventories.read_inventory(call.context, identifier(call, "inventory")))


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
        errors.ConflictError,
        errors.ConflictingResourcesError,
    ],
    versioned=True,
    scope=Scope.CATALOGUE_WRITE,
)
def change_inventory(call: Call[ChangeInventory, NoBody]) -> Reply:
    """Update an inventory.

    Renames it, adds units, or removes the last ones. Removing is refused while resources, archived ones included,
    draw from those units or need them; the answer names them. Resources do not draw from new units until their
    shares include them. The units of a resource's own inventory change with the resource.
    """
    inventory_id = identifier(call, "inventory")
    return _reply(manage_inventories.change_inventory(call.context, inventory_id, call.body.fields()))


@endpoint(
    blueprint,
    "DELETE",
    INVENTORY,
    roles=MANAGERS,
    tag="inventories",
    response=None,
    status=204,
    errors=[errors.NotFoundError, errors.ConflictError, errors.ConflictingResourcesError],
    scope=Scope.CATALOGUE_WRITE,
    versioned=True,
)
def delete_inventory(call: Call[NoBody, NoBody]) -> Reply:
    """Delete an inventory.

    Refused while resources, archived ones included, draw from it or need it, and for some minutes after its last
    use.
    """
    manage_inventories.delete_inventory(call.context, identifier(call, "inventory"))
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
        errors.ConflictError,
        errors.ConflictingReservationsError,
        errors.ContentionError,
    ],
    versioned=True,
    scope=Scope.CATALOGUE_WRITE,
    edits=True,
    body_limit=256 * 1024,
)
def share(call: Call[ShareUnits, NoBody]) -> Reply:
    """Share an inventory.

    Lets a resource draw from units that others draw from as well, and says what each use needs besides. What one of
    them takes, the others do not have at that time. A resource's own inventory has the resource's id: a whole boat
    draws from that of its seats. Refused while anything of the resource is reserved or closed.
    """
    return resource_reply(share_units.share_units(call.context, call.path["resource"], call.body.wanted()))


def _reply(inventory: Inventory, status: int = 200) -> Reply:
    return Reply(inventory_body(inventory), status, version=inventory.version)
