"""Resources as administrators change them, as requests and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from chalicelib.availability.schemas.closures import ClosureBody
from chalicelib.availability.schemas.closures import body_of as closure_body
from chalicelib.core.resources import UnitAssignment
from chalicelib.http.lists import PageQuery
from chalicelib.http.periods import InstantPeriod
from chalicelib.http.schema import Schema
from chalicelib.http.texts import MANY_LINES, ONE_LINE, Id, NextCursor, ResourceId
from chalicelib.http.times import EndsAt, Instant, StartsAt
from chalicelib.tenants.schemas.tenants import Line, PositionWanted, Slug
from chalicelib.terms.schemas.filters import LONGEST_AMENITY

if TYPE_CHECKING:
    from chalicelib.catalogue.manage_resources import UnitStatus
    from chalicelib.catalogue.model.windows import Window

KindName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*$", max_length=63)]
Amenity = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=LONGEST_AMENITY)]
Summary = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), ONE_LINE]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000), MANY_LINES]
Size = Annotated[int, Field(ge=1, le=100_000)]
Place = Annotated[int, Field(ge=0, le=1_000_000, description="Where it stands among the tenant's others.")]
PolicyName = Annotated[
    str, StringConstraints(min_length=1, max_length=63), Field(description="Id or slug of a policy.")
]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), ONE_LINE]
Amenities = Annotated[list[Amenity], Field(max_length=50)]


class CreateResource(
    Schema,
    extra="forbid",
    json_schema_extra={
        "examples": [
            {
                "slug": "lake-hut",
                "name": "Lake hut",
                "kind": "cabin",
                "capacity": 2,
                "max_party_size": 4,
                "assignment": "labelled",
                "policy": "stays",
                "amenities": ["wifi"],
                "units": ["Alder", "Birch"],
            }
        ]
    },
):
    """A resource to create."""

    slug: Slug = Field(description="Short name for addresses; it never changes.")
    name: Line = Field(description="What guests call it.")
    kind: KindName = Field(description="What kind of thing it is, in the tenant's words; guests filter by it.")
    summary: Summary = Field(default="", description="One line for lists.")
    description: Description = Field(
        default="", description="Text for the page of the resource; paragraphs are separated by blank lines."
    )
    capacity: Size = Field(description="How many units it has.")
    max_party_size: Size = Field(
        description="How many people fit into each unit; the whole party where the policy counts people."
    )
    assignment: UnitAssignment = Field(
        description="`labelled`: each guest gets particular units and keeps them. `pooled`: any units will do."
    )
    policy: PolicyName
    amenities: Amenities = Field(
        default=[], description="What it has, as names of the tenant's choice; guests filter by them."
    )
    location: PositionWanted | None = Field(
        None, description="Where it is, if that is another place than the tenant's."
    )
    position: Place = 0
    units: Annotated[list[Label], Field(max_length=1000, description="Labels of the first units.")] = []  # noqa: RUF012 - copied

    def fields(self) -> dict[str, Any]:
        """What the use case takes."""
        return self.model_dump(exclude={"units"})


class ChangeResource(Schema, extra="forbid", json_schema_extra={"examples": [{"capacity": 3, "summary": "New roof"}]}):
    """What to change about a resource; members that are left out stay as they are."""

    name: Line | None = Field(default=None, description="What guests call it.")
    kind: KindName | None = Field(
        None, description="What kind of thing it is, in the tenant's words; guests filter by it."
    )
    summary: Summary | None = Field(default=None, description="One line for lists.")
    description: Description | None = Field(
        None, description="Text for the page of the resource; paragraphs are separated by blank lines."
    )
    capacity: Size | None = Field(default=None, description="How many units it has from now on.")
    max_party_size: Size | None = Field(
        None, description="How many people fit into each unit; the whole party where the policy counts people."
    )
    policy: PolicyName | None = Field(
        None, description="Id or slug of the policy under which it is reserved from now on."
    )
    amenities: Amenities | None = Field(default=None, description="What it has; the list replaces the present one.")
    location: PositionWanted | None = Field(default=None, description="Where it is; null: where the tenant is.")
    position: Place | None = Field(
        None, description="Place among the tenant's resources in lists; the lowest comes first."
    )

    @model_validator(mode="after")
    def _kept(self) -> ChangeResource:
        for name in sorted(self.model_fields_set - {"location"}):
            if getattr(self, name) is None:
                message = f"{name} cannot be removed"
                raise ValueError(message)
        return self

    def fields(self) -> dict[str, Any]:
        """What the use case takes."""
        return self.model_dump(include=self.model_fields_set)


class LabelUnit(Schema, extra="forbid", json_schema_extra={"examples": [{"label": "Alder"}]}):
    """The new label of a unit."""

    label: Label = Field(description="What guests and staff call the unit, such as a room number.")


class UnitStatusBody(Schema):
    """A unit of a resource."""

    number: int = Field(description="Number of the unit, from 1.", examples=[1])
    label: str | None = Field(
        description="What guests and staff call the unit; null where it has no label.", examples=["Alder"]
    )
    out_of_service: list[ClosureBody] = Field(
        description="Closures that cover the unit now or later, by start.", examples=[[]]
    )


class UnitList(Schema):
    """A page of units."""

    items: list[UnitStatusBody] = Field(description="The units of this page, by number.")
    next_cursor: NextCursor


class AmenityBody(Schema):
    """An amenity, and how many resources have it."""

    name: str = Field(description="Name of the amenity, as resources have it.", examples=["wifi"])
    resources: int = Field(description="How many resources have it.", examples=[3])


class AmenityList(Schema):
    """Amenities in use, by name."""

    items: list[AmenityBody] = Field(description="The amenities in use, by name.")
    next_cursor: NextCursor = None


class AddWindow(
    Schema,
    extra="forbid",
    json_schema_extra={
        "examples": [
            {
                "resource_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11",
                "starts_at": "2027-11-02T08:00:00Z",
                "ends_at": "2027-11-02T16:00:00Z",
            }
        ]
    },
):
    """A time for which to offer a resource."""

    resource_id: UUID = Field(description="The resource to offer, by id.")
    starts_at: Instant = Field(description="From when on it is offered.")
    ends_at: Instant = Field(description="Until when it is offered; this instant is not part of it.")
    slot_minutes: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="Slot length that you expect, in minutes; refused if the policy has another one."
    )


class WindowBody(Schema):
    """A time for which a resource is offered."""

    id: Id
    resource_id: ResourceId
    starts_at: StartsAt
    ends_at: EndsAt


class WindowList(Schema):
    """A page of availability windows."""

    items: list[WindowBody] = Field(description="The windows of this page, by start.")
    next_cursor: NextCursor


class WindowQuery(PageQuery, InstantPeriod, extra="forbid"):
    """Which windows to list: those that reach into the period."""

    resource_id: UUID | None = Field(default=None, description="Only windows of this resource.")


class RemoveWindowQuery(Schema, extra="forbid"):
    """What becomes of its reservations."""

    keep_reservations: bool = Field(
        default=False, description="Delete the window although reservations reach into it; they stay as they are."
    )


def unit_status_body(unit: UnitStatus) -> UnitStatusBody:
    """The public form of a unit."""
    return UnitStatusBody(
        number=unit.number, label=unit.label, out_of_service=[closure_body(closure) for closure in unit.closures]
    )


def window_body(window: Window) -> WindowBody:
    """The public form of a window."""
    during = window.during
    return WindowBody(id=window.id, resource_id=window.resource_id, starts_at=during.starts_at, ends_at=during.ends_at)
