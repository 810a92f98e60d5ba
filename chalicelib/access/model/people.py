"""Who may call: guests, the people who work for tenants, other systems, and the platform's operators."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """Who calls: what a caller may do follows from it, since endpoints declare the roles that they serve."""

    ANYONE = "anyone"
    GUEST = "guest"
    """The holder of the manage token of the reservation in the path."""
    OWNER = "owner"
    MANAGER = "manager"
    AGENT = "agent"
    VIEWER = "viewer"
    HOST = "host"
    """Works with resources of their own and the reservations of those, and sees nothing else."""
    SIGNED_IN = "signed_in"
    """A user with a session, whatever they may do for which tenant."""
    OPERATOR = "operator"
    """Runs the platform: creates and suspends tenants, and sees nothing inside them."""
    API_KEY = "api_key"
    """Another system, within the scopes of its key."""


MEMBER_ROLES = (Role.OWNER, Role.MANAGER, Role.AGENT, Role.VIEWER, Role.HOST)
"""What somebody can be for a tenant."""

STAFF = frozenset(MEMBER_ROLES)
"""Everybody who works for the tenant: may look at what they are allowed to see."""

DESK = frozenset({Role.OWNER, Role.MANAGER, Role.AGENT, Role.HOST})
"""Who works with reservations."""

OFFICE = frozenset({Role.OWNER, Role.MANAGER, Role.AGENT, Role.VIEWER})
"""Who sees all of the tenant: everybody but hosts."""

AGENTS = frozenset({Role.OWNER, Role.MANAGER, Role.AGENT})
"""Who works with guests and everybody's reservations."""

MANAGERS = frozenset({Role.OWNER, Role.MANAGER})
"""Who decides what is offered, and on which terms."""

OWNERS = frozenset({Role.OWNER})
"""Who decides who else works here."""


class Scope(StrEnum):
    """What an API key may be used for; an endpoint without a scope takes no keys."""

    CATALOGUE_WRITE = "catalogue:write"
    RESERVATIONS_READ = "reservations:read"
    RESERVATIONS_WRITE = "reservations:write"
    GUESTS_READ = "guests:read"
    GUESTS_WRITE = "guests:write"
    POLICIES_WRITE = "policies:write"
    STATISTICS_READ = "statistics:read"
    AUDIT_READ = "audit:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in. `operator`: runs the platform."""

    id: UUID
    email: str
    name: str
    operator: bool


@dataclass(frozen=True, slots=True)
class Membership:
    """What a user is for one tenant; `suspended_reason` says why nothing can be done there at the moment."""

    tenant: str
    tenant_name: str
    role: Role
    suspended_reason: str | None


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom is looked: a guest whose reservations count for rules, and whose own allocation counts as free.

    Both are unknown for the public. `by_staff`: who works for the tenant asks, and may sell more of the resources that
    they work with: `resource_ids`, None means all.
    """

    email: str | None = None
    reservation_id: UUID | None = None
    by_staff: bool = False
    resource_ids: Collection[UUID] | None = None

    def sells(self, resource_id: UUID) -> bool:
        """Whether somebody asks who sells the resource for the tenant."""
        return self.by_staff and (self.resource_ids is None or resource_id in self.resource_ids)


THE_PUBLIC = Audience()
