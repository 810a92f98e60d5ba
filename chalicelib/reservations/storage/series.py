"""Recurring reservations: what was asked for, and which reservation each date got."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.core.time_ranges import TimeRange
from chalicelib.database import statements
from chalicelib.reservations.model.reservations import Guest, State
from chalicelib.reservations.model.series import Occurrence, Pattern, Series

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


def add_series(transaction: Transaction, series: Series) -> None:
    """Queue a series with its occurrences, after the reservations that they name; their guest is the series' too."""
    _add(transaction, series)
    transaction.write(
        SQL["add_occurrences"],
        {
            "series_id": series.id,
            "dates": [one.on_date for one in series.occurrences],
            "reservation_ids": [one.reservation_id for one in series.occurrences],
            "refusals": [one.refusal for one in series.occurrences],
        },
        rows=len(series.occurrences),
    )


def read_series(transaction: Transaction, series_id: UUID) -> Series | None:
    """Return a series with its occurrences, or None. Two round trips."""
    found = page_series(transaction, series_id=series_id)
    rows = transaction.rows(SQL["read_occurrences"], {"series_id": series_id}) if found else []
    occurrences = [
        Occurrence(
            one.on_date,
            one.reservation_id,
            one.refusal,
            None if one.state is None else State(one.state),
            one.code,
            None if one.starts_at is None else TimeRange(one.starts_at, one.ends_at),
        )
        for one in rows
    ]
    return replace(found[0], occurrences=occurrences) if found else None


def page_series(
    transaction: Transaction,
    *,
    series_id: UUID | None = None,
    resource_id: UUID | None = None,
    before_id: UUID | None = None,
    limit: int = 1,
) -> list[Series]:
    """Return series without their occurrences, the latest first."""
    values = {"id": series_id, "resource_id": resource_id, "before_id": before_id, "limit": limit}
    return [_series(row, transaction.tenant.currency) for row in transaction.rows(SQL["read_series"], values)]


def change_series(transaction: Transaction, series: Series, pattern: Pattern) -> None:
    """Queue another pattern for the version that was read."""
    values = {**_pattern_columns(pattern), "id": series.id, "version": series.version}
    transaction.write(SQL["change_series"], values)


def touch_series(transaction: Transaction, series: Series) -> None:
    """Queue a new version of a series because of what became of its reservations."""
    transaction.write(SQL["touch_series"], {"id": series.id, "version": series.version})


def fill_date(transaction: Transaction, series: Series, on_date: date, reservation_id: UUID) -> None:
    """Queue that a date which was refused has a reservation by now."""
    values = {"series_id": series.id, "on_date": on_date, "reservation_id": reservation_id}
    transaction.write(SQL["fill_date"], values)
    touch_series(transaction, series)


def split_series(transaction: Transaction, ended: Series, following: Series) -> None:
    """Queue that what follows from a date on is a series of its own, and that the one it was a part of has ended."""
    _add(transaction, following)
    values = {"from_id": ended.id, "to_id": following.id, "from_on": following.first_on}
    transaction.write(SQL["split_occurrences"], values, rows=None)
    values = {"id": ended.id, "version": ended.version, "rule": ended.rule, "except_on": list(ended.except_on)}
    transaction.write(SQL["end_series"], values)


def _add(transaction: Transaction, series: Series) -> None:
    reserved = [one.reservation_id for one in series.occurrences if one.reservation_id is not None]
    transaction.write(
        SQL["add_series"],
        {
            **_pattern_columns(series.pattern),
            "id": series.id,
            "resource_id": series.resource_id,
            "guest_id": series.guest.id,
            "reservation_id": reserved[0] if reserved else None,
            "rule": series.rule,
            "first_on": series.first_on,
            "except_on": list(series.except_on),
            "notes": series.notes,
            "created_at": series.created_at,
        },
    )


def _pattern_columns(pattern: Pattern) -> dict[str, Any]:
    return {
        "starts_at_time": pattern.starts_at_time,
        "minutes": pattern.minutes,
        "nights": pattern.nights,
        "quantity": pattern.quantity,
        "party_size": pattern.party_size,
    }


def _series(row: Any, currency: str) -> Series:  # noqa: ANN401 - the columns of read_series
    return Series(
        id=row.id,
        resource_id=row.resource_id,
        guest=Guest(row.guest_id, row.guest_name, row.guest_email, row.guest_phone),
        rule=row.rule,
        first_on=row.first_on,
        except_on=tuple(row.except_on),
        pattern=Pattern(row.starts_at_time, row.minutes, row.nights, row.quantity, row.party_size),
        notes=row.notes,
        version=row.version,
        created_at=row.created_at,
        currency=currency,
        occurrences=(),
    )
