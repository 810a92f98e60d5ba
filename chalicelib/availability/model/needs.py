"""What a use needs besides units of its resource: a guide, whom everyone in the same slot shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from chalicelib.policies.model.modes import SlotMode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.core.resources import Resource
    from chalicelib.core.time_ranges import TimeRange
    from chalicelib.policies.model.policies import Policy

DEPARTURES = UUID("6d3f0b3c-0f0e-4d3b-9a57-6a0b6f9f2c85")
"""Namespace (RFC 9562, version 5) of the ids of departures."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """A time, buffers included, in which what a resource needs is taken: by whom, and for which departure."""

    owner_id: UUID
    owner_kind: str
    starts_at: datetime
    ends_at: datetime
    departure_id: UUID | None


def departure_of(resource: Resource, policy: Policy, during: TimeRange) -> UUID | None:
    """Return what reservations of one slot share; None where each needs it for itself, as in the other modes."""
    if resource.need is None or not isinstance(policy.mode, SlotMode):
        return None
    starts_at, ends_at = (instant.astimezone(UTC).isoformat() for instant in (during.starts_at, during.ends_at))
    return uuid5(DEPARTURES, f"{resource.id} {starts_at} {ends_at}")


def engaged_by(
    engagements: Iterable[Engagement], blocked: TimeRange, departure_id: UUID | None, owner_id: UUID | None = None
) -> tuple[str, ...]:
    """Return what stands against a use, as `units.blocked_by` names it: what is needed is taken by others meanwhile."""
    return reasons_of(
        one.owner_kind
        for one in engagements
        if one.starts_at < blocked.ends_at
        and blocked.starts_at < one.ends_at
        and one.owner_id != owner_id
        and (departure_id is None or one.departure_id != departure_id)
    )


def reasons_of(owner_kinds: Iterable[str]) -> tuple[str, ...]:
    """Return what owners of these kinds are called where it is said what blocks."""
    return tuple(sorted({"closure" if kind == "closure" else "reservations" for kind in owner_kinds}))
