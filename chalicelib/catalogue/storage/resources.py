"""Resources as administrators change them, and the labels of their units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg.types.json import Jsonb

from chalicelib.core.resources import UnitAssignment
from chalicelib.database import statements
from chalicelib.database.identifiers import uuid_of

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class ResourceFields:
    """What administrators decide about a resource."""

    slug: str
    name: str
    kind: str
    summary: str
    description: str
    capacity: int
    max_party_size: int
    assignment: UnitAssignment
    policy_id: UUID
    amenities: Sequence[str]
    location: Mapping[str, Any] | None
    position: int


@dataclass(frozen=True, slots=True)
class Illustrated:
    """A resource with its images in their order."""

    id: UUID
    images: list[dict[str, Any]]
    version: int


def find_policy(transaction: Transaction, named: str) -> UUID | None:
    """Return the id of the policy with that id or slug."""
    row = transaction.row(SQL["find_policy"], {"id": uuid_of(named), "named": named})
    return None if row is None else row.id


def add_resource(
    transaction: Transaction, resource_id: UUID, fields: ResourceFields, *, otherwise: type[Exception]
) -> None:
    """Queue a new resource; `otherwise` is raised where the slug is taken."""
    transaction.write(SQL["add_resource"], _parameters(resource_id, fields), otherwise=otherwise)


def change_resource(transaction: Transaction, resource_id: UUID, fields: ResourceFields, version: int) -> None:
    """Queue other fields; slug and assignment stay."""
    transaction.write(SQL["change_resource"], {**_parameters(resource_id, fields), "version": version})


def archive_resource(transaction: Transaction, resource_id: UUID, version: int) -> None:
    """Queue that a resource is archived, from now on."""
    transaction.write(SQL["archive_resource"], {"id": resource_id, "version": version, "at": transaction.now})


def restore_resource(transaction: Transaction, named: str) -> tuple[UUID, datetime, int] | None:
    """Offer an archived resource again.

    Return its id, since when it was archived, and the version that it had then; None where none is.
    """
    transaction.changes = True
    row = transaction.row(SQL["restore_resource"], {"id": uuid_of(named), "named": named})
    return None if row is None else (row.id, row.archived_at, row.version)


def read_images(transaction: Transaction, named: str) -> Illustrated | None:
    """Return the images of the resource with that id or slug."""
    row = transaction.row(SQL["read_images"], {"id": uuid_of(named), "named": named})
    return None if row is None else Illustrated(row.id, row.images, row.version)


def replace_images(
    transaction: Transaction, resource_id: UUID, images: Sequence[Mapping[str, Any]], version: int
) -> None:
    """Queue other images for the version that was read."""
    values = {"id": resource_id, "images": Jsonb(list(images)), "version": version}
    transaction.write(SQL["replace_images"], values)


def touch_resource(transaction: Transaction, resource_id: UUID) -> None:
    """Queue a new version of a resource because of what hangs on it."""
    transaction.write(SQL["touch_resource"], {"id": resource_id})


def remove_units(transaction: Transaction, resource_id: UUID, first: int) -> None:
    """Queue that units from a number on have no labels."""
    transaction.write(SQL["remove_units"], {"resource_id": resource_id, "first": first}, rows=None)


def label_unit(transaction: Transaction, resource_id: UUID, number: int, label: str) -> None:
    """Queue a label."""
    transaction.write(SQL["label_unit"], {"resource_id": resource_id, "number": number, "label": label})


def list_amenities(transaction: Transaction) -> list[tuple[str, int]]:
    """Return the amenities in use and how many resources have each, by name."""
    return [(row.name, row.resources) for row in transaction.rows(SQL["list_amenities"], {})]


def _parameters(resource_id: UUID, fields: ResourceFields) -> dict[str, Any]:
    return {
        **asdict(fields),
        "id": resource_id,
        "amenities": list(fields.amenities),
        "location": None if fields.location is None else Jsonb(fields.location),
    }
