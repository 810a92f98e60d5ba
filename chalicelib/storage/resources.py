"""What tenants offer, read for admission (terms) and for the public (catalogue, site)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.domain.resources import Resource, Tenant, UnitAssignment
from chalicelib.storage import policy_documents, statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from chalicelib.domain.policies import Policy
    from chalicelib.storage.transaction import Transaction

SQL = statements.load("resources")


@dataclass(frozen=True, slots=True)
class Terms:
    """A resource and the policy it is reserved under: what has to be known before anything is looked up."""

    tenant: Tenant
    resource: Resource
    resource_version: int
    policy_id: UUID
    policy_version: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A resource as the public sees it."""

    resource: Resource
    kind: str
    summary: str
    description: str
    amenities: Sequence[str]
    images: Sequence[Mapping[str, Any]]
    location: Mapping[str, Any] | None
    unit_labels: Sequence[str]
    position: int
    version: int
    updated_at: datetime
    policy_version: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class Site:
    """A tenant's public information; `site` holds its texts, contacts, address, map position and theme."""

    id: UUID
    slug: str
    name: str
    timezone: str
    currency: str
    locale: str
    site: Mapping[str, Any]
    version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CatalogueFilter:
    """Which resources to list; None and empty mean all. `after` is the position and slug of the last one listed."""

    kind: str | None = None
    amenities: Sequence[str] = ()
    party_size: int | None = None
    after: tuple[int, str] | None = None


def read_terms(
    transaction: Transaction, *, resource_ids: Sequence[UUID] = (), slugs: Sequence[str] = (), every: bool = False
) -> list[Terms]:
    """Return the terms of the resources with these ids or slugs (or of all), in the tenant's order; unknown ones are left out."""
    rows = transaction.rows(SQL["read_terms"], {"resource_ids": list(resource_ids), "slugs": list(slugs), "every": every})
    return [
        Terms(
            tenant=transaction.tenant,
            resource=_resource(row),
            resource_version=row.resource_version,
            policy_id=row.policy_id,
            policy_version=row.policy_version,
            policy=policy_documents.parse_text(row.policy_document),
        )
        for row in rows
    ]


def read_policy(transaction: Transaction, policy_id: UUID, policy_version: int) -> Policy:
    """Return one version of a policy; a reservation keeps the one it was made under."""
    row = transaction.row(SQL["read_policy_document"], {"policy_id": policy_id, "policy_version": policy_version})
    return policy_documents.parse_text(row.policy_document)


def read_catalogue(transaction: Transaction, wanted: CatalogueFilter, limit: int) -> list[CatalogueEntry]:
    """Return up to `limit` resources in the tenant's order."""
    after_position, after_slug = wanted.after or (None, None)
    rows = transaction.rows(
        SQL["read_catalogue"],
        {
            "kind": wanted.kind,
            "amenities": list(wanted.amenities),
            "party_size": wanted.party_size,
            "after_position": after_position,
            "after_slug": after_slug,
            "limit": limit,
        },
    )
    return [
        CatalogueEntry(
            resource=_resource(row),
            kind=row.kind,
            summary=row.summary,
            description=row.description,
            amenities=row.amenities,
            images=row.images,
            location=row.location,
            unit_labels=row.unit_labels,
            position=row.position,
            version=row.version,
            updated_at=row.updated_at,
            policy_version=row.policy_version,
            policy=policy_documents.parse_text(row.policy_document),
        )
        for row in rows
    ]


def read_site(transaction: Transaction) -> Site:
    """Return the tenant's public information."""
    row = transaction.row(SQL["read_site"], {})
    assert row is not None
    return Site(**row._asdict())


def _resource(row: Any) -> Resource:  # noqa: ANN401 - the columns that both reads share
    return Resource(
        id=row.id,
        slug=row.slug,
        name=row.name,
        capacity=row.capacity,
        max_party_size=row.max_party_size,
        assignment=UnitAssignment(row.assignment),
    )
