"""Policies as administrators publish them, as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema

from chalicelib.api.schemas.lists import PageQuery
from chalicelib.api.schemas.prices import Money
from chalicelib.api.schemas.tenants import Line, Slug
from chalicelib.api.schemas.times import Instant

if TYPE_CHECKING:
    from chalicelib.services.simulate_policy import Simulation
    from chalicelib.storage.policies import PolicyEntry, PolicyVersion

EXAMPLE: dict[str, Any] = {
    "mode": {"mode": "stay", "check_in_time": "15:00", "check_out_time": "11:00", "min_nights": 1, "max_nights": 14},
    "confirmation": {"kind": "instant"},
    "capacity_counts": "units",
    "rules": [{"rule": "lead_time", "minimum_minutes": 120}, {"rule": "horizon", "maximum_days": 365}],
    "cancellation": [{"until_minutes_before": 2880, "refund_percent": 100}],
    "rates": {
        "base": {"per": "night", "amount": 12000},
        "seasons": [],
        "weekdays": [],
        "extra_guests": None,
        "length_of_stay": [],
        "fees": [],
        "taxes": [],
    },
}
Document = Annotated[
    dict[str, Any],
    WithJsonSchema({"type": "object", "description": "How something is reserved; docs/POLICIES.md describes it."}),
]


def _no_route(slug: str) -> str:
    if slug == "validate":
        message = "is what a route is called"
        raise ValueError(message)
    return slug


class PolicyQuery(PageQuery):
    """Which page of policies."""


class CreatePolicy(
    BaseModel,
    extra="forbid",
    json_schema_extra={"examples": [{"slug": "stays", "name": "Overnight stays", "document": EXAMPLE}]},
):
    """A policy and its first version."""

    slug: Annotated[Slug, AfterValidator(_no_route)]
    name: Line
    document: Document


class PublishVersion(BaseModel, extra="forbid", json_schema_extra={"examples": [{"document": EXAMPLE}]}):
    """The next version."""

    document: Document


class PublishRates(BaseModel, extra="forbid", json_schema_extra={"examples": [{"rates": EXAMPLE["rates"]}]}):
    """Other rates; everything else stays as it is."""

    rates: Document


class ValidateDocument(BaseModel, extra="forbid", json_schema_extra={"examples": [{"document": EXAMPLE}]}):
    """A draft."""

    document: Document


class SimulateDocument(BaseModel, extra="forbid", json_schema_extra={"examples": [{"document": EXAMPLE}]}):
    """A draft, and which reservations to judge by it: those made in the period, the latest 5,000 at most."""

    document: Document
    made_from: Instant | None = None
    made_until: Instant | None = None


class PublishedPolicy(BaseModel):
    """A policy with its current version, and how many resources are reserved under it."""

    id: UUID
    slug: str
    name: str
    version: int
    published_at: datetime
    document: dict[str, Any]
    resources: int


class PolicyList(BaseModel):
    """Policies by slug."""

    items: list[PublishedPolicy]
    next_cursor: str | None


class VersionBody(BaseModel):
    """One version of a policy."""

    version: int
    published_at: datetime
    document: dict[str, Any]


class VersionList(BaseModel):
    """Versions of a policy, the latest first, at most 200."""

    items: list[VersionBody]
    next_cursor: str | None = None


class Finding(BaseModel):
    """What stands against publishing a document."""

    path: str = Field(description="Where, as a JSON path (RFC 9535).", examples=["$.rules[0].minimum_minutes"])
    message: str


class Findings(BaseModel):
    """The first 50 that stand against it; nothing if it can be published."""

    valid: bool
    findings: list[Finding]


class RefusedBody(BaseModel):
    """A reservation that the draft would have refused."""

    id: UUID
    code: str
    rules: list[str]
    messages: list[str]


class SimulationBody(BaseModel):
    """What a draft would have changed. Whether there would have been room for others instead is not judged."""

    considered: int
    cut: bool = Field(description="More reservations were made in the period than were looked at.")
    accepted: int
    refused: int
    refused_by_rule: dict[str, int] = Field(description="How many reservations break each rule; one may break several.")
    refused_reservations: list[RefusedBody] = Field(description="The latest 50.")
    recorded: Money = Field(description="What those looked at cost as they were made.")
    drafted: Money = Field(description="What those accepted would cost under the draft.")
    difference: Money


def published_policy(entry: PolicyEntry) -> PublishedPolicy:
    """The public form of a policy."""
    return PublishedPolicy(
        id=entry.id,
        slug=entry.slug,
        name=entry.name,
        version=entry.current_version,
        published_at=entry.published_at,
        document=dict(entry.document),
        resources=entry.resources,
    )


def version_body(version: PolicyVersion) -> VersionBody:
    """The public form of a version."""
    return VersionBody(version=version.version, published_at=version.published_at, document=dict(version.document))


def simulation_body(found: Simulation, most_shown: int) -> SimulationBody:
    """The public form of a simulation."""
    return SimulationBody(
        considered=found.considered,
        cut=found.cut,
        accepted=found.accepted,
        refused=len(found.refused),
        refused_by_rule=dict(found.by_rule),
        refused_reservations=[
            RefusedBody(
                id=one.id,
                code=one.code,
                rules=sorted({violation.rule for violation in one.violations}),
                messages=[violation.message for violation in one.violations],
            )
            for one in found.refused[:most_shown]
        ],
        recorded=Money(currency=found.currency, total=found.recorded),
        drafted=Money(currency=found.currency, total=found.drafted),
        difference=Money(currency=found.currency, total=found.drafted - found.recorded),
    )
