"""Read one reservation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.errors import NotFoundError
from chalicelib.core.versions import check_version
from chalicelib.reservations.storage import reservations
from chalicelib.reservations.storage.pending import list_changes

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.reservations.model.reservations import Reservation
    from chalicelib.reservations.storage.pending import DecidedChange

MOST_CHANGES = 200


def read_reservation(context: Context, reservation_id: UUID) -> Reservation:
    """Return the reservation. Raises `NotFoundError`."""
    return context.run(lambda transaction: find_reservation(transaction, reservation_id))


def read_changes(context: Context, reservation_id: UUID) -> list[DecidedChange]:
    """Return every change of a reservation that had to wait for room, the oldest first. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> list[DecidedChange]:
        find_reservation(transaction, reservation_id)
        return list_changes(transaction, reservation_id, MOST_CHANGES)

    return context.run(work)


def find_reservation(
    transaction: Transaction, reservation_id: UUID, expected_version: int | None = None
) -> Reservation:
    """Return the reservation that a change begins with. Raises `NotFoundError`, `VersionMismatchError`."""
    reservation = reservations.read_reservation(transaction, reservation_id)
    if reservation is None:
        message = "There is no such reservation."
        raise NotFoundError(message)
    check_version("reservation", reservation.version, expected_version)
    return reservation
