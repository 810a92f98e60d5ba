"""What every bench plays on: a durable Postgres with the schema, and gateways over it."""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from chalicelib.database.identifiers import new_id
from local.environment import MANY_GUESTS, Environment, open_environment
from local.gateway.serve import ROOT, serve
from tools.bench.load import Request

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from local.gateway.serve import Gateway
    from local.postgres.cluster import Cluster

NUMBER = re.compile(r"\d+(\.\d+)?")
TENANT = "bench"
FIRST = datetime(2040, 1, 1, tzinfo=UTC)
POLICY: dict[str, Any] = {
    "mode": {"mode": "interval", "step_minutes": 60, "min_minutes": 60, "max_minutes": 1440, "offered_in": "always"},
    "confirmation": {"kind": "instant"},
    "capacity_counts": "units",
    "rules": [{"rule": "lead_time", "minimum_minutes": 60}, {"rule": "party_size", "minimum": 1, "maximum": 8}],
    "no_show_after_minutes": None,
    "cancellation": [{"until_minutes_before": 1440, "refund_percent": 100}],
    "rates": {
        "base": {"per": "hour", "amount": 1500},
        "seasons": [],
        "weekdays": [{"weekdays": ["sat", "sun"], "percent": 120}],
        "extra_guests": None,
        "length_of_stay": [],
        "fees": [],
        "taxes": [{"name": "VAT", "basis_points": 2000, "included": True}],
    },
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what was reached against which target."""

    name: str
    reached: str
    target: str
    met: bool

    @property
    def value(self) -> float | None:
        """The number that was reached; None where it is none, or where no target says which way is better."""
        found = NUMBER.match(self.reached.replace(",", ""))
        return float(found[0]) if found and self.target[:1] in "≤<≥" else None

    def worse_by(self, before: float) -> float | None:
        """How much worse it is than a run before, as a part of that; negative where it is better."""
        if self.value is None or not before or not self.value:
            return None
        return before / self.value - 1 if self.target[0] == "≥" else self.value / before - 1


@dataclass(frozen=True, slots=True)
class Stage:
    """The database, and how to serve it."""

    environment: Environment

    @property
    def cluster(self) -> Cluster:
        """The server."""
        return self.environment.cluster

    @contextmanager
    def gateway(self, project: Path = ROOT) -> Generator[Gateway]:
        """Serve the functions of a project, on a free port."""
        log = self.environment.directory.path / "access.log"
        functions = self.environment.functions() | MANY_GUESTS
        with serve("127.0.0.1", 0, os.cpu_count() or 1, functions, access_log=log, project=project) as gateway:
            gateway.wait_until_ready()
            yield gateway

    def add_resources(
        self, count: int, capacity: int, *, tenant: str = TENANT, policy: Mapping[str, Any] = POLICY
    ) -> list[UUID]:
        """Make so many pooled resources of a tenant of the bench, each with a policy of its own."""
        identifiers = [new_id() for _ in range(count)]
        with psycopg.connect(self.cluster.owner_dsn()) as connection:
            row = connection.execute("SELECT id FROM tenants WHERE slug = %s", [tenant]).fetchone()
            tenant_id = row[0] if row else new_id()
            if row is None:
                connection.execute(
                    "INSERT INTO tenants (id, slug, name, timezone, currency) VALUES (%s, %s, 'Bench', 'UTC', 'EUR')",
                    [tenant_id, tenant],
                )
            connection.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant_id)])
            for identifier in identifiers:
                slug, policy_id = f"r-{identifier.hex[-12:]}", new_id()
                connection.execute(
                    "INSERT INTO policies (id, tenant_id, slug, name) VALUES (%s, %s, %s, 'Bench')",
                    [policy_id, tenant_id, slug],
                )
                connection.execute(
                    "INSERT INTO policy_versions (tenant_id, policy_id, version, document) VALUES (%s, %s, 1, %s)",
                    [tenant_id, policy_id, Jsonb(policy)],
                )
                connection.execute(
                    "INSERT INTO resources (id, tenant_id, slug, name, kind, capacity, max_party_size, assignment,"
                    " policy_id) VALUES (%s, %s, %s, 'Bench', 'thing', %s, 8, 'pooled', %s)",
                    [identifier, tenant_id, slug, capacity, policy_id],
                )
        return identifiers


@contextmanager
def open_stage(path: Path) -> Generator[Stage]:
    """Open a data directory for the time of the run."""
    with open_environment(path) as environment:
        yield Stage(environment)


def creates(
    resource_id: UUID, count: int, *, path: str, quantities: tuple[int, ...] = (1,), spread: int = 1000
) -> list[Request]:
    """Requests that reserve the resource, at one of `spread` hours each."""
    requests: list[Request] = []
    for number in range(count):
        starts_at = FIRST + timedelta(hours=2 * (number % spread))
        body = {
            "resource_id": str(resource_id),
            "starts_at": starts_at.isoformat(),
            "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
            "quantity": quantities[number % len(quantities)],
            "party_size": 2,
            "guest": {"name": "Ada Lovelace", "email": f"guest{number}@example.org"},
        }
        requests.append(Request("POST", path, json.dumps(body), uuid4().hex))
    return requests


def reservations_of(tenant: str) -> str:
    """The path of a tenant's reservations."""
    return f"/api/v1/tenants/{tenant}/reservations"


RESERVATIONS = reservations_of(TENANT)
