"""Read series, and what became of their dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.errors import NotFoundError, VersionMismatchError
from chalicelib.domain.series import Occurrence, Outcome, Series
from chalicelib.storage import series as storage
from chalicelib.storage.reservations import read_reservations
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.storage.transaction import Database, Transaction


def read_series(database: Database, tenant: str, series_id: UUID) -> tuple[Series, list[Occurrence]]:
    """Return a series with its occurrences, in order. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> tuple[Series, list[Occurrence]]:
        series = find_series(transaction, series_id)
        return series, occurrences_of(transaction, series)

    return database.run(tenant, work, isolation=Isolation.SNAPSHOT)


def list_series(
    database: Database, tenant: str, *, resource_id: UUID | None, before_id: UUID | None, limit: int
) -> tuple[list[Series], bool]:
    """Return a page of series, the latest first, and whether there are more."""
    found = database.run(
        tenant,
        lambda transaction: storage.page_series(
            transaction, resource_id=resource_id, before_id=before_id, limit=limit + 1
        ),
    )
    return found[:limit], len(found) > limit


def find_series(transaction: Transaction, series_id: UUID, expected_version: int | None = None) -> Series:
    """Return the series that a change begins with. Raises `NotFoundError`, `VersionMismatchError`."""
    series = storage.find_series(transaction, series_id)
    if series is None:
        message = "There is no such series."
        raise NotFoundError(message)
    if expected_version is not None and expected_version != series.version:
        message = (
            f"The series has changed: it is at version {series.version}, not {expected_version}. "
            "Read it again before you change it."
        )
        raise VersionMismatchError(message)
    return series


def occurrences_of(transaction: Transaction, series: Series) -> list[Occurrence]:
    """Return what became of the dates of a series, with the reservations as they are now, in order."""
    stored = storage.read_occurrences(transaction, series.id)
    ids = [one.reservation_id for one in stored if one.reservation_id is not None]
    reservations = read_reservations(transaction, ids)
    found: list[Occurrence] = []
    for one in stored:
        reservation = None if one.reservation_id is None else reservations.get(one.reservation_id)
        if reservation is None:
            found.append(Occurrence(one.number, one.starts_on, Outcome.REFUSED, refused=one.refused))
            continue
        stays_put = reservation.resource_id == series.resource_id
        as_said = stays_put and series.repeated.is_had(reservation, one.starts_on)
        found.append(
            Occurrence(
                one.number,
                one.starts_on,
                Outcome.RESERVED,
                reservation,
                reservation.during,
                exceptional=not as_said,
            )
        )
    return found
