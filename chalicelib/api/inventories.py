"""Units that several resources share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.catalogue import ONE, resource_reply
from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.pages import CursorError, cursor_after, id_of, link_to_next
from chalicelib.api.schemas.inventories import (
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
from chalicelib.services import share_units

if TYPE_CHECKING:
    from chalicelib.services.idempotency import Outcome

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/inventories"


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
    return share_units.create_inventory(
        call.database,
        call.tenant,
        call.body.name,
        call.body.capacity,
        call.actor,
        call.claim,
        lambda inventory: render(Reply(inventory_body(inventory), 201)),
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
    found, more = share_units.list_inventories(call.database, call.tenant, id_of(call.query.cursor), call.query.limit)
    cursor = cursor_after((0, str(found[-1].id))) if more else None
    body = InventoryList(items=[inventory_body(one) for one in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


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
