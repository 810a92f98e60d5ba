"""Series, and what became of each of their dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.domain.recurrence import parse_recurrence
from chalicelib.domain.series import Mode, Repeated, Series
from chalicelib.domain.time_ranges import Fold
from chalicelib.storage import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.storage.transaction import Transaction

SQL = statements.load("series")
ONE_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StoredOccurrence:
    """A date of a series: its reservation, or the code of the reason why there is none."""

    number: int
    starts_on: date
    reservation_id: UUID | None
    refused: str | None


def add_series(transaction: Transaction, series: Series) -> None:
    """Queue a new series."""
    transaction.write(SQL["add_series"], _columns(series))


def change_series(transaction: Transaction, before: Series, after: Series) -> None:
    """Queue a change of the version that was read; a rival's change in between makes the work run again."""
    transaction.write(SQL["change_series"], {**_columns(after), "before_version": before.version})


def find_series(transaction: Transaction, series_id: UUID) -> Series | None:
    """Return one series or None."""
    row = transaction.row(SQL["find_series"], {"series_id": series_id})
    return None if row is None else _series(row)


def page_series(
    transaction: Transaction, *, resource_id: UUID | None, before_id: UUID | None, limit: int
) -> list[Series]:
    """Return up to `limit` series, the latest first."""
    values = {"resource_id": resource_id, "before_id": before_id, "limit": limit}
    return [_series(row) for row in transaction.rows(SQL["page_series"], values)]


def add_occurrences(transaction: Transaction, series_id: UUID, occurrences: Sequence[StoredOccurrence]) -> None:
    """Queue the dates of a series."""
    transaction.write(
        SQL["add_occurrences"],
        {
            "series_id": series_id,
            "numbers": [one.number for one in occurrences],
            "starts_on": [one.starts_on for one in occurrences],
            "reservation_ids": [one.reservation_id for one in occurrences],
            "refused": [one.refused for one in occurrences],
        },
        rows=len(occurrences),
    )


def hand_over_occurrences(transaction: Transaction, from_id: UUID, to_id: UUID, before: int) -> None:
    """Queue that the dates after the first `before` belong to another series, where they are counted from 1."""
    values = {"from_id": from_id, "to_id": to_id, "before": before}
    transaction.write(SQL["hand_over_occurrences"], values, rows=None)


def read_occurrences(transaction: Transaction, series_id: UUID) -> list[StoredOccurrence]:
    """Return the dates of a series, in order."""
    rows = transaction.rows(SQL["read_occurrences"], {"series_id": series_id})
    return [StoredOccurrence(**row._asdict()) for row in rows]


def _columns(series: Series) -> dict[str, Any]:
    repeated = series.repeated
    return {
        "id": series.id,
        "resource_id": series.resource_id,
        "rrule": str(series.rule),
        "starts_on": series.starts_on,
        "nights": repeated.nights,
        "local_time": repeated.local_time,
        "length_minutes": repeated.length_minutes,
        "fold": repeated.fold,
        "quantity": repeated.quantity,
        "party_size": repeated.party_size,
        "mode": series.mode,
        "except_on": list(series.except_on),
        "split_from": series.split_from,
        "cancelled_at": series.cancelled_at,
        "version": series.version,
        "created_at": series.created_at,
        "updated_at": series.updated_at,
    }


def _series(row: Any) -> Series:  # noqa: ANN401 - the columns of every read of series
    return Series(
        id=row.id,
        resource_id=row.resource_id,
        rule=parse_recurrence(row.rrule),
        starts_on=row.starts_on,
        repeated=Repeated(
            quantity=row.quantity,
            party_size=row.party_size,
            nights=row.nights,
            local_time=row.local_time,
            length=None if row.length_minutes is None else row.length_minutes * ONE_MINUTE,
            fold=Fold(row.fold),
        ),
        mode=Mode(row.mode),
        except_on=tuple(row.except_on),
        split_from=row.split_from,
        cancelled_at=row.cancelled_at,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
