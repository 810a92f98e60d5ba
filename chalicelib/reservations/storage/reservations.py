"""Reservations and the guests who made them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from chalicelib.core.money import Line, Quote
from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.core.units import UnitSet
from chalicelib.database import statements
from chalicelib.database.unit_sets import unit_set, unit_set_text
from chalicelib.reservations.model.following import ChangePlace
from chalicelib.reservations.model.reservations import (
    EarlierRoom,
    Guest,
    Reservation,
    State,
    WaitsFor,
    instant_of_text,
    overridden_of,
    waiting_change,
)
from chalicelib.reservations.model.search import ReservationFilter, ReservationOrder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


def add_reservation(transaction: Transaction, reservation: Reservation) -> None:
    """Queue a new reservation; its guest is added unless the tenant knows one with the very same details."""
    guest = reservation.guest
    transaction.write(
        SQL["add_reservation"],
        {
            **_columns(reservation),
            "code": reservation.code,
            "guest_name": guest.name,
            "guest_email": guest.email,
            "guest_phone": guest.phone,
            "created_at": reservation.created_at,
        },
    )


def read_reservation(transaction: Transaction, reservation_id: UUID) -> Reservation | None:
    """Return the reservation with the units it has now, or None."""
    row = transaction.row(SQL["read_reservation"], {"reservation_id": reservation_id})
    return None if row is None else _reservation(row)


PAGES: Mapping[ReservationOrder, str] = {
    ReservationOrder.BY_START: "page_by_start",
    ReservationOrder.BY_START_DESCENDING: "page_by_start_descending",
    ReservationOrder.BY_CREATION_DESCENDING: "page_by_creation_descending",
}


def find_by_code(transaction: Transaction, code: str) -> Reservation | None:
    """Return the reservation of the tenant with this code, which is written in capitals."""
    rows = transaction.rows(SQL["find_code"], {"code": code})
    return read_reservation(transaction, rows[0].id) if rows else None


def search_reservations(transaction: Transaction, wanted: ReservationFilter, limit: int) -> list[Reservation]:
    """Return up to `limit` reservations in the order that is wanted. Two round trips, however many there are."""
    after_at, after_id = wanted.after or (None, None)
    place = {"after_at": after_at, "after_id": after_id, "limit": limit}
    page = transaction.rows(SQL[PAGES[wanted.order]], _criteria(wanted) | place)
    return _listed(transaction, [row.id for row in page])


FIRST_CHANGE = ChangePlace(0, UUID(int=0))


def follow_reservations(
    transaction: Transaction, wanted: ReservationFilter, since: datetime, place: ChangePlace, limit: int
) -> list[tuple[ChangePlace, Reservation]]:
    """Return up to `limit` reservations that were changed since an instant and come after a place, each with its own.

    What a transaction that is under way may yet change comes later than all of them, so nothing is skipped.
    """
    page = transaction.rows(
        SQL["page_by_change"],
        _criteria(wanted)
        | {
            "updated_since": since,
            "after_transaction": str(place.transaction),
            "after_id": place.reservation_id,
            "limit": limit,
        },
    )
    places = {row.id: ChangePlace(int(row.changed_in), row.id) for row in page}
    return [(places[one.id], one) for one in _listed(transaction, list(places))]


def _criteria(wanted: ReservationFilter) -> dict[str, Any]:
    return {
        "text": wanted.text,
        "resource_id": wanted.resource_id,
        "guest_id": wanted.guest_id,
        "states": None if wanted.states is None else list(wanted.states),
        "from": wanted.starts_at,
        "until": wanted.ends_at,
        "created_from": wanted.created_from,
        "created_until": wanted.created_until,
    }


def _listed(transaction: Transaction, ids: Sequence[UUID]) -> list[Reservation]:
    found = read_reservations(transaction, ids)
    return [found[reservation_id] for reservation_id in ids if reservation_id in found]


def read_reservations(transaction: Transaction, reservation_ids: Sequence[UUID]) -> dict[UUID, Reservation]:
    """Return the reservations that there are, by id."""
    rows = transaction.rows(SQL["read_reservations"], {"reservation_ids": list(reservation_ids)})
    return {row.id: _reservation(row) for row in rows}


def change_reservation(transaction: Transaction, before: Reservation, after: Reservation) -> None:
    """Queue a change of the version that was read; a rival's change in between makes the work run again."""
    transaction.write(SQL["change_reservation"], {**_columns(after), "version": before.version})


