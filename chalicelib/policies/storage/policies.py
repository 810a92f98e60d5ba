"""Policies and their versions, and what was reserved under them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg.types.json import Jsonb

from chalicelib.database import statements
from chalicelib.database.identifiers import uuid_of
from chalicelib.policies.model.published import PolicyEntry, PolicyVersion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class PastReservation:
    """A reservation as far as another policy would judge it; `price_total` in minor units."""

    id: UUID
    code: str
    resource_id: UUID
    email: str
    state: str
    starts_at: datetime
    ends_at: datetime
    check_in_on: date | None
    check_out_on: date | None
    quantity: int
    party_size: int
    price_total: int
    created_at: datetime
    updated_at: datetime


def list_policies(
    transaction: Transaction, *, named: str | None = None, after: str | None = None, limit: int = 1
) -> list[PolicyEntry]:
    """Return policies by slug: all after one, or the one with that id or slug."""
    rows = transaction.rows(
        SQL["list_policies"], {"named": named, "id": uuid_of(named), "after": after, "limit": limit}
    )
    return [
        PolicyEntry(
            row.id,
            row.slug,
            row.name,
            row.current_version,
            row.published_at,
            json.loads(row.document),
            row.resources,
        )
        for row in rows
    ]


def list_versions(transaction: Transaction, policy_id: UUID, version: int | None = None) -> list[PolicyVersion]:
    """Return the versions of a policy, the latest first, or one of them."""
    rows = transaction.rows(SQL["list_versions"], {"policy_id": policy_id, "version": version})
    return [PolicyVersion(row.version, row.published_at, json.loads(row.document)) for row in rows]


def add_policy(transaction: Transaction, policy_id: UUID, slug: str, name: str, *, otherwise: type[Exception]) -> None:
    """Queue a policy; its first version has to follow. `otherwise` is raised where the slug is taken."""
    transaction.write(SQL["add_policy"], {"id": policy_id, "slug": slug, "name": name}, otherwise=otherwise)


def add_version(transaction: Transaction, policy_id: UUID, version: int, document: Mapping[str, Any]) -> None:
    """Queue a version."""
    values = {"policy_id": policy_id, "version": version, "document": Jsonb(document)}
    transaction.write(SQL["add_version"], values)


def publish_version(transaction: Transaction, policy_id: UUID, after_version: int) -> None:
    """Queue that the version after that one is the current one."""
    transaction.write(SQL["publish_version"], {"policy_id": policy_id, "version": after_version})


def past_reservations(
    transaction: Transaction, policy_id: UUID, made_from: datetime | None, made_until: datetime | None, limit: int
) -> list[PastReservation]:
    """Return what was reserved of the policy's resources, the latest made first."""
    values = {"policy_id": policy_id, "from": made_from, "until": made_until, "limit": limit}
    return [PastReservation(**row._asdict()) for row in transaction.rows(SQL["past_reservations"], values)]


def resources_under(transaction: Transaction, policy_id: UUID) -> list[UUID]:
    """Return the resources that are reserved under a policy."""
    return [row.id for row in transaction.rows(SQL["resources_under"], {"policy_id": policy_id})]
