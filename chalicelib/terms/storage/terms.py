"""What tenants offer, read for admission (terms) and for the public (catalogue, site)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.core.resources import Need, Resource, Share, Unit, UnitAssignment
from chalicelib.database import statements
from chalicelib.database.identifiers import uuid_of
from chalicelib.database.unit_sets import OWN_UNITS, unit_set
from chalicelib.policies.model.stored_policies import policy_of
from chalicelib.terms.model.terms import CatalogueEntry, CatalogueFilter, Terms, TermsKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from chalicelib.database.pipeline import Pending
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


def read_terms(
    transaction: Transaction, *, resource_ids: Sequence[UUID] = (), slugs: Sequence[str] = (), every: bool = False
) -> list[Terms]:
    """Return the terms of the resources with these ids or slugs (or of all) that exist, in the tenant's order."""
    rows = transaction.rows(
        SQL["read_terms"], {"resource_ids": list(resource_ids), "slugs": list(slugs), "every": every}
    )
    return [_terms(transaction, row) for row in rows]


def ask_versions(transaction: Transaction) -> Pending:
    """Queue a `fingerprint` of the versions of all terms that `read_terms` would return with `every`."""
    return transaction.ask(SQL["read_versions"], {})


def read_kept_terms(transaction: Transaction, keys: Iterable[TermsKey]) -> dict[TermsKey, Terms]:
    """Return the terms that reservations keep, in one query; see `terms/terms.py`, which every use case asks."""
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
            present=None if row.present_document is None else policy_of(row.present_document),
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
            "archived": wanted.archived,
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
            policy=policy_of(row.policy_document),
            archived_at=row.archived_at,
        )
        for row in rows
    ]


def read_units(transaction: Transaction, resource_id: UUID) -> list[Unit]:
    """Return the units of a resource that carry a label, by number."""
    rows = transaction.rows(SQL["read_units"], {"resource_id": resource_id})
    return [Unit(number=row.number, label=row.label) for row in rows]


def _terms(transaction: Transaction, row: Any) -> Terms:  # noqa: ANN401 - the columns that both reads share
    return Terms(
        tenant=transaction.tenant,
        resource=_resource(row),
        resource_version=row.resource_version,
        policy_id=row.policy_id,
        policy_version=row.policy_version,
        policy=policy_of(row.policy_document),
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
