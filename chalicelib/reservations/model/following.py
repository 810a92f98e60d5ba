"""How far a reading of changed reservations is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ChangePlace:
    """How far a reading of changed reservations is: after one, in the order of the transactions that wrote them."""

    transaction: int
    reservation_id: UUID
