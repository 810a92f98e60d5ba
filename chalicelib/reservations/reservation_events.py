"""What events say about a reservation: everything that decides, nothing personal (guests' details stay in `guests`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from chalicelib.availability.unit_events import KIND, unit_runs
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.reservations.model.dues import due, refund_of
from chalicelib.reservations.storage.reservations import price_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.reservations.model.reservations import Overridden, Reservation, WaitingChange


class ReservationFacts(TypedDict):
    """A reservation without personal data, JSON-ready: what events say that it was and is.

    Events say more of the change itself (a refund, a reason, with what it conflicts): that is none of these.
    """

    state: str
    version: int
    resource_id: str
    guest_id: str
    starts_at: str
    ends_at: str
    check_in_on: str | None
    check_out_on: str | None
    quantity: int
    party_size: int
    units: list[list[int]]
    units_promised: bool
    price: dict[str, Any]
    due: int
    retained: int
    policy_id: str
    policy_version: int
    hold_expires_at: str | None
    checked_out_at: str | None


FACTS = frozenset(ReservationFacts.__annotations__)


def own_facts(said: Mapping[str, Any] | None) -> dict[str, Any]:
    """What an event's `before` or `after` says of the reservation itself."""
    return {name: value for name, value in (said or {}).items() if name in FACTS}


def append_created(
    transaction: Transaction,
    actor: Actor,
    reservation: Reservation,
    overridden: Overridden | None,
) -> None:
    """Queue `reservation.created`, with the rules that were not insisted on.

    It does not name the guest: whether the tenant knows one with these details is decided by the INSERT itself.
    """
    facts = {name: value for name, value in facts_of(reservation).items() if name != "guest_id"}
    append_event(
        transaction,
        actor,
        Event(EventType.RESERVATION_CREATED, KIND, reservation.id, None, {**facts, **said_of(overridden)}),
    )


def append_changed(
    transaction: Transaction,
    actor: Actor,
    event_type: EventType,
    before: Reservation,
    after: Reservation,
    **more: Any,  # noqa: ANN401 - JSON
) -> None:
    """Queue an event with the reservation as it was and as it is; `more` is said of the change itself."""
    facts = {**facts_of(after), "refund": refund_of(before, after), **more}
    append_event(transaction, actor, Event(event_type, KIND, after.id, facts_of(before), facts))


def said_of(overridden: Overridden | None) -> dict[str, Any]:
    """What an event says of rules that were not insisted on; nothing where all were kept."""
    return {} if overridden is None else {"overridden": list(overridden.rules), "reason": overridden.reason}


def facts_of(reservation: Reservation) -> ReservationFacts:
    """What events say of the reservation."""
    return {
        "state": reservation.state,
        "version": reservation.version,
        "resource_id": str(reservation.resource_id),
        "guest_id": str(reservation.guest.id),
        "starts_at": reservation.during.starts_at.isoformat(),
        "ends_at": reservation.during.ends_at.isoformat(),
        "check_in_on": None if reservation.stay is None else reservation.stay.check_in_on.isoformat(),
        "check_out_on": None if reservation.stay is None else reservation.stay.check_out_on.isoformat(),
        "quantity": reservation.quantity,
        "party_size": reservation.party_size,
        "units": unit_runs(reservation.units),
        "units_promised": reservation.units_promised,
        "price": price_document(reservation.price),
        "due": due(reservation),
        "retained": reservation.retained,
        "policy_id": str(reservation.policy_id),
        "policy_version": reservation.policy_version,
        "hold_expires_at": None if reservation.hold_expires_at is None else reservation.hold_expires_at.isoformat(),
        "checked_out_at": None if reservation.checked_out_at is None else reservation.checked_out_at.isoformat(),
    }


def change_facts(change: WaitingChange) -> dict[str, Any]:
    """The times, resource and quantity that a change asks for, JSON-ready."""
    return {
        "id": str(change.id),
        "action": change.action,
        "resource_id": str(change.resource_id),
        "starts_at": change.during.starts_at.isoformat(),
        "ends_at": change.during.ends_at.isoformat(),
        "check_in_on": None if change.stay is None else change.stay.check_in_on.isoformat(),
        "check_out_on": None if change.stay is None else change.stay.check_out_on.isoformat(),
        "quantity": change.quantity,
        "party_size": change.party_size,
        "unit": change.unit,
    }
