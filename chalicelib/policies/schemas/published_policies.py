"""Policies as administrators publish them, as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from chalicelib.http.lists import PageQuery
from chalicelib.http.periods import InstantPeriod
from chalicelib.http.prices import Money, money
from chalicelib.http.schema import Schema
from chalicelib.http.texts import Id, NextCursor, ReservationCode
from chalicelib.http.times import Instant
from chalicelib.tenants.schemas.tenants import Line, Slug

if TYPE_CHECKING:
    from chalicelib.policies.model.published import PolicyEntry, PolicyVersion
    from chalicelib.policies.simulate_policy import Simulation

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
    Schema,
    extra="forbid",
    json_schema_extra={"examples": [{"slug": "stays", "name": "Overnight stays", "document": EXAMPLE}]},
):
    """A policy to create, with its first version."""

    slug: Annotated[Slug, AfterValidator(_no_route)] = Field(description="Short name for addresses; it never changes.")
    name: Line = Field(description="What staff call it.")
    document: Document = Field(description="How something is reserved; docs/POLICIES.md describes every member.")


class PublishVersion(Schema, extra="forbid", json_schema_extra={"examples": [{"document": EXAMPLE}]}):
    """The next version of a policy."""

    document: Document = Field(
        description="The whole policy as it is from now on; docs/POLICIES.md describes every member."
    )


class PublishRates(Schema, extra="forbid", json_schema_extra={"examples": [{"rates": EXAMPLE["rates"]}]}):
    """The rates of the next version."""

    rates: Document = Field(
        description="The new rates, in place of all present ones; docs/POLICIES.md describes every member."
    )


class ValidateDocument(Schema, extra="forbid", json_schema_extra={"examples": [{"document": EXAMPLE}]}):
    """A draft of a policy."""

    document: Document = Field(description="The draft to check.")


class SimulateDocument(InstantPeriod, extra="forbid", json_schema_extra={"examples": [{"document": EXAMPLE}]}):
    """A draft, and the reservations to judge by it: the latest 5,000 of the period at most."""

    document: Document = Field(description="The draft to judge by.")
    from_: Instant | None = Field(
        None, alias="from", description="Only reservations that were made at this instant or later."
    )
    until: Instant | None = Field(default=None, description="Only reservations that were made before this instant.")


class PublishedPolicy(Schema):
    """A policy with its current version."""

    id: Id
    slug: str = Field(description="Short name for addresses, in place of the id.", examples=["stays"])
    name: str = Field(description="What staff call it.", examples=["Overnight stays"])
    version: int = Field(description="Number of its current version, from 1.", examples=[1])
    published_at: datetime = Field(description="When that version was published (UTC).")
    document: dict[str, Any] = Field(
        description="How something is reserved, as it was published; docs/POLICIES.md describes every member.",
        examples=[EXAMPLE],
    )
    resources: int = Field(description="How many resources are reserved under it.", examples=[3])


class PolicyList(Schema):
    """A page of policies."""

    items: list[PublishedPolicy] = Field(description="The policies of this page, by slug.")
    next_cursor: NextCursor


class VersionBody(Schema):
    """A version of a policy."""

    version: int = Field(description="Number of the version, from 1.", examples=[1])
    published_at: datetime = Field(description="When it was published (UTC).")
    document: dict[str, Any] = Field(
        description="How something is reserved, as it was published; docs/POLICIES.md describes every member.",
        examples=[EXAMPLE],
    )


class VersionList(Schema):
    """The versions of a policy."""

    items: list[VersionBody] = Field(description="The versions, the latest first, at most 200.")
    next_cursor: NextCursor = None


class Finding(Schema):
    """Something that prevents publishing a document."""

    path: str = Field(
        description="Where in the document, as a JSON path (RFC 9535).", examples=["$.rules[0].minimum_minutes"]
    )
    message: str = Field(description="What is wrong there, and what is expected.", examples=["must be at least 0"])


class Findings(Schema):
    """Whether a document can be published, and what prevents it."""

    valid: bool = Field(description="Whether the document can be published.", examples=[False])
    findings: list[Finding] = Field(description="What prevents publishing it, at most 50; empty where it is valid.")


class RefusedBody(Schema):
    """A reservation that the draft would have refused."""

    id: Id
    code: ReservationCode
    rules: list[str] = Field(description="Names of the rules that would have refused it.", examples=[["lead_time"]])
    messages: list[str] = Field(
        description="The reasons, as sentences.", examples=[["Please reserve at least 2 hours before it begins."]]
    )


class SimulationBody(Schema):
    """What a draft would have changed. Whether others would have reserved instead is not judged."""

    considered: int = Field(description="How many reservations were judged, at most 5,000.", examples=[120])
    cut: bool = Field(
        description="Whether more reservations were made in the period than were judged.", examples=[False]
    )
    accepted: int = Field(description="How many the draft would have accepted.", examples=[117])
    refused: int = Field(description="How many the draft would have refused.", examples=[3])
    refused_by_rule: dict[str, int] = Field(
        description="How many reservations break each rule; one may break several.", examples=[{"lead_time": 3}]
    )
    refused_reservations: list[RefusedBody] = Field(description="The latest 50 that would have been refused.")
    recorded: Money = Field(description="What the judged reservations cost as they were made.")
    drafted: Money = Field(description="What the accepted ones would cost under the draft.")
    difference: Money = Field(description="`drafted` less `recorded`; negative where the draft earns less.")


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
        recorded=money(found.recorded, found.currency),
        drafted=money(found.drafted, found.currency),
        difference=money(found.drafted - found.recorded, found.currency),
    )
