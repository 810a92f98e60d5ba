"""Read one reservation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.errors import NotFoundError, VersionMismatchError
from chalicelib.storage import reservations

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.domain.reservations import Reservation
    from chalicelib.storage.transaction import Database, Transaction


def read_reservation(database: Database, tenant: str, reservation_id: UUID) -> Reservation:
    """Return the reservation. Raises `NotFoundError`."""
    return database.run(tenant, lambda transaction: find_reservation(transaction, reservation_id))


def find_reservation(
    transaction: Transaction, reservation_id: UUID, expected_version: int | None = None
) -> Reservation:
    """Return the reservation that a change begins with. Raises `NotFoundError`, `VersionMismatchError`."""
    reservation = reservations.read_reservation(transaction, reservation_id)
    if reservation is None:
        message = "There is no such reservation."
        raise NotFoundError(message)
    if expected_version is not None and expected_version != reservation.version:
        message = (
            f"The reservation has changed: it is at version {reservation.version}, not {expected_version}. "
            "Read it again before you change it."
        )
        raise VersionMismatchError(message)
    return reservation
