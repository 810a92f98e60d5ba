"""What tenants offer, read for admission (terms) and for the public (catalogue, site)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.domain.policies import Policy
from chalicelib.domain.resources import Need, Resource, Share, Tenant, Unit, UnitAssignment
from chalicelib.storage import policy_documents, statements
from chalicelib.storage.unit_sets import OWN_UNITS, unit_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.storage.transaction import Transaction

SQL = statements.load("resources")


@dataclass(frozen=True, slots=True)
class Terms:
    """A resource and the policy it is reserved under: what has to be known before anything is looked up.

    `kept`: they are those of a reservation, which hold whatever the resource is offered under today, and even if it is
    archived. Otherwise they are what it is offered under, and hold only as long as it is.
    """

    tenant: Tenant
    resource: Resource
    resource_version: int
    policy_id: UUID
    policy_version: int
    policy: Policy
    kept: bool = False
    present: Policy | None = None
    """What the resource is offered under today, where that is not `policy`."""

    @property
    def judging(self) -> Policy:
        """The policy by which new times are judged: they have to be open today."""
        return self.policy if self.present is None else self.policy.opened_as(self.present)


TermsKey = tuple[UUID, UUID, int]
"""What names the terms of a reservation: its resource, and the policy and version it was made under."""


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
    position: int
    version: int
    updated_at: datetime
    policy_id: UUID
    policy_version: int
    policy: Policy

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands in the tenant's order: what the next page begins after."""
        return self.position, self.resource.slug


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
    """Which resources to list; None and empty mean all.

    `named` is an id or a slug; `party_size` is that of people in `quantity` units; `after` the position and slug of the
    last one listed.
    """

    named: str | None = None
    kind: str | None = None
    modes: Sequence[str] | None = None
    amenities: Sequence[str] = ()
    party_size: int | None = None
    quantity: int = 1
    after: tuple[int, str] | None = None


def read_terms(
    transaction: Transaction, *, resource_ids: Sequence[UUID] = (), slugs: Sequence[str] = (), every: bool = False
) -> list[Terms]:
    """Return the terms of the resources with these ids or slugs (or of all) that exist, in the tenant's order."""
    rows = transaction.rows(
        SQL["read_terms"], {"resource_ids": list(resource_ids), "slugs": list(slugs), "every": every}
    )
    return [_terms(transaction, row) for row in rows]


def read_kept_terms(transaction: Transaction, keys: Iterable[TermsKey]) -> dict[TermsKey, Terms]:
    """Return the terms that reservations keep, in one query; see `services/terms.py`, which every use case asks."""
    wanted = sorted(set(keys))
    rows = transaction.rows(
        SQL["read_kept_terms"],
        {
            "resource_ids": [resource_id for resource_id, _, _ in wanted],
            "policy_ids": [policy_id for _, policy_id, _ in wanted],
            "policy_versions": [version for _, _, version in wanted],
        },
    )
    return {
        (row.id, row.policy_id, row.policy_version): replace(
            _terms(transaction, row),
            kept=True,
            present=None if row.present_document is None else policy_documents.parse_text(row.present_document),
        )
        for row in rows
    }


def read_resource(transaction: Transaction, resource_id: UUID) -> Resource:
    """Return a resource that there is, archived or not."""
    return _resource(transaction.row(SQL["read_resource"], {"resource_id": resource_id}))


def read_catalogue(transaction: Transaction, wanted: CatalogueFilter, limit: int) -> list[CatalogueEntry]:
    """Return up to `limit` resources in the tenant's order."""
    after_position, after_slug = wanted.after or (None, None)
    rows = transaction.rows(
        SQL["read_catalogue"],
        {
            "named": wanted.named,
            "id": uuid_of(wanted.named),
            "kind": wanted.kind,
            "modes": None if wanted.modes is None else list(wanted.modes),
            "amenities": list(wanted.amenities),
            "party_size": wanted.party_size,
            "quantity": wanted.quantity,
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
            position=row.position,
            version=row.version,
            updated_at=row.updated_at,
            policy_id=row.policy_id,
            policy_version=row.policy_version,
            policy=policy_documents.parse_text(row.policy_document),
        )
        for row in rows
    ]


def read_units(transaction: Transaction, resource_id: UUID) -> list[Unit]:
    """Return the units of a resource that carry a label, by number."""
    rows = transaction.rows(SQL["read_units"], {"resource_id": resource_id})
    return [Unit(number=row.number, label=row.label) for row in rows]


def uuid_of(text: str | None) -> UUID | None:
    """Return the UUID that a text is, or None."""
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None


def read_site(transaction: Transaction) -> Site:
    """Return the tenant's public information."""
    row = transaction.row(SQL["read_site"], {})
    return Site(**row._asdict())


def _terms(transaction: Transaction, row: Any) -> Terms:  # noqa: ANN401 - the columns that both reads share
    return Terms(
        tenant=transaction.tenant,
        resource=_resource(row),
        resource_version=row.resource_version,
        policy_id=row.policy_id,
        policy_version=row.policy_version,
        policy=policy_documents.parse_text(row.policy_document),
    )


def _resource(row: Any) -> Resource:  # noqa: ANN401 - the columns that both reads share
    return Resource(
        id=row.id,
        slug=row.slug,
        name=row.name,
        capacity=row.capacity,
        max_party_size=row.max_party_size,
        assignment=UnitAssignment(row.assignment),
        share=_share(row),
        need=None if row.needs_units is None else Need(row.needs_inventory_id, unit_set(row.needs_units)),
    )


def _share(row: Any) -> Share | None:  # noqa: ANN401 - as above
    units = unit_set(row.units)
    return None if units.runs == OWN_UNITS else Share(row.inventory_id, units, row.units_each)
