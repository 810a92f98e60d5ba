"""Members of a tenant, invitations, and API keys of other systems."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chalicelib.access.model.people import Role, Scope


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as administrators see it: everything but its secret."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    created_by: UUID | None
    created_by_name: str | None = None
    """Of those who still work for the tenant."""


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key that a user creates; None for one that does not expire."""

    created_by: UUID
    name: str
    scopes: Set[Scope]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works for the tenant; hosts with these resources only."""

    id: UUID
    email: str
    name: str
    role: Role
    resource_ids: tuple[UUID, ...]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Invitee:
    """Who is invited, to what role, and as a host with which resources."""

    email: str
    role: Role
    resource_ids: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody who may become a member until it expires."""

    id: UUID
    email: str
    role: Role
    resource_ids: tuple[UUID, ...]
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """Where a user is signed in."""

    id: UUID
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    user_agent: str
