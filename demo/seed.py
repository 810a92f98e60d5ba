"""Writes the demo tenants into a database: a second run changes nothing, an edited tenant is brought up to date.

What exists is found by its slug. Ids of what the seed makes follow from slugs and times, so it knows its own: it
removes only windows and resources that it made, and it never changes a reservation.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb

from chalicelib.core.time_ranges import wall_clock_instant
from chalicelib.database import statements
from demo.image_files import image_of
from demo.occupancy import occupy
from demo.tenants import all_tenants
from demo.windows import windows_from
from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.content import Policy, Resource, Tenant

    Connection = psycopg.Connection[Any]

SQL = statements.beside(__file__)
OWN_IDS = UUID("5c0f8a0e-6d1b-4b52-9d6e-0f3c5a1de9b7")
"""Namespace (RFC 9562, version 5) of the ids that the seed gives."""


@dataclass(frozen=True, slots=True)
class SeedReport:
    """How many rows of each kind a run changed."""

    tenants: int = 0
    policies: int = 0
    resources: int = 0
    windows: int = 0
    closures: int = 0
    reservations: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything was written at all."""
        return any(astuple(self))

    def __add__(self, other: SeedReport) -> SeedReport:
        """Both runs' changes together."""
        return SeedReport(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def __str__(self) -> str:
        """A line for the terminal."""
        counts = ((field.name, count) for field, count in zip(fields(self), astuple(self), strict=True))
        written = ", ".join(f"{count} {name}" for name, count in counts if count)
        return f"Demo data: {written} written" if written else "Demo data: up to date"


def seed(owner_dsn: str) -> SeedReport:
    """Write all demo tenants, each in one transaction, then fill them with reservations; return what changed.

    The day of seeding is the database's. Raises `CommandError` when content and reservations contradict each other.
    """
    with psycopg.connect(owner_dsn, autocommit=True, row_factory=namedtuple_row) as connection:
        ((now,),) = connection.execute(SQL["read_clock"]).fetchall()
        tenants = all_tenants(now.astimezone(UTC).date())
        written = write(connection, tenants, now)
    closures, reservations = occupy(owner_dsn, tenants)
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute(SQL["forget_outbox"])  # nobody is written to about what was always there
    return written + SeedReport(closures=closures, reservations=reservations)


def write(connection: Connection, tenants: Sequence[Tenant], now: datetime) -> SeedReport:
    """Write what the tenants say and offer, without reservations, as of an instant. Raises `CommandError`."""
    report = SeedReport()
    for tenant in tenants:
        with connection.transaction():
            report += _TenantWriter(connection, tenant, now).write()
    return report


def own_id(*names: str) -> UUID:
    """Return the id of something that the seed makes, from the slugs or times that lead to it."""
    return uuid5(OWN_IDS, "/".join(names))


def _window_id(resource_id: UUID, window: Any) -> UUID:  # noqa: ANN401 - a range, or a row with the same columns
    starts_at, ends_at = (at.astimezone(UTC).isoformat() for at in (window.starts_at, window.ends_at))
    return own_id(str(resource_id), starts_at, ends_at)


class _TenantWriter:
    """Writes one tenant within a transaction."""

    def __init__(self, connection: Connection, tenant: Tenant, now: datetime) -> None:
        self._connection = connection
        self._tenant = tenant
        self._now = now
        self._zone = ZoneInfo(tenant.timezone)

    def write(self) -> SeedReport:
        """Bring everything of the tenant up to date."""
        tenant = self._tenant
        tenants = self._run(
            "put_tenant",
            id=own_id(tenant.slug),
            slug=tenant.slug,
            name=tenant.name,
            timezone=tenant.timezone,
            currency=tenant.currency,
            locale=tenant.locale,
            site=Jsonb(tenant.site.document(tenant.slug)),
        )
        self._run("enter_tenant", slug=tenant.slug)
        policies = sum(self._write_policy(policy) for policy in tenant.policies)
        resources = sum(self._write_resource(at, resource) for at, resource in enumerate(tenant.resources))
        ids = {row.slug: row.id for row in self._rows("read_resource_ids")}
        resources += self._archive(ids)
        windows = sum(self._write_windows(ids[resource.slug], resource) for resource in tenant.resources)
        return SeedReport(tenants=tenants, policies=policies, resources=resources, windows=windows)

    def _write_policy(self, policy: Policy) -> int:
        renamed = self._run(
            "put_policy", id=own_id(self._tenant.slug, "policy", policy.slug), slug=policy.slug, name=policy.name
        )
        return max(renamed, self._run("publish_policy", slug=policy.slug, document=Jsonb(policy.document)))

    def _write_resource(self, position: int, resource: Resource) -> int:
        self._check_capacity(resource)
        location = resource.location
        written = self._run(
            "put_resource",
            id=own_id(self._tenant.slug, "resource", resource.slug),
            slug=resource.slug,
            name=resource.name,
            kind=resource.kind,
            summary=resource.summary,
            description=resource.description,
            capacity=resource.capacity,
            max_party_size=resource.max_party_size,
            assignment=resource.assignment,
            policy=resource.policy,
            amenities=list(resource.amenities),
            images=Jsonb([image_of(self._tenant.slug, resource.slug, resource.alt)]),
            location=None if location is None else Jsonb(location),
            position=position,
        )
        labels = list(resource.units)
        removed = self._run("remove_units", slug=resource.slug, labels=labels)
        added = self._run("add_units", slug=resource.slug, labels=labels)
        return int(any((written, removed, added)))

    def _check_capacity(self, resource: Resource) -> None:
        taken = self._rows("highest_unit_taken", slug=resource.slug)[0].unit
        if taken > resource.capacity:
            message = (
                f"{self._tenant.slug}/{resource.slug} shall have a capacity of {resource.capacity}, but unit {taken} "
                "is reserved. Move or cancel those reservations first, or start with --fresh."
            )
            raise CommandError(message)

    def _archive(self, ids: dict[str, UUID]) -> int:
        kept = {resource.slug for resource in self._tenant.resources}
        gone = [
            known_id
            for slug, known_id in ids.items()
            if slug not in kept and known_id == own_id(self._tenant.slug, "resource", slug)
        ]
        return self._run("archive_resources", ids=gone)

    def _write_windows(self, resource_id: UUID, resource: Resource) -> int:
        today = self._now.astimezone(self._zone).date()
        wanted = {
            _window_id(resource_id, window): window for window in windows_from(today, resource.windows, self._zone)
        }
        changed = 0
        from_at = wall_clock_instant(today, time.min, self._zone)
        for known in self._rows("read_windows", resource_id=resource_id, from_at=from_at):
            if known.id in wanted:
                del wanted[known.id]
            elif known.id == _window_id(resource_id, known):
                changed += self._run("remove_window", id=known.id)
        for window_id, window in wanted.items():
            changed += self._run(
                "add_window", id=window_id, resource_id=resource_id, starts_at=window.starts_at, ends_at=window.ends_at
            )
        return changed

    def _run(self, statement: str, **parameters: object) -> int:
        return self._connection.execute(SQL[statement], parameters).rowcount

    def _rows(self, statement: str, **parameters: object) -> list[Any]:
        return self._connection.execute(SQL[statement], parameters).fetchall()
