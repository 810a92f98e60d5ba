"""What is offered, and under which terms, as it is read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.core.resources import Resource, Tenant
from chalicelib.policies.model.policies import Policy


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
    archived_at: datetime | None

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands in the tenant's order: what the next page begins after."""
        return self.position, self.resource.slug


@dataclass(frozen=True, slots=True)
class CatalogueFilter:
    """Which resources to list; None and empty mean all.

    `named` is an id or a slug; `party_size` is that of people in `quantity` units; `after` the position and slug of the
    last one listed; `archived`: those that are archived, and no others.
    """

    named: str | None = None
    kind: str | None = None
    modes: Sequence[str] | None = None
    amenities: Sequence[str] = ()
    party_size: int | None = None
    quantity: int = 1
    after: tuple[int, str] | None = None
    archived: bool = False
