"""Guests as the tenant's people find them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class GuestEntry:
    """A guest, and how often they reserved and did not come."""

    id: UUID
    name: str
    email: str
    phone: str | None
    version: int
    anonymized_at: datetime | None
    created_at: datetime
    reservations: int
    no_shows: int
