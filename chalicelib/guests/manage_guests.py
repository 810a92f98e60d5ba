"""Find, correct, merge, export and anonymize guests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.core.errors import (
    ConflictError,
    ConflictingReservationsError,
    InvalidInputError,
    NotFoundError,
)
from chalicelib.core.versions import check_version
from chalicelib.database.identifiers import new_id
from chalicelib.events.event_log import EventFilter, RecordedEvent, append_event, list_events
from chalicelib.events.model import Event, EventType
from chalicelib.guests.model.guests import GuestEntry
from chalicelib.guests.storage import guests
from chalicelib.reservations.for_others import forget_requests, search_reservations
from chalicelib.reservations.model.reservations import Guest, Reservation
from chalicelib.reservations.model.search import ReservationFilter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context

KIND = "guest"
MOST_EXPORTED = 10_000


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that is known of a person: the guests with their address, their reservations, and what happened."""

    at: datetime
    guests: Sequence[GuestEntry]
    reservations: Sequence[Reservation]
    events: Sequence[RecordedEvent]


def search_guests(
    context: Context, text: str | None, before_id: UUID | None, limit: int
) -> tuple[list[GuestEntry], bool]:
    """Return a page of guests, the latest first, and whether there are more."""
    found = context.run(
        lambda transaction: guests.search_guests(transaction, text=text, before_id=before_id, limit=limit + 1)
    )
    return found[:limit], len(found) > limit


def read_guest(context: Context, guest_id: UUID) -> GuestEntry:
    """Return a guest. Raises `NotFoundError`."""
    return context.run(lambda transaction: _find(transaction, guest_id))


def change_guest(
    context: Context,
    guest_id: UUID,
    changes: Mapping[str, Any],
) -> GuestEntry:
    """Correct name, address or telephone number. Raises `NotFoundError`, `VersionMismatchError`, `ConflictError`."""

    def work(transaction: Transaction) -> GuestEntry:
        before = _find(transaction, guest_id)
        check_version("guest", before.version, context.expected_version)
        _check_known(before)
        after = replace(Guest(before.id, before.name, before.email, before.phone), **changes)
        guests.change_guest(transaction, after, before.version)
        facts = {"changed": sorted(changes)}
        append_event(transaction, context.actor, Event(EventType.GUEST_UPDATED, KIND, guest_id, None, facts))
        transaction.settle()
        return _find(transaction, guest_id)

    return context.run(work)


def merge_guests(context: Context, kept_id: UUID, other_id: UUID) -> GuestEntry:
    """Let one guest have another's reservations; the other is gone then.

    Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`, `ConflictError`.
    """
    if kept_id == other_id:
        message = "A guest cannot be merged with itself."
        raise InvalidInputError("other_id", message)

    def work(transaction: Transaction) -> GuestEntry:
        kept, other = _find(transaction, kept_id), _find(transaction, other_id)
        check_version("guest", kept.version, context.expected_version)
        _check_known(kept)
        _check_known(other)
        guests.merge_guests(transaction, kept, other)
        facts = {"merged": str(other_id), "reservations": other.reservations}
        append_event(transaction, context.actor, Event(EventType.GUEST_MERGED, KIND, kept_id, None, facts))
        transaction.settle()
        return _find(transaction, kept_id)

    return context.run(work)


def export_guest(context: Context, guest_id: UUID) -> Dossier:
    """Return everything that is known of a person; that it was asked for is recorded. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> Dossier:
        entries = _person(transaction, guest_id)
        reservations = [
            reservation
            for entry in entries
            for reservation in search_reservations(transaction, ReservationFilter(guest_id=entry.id), MOST_EXPORTED)
        ]
        about = [entry.id for entry in entries] + [reservation.id for reservation in reservations]
        events = [
            event
            for entity_id in about
            for event in list_events(transaction, EventFilter(entity_id=entity_id), MOST_EXPORTED)
        ]
        append_event(transaction, context.actor, Event(EventType.GUEST_EXPORTED, KIND, guest_id, None, None))
        return Dossier(transaction.now, entries, reservations, events)

    return context.run(work)


def anonymize_guest(context: Context, guest_id: UUID) -> GuestEntry:
    """Forget who a person was, in all guests with their address; reservations, events and statistics stay.

    Their reservations become those of a guest without a name, which is returned.
    Raises `NotFoundError`, `VersionMismatchError`, and `ConflictingReservationsError` while a reservation is not over:
    somebody is expected.
    """

    def work(transaction: Transaction) -> GuestEntry:
        entries = _person(transaction, guest_id)
        ids = [entry.id for entry in entries]
        guests.lock_guests(transaction, ids)
        check_version("guest", _find(transaction, guest_id).version, context.expected_version)
        conflicting = guests.active_reservations(transaction, ids)
        if conflicting:
            raise ConflictingReservationsError(conflicting)
        anonymous_id = new_id()
        guests.anonymize_guests(transaction, anonymous_id, ids, guests.reservations_of(transaction, ids))
        forget_requests(transaction, [entry.email for entry in entries])
        for one in ids:
            append_event(transaction, context.actor, Event(EventType.GUEST_ANONYMIZED, KIND, one, None, None))
        transaction.settle()
        return _find(transaction, anonymous_id)

    return context.run(work)


def _person(transaction: Transaction, guest_id: UUID) -> list[GuestEntry]:
    found = _find(transaction, guest_id)
    return [_find(transaction, one) for one in guests.same_person(transaction, found.email)]


def _find(transaction: Transaction, guest_id: UUID) -> GuestEntry:
    found = guests.search_guests(transaction, guest_id=guest_id)
    if not found:
        message = "There is no such guest."
        raise NotFoundError(message)
    return found[0]


def _check_known(entry: GuestEntry) -> None:
    if entry.anonymized_at is not None:
        message = "This guest was anonymized; nothing can be changed any more."
        raise ConflictError(message)
