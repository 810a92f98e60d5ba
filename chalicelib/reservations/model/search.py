"""Which reservations somebody looks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chalicelib.reservations.model.reservations import (
    State,
)


class ReservationOrder(StrEnum):
    """In which order reservations are listed."""

    BY_START = "starts_at"
    BY_START_DESCENDING = "-starts_at"
    BY_CREATION_DESCENDING = "-created_at"


@dataclass(frozen=True, slots=True)
class ReservationFilter:
    """Which reservations to find; None means all.

    `text` is looked for in guests' names and addresses, and as a code; the range is one they reach into; `after` is the
    instant (start, or creation) and id of the last one listed.
    """

    text: str | None = None
    resource_id: UUID | None = None
    guest_id: UUID | None = None
    states: Sequence[State] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    after: tuple[datetime, UUID] | None = None
    order: ReservationOrder = ReservationOrder.BY_START
