"""The catalogue as queries and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from pydantic import Field

from chalicelib.availability.schemas.price_parts import Excluded, Included, price_part_bodies
from chalicelib.core.resources import UnitAssignment
from chalicelib.core.unit_sets import numbers_of
from chalicelib.http.lists import PageQuery, QueryCount
from chalicelib.http.paging import cursor_after
from chalicelib.http.periods import WantedPeriod
from chalicelib.http.prices import Money, money
from chalicelib.http.rendered import Rendered
from chalicelib.http.schema import Schema
from chalicelib.http.texts import Id, KindShown, NextCursor, ResourceName, SlugShown, Version
from chalicelib.http.times import UpdatedAt, Zone
from chalicelib.policies.model.modes import StayMode
from chalicelib.policies.model.price_contents import contents_of_base
from chalicelib.policies.model.pricing import lowest_base
from chalicelib.policies.schemas.policies import PolicyBody, policy_body
from chalicelib.tenants.schemas.tenants import Image
from chalicelib.terms.schemas.filters import Amenities, Kind, ModeShown

if TYPE_CHECKING:
    from chalicelib.catalogue.list_resources import CataloguePage
    from chalicelib.core.resources import Need, Share, Tenant, Unit
    from chalicelib.terms.model.terms import CatalogueEntry


class CatalogueQuery(
    PageQuery,
    WantedPeriod,
    extra="forbid",
    json_schema_extra={"examples": [{"amenity": ["wifi"], "party_size": 2}]},
):
    """Which resources to list; with a period only those that can be reserved then."""

    kind: Kind | None = None
    amenity: Amenities | None = None
    party_size: QueryCount | None = Field(default=None, description="Only resources that take so many people.")
    quantity: QueryCount | None = Field(
        None, description="Only resources that have so many units; with a period, so many free ones."
    )
    archived: bool = Field(
        default=False,
        description="Only archived resources, which staff and keys with `catalogue:write` may list; without a period.",
    )


class FromPrice(Money):
    """The lowest price of a night, slot, hour or person, before what depends on the reservation."""

    per: Literal["night", "slot", "hour", "person"] = Field(description="What the price is for.")
    includes: Included
    excludes: Excluded


class ResourceBody(Schema):
    """A resource of the catalogue."""

    id: Id
    slug: SlugShown
    name: ResourceName
    kind: KindShown
    summary: str = Field(
        description="One line for lists; empty where there is none.", examples=["A log cabin with its own jetty"]
    )
    mode: ModeShown
    capacity: int = Field(description="How many units it has, closed ones included.", examples=[4])
    max_party_size: int = Field(
        description="How many people fit into each unit; the whole party where the policy counts people.", examples=[4]
    )
    assignment: UnitAssignment = Field(
        description="`labelled`: each guest gets particular units and keeps them. `pooled`: any units will do.",
        examples=["labelled"],
    )
    amenities: list[str] = Field(description="What it has, as names of the tenant's choice.", examples=[["wifi"]])
    images: list[Image] = Field(description="Its images, in the order in which they are shown.")
    location: dict[str, Any] | None = Field(
        description="Where it is (WGS 84, degrees); null where it is at the tenant's address.",
        examples=[{"latitude": 49.69, "longitude": -123.16}],
    )
    timezone: Zone
    check_in_time: str | None = Field(
        description="Local time from which on guests of a stay come; null where it is not reserved by the night.",
        examples=["15:00"],
    )
    check_out_time: str | None = Field(
        description="Local time by which guests of a stay leave; null where it is not reserved by the night.",
        examples=["11:00"],
    )
    from_price: FromPrice = Field(description="The lowest price on any day from today on.")
    version: Version
    updated_at: UpdatedAt
    archived_at: datetime | None = Field(
        description="When it was archived (UTC); null while it can be reserved.", examples=[None]
    )


class ResourceList(Schema):
    """A page of the catalogue."""

    items: list[ResourceBody] = Field(description="The resources of this page, in the tenant's order.")
    next_cursor: NextCursor


class UnitBody(Schema):
    """A unit that has a label."""

    number: int = Field(description="Number of the unit, from 1.", examples=[1])
    label: str = Field(description="What guests and staff call the unit.", examples=["Alder"])


class NeededBody(Schema):
    """Units of an inventory that each use needs."""

    inventory_id: UUID = Field(description="The inventory that the units belong to.")
    units: list[int] = Field(description="Numbers of the units.", examples=[[1, 2]])


class DrawnBody(NeededBody):
    """Units of an inventory that a resource consists of."""

    units_each: int = Field(description="How many of these units one unit of the resource takes.", examples=[2])


class ResourceDetails(ResourceBody):
    """A resource with everything that is known of it."""

    description: str = Field(
        description="Text for the page of the resource; empty where there is none.",
        examples=["Four cabins of cedar, right at the lake."],
    )
    units: list[UnitBody] = Field(description="Units that have a label, by number.")
    policy: PolicyBody = Field(description="The rules under which it is reserved, in their present version.")
    draws: DrawnBody | None = Field(
        description="Shared units that it consists of; null where it has units of its own.", examples=[None]
    )
    needs: NeededBody | None = Field(
        description="Shared units that each use needs besides; null where it needs none.", examples=[None]
    )


def body_of(entry: CatalogueEntry, tenant: Tenant, now: datetime) -> ResourceBody:
    """The public form of a resource in a list."""
    return ResourceBody.made_of(**_members(entry, tenant, now))


def page_body(page: CataloguePage) -> ResourceList:
    """The public form of a page of the catalogue."""
    items = [body_of(entry, page.tenant, page.now) for entry in page.entries]
    return ResourceList.model_construct(items=items, next_cursor=cursor_after(page.after))


PAGES: Rendered[CataloguePage] = Rendered(page_body)


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
    return DrawnBody.model_construct(
        inventory_id=share.inventory_id, units=numbers_of(share.units), units_each=share.units_each
    )


def _needed(need: Need | None) -> NeededBody | None:
    if need is None:
        return None
    return NeededBody.model_construct(inventory_id=need.inventory_id, units=numbers_of(need.units))


def _members(entry: CatalogueEntry, tenant: Tenant, now: datetime) -> dict[str, Any]:
    resource, rates, mode = entry.resource, entry.policy.rates, entry.policy.mode
    contents = contents_of_base(rates)
    lowest = lowest_base(rates, entry.policy.days(tenant.zone).day_of(now))
    return {
        "id": resource.id,
        "slug": resource.slug,
        "name": resource.name,
        "kind": entry.kind,
        "summary": entry.summary,
        "mode": mode.mode,
        "capacity": resource.capacity,
        "max_party_size": resource.max_party_size,
        "assignment": resource.assignment,
        "amenities": list(entry.amenities),
        "images": [Image.model_validate(image) for image in entry.images],
        "location": entry.location,
        "timezone": tenant.zone.key,
        "check_in_time": f"{mode.check_in_time:%H:%M}" if isinstance(mode, StayMode) else None,
        "check_out_time": f"{mode.check_out_time:%H:%M}" if isinstance(mode, StayMode) else None,
        "from_price": FromPrice.model_construct(
            **money(lowest, tenant.currency).model_dump(),
            per=rates.base.per,
            includes=price_part_bodies(contents.includes, tenant.currency),
            excludes=price_part_bodies(contents.excludes, tenant.currency),
        ),
        "version": entry.version,
        "updated_at": entry.updated_at,
        "archived_at": entry.archived_at,
    }
