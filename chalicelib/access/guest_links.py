"""The link that a guest comes back with: to one reservation, series or place in a queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class GuestLinks:
    """Makes links by a template with `{token}`, `{tenant}` and `{id}`; an empty one makes none."""

    template: str
    issue_token: Callable[[str, UUID, int], str]

    def to(self, tenant: str, entity_id: UUID, generation: int) -> str | None:
        """Return the link of a generation; None where the deployment has no page for it."""
        if not self.template:
            return None
        return self.template.format(tenant=tenant, id=entity_id, token=self.issue_token(tenant, entity_id, generation))
