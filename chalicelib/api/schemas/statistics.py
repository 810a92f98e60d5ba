"""Statistics as queries and answers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, WithJsonSchema

from chalicelib.api.schemas.lists import counted
from chalicelib.api.schemas.times import Day
from chalicelib.services.read_statistics import MINUTES_PER_DAY, Measure, Step

if TYPE_CHECKING:
    from chalicelib.services.read_statistics import Figures, Statistics
    from chalicelib.storage.statistics import Offered


class StatisticsQuery(
    BaseModel, extra="forbid", json_schema_extra={"examples": [{"from_on": "2027-05-01", "until_on": "2027-06-01"}]}
):
    """Which local days, the last one excluded, and how to divide them."""

    from_on: Day
    until_on: Day
    by: Step = Step.DAY
    resource_id: UUID | None = None


class TopQuery(
    BaseModel, extra="forbid", json_schema_extra={"examples": [{"from_on": "2027-05-01", "until_on": "2027-06-01"}]}
):
    """Which local days, the last one excluded; by what to rank, and how many resources to name."""

    from_on: Day
    until_on: Day
    measure: Measure = Measure.REVENUE
    limit: Annotated[
        int, counted(50), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 50, "default": 10})
    ] = 10


class FiguresBody(BaseModel):
    """Figures of a period; null where there is nothing to divide by. Amounts are in minor units."""

    offered_minutes: int = Field(description="Of all units, while it is open and not closed; a night is 1440.")
    reserved_minutes: int = Field(description="Of all units taken; a night is 1440.")
    occupancy: float | None = Field(description="Reserved part of the offered time.")
    nights: int
    revenue: int
    retained: int = Field(description="What is owed of what was given up: cancelled, shortened or missed.")
    average_daily_rate: float | None = Field(
        description="Revenue per unit and 24 hours reserved (ADR); a night is one."
    )
    revenue_per_available: float | None = Field(
        description="Revenue per unit and 24 hours on offer (RevPAR): ADR times occupancy."
    )
    active: int = Field(description="Reservations that begin in the period and stand.")
    cancelled: int
    came: int
    no_shows: int
    no_show_rate: float | None = Field(description="Part of those expected who did not come.")
    lead_days: float | None = Field(description="Mean time from reserving to the start.")


class TotalBody(FiguresBody):
    """Figures of a whole period."""

    median_lead_days: float | None = Field(
        description="Median time from reserving to the start; that of one resource by asking for it alone."
    )


class StepBody(FiguresBody):
    """Figures of a day, week or month, by its first day."""

    from_on: date


class ResourceFigures(FiguresBody):
    """Figures of a resource."""

    resource_id: UUID
    slug: str
    name: str


class StatisticsBody(BaseModel):
    """Statistics of a period: as a whole, step by step, and by resource, the most revenue first."""

    currency: str
    total: TotalBody
    steps: list[StepBody]
    resources: list[ResourceFigures]


class TopResources(BaseModel):
    """The resources with the most of what was asked for, the most first."""

    currency: str
    items: list[ResourceFigures]
    next_cursor: None = None


def resource_figures(offer: Offered, figures: Figures) -> ResourceFigures:
    """The public form of one resource's figures."""
    return ResourceFigures(resource_id=offer.id, slug=offer.slug, name=offer.name, **_members(figures))


def statistics_body(found: Statistics) -> StatisticsBody:
    """The public form of statistics."""
    median = found.median_lead_minutes
    days = None if median is None else median / MINUTES_PER_DAY
    return StatisticsBody(
        currency=found.currency,
        total=TotalBody(median_lead_days=days, **_members(found.total)),
        steps=[StepBody(from_on=first, **_members(figures)) for first, figures in found.steps],
        resources=[resource_figures(offer, figures) for offer, figures in found.resources],
    )


def _members(figures: Figures) -> dict[str, Any]:
    return FiguresBody.model_validate(figures, from_attributes=True).model_dump()
