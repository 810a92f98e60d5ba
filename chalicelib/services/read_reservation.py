"""Read one reservation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.errors import NotFoundError, VersionMismatchError
from chalicelib.storage import reservations
from chalicelib.storage.pending import list_changes

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.domain.reservations import Reservation
    from chalicelib.storage.pending import DecidedChange
    from chalicelib.storage.transaction import Database, Transaction

MOST_CHANGES = 200


def read_reservation(database: Database, tenant: str, reservation_id: UUID) -> Reservation:
    """Return the reservation. Raises `NotFoundError`."""
    return database.run(tenant, lambda transaction: find_reservation(transaction, reservation_id))


def read_changes(database: Database, tenant: str, reservation_id: UUID) -> list[DecidedChange]:
    """Return every change of a reservation that had to wait for room, the oldest first. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> list[DecidedChange]:
        find_reservation(transaction, reservation_id)
        return list_changes(transaction, reservation_id, MOST_CHANGES)

    return database.run(tenant, work)


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
