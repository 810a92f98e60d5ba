"""What a resource lacks because others took the units that it draws from, or that it needs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.database import statements
from chalicelib.database.unit_sets import unit_set
from chalicelib.reporting.model.taken_elsewhere import TakenElsewhere

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable
    from datetime import datetime
    from uuid import UUID

    from chalicelib.database.pipeline import Pending
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@contextmanager
def seeing_everything(transaction: Transaction) -> Generator[None]:
    """Let what is asked within see what a host does not see. Tell of it only what it takes of their own resources.

    Anyone who raises within it leaves the transaction behind, and with it what this opened.
    """
    transaction.ask(SQL["see_everything"], {})
    yield
    transaction.ask(SQL["see_own"], {})


def ask_taken(
    transaction: Transaction,
    within: TimeRange,
    resource_id: UUID | None,
    states: Collection[str],
    as_of: datetime | None = None,
) -> Pending:
    """Queue the question what is, or was at an instant `as_of`, taken elsewhere of one resource or of all."""
    values = {"from": within.starts_at, "until": within.ends_at, "resource_id": resource_id, "states": sorted(states)}
    return transaction.ask(SQL["read_taken"], {**values, "as_of": as_of})


def taken_of(rows: Iterable[Any]) -> list[TakenElsewhere]:
    """Return what `ask_taken` found, by start."""
    return [_taken(row) for row in rows]


def _taken(row: Any) -> TakenElsewhere:  # noqa: ANN401 - the columns of the read
    stay = None
    if row.check_in_on is not None and row.check_in_on < row.check_out_on:
        stay = Stay(row.check_in_on, row.check_out_on)
    left_early = row.checked_out_at is not None and row.checked_out_at < row.ends_at
    return TakenElsewhere(
        resource_id=row.resource_id,
        during=TimeRange(row.starts_at, row.ends_at),
        stay=stay,
        units=unit_set(row.units),
        left_at=row.checked_out_at if left_early else None,
    )
