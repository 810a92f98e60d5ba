"""Who waits for something that is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.database import statements
from chalicelib.reservations.model.reservations import Guest
from chalicelib.waiting.model.waitlist import EntryFilter, EntryState, WaitlistEntry

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


def add_entry(transaction: Transaction, entry: WaitlistEntry) -> None:
    """Queue a new entry; its guest is added unless the tenant knows one with the very same details."""
    stay = entry.stay
    transaction.write(
        SQL["add_entry"],
        {
            "id": entry.id,
            "resource_id": entry.resource_id,
            "guest_id": entry.guest.id,
            "guest_name": entry.guest.name,
            "guest_email": entry.guest.email,
            "guest_phone": entry.guest.phone,
            "starts_at": entry.during.starts_at,
            "ends_at": entry.during.ends_at,
            "check_in_on": None if stay is None else stay.check_in_on,
            "check_out_on": None if stay is None else stay.check_out_on,
            "quantity": entry.quantity,
            "party_size": entry.party_size,
            "notes": entry.notes,
            "joined_at": entry.joined_at,
        },
    )


def read_entries(transaction: Transaction, wanted: EntryFilter, limit: int) -> list[WaitlistEntry]:
    """Return up to `limit` entries, the oldest first."""
    after_at, after_id = wanted.after or (None, None)
    rows = transaction.rows(
        SQL["read_entries"],
        {
            "id": wanted.id,
            "resource_id": wanted.resource_id,
            "guest_ids": None if wanted.guest_ids is None else list(wanted.guest_ids),
            "states": None if wanted.states is None else list(wanted.states),
            "from": wanted.starts_at,
            "until": wanted.ends_at,
            "after_at": after_at,
            "after_id": after_id,
            "limit": limit,
        },
    )
    return [_entry(row) for row in rows]


def count_waiting(transaction: Transaction, resource_id: UUID, email: str) -> tuple[int, int]:
    """Return how many wait for a resource, and how many of these entries are the guest's."""
    row = transaction.row(SQL["count_waiting"], {"resource_id": resource_id, "email": email})
    return row.resource, row.guest


def decide_entry(
    transaction: Transaction, entry_id: UUID, before: EntryState, state: EntryState, *, otherwise: type[Exception]
) -> None:
    """Queue what became of an entry; `otherwise` is raised where it was not in the state before."""
    values = {"id": entry_id, "before": before, "state": state, "now": transaction.now}
    transaction.write(SQL["decide_entry"], values, otherwise=otherwise)


def where_somebody_waits(transaction: Transaction) -> list[tuple[str, UUID]]:
    """Return the tenants' slugs and the resources that somebody waits for, over all tenants."""
    return [(row.slug, row.resource_id) for row in transaction.rows(SQL["where_somebody_waits"], {})]


def lock_queue(transaction: Transaction, resource_id: UUID) -> None:
    """Keep everybody else from offering places of a resource, and those who wait from leaving meanwhile.

    Nothing would be offered twice without it. But who offer with different views of what is free would take units in
    different orders, wait for each other in a circle, and one would begin again after deadlock_timeout.
    """
    transaction.rows(SQL["lock_queue"], {"resource_id": resource_id})


def _entry(row: Any) -> WaitlistEntry:  # noqa: ANN401 - the columns of read_entries
    return WaitlistEntry(
        id=row.id,
        resource_id=row.resource_id,
        guest=Guest(row.guest_id, row.guest_name, row.guest_email, row.guest_phone),
        state=EntryState(row.state),
        during=TimeRange(row.starts_at, row.ends_at),
        stay=None if row.check_in_on is None else Stay(row.check_in_on, row.check_out_on),
        quantity=row.quantity,
        party_size=row.party_size,
        notes=row.notes,
        joined_at=row.joined_at,
        decided_at=row.decided_at,
        place=row.place,
    )
