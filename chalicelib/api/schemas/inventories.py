"""Inventories, and what draws from them, as requests and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from chalicelib.api.schemas.tenants import Line
from chalicelib.services.share_units import ShareWanted, UnitsWanted

if TYPE_CHECKING:
    from chalicelib.storage.inventories import Inventory

EXAMPLE_ID = "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11"
Count = Annotated[int, Field(ge=1, le=100_000)]
UnitNumbers = Annotated[
    list[Annotated[int, Field(ge=1, le=100_000)]],
    Field(min_length=1, max_length=10_000, description="Numbers of units of the inventory."),
]


class CreateInventory(
    BaseModel, extra="forbid", json_schema_extra={"examples": [{"name": "Great hall", "capacity": 2}]}
):
    """Units for resources to draw from."""

    name: Line
    capacity: Count


class ChangeInventory(BaseModel, extra="forbid", json_schema_extra={"examples": [{"capacity": 3}]}):
    """What should be different; what is left out stays as it is."""

    name: Line | None = None
    capacity: Count | None = None

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


class DrawnUnits(BaseModel, extra="forbid"):
    """Units of an inventory that a resource may take. Its capacity follows: the units divided by `units_each`."""

    inventory_id: UUID
    units: UnitNumbers
    units_each: Count = Field(1, description="How many of the units one of the resource takes.")


class NeededUnits(BaseModel, extra="forbid"):
    """Units of another inventory that every use needs as well, all of them.

    In slot mode all reservations of one slot share them; otherwise each has them for itself.
    """

    inventory_id: UUID
    units: UnitNumbers


class ShareUnits(
    BaseModel,
    extra="forbid",
    json_schema_extra={
        "examples": [
            {"draws": {"inventory_id": EXAMPLE_ID, "units": [1, 2], "units_each": 2}},
            {"needs": {"inventory_id": EXAMPLE_ID, "units": [1]}},
        ]
    },
):
    """What a resource draws from, and what it needs besides: all of it at once."""

    draws: DrawnUnits | None = Field(None, description="Null: an inventory of its own.")
    needs: NeededUnits | None = Field(None, description="Null: nothing.")

    def wanted(self) -> ShareWanted:
        """What the use case takes."""
        draws, needs = self.draws, self.needs
        return ShareWanted(
            None if draws is None else UnitsWanted(draws.inventory_id, draws.units),
            1 if draws is None else draws.units_each,
            None if needs is None else UnitsWanted(needs.inventory_id, needs.units),
        )


class DrawingBody(BaseModel):
    """A resource that draws from an inventory."""

    resource_id: UUID
    slug: str
    needed: bool = Field(description="It needs units of the inventory besides those of another one.")


class InventoryBody(BaseModel):
    """Units that are numbered from 1 to `capacity`, and what draws from them."""

    id: UUID
    name: str
    capacity: int
    own: bool = Field(description="The own units of the resource with the same id, with which they change.")
    resources: list[DrawingBody]
    version: int


class InventoryList(BaseModel):
    """Inventories in the order in which they were made."""

    items: list[InventoryBody]
    next_cursor: str | None


def inventory_body(inventory: Inventory) -> InventoryBody:
    """The public form of an inventory."""
    return InventoryBody.model_validate(inventory, from_attributes=True)
