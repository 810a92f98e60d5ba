"""Resources as administrators change them, as requests and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from chalicelib.availability.schemas.closures import ClosureBody
from chalicelib.availability.schemas.closures import body_of as closure_body
from chalicelib.core.resources import UnitAssignment
from chalicelib.http.schema import Schema
from chalicelib.http.texts import MANY_LINES, ONE_LINE, NextCursor
from chalicelib.tenants.schemas.tenants import Line, PositionWanted, Slug
from chalicelib.terms.schemas.filters import LONGEST_AMENITY

if TYPE_CHECKING:
    from chalicelib.catalogue.manage_resources import UnitStatus

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


def unit_status_body(unit: UnitStatus) -> UnitStatusBody:
    """The public form of a unit."""
    return UnitStatusBody(
        number=unit.number, label=unit.label, out_of_service=[closure_body(closure) for closure in unit.closures]
    )