def add_earlier_room(transaction: Transaction, reservation_id: UUID, room: EarlierRoom) -> None:
    """Queue where its guest was before they changed rooms."""
    transaction.write(
        SQL["add_earlier_room"],
        {
            "reservation_id": reservation_id,
            "resource_id": room.resource_id,
            "next_resource_id": room.next_resource_id,
            "starts_at": room.during.starts_at,
            "ends_at": room.during.ends_at,
            "check_in_on": room.from_on,
            "check_out_on": room.until_on,
            "taken": room.taken,
            "units": unit_set_text(room.units),
        },
    )


def add_guest(transaction: Transaction, guest: Guest, created_at: datetime) -> None:
    """Queue a new guest."""
    transaction.write(
        SQL["add_guest"],
        {"id": guest.id, "name": guest.name, "email": guest.email, "phone": guest.phone, "created_at": created_at},
    )


def _columns(reservation: Reservation) -> dict[str, Any]:
    return {
        "id": reservation.id,
        "resource_id": reservation.resource_id,
        "guest_id": reservation.guest.id,
        "state": reservation.state,
        "starts_at": reservation.during.starts_at,
        "ends_at": reservation.during.ends_at,
        "check_in_on": None if reservation.stay is None else reservation.stay.check_in_on,
        "check_out_on": None if reservation.stay is None else reservation.stay.check_out_on,
        "quantity": reservation.quantity,
        "party_size": reservation.party_size,
        "units_promised": reservation.units_promised,
        "notes": reservation.notes,
        "price": Jsonb(price_document(reservation.price)),
        "policy_id": reservation.policy_id,
        "policy_version": reservation.policy_version,
        "hold_expires_at": reservation.hold_expires_at,
        "due_at": reservation.due_at,
        "waits_for": reservation.waits_for,
        "held_since": reservation.held_since,
        "hold_extended": reservation.hold_extended,
        "wanted_unit": reservation.wanted_unit,
        "overridden": None if reservation.overridden is None else Jsonb(asdict(reservation.overridden)),
        "retained": reservation.retained,
        "nonrefundable": reservation.nonrefundable,
        "checked_out_at": reservation.checked_out_at,
        "updated_at": reservation.updated_at,
    }


def _reservation(row: Any) -> Reservation:  # noqa: ANN401 - the columns of read_reservation
    return Reservation(
        id=row.id,
        code=row.code,
        resource_id=row.resource_id,
        guest=Guest(row.guest_id, row.guest_name, row.guest_email, row.guest_phone),
        state=State(row.state),
        during=TimeRange(row.starts_at, row.ends_at),
        stay=None if row.check_in_on is None else Stay(row.check_in_on, row.check_out_on),
        quantity=row.quantity,
        party_size=row.party_size,
        units=UnitSet.of(()) if row.units is None else unit_set(row.units),
        units_promised=row.units_promised,
        notes=row.notes,
        price=quote_of(row.price),
        zone=ZoneInfo(row.timezone),
        policy_id=row.policy_id,
        policy_version=row.policy_version,
        hold_expires_at=row.hold_expires_at,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        overridden=None if row.overridden is None else overridden_of(row.overridden),
        due_at=row.due_at,
        waits_for=None if row.waits_for is None else WaitsFor(row.waits_for),
        held_since=row.held_since,
        hold_extended=row.hold_extended,
        wanted_unit=row.wanted_unit,
        retained=row.retained,
        nonrefundable=row.nonrefundable,
        checked_out_at=row.checked_out_at,
        read_at=row.read_at,
        change=None if row.change is None else waiting_change(row.change),
        earlier_rooms=() if row.earlier_rooms is None else tuple(map(_earlier_room, row.earlier_rooms)),
    )


def _earlier_room(document: Mapping[str, Any]) -> EarlierRoom:
    from_on, until_on = document["check_in_on"], document["check_out_on"]
    return EarlierRoom(
        resource_id=UUID(document["resource_id"]),
        next_resource_id=UUID(document["next_resource_id"]),
        during=TimeRange(instant_of_text(document["starts_at"]), instant_of_text(document["ends_at"])),
        from_on=None if from_on is None else date.fromisoformat(from_on),
        until_on=None if until_on is None else date.fromisoformat(until_on),
        taken=document["taken"],
        units=UnitSet(tuple((first, end) for first, end in document["units"])),
    )


def price_document(price: Quote) -> dict[str, Any]:
    """The JSON form of a price: integer minor units."""
    return {
        "currency": price.currency,
        "total": price.total,
        "lines": [
            {
                "kind": line.kind,
                "label": line.label,
                "quantity": line.quantity,
                "unit_amount": line.unit_amount,
                "amount": line.amount,
                "code": line.code,
                "parameters": {**line.parameters},
            }
            for line in price.lines
        ],
    }


def quote_of(document: Mapping[str, Any]) -> Quote:
    """Read what `price_document` wrote."""
    return Quote(document["currency"], document["total"], tuple(Line(**line) for line in document["lines"]))
