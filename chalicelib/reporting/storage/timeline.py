"""What lies on the resources of the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.core.units import UnitSet
from chalicelib.database import statements
from chalicelib.database.unit_sets import unit_set
from chalicelib.reservations.model.reservations import BLOCKING_STATES, State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from chalicelib.core.time_ranges import TimeRange
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class Lying:
    """A reservation that is, or was, on a resource; `last_units` of one that has none any more."""

    resource_id: UUID
    reservation_id: UUID
    last_units: UnitSet


def ask_lying(
    transaction: Transaction, resource_ids: Sequence[UUID], within: TimeRange, states: Collection[State], limit: int
) -> Callable[[], list[Lying]]:
    """Queue the question which reservations in these states reach into a range, by the order of the resources."""
    asked = transaction.ask(
        SQL["list_stretches"],
        {
            "resource_ids": list(resource_ids),
            "from": within.starts_at,
            "until": within.ends_at,
            "states": sorted(states),
            "blocking": sorted(BLOCKING_STATES),
            "ended": State.EXPIRED in states,
            "limit": limit,
        },
    )

    def found() -> list[Lying]:
        return [
            Lying(row.resource_id, row.id, UnitSet() if row.last_units is None else unit_set(row.last_units))
            for row in asked.rows()
        ]

    return found
