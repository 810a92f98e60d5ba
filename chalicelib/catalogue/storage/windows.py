"""Availability windows: when resources are offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.catalogue.model.windows import Window
from chalicelib.core.time_ranges import TimeRange
from chalicelib.database import statements
from chalicelib.database.rows import conflicting_reservation

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from chalicelib.core.errors import ConflictingReservation
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


def find_window(transaction: Transaction, window_id: UUID) -> Window | None:
    """Return the window with that id, or None."""
    row = transaction.row(SQL["find_window"], {"id": window_id})
    return None if row is None else _window(row)


def list_windows(
    transaction: Transaction,
    resource_id: UUID | None,
    bounds: tuple[datetime | None, datetime | None],
    after: tuple[datetime, UUID] | None = None,
    limit: int = 1,
) -> list[Window]:
    """Return windows that reach into what these bounds enclose (None: no bound), by start.

    `after`: start and id of the last one listed.
    """
    after_at, after_id = after or (None, None)
    values = {"resource_id": resource_id, "from": bounds[0], "until": bounds[1], "limit": limit}
    rows = transaction.rows(SQL["list_windows"], {**values, "after_at": after_at, "after_id": after_id})
    return [_window(row) for row in rows]


def add_window(transaction: Transaction, window: Window) -> None:
    """Queue a window."""
    during = window.during
    values = {"id": window.id, "resource_id": window.resource_id, "starts_at": during.starts_at}
    transaction.write(SQL["add_window"], {**values, "ends_at": during.ends_at})


def remove_window(transaction: Transaction, window_id: UUID) -> None:
    """Queue the end of a window."""
    transaction.write(SQL["remove_window"], {"id": window_id})


def reservations_in_window(transaction: Transaction, window: Window) -> list[ConflictingReservation]:
    """Return up to 100 reservations that reach into a window, by start."""
    during = window.during
    values = {"resource_id": window.resource_id, "starts_at": during.starts_at, "ends_at": during.ends_at}
    return [conflicting_reservation(row) for row in transaction.rows(SQL["reservations_in_window"], values)]


def _window(row: Any) -> Window:  # noqa: ANN401 - the columns of both reads
    return Window(row.id, row.resource_id, TimeRange(row.starts_at, row.ends_at))
