"""Who is at the other end of a WebSocket connection, and to what they subscribed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chalicelib.access.model.people import Role
from chalicelib.realtime.model.topics import Topic


@dataclass(frozen=True, slots=True)
class Bearer:
    """For whom a ticket was issued: a user in a session, the guest of a reservation, an API key, or a visitor."""

    user_id: UUID | None = None
    session_id: UUID | None = None
    reservation_id: UUID | None = None
    api_key_id: UUID | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether the tenant has let them in neither as a user nor as a system."""
        return self.user_id is None and self.api_key_id is None


VISITOR = Bearer()
"""Anyone who looks at what is available."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Bound to a tenant (its slug) and a role for as long as it lasts.

    `resource_ids`: what a host is confined to. `messages`: how many came in the present window.
    """

    id: str
    tenant: str
    role: Role
    bearer: Bearer
    name: str
    resource_ids: frozenset[UUID] | None
    topics: tuple[Topic, ...]
    messages: int
