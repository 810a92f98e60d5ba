"""The catalogue as administrators change it, as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from chalicelib.api.schemas.closures import ClosureBody
from chalicelib.api.schemas.closures import body_of as closure_body
from chalicelib.api.schemas.lists import PageQuery
from chalicelib.api.schemas.resources import LONGEST_AMENITY
from chalicelib.api.schemas.tenants import Line, PositionWanted, Slug
from chalicelib.api.schemas.texts import MANY_LINES, ONE_LINE
from chalicelib.api.schemas.times import Instant
from chalicelib.domain.resources import UnitAssignment

if TYPE_CHECKING:
    from chalicelib.services.manage_resources import UnitStatus
    from chalicelib.storage.catalogue import ArchivedResource, Window

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
    BaseModel,
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
    """Something to offer."""

    slug: Slug
    name: Line
    kind: KindName
    summary: Summary = ""
    description: Description = ""
    capacity: Size
    max_party_size: Size
    assignment: UnitAssignment
    policy: PolicyName
    amenities: Amenities = []
    location: PositionWanted | None = None
    position: Place = 0
    units: Annotated[list[Label], Field(max_length=1000, description="Labels of the first units.")] = []

    def fields(self) -> dict[str, Any]:
        """What the use case takes."""
        return self.model_dump(exclude={"units"})


class ChangeResource(
    BaseModel, extra="forbid", json_schema_extra={"examples": [{"capacity": 3, "summary": "New roof"}]}
):
    """What to change; members that are left out stay."""

    name: Line | None = None
    kind: KindName | None = None
    summary: Summary | None = None
    description: Description | None = None
    capacity: Size | None = None
    max_party_size: Size | None = None
    policy: PolicyName | None = None
    amenities: Amenities | None = None
    location: PositionWanted | None = None
    position: Place | None = None

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


class LabelUnit(BaseModel, extra="forbid", json_schema_extra={"examples": [{"label": "Alder"}]}):
    """What a unit is called."""

    label: Label


class ArchivedBody(BaseModel):
    """A resource that is offered no more."""

    id: UUID
    slug: str
    name: str
    kind: str
    archived_at: datetime


class ArchivedList(BaseModel):
    """Archived resources, the latest first."""

    items: list[ArchivedBody]
    next_cursor: str | None


class UnitStatusBody(BaseModel):
    """One unit of a resource."""

    number: int
    label: str | None = Field(description="What it is called; null: it has no name of its own.")
    out_of_service: list[ClosureBody] = Field(description="Closures that cover it, now or later, by start.")


class UnitList(BaseModel):
    """Units by number."""

    items: list[UnitStatusBody]
    next_cursor: str | None


class AmenityBody(BaseModel):
    """An amenity, and how many resources have it."""

    name: str
    resources: int


class AmenityList(BaseModel):
    """Amenities in use, by name."""

    items: list[AmenityBody]
    next_cursor: str | None = None


class AddWindow(
    BaseModel,
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
    """When a resource is offered. The range is kept; slots are derived from it."""

    resource_id: UUID
    starts_at: Instant
    ends_at: Instant
    slot_minutes: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="If given, it has to be the slot length of the resource's policy."
    )


class WindowBody(BaseModel):
    """When a resource is offered."""

    id: UUID
    resource_id: UUID
    starts_at: datetime
    ends_at: datetime


class WindowList(BaseModel):
    """Availability windows by start."""

    items: list[WindowBody]
    next_cursor: str | None


class WindowQuery(PageQuery, extra="forbid"):
    """Which windows to list: those that reach into the range."""

    resource_id: UUID | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None


class RemoveWindowQuery(BaseModel, extra="forbid"):
    """What becomes of its reservations."""

    keep_reservations: bool = Field(
        default=False, description="Remove it although reservations reach into it; they stay."
    )


def archived_body(resource: ArchivedResource) -> ArchivedBody:
    """The public form of an archived resource."""
    return ArchivedBody.model_validate(resource, from_attributes=True)


def unit_status_body(unit: UnitStatus) -> UnitStatusBody:
    """The public form of a unit."""
    return UnitStatusBody(
        number=unit.number, label=unit.label, out_of_service=[closure_body(closure) for closure in unit.closures]
    )


def window_body(window: Window) -> WindowBody:
    """The public form of a window."""
    during = window.during
    return WindowBody(id=window.id, resource_id=window.resource_id, starts_at=during.starts_at, ends_at=during.ends_at)
