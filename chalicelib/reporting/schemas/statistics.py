"""Statistics as queries and answers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import Field, WithJsonSchema

from chalicelib.core.money import decimals_of
from chalicelib.http.lists import counted
from chalicelib.http.periods import DayPeriod
from chalicelib.http.prices import Decimals
from chalicelib.http.schema import Schema
from chalicelib.http.texts import ResourceId, ResourceName, SlugShown
from chalicelib.reporting.read_statistics import MINUTES_PER_DAY, Measure, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.reporting.model.statistics import ReportedResource
    from chalicelib.reporting.read_statistics import Figures, Statistics


class StatisticsQuery(
    DayPeriod, extra="forbid", json_schema_extra={"examples": [{"from": "2027-05-01", "until": "2027-06-01"}]}
):
    """Which local days, the last one excluded, and how to divide them."""

    by: Step = Field(default=Step.DAY, description="What each step covers; weeks begin on Monday.")
    resource_id: UUID | None = Field(default=None, description="Only this resource; all where it is left out.")


class TopQuery(
    DayPeriod, extra="forbid", json_schema_extra={"examples": [{"from": "2027-05-01", "until": "2027-06-01"}]}
):
    """Which local days, the last one excluded; by what to rank, and how many resources to name."""

    measure: Measure = Field(default=Measure.REVENUE, description="Figure by which resources are ranked.")
    limit: Annotated[
        int, counted(50), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 50, "default": 10})
    ] = Field(default=10, description="How many resources are returned at most.")


class FiguresBody(Schema):
    """Figures of a period; null where there is nothing to divide by. Amounts are in minor units."""

    offered_minutes: int = Field(
        description="Minutes on offer: of all units, while open and not closed; a night counts 1440.", examples=[178560]
    )
    reserved_minutes: int = Field(
        description="Minutes reserved, of all units taken; a night counts 1440.", examples=[115200]
    )
    occupancy: float | None = Field(
        description="Reserved part of the time on offer, 1 for all of it; null where nothing was on offer.",
        examples=[0.645],
    )
    nights: int = Field(description="Nights sold, times units.", examples=[80])
    revenue: int = Field(
        description="Prices of sold reservations, spread over their nights, in minor units.", examples=[960000]
    )
    retained: int = Field(
        description="What is owed for what was cancelled, shortened or missed, in minor units.", examples=[12000]
    )
    average_daily_rate: float | None = Field(
        description="Revenue per unit and 24 hours reserved (ADR), in minor units; null where nothing was reserved.",
        examples=[12000.0],
    )
    revenue_per_available: float | None = Field(
        description="Revenue per unit and 24 hours on offer (RevPAR), in minor units; null where nothing was on offer.",
        examples=[7741.9],
    )
    active: int = Field(
        description="Reservations that begin in the period and were neither cancelled nor missed.", examples=[41]
    )
    cancelled: int = Field(
        description="Reservations that would have begun in the period and were cancelled.", examples=[3]
    )
    came: int = Field(
        description="Reservations that begin in the period and whose guest was checked in.", examples=[38]
    )
    no_shows: int = Field(
        description="Reservations that begin in the period and whose guest did not come.", examples=[1]
    )
    no_show_rate: float | None = Field(
        description="No-shows among those who were expected, from 0 to 1; null where none were.", examples=[0.0256]
    )
    lead_days: float | None = Field(
        description="Mean number of days from reserving to the start; null without reservations.", examples=[21.4]
    )


class TotalBody(FiguresBody):
    """The figures of a whole period."""

    median_lead_days: float | None = Field(
        description="Median number of days from reserving to the start; null without reservations.", examples=[14.0]
    )


class StepBody(FiguresBody):
    """The figures of a day, week or month."""

    from_on: date = Field(description="First day of the day, week or month.")


class ResourceFigures(FiguresBody):
    """The figures of a resource."""

    resource_id: ResourceId
    slug: SlugShown
    name: ResourceName


class StatisticsBody(Schema):
    """Statistics of a period."""

    currency: str = Field(description="Currency of all amounts (ISO 4217).", examples=["CAD"])
    decimals: Decimals
    total: TotalBody = Field(description="Figures of the whole period.")
    steps: list[StepBody] = Field(description="Figures day by day, week by week or month by month.")
    resources: list[ResourceFigures] = Field(description="Figures of each resource, the most revenue first.")


class TopResources(Schema):
    """Resources ranked by a figure."""

    currency: str = Field(description="Currency of all amounts (ISO 4217).", examples=["CAD"])
    decimals: Decimals
    items: list[ResourceFigures] = Field(description="The resources, the highest figure first.")
    next_cursor: None = Field(default=None, description="Always null: there is one page.")


def resource_figures(offer: ReportedResource, figures: Figures) -> ResourceFigures:
    """The public form of one resource's figures."""
    return ResourceFigures(resource_id=offer.id, slug=offer.slug, name=offer.name, **_members(figures))


def top_body(found: Statistics, ranked: Iterable[tuple[ReportedResource, Figures]]) -> TopResources:
    """The public form of ranked resources."""
    items = [resource_figures(*entry) for entry in ranked]
    return TopResources(currency=found.currency, decimals=decimals_of(found.currency), items=items)


def statistics_body(found: Statistics) -> StatisticsBody:
    """The public form of statistics."""
    median = found.median_lead_minutes
    days = None if median is None else median / MINUTES_PER_DAY
    return StatisticsBody(
        currency=found.currency,
        decimals=decimals_of(found.currency),
        total=TotalBody(median_lead_days=days, **_members(found.total)),
        steps=[StepBody(from_on=first, **_members(figures)) for first, figures in found.steps],
        resources=[resource_figures(offer, figures) for offer, figures in found.resources],
    )


def _members(figures: Figures) -> dict[str, Any]:
    return FiguresBody.model_validate(figures, from_attributes=True).model_dump()
