"""Inventories, and what draws from them, as requests and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from chalicelib.catalogue.share_units import ShareWanted, UnitsWanted
from chalicelib.http.schema import Schema
from chalicelib.http.texts import Id, NextCursor, ResourceId, SlugShown, Version
from chalicelib.tenants.schemas.tenants import Line

if TYPE_CHECKING:
    from chalicelib.catalogue.model.inventories import Inventory

EXAMPLE_ID = "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11"
Count = Annotated[int, Field(ge=1, le=100_000)]
UnitNumbers = Annotated[
    list[Annotated[int, Field(ge=1, le=100_000)]],
    Field(min_length=1, max_length=10_000, description="Numbers of units of the inventory."),
]


class CreateInventory(Schema, extra="forbid", json_schema_extra={"examples": [{"name": "Great hall", "capacity": 2}]}):
    """An inventory to create."""

    name: Line = Field(description="What staff call it.")
    capacity: Count = Field(description="How many units it has.")


class ChangeInventory(Schema, extra="forbid", json_schema_extra={"examples": [{"capacity": 3}]}):
    """What to change about an inventory; members that are left out stay as they are."""

    name: Line | None = Field(default=None, description="What staff call it from now on.")
    capacity: Count | None = Field(default=None, description="How many units it has from now on.")

    @model_validator(mode="after")
    def _kept(self) -> ChangeInventory:
        for name in sorted(self.model_fields_set):
            if getattr(self, name) is None:
                message = f"{name} cannot be removed"
                raise ValueError(message)
        return self

    def fields(self) -> dict[str, Any]:
        """What the use case takes."""
        return self.model_dump(exclude_unset=True)


class DrawnUnits(Schema, extra="forbid"):
    """Units of an inventory that a resource consists of. Its capacity follows: their number divided by `units_each`."""

    inventory_id: UUID = Field(description="The inventory to draw from, by id.")
    units: UnitNumbers
    units_each: Count = Field(default=1, description="How many of these units one unit of the resource takes.")


class NeededUnits(Schema, extra="forbid"):
    """Units of an inventory that each use needs besides, all of them.

    In slot mode all reservations of one slot share them; otherwise each reservation has them to itself.
    """

    inventory_id: UUID = Field(description="The inventory that each use needs units of, by id.")
    units: UnitNumbers


class ShareUnits(
    Schema,
    extra="forbid",
    json_schema_extra={
        "examples": [
            {"draws": {"inventory_id": EXAMPLE_ID, "units": [1, 2], "units_each": 2}},
            {"needs": {"inventory_id": EXAMPLE_ID, "units": [1]}},
        ]
    },
):
    """What a resource draws from and what it needs besides; both replace what was before."""

    draws: DrawnUnits | None = Field(
        None, description="The units that the resource consists of. Null: it has an inventory of its own."
    )
    needs: NeededUnits | None = Field(default=None, description="The units that each use needs besides. Null: none.")

    def wanted(self) -> ShareWanted:
        """What the use case takes."""
        draws, needs = self.draws, self.needs
        return ShareWanted(
            None if draws is None else UnitsWanted(draws.inventory_id, draws.units),
            1 if draws is None else draws.units_each,
            None if needs is None else UnitsWanted(needs.inventory_id, needs.units),
        )


class DrawingBody(Schema):
    """A resource that draws from an inventory or needs it."""

    resource_id: ResourceId
    slug: SlugShown
    needed: bool = Field(
        description="Whether its uses need the units besides those that it draws from another inventory."
    )


class InventoryBody(Schema):
    """Units that resources draw from."""

    id: Id
    name: str = Field(description="What staff call it.", examples=["Great hall"])
    capacity: int = Field(description="How many units it has, numbered from 1.", examples=[2])
    own: bool = Field(
        description="Whether these are the own units of the resource with the same id; they change with that resource.",
        examples=[False],
    )
    resources: list[DrawingBody] = Field(description="Resources that draw from it or need it.")
    version: Version


class InventoryList(Schema):
    """A page of inventories."""

    items: list[InventoryBody] = Field(description="The inventories of this page, the oldest first.")
    next_cursor: NextCursor


def inventory_body(inventory: Inventory) -> InventoryBody:
    """The public form of an inventory."""
    return InventoryBody.model_validate(inventory, from_attributes=True)
