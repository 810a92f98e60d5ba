"""Inventories: the units that resources draw from, alone or together."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Inventory:
    """Units that are numbered from 1 to `capacity`, and what draws from them.

    `own`: those of the resource with the same id, whose name, capacity and version it has.
    """

    id: UUID
    name: str
    capacity: int
    resources: tuple[Drawing, ...] = ()
    own: bool = False
    version: int = 1

    @property
    def is_shared(self) -> bool:
        """Whether it was made to be shared, or something else draws from a resource's own units."""
        return not self.own or any(one.resource_id != self.id for one in self.resources)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A resource that draws from an inventory, or needs (`needed`) some of it besides its own units."""

    resource_id: UUID
    slug: str
    needed: bool
