"""Letters to guests: what became of their reservation. Their details are read when a letter is sent, not before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.adapters.mail import Letter
from chalicelib.domain.events import EventType, is_superseded
from chalicelib.domain.pricing import money_text
from chalicelib.domain.reservations import State
from chalicelib.domain.text import shown_line, shown_name
from chalicelib.domain.wording import count_text
from chalicelib.services.deliver_events import Outcome
from chalicelib.services.read_reservation import find_reservation
from chalicelib.services.terms import terms_of
from chalicelib.storage.events import types_after
from chalicelib.storage.resources import read_site

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from chalicelib.domain.reservations import Reservation
    from chalicelib.storage.outbox import Attempt, Telling
    from chalicelib.storage.transaction import Database, Transaction

NAME = "guest_letters"
GUEST = "guest"
SUBJECTS = {
    EventType.RESERVATION_CREATED: "",
    EventType.RESERVATION_CONFIRMED: "is confirmed",
    EventType.RESERVATION_REJECTED: "could not be accepted",
    EventType.RESERVATION_EXPIRED: "has expired",
    EventType.RESERVATION_CANCELLED: "is cancelled",
    EventType.RESERVATION_MOVED: "was changed",
    EventType.RESERVATION_EXTENDED: "was changed",
    EventType.RESERVATION_SHORTENED: "was changed",
    EventType.RESERVATION_CHANGE_REJECTED: "stays as it was",
    EventType.RESERVATION_CHANGE_WITHDRAWN: "stays as it was",
}
REFUSED = frozenset({EventType.RESERVATION_REJECTED, EventType.RESERVATION_CHANGE_REJECTED})
BEGINNINGS = {
    State.CONFIRMED: "is confirmed",
    State.HELD: "is held for you",
    State.PENDING: "was received",
}
"""What is said of a new reservation, by the state in which it began."""
BEFORE_CONFIRMATION = frozenset({State.HELD, State.PENDING})
"""Where a change may lead back to: what was said of another state is not so any more."""


@dataclass(frozen=True, slots=True)
class GuestLetters:
    """Sends through `post`."""

    post: Callable[[Letter], None]

    def wants(self, telling: Telling) -> bool:
        """Reservations that somebody should hear of."""
        if telling.type == EventType.RESERVATION_CHANGE_WITHDRAWN and telling.actor_kind == GUEST:
            return False  # they have just said so
        return telling.type in SUBJECTS

    def reached(self, transaction: Transaction, tenant_ids: Sequence[UUID]) -> set[UUID]:
        """All: every reservation has a guest."""
        del transaction
        return set(tenant_ids)

    def send(self, database: Database, attempt: Attempt) -> Outcome:
        """Write to the guest, as the reservation stands now. Raises `UnavailableError`."""
        letter = database.run(attempt.telling.tenant, lambda transaction: _letter(transaction, attempt.telling))
        if isinstance(letter, Outcome):
            return letter
        self.post(letter)
        return Outcome.DELIVERED


def _letter(transaction: Transaction, telling: Telling) -> Letter | Outcome:
    """What is to be sent, or why nothing is."""
    if is_superseded(EventType(telling.type), types_after(transaction, telling.entity_id, telling.id)):
        return Outcome.SUPERSEDED
    reservation = find_reservation(transaction, telling.entity_id)
    if reservation.state in BEFORE_CONFIRMATION and _state_told(telling) not in (None, reservation.state):
        return Outcome.SUPERSEDED
    if "@" not in reservation.guest.email or reservation.guest.email.endswith(".invalid"):
        return Outcome.SKIPPED
    tenant_name = shown_line(read_site(transaction).name)
    what = shown_line(terms_of(transaction, reservation).resource.name)
    news = SUBJECTS[EventType(telling.type)] or BEGINNINGS[_state_told(telling) or State.CONFIRMED]
    lines = [
        f"Hello {shown_name(reservation.guest.name)},",
        f"your reservation {reservation.code} with {tenant_name} {news}.",
        f"{what}\n{_when(reservation)}\n{_money(telling, reservation)}",
        *_reason(telling),
        *_next_step(reservation),
        tenant_name,
    ]
    return Letter(reservation.guest.email, f"{tenant_name}: {reservation.code} {news}", "\n\n".join(lines) + "\n")


def _state_told(telling: Telling) -> State | None:
    """The state that an event about a beginning or a confirmation tells of; None for the others."""
    if telling.type not in (EventType.RESERVATION_CREATED, EventType.RESERVATION_CONFIRMED):
        return None
    return State((telling.after or {}).get("state", State.CONFIRMED))


def _money(telling: Telling, reservation: Reservation) -> str:
    """The price, and of what was owed and is given up: what is given back, and what is retained."""
    currency, after = reservation.price.currency, telling.after or {}
    lines = [f"Price: {money_text(reservation.price.total, currency)}"]
    was_owed = (telling.before or {}).get("due", 0) > 0
    if was_owed and (after.get("refund") or telling.type == EventType.RESERVATION_CANCELLED):
        lines.append(f"Refund: {money_text(after.get('refund', 0), currency)}")
    if after.get("retained"):
        lines.append(f"Retained: {money_text(after['retained'], currency)}")
    return "\n".join(lines)


def _when(reservation: Reservation) -> str:
    if reservation.stay is not None:
        stay = reservation.stay
        return f"{_day(stay.check_in_on)} to {_day(stay.check_out_on)} ({count_text(stay.nights, 'night')})"
    during, zone = reservation.during, reservation.zone
    return f"{_instant(during.starts_at, zone)} to {_instant(during.ends_at, zone)} ({zone.key})"


def _reason(telling: Telling) -> list[str]:
    """Why something was not granted."""
    reason = (telling.after or {}).get("reason")
    return [shown_line(reason)] if telling.type in REFUSED and isinstance(reason, str) else []


def _next_step(reservation: Reservation) -> list[str]:
    if reservation.hold_expires_at is not None:
        until = _instant(reservation.hold_expires_at, reservation.zone)
        return [f"It is held until {until} ({reservation.zone.key}). Please confirm it before then."]
    if reservation.state is State.PENDING:
        return ["You will hear from us as soon as it is decided."]
    return []


def _day(on: date) -> str:
    return f"{on:%A}, {on.day} {on:%B %Y}"


def _instant(instant: datetime, zone: ZoneInfo) -> str:
    local = instant.astimezone(zone)
    return f"{_day(local)}, {local:%H:%M}"
