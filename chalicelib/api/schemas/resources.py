"""The catalogue as queries and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.api.schemas.lists import PageQuery, QueryCount
from chalicelib.api.schemas.policies import PolicyBody, policy_body
from chalicelib.api.schemas.prices import Money
from chalicelib.api.schemas.tenants import Image
from chalicelib.api.schemas.times import Day, FoldChoice, Moment, ZoneName
from chalicelib.domain.pricing import lowest_base
from chalicelib.domain.resources import UnitAssignment
from chalicelib.services.wanted_times import TimesWanted

if TYPE_CHECKING:
    from chalicelib.domain.resources import Need, Share, Tenant, Unit
    from chalicelib.storage.resources import CatalogueEntry

MOST_AMENITIES = 20
LONGEST_AMENITY = 63

ModeName = Literal["stay", "slot", "interval"]
Kind = Annotated[str, StringConstraints(min_length=1, max_length=63), Field(examples=["cabin"])]


def _amenities(value: object) -> tuple[str, ...]:
    names = tuple(str(value).split(","))
    if len(names) > MOST_AMENITIES or not all(0 < len(name) <= LONGEST_AMENITY for name in names):
        raise PydanticCustomError(
            "invalid_list", "Must be up to {most} names separated by commas.", {"most": MOST_AMENITIES}
        )
    return names


Amenities = Annotated[
    tuple[str, ...],
    PlainValidator(_amenities),
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_AMENITY, "pattern": "^[^,]+$"},
            "minItems": 1,
            "maxItems": MOST_AMENITIES,
            "description": "Only what has all of these, separated by commas.",
            "examples": [["wifi", "sea_view"]],
        }
    ),
]


class CatalogueQuery(
    PageQuery, extra="forbid", json_schema_extra={"examples": [{"amenity": ["wifi"], "party_size": 2}]}
):
    """Which resources to list.

    With a time (`check_in_on` and `check_out_on`, or `free_from` and `free_until`) only those that can be had then.
    """

    kind: Kind | None = None
    amenity: Amenities | None = None
    party_size: QueryCount | None = None
    quantity: QueryCount | None = None
    free_from: Moment | None = None
    free_until: Moment | None = None
    check_in_on: Day | None = None
    check_out_on: Day | None = None
    fold: FoldChoice | None = None
    timezone: ZoneName | None = None

    def times(self) -> TimesWanted:
        """The time at which they have to be free, if any."""
        return TimesWanted(
            starts_at=self.free_from,
            ends_at=self.free_until,
            check_in_on=self.check_in_on,
            check_out_on=self.check_out_on,
            fold=self.fold,
            timezone=self.timezone,
        )


class FromPrice(Money):
    """The lowest price that a night, slot, hour or person has from today on, before what depends on the reservation."""

    per: Literal["night", "slot", "hour", "person"]


class ResourceBody(BaseModel):
    """Something that can be reserved."""

    id: UUID
    slug: str
    name: str
    kind: str
    summary: str
    mode: ModeName
    capacity: int
    max_party_size: int
    assignment: UnitAssignment = Field(
        description="`labelled`: a guest gets particular units and keeps them. `pooled`: any units will do."
    )
    amenities: list[str]
    images: list[Image]
    location: dict[str, Any] | None
    timezone: str
    from_price: FromPrice
    version: int
    updated_at: datetime


class ResourceList(BaseModel):
    """A page of the catalogue, in the tenant's order."""

    items: list[ResourceBody]
    next_cursor: str | None


class UnitBody(BaseModel):
    """A unit that carries a label."""

    number: int
    label: str


class NeededBody(BaseModel):
    """Units of an inventory, as half-open runs of their numbers."""

    inventory_id: UUID
    units: list[list[int]] = Field(examples=[[[1, 3]]])


class DrawnBody(NeededBody):
    """Units of an inventory that a resource draws from, and how many of them one of it takes."""

    units_each: int


class ResourceDetails(ResourceBody):
    """Everything about one resource."""

    description: str
    units: list[UnitBody]
    policy: PolicyBody
    draws: DrawnBody | None = Field(description="The shared units that it takes; null: it has units of its own.")
    needs: NeededBody | None = Field(description="Shared units that every use needs besides.")


def body_of(entry: CatalogueEntry, tenant: Tenant, now: datetime) -> ResourceBody:
    """The public form of a resource in a list."""
    return ResourceBody.model_construct(**_members(entry, tenant, now))


def details_of(entry: CatalogueEntry, units: list[Unit], tenant: Tenant, now: datetime) -> ResourceDetails:
    """The public form of a resource by itself."""
    return ResourceDetails.model_construct(
        **_members(entry, tenant, now),
        description=entry.description,
        units=[UnitBody.model_construct(number=unit.number, label=unit.label) for unit in units],
        policy=policy_body(entry.policy, entry.policy_version),
        draws=_drawn(entry.resource.share),
        needs=_needed(entry.resource.need),
    )


def _drawn(share: Share | None) -> DrawnBody | None:
    if share is None:
        return None
    units = [list(run) for run in share.units.runs]
    return DrawnBody.model_construct(inventory_id=share.inventory_id, units=units, units_each=share.units_each)


def _needed(need: Need | None) -> NeededBody | None:
    if need is None:
        return None
    return NeededBody.model_construct(inventory_id=need.inventory_id, units=[list(run) for run in need.units.runs])


def _members(entry: CatalogueEntry, tenant: Tenant, now: datetime) -> dict[str, Any]:
    resource, rates = entry.resource, entry.policy.rates
    lowest = lowest_base(rates, entry.policy.days(tenant.zone).day_of(now))
    return {
        "id": resource.id,
        "slug": resource.slug,
        "name": resource.name,
        "kind": entry.kind,
        "summary": entry.summary,
        "mode": entry.policy.mode.mode,
        "capacity": resource.capacity,
        "max_party_size": resource.max_party_size,
        "assignment": resource.assignment,
        "amenities": list(entry.amenities),
        "images": [Image.model_validate(image) for image in entry.images],
        "location": entry.location,
        "timezone": tenant.zone.key,
        "from_price": FromPrice.model_construct(currency=tenant.currency, total=lowest, per=rates.base.per),
        "version": entry.version,
        "updated_at": entry.updated_at,
    }
