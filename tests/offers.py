"""Tenants, policies and resources for tests, written straight into a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb

from chalicelib.database.identifiers import new_id

if TYPE_CHECKING:
    from uuid import UUID

Json = dict[str, Any]

NO_RATES: Json = {
    "base": {"per": "night", "amount": 10000},
    "seasons": [],
    "weekdays": [],
    "extra_guests": None,
    "length_of_stay": [],
    "fees": [],
    "taxes": [],
}


def policy(mode: Json, *rules: Json, per: str = "night", amount: int = 10000, **changes: object) -> Json:
    """A policy document: the mode, the rules, and otherwise no restriction."""
    document: Json = {
        "mode": mode,
        "confirmation": {"kind": "instant"},
        "capacity_counts": "units",
        "rules": list(rules),
        "no_show_after_minutes": None,
        "cancellation": [],
        "rates": {**NO_RATES, "base": {"per": per, "amount": amount}},
    }
    return document | changes


STAY: Json = {"mode": "stay", "check_in_time": "15:00", "check_out_time": "11:00", "min_nights": 1, "max_nights": None}
INTERVAL: Json = {
    "mode": "interval",
    "step_minutes": 30,
    "min_minutes": 30,
    "max_minutes": 480,
    "offered_in": "always",
}
SLOT: Json = {"mode": "slot", "slot_minutes": 60, "step_minutes": 60, "offered_in": "windows"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One resource with a policy of its own; `windows` are when it is offered, `units` labels of labelled units."""

    slug: str
    document: Json
    capacity: int = 1
    assignment: str = "pooled"
    max_party_size: int = 10
    kind: str = "thing"
    amenities: Sequence[str] = ()
    units: Sequence[str] = ()
    windows: Sequence[tuple[datetime, datetime]] = ()
    name: str | None = None


def add_tenant(
    owner_dsn: str,
    slug: str,
    offers: Sequence[Offer],
    *,
    timezone: str = "UTC",
    currency: str = "EUR",
    site: Json | None = None,
) -> dict[str, UUID]:
    """Write a tenant with its resources, in the order given; return their ids by slug."""
    tenant_id = new_id()
    ids: dict[str, UUID] = {}
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(
            "INSERT INTO tenants (id, slug, name, timezone, currency, site) VALUES (%s, %s, %s, %s, %s, %s)",
            [tenant_id, slug, slug.title(), timezone, currency, Jsonb(site or {})],
        )
        for position, offer in enumerate(offers):
            ids[offer.slug] = _add_resource(connection, tenant_id, offer, position)
    return ids


def publish(owner_dsn: str, resource_id: UUID, document: Json) -> None:
    """Publish a new version of a resource's policy."""
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(
            """
            WITH bumped AS (
                UPDATE policies SET current_version = current_version + 1
                WHERE id = (SELECT policy_id FROM resources WHERE id = %s)
                RETURNING tenant_id, id, current_version
            )
            INSERT INTO policy_versions (tenant_id, policy_id, version, document)
            SELECT tenant_id, id, current_version, %s FROM bumped
            """,
            [resource_id, Jsonb(document)],
        )


def _add_resource(connection: psycopg.Connection[Any], tenant_id: UUID, offer: Offer, position: int) -> UUID:
    policy_id, resource_id = new_id(), new_id()
    connection.execute(
        "INSERT INTO policies (id, tenant_id, slug, name) VALUES (%s, %s, %s, %s)",
        [policy_id, tenant_id, offer.slug, offer.slug],
    )
    connection.execute(
        "INSERT INTO policy_versions (tenant_id, policy_id, version, document) VALUES (%s, %s, 1, %s)",
        [tenant_id, policy_id, Jsonb(offer.document)],
    )
    connection.execute(
        """
        INSERT INTO resources (
            id, tenant_id, slug, name, kind, capacity, max_party_size, assignment, policy_id, amenities, position
        ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            resource_id,
            tenant_id,
            offer.slug,
            offer.name or offer.slug.replace("-", " ").title(),
            offer.kind,
            offer.capacity,
            offer.max_party_size,
            offer.assignment,
            policy_id,
            list(offer.amenities),
            position,
        ],
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO units (tenant_id, resource_id, number, label) VALUES (%s, %s, %s, %s)",
            [(tenant_id, resource_id, number, label) for number, label in enumerate(offer.units, 1)],
        )
        cursor.executemany(
            "INSERT INTO availability_windows (id, tenant_id, resource_id, starts_at, ends_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            [(new_id(), tenant_id, resource_id, starts_at, ends_at) for starts_at, ends_at in offer.windows],
        )
    return resource_id
