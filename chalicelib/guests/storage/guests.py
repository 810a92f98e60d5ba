"""Guests as the tenant's people keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.errors import ConflictingReservation
from chalicelib.database import statements
from chalicelib.database.errors import TryAgainError
from chalicelib.database.rows import conflicting_reservation
from chalicelib.guests.model.guests import GuestEntry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.core.errors import ConflictingReservation
    from chalicelib.database.transaction import Transaction
    from chalicelib.reservations.model.reservations import Guest

SQL = statements.beside(__file__)


def search_guests(
    transaction: Transaction,
    *,
    guest_id: UUID | None = None,
    text: str | None = None,
    before_id: UUID | None = None,
    limit: int = 1,
) -> list[GuestEntry]:
    """Return guests, the latest first: all with a text in name, address or telephone number, or the one with an id."""
    values = {"id": guest_id, "text": text, "before_id": before_id, "limit": limit}
    return [GuestEntry(**row._asdict()) for row in transaction.rows(SQL["search_guests"], values)]


def same_person(transaction: Transaction, email: str) -> list[UUID]:
    """Return all guests with an address: one person, with the details given at different times."""
    return [row.id for row in transaction.rows(SQL["same_person"], {"email": email})]


def change_guest(transaction: Transaction, guest: Guest, version: int) -> None:
    """Queue other details."""
    values = {"id": guest.id, "name": guest.name, "email": guest.email, "phone": guest.phone, "version": version}
    transaction.write(SQL["change_guest"], values)


def merge_guests(transaction: Transaction, kept: GuestEntry, other: GuestEntry) -> None:
    """Queue that one guest's reservations are another's, and the end of the one."""
    transaction.write(SQL["move_reservations"], {"from_id": other.id, "to_id": kept.id}, rows=None)
    transaction.write(SQL["move_entries"], {"from_id": other.id, "to_id": kept.id}, rows=None)
    transaction.write(SQL["move_series"], {"from_id": other.id, "to_id": kept.id}, rows=None)
    transaction.write(SQL["remove_guest"], {"id": other.id, "version": other.version})


def lock_guests(transaction: Transaction, guest_ids: Sequence[UUID]) -> None:
    """Wait for whoever is reserving as one of them, and let nobody begin to until the transaction ends."""
    if len(transaction.rows(SQL["lock_guests"], {"ids": list(guest_ids)})) != len(guest_ids):
        raise TryAgainError


def active_reservations(transaction: Transaction, guest_ids: Sequence[UUID]) -> list[ConflictingReservation]:
    """Return up to 100 reservations that are not over, by start."""
    rows = transaction.rows(SQL["active_reservations"], {"ids": list(guest_ids)})
    return [conflicting_reservation(row) for row in rows]


def reservations_of(transaction: Transaction, guest_ids: Sequence[UUID]) -> list[UUID]:
    """Return the ids of all their reservations."""
    return [row.id for row in transaction.rows(SQL["reservations_of"], {"ids": list(guest_ids)})]


def anonymize_guests(
    transaction: Transaction, anonymous_id: UUID, guest_ids: Sequence[UUID], reservation_ids: Sequence[UUID]
) -> None:
    """Queue that somebody without a name has their reservations, and that they are gone."""
    transaction.write(SQL["add_anonymous"], {"id": anonymous_id})
    transaction.write(SQL["hand_over_reservations"], {"to_id": anonymous_id, "ids": list(guest_ids)}, rows=None)
    transaction.write(SQL["hand_over_entries"], {"to_id": anonymous_id, "ids": list(guest_ids)}, rows=None)
    transaction.write(SQL["hand_over_series"], {"to_id": anonymous_id, "ids": list(guest_ids)}, rows=None)
    transaction.write(SQL["forget_notes"], {"id": anonymous_id}, rows=None)
    transaction.write(SQL["forget_answers"], {"reservation_ids": list(reservation_ids)}, rows=None)
    transaction.write(SQL["remove_guests"], {"ids": list(guest_ids)}, rows=len(guest_ids))
