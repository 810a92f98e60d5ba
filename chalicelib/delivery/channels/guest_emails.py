"""Emails to guests: what became of their reservation. Their details are read when an email is sent, not before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.access.storage.links import generation_of
from chalicelib.adapters.mail import Attachment, Email
from chalicelib.calendars.invitation import Invitation, invitation_text
from chalicelib.core.money import money_text
from chalicelib.core.text import shown_line, shown_name
from chalicelib.delivery.deliver_events import DeliveryOutcome, NotBegunError, untargeted
from chalicelib.events.event_log import published_together, types_after
from chalicelib.events.model import EventType, is_superseded
from chalicelib.reservations.for_others import read_reservations
from chalicelib.reservations.guest_texts import MANAGED, instant_text, manage_text, when_text
from chalicelib.reservations.model.reservations import State
from chalicelib.reservations.read_reservation import find_reservation
from chalicelib.tenants.for_others import read_site
from chalicelib.terms.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.delivery.storage.outbox import Attempt, OutboxEvent
    from chalicelib.events.event_log import PublishedTogether
    from chalicelib.reservations.model.reservations import Reservation

NAME = "guest_emails"
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


MOST_DATES = 60
"""Of a series that one email lists."""
Links = Callable[[str, "UUID", int], "str | None"]
"""Of a tenant, the id of what is managed, and the generation that holds; see `guest_links`."""


@dataclass(frozen=True, slots=True)
class GuestEmails:
    """Sends through `post`, with links by `link`.

    `post` gets an instant of `time.monotonic`; it returns False where its time until then was too short to begin.
    """

    post: Callable[[Email, float], bool]
    link: Links
    address: str
    """Ours, which calendars take for the organizer's."""

    def wants(self, event: OutboxEvent) -> bool:
        """Reservations that somebody should hear of."""
        if event.type == EventType.RESERVATION_CHANGE_WITHDRAWN and event.actor_kind == GUEST:
            return False  # they have just said so
        return event.type in SUBJECTS

    def reached(
        self, transaction: Transaction, events: Sequence[tuple[UUID, OutboxEvent]]
    ) -> Sequence[tuple[UUID, OutboxEvent, UUID]]:
        """All: every reservation has a guest."""
        del transaction
        return untargeted(events)

    def send(self, database: Database, attempt: Attempt, until: float) -> DeliveryOutcome:
        """Write to the guest, as the reservation stands now. Raises `UnavailableError`, `NotBegunError`."""
        event = attempt.event
        email = database.run(event.tenant, lambda transaction: _email(transaction, event, self))
        if isinstance(email, DeliveryOutcome):
            return email
        if not self.post(email, until):
            raise NotBegunError
        return DeliveryOutcome.DELIVERED


def _email(transaction: Transaction, event: OutboxEvent, by: GuestEmails) -> Email | DeliveryOutcome:
    """What is to be sent, or why nothing is."""
    link = by.link
    together = published_together(transaction, event.id, event.entity_id)
    if together is not None and len(together.reservation_ids) > 1:
        if event.entity_id != together.reservation_ids[0]:
            return DeliveryOutcome.SKIPPED  # the email about the first of them tells of all
        return _series_email(transaction, event, together, link)
    if is_superseded(EventType(event.type), types_after(transaction, event.entity_id, event.id)):
        return DeliveryOutcome.SUPERSEDED
    reservation = find_reservation(transaction, event.entity_id)
    if reservation.state in BEFORE_CONFIRMATION and _state_published(event) not in (None, reservation.state):
        return DeliveryOutcome.SUPERSEDED
    if not _has_address(reservation):
        return DeliveryOutcome.SKIPPED
    tenant_name = shown_line(read_site(transaction).name)
    what = shown_line(terms_of(transaction, reservation).resource.name)
    news = SUBJECTS[EventType(event.type)] or BEGINNINGS[_state_published(event) or State.CONFIRMED]
    lines = [
        f"Hello {shown_name(reservation.guest.name)},",
        f"your reservation {reservation.code} with {tenant_name} {news}.",
        f"{what}\n{when_text(reservation)}\n{_money(event, reservation)}",
        *_reason(event),
        *_next_step(reservation),
        *manage_text(reservation.state, link(event.tenant, reservation.id, generation_of(transaction, reservation.id))),
        tenant_name,
    ]
    return Email(
        reservation.guest.email,
        f"{tenant_name}: {reservation.code} {news}",
        "\n\n".join(lines) + "\n",
        _attachment(event, reservation, f"{what}, {tenant_name}", (tenant_name, by.address)),
    )


def _attachment(
    event: OutboxEvent, reservation: Reservation, summary: str, organizer: tuple[str, str]
) -> Attachment | None:
    """What the guest's calendar makes, changes or cancels its entry by; None where it has none."""
    cancelled = reservation.state is State.CANCELLED
    was = State.CONFIRMED if not cancelled else (event.before or {}).get("state")
    if was != State.CONFIRMED or reservation.state not in (State.CONFIRMED, State.CANCELLED):
        return None
    stay = reservation.stay
    invitation = Invitation(
        id=reservation.id,
        version=reservation.version,
        changed_at=reservation.updated_at,
        starts=reservation.during.starts_at if stay is None else stay.check_in_on,
        ends=reservation.during.ends_at if stay is None else stay.check_out_on,
        summary=summary,
        description=f"Reservation {reservation.code}\n{when_text(reservation)}",
        organizer=organizer,
        attendee=(shown_name(reservation.guest.name), reservation.guest.email),
        cancelled=cancelled,
    )
    return Attachment("reservation.ics", "text/calendar", invitation_text(invitation).encode())


def _series_email(
    transaction: Transaction, event: OutboxEvent, together: PublishedTogether, link: Links
) -> Email | DeliveryOutcome:
    """What one request did to several dates of a series, each with its state of now."""
    found = read_reservations(transaction, together.reservation_ids)
    dates = sorted(found.values(), key=lambda one: one.during.starts_at)
    first = dates[0]
    if not _has_address(first):
        return DeliveryOutcome.SKIPPED
    tenant_name = shown_line(read_site(transaction).name)
    what = shown_line(terms_of(transaction, first).resource.name)
    news = SUBJECTS[EventType(event.type)] or BEGINNINGS[_state_published(event) or State.CONFIRMED]
    news = news.replace("is ", "are ", 1).replace("was ", "were ", 1).replace("has ", "have ", 1)
    listed = [f"- {when_text(one)}: {one.code}, {one.state.replace('_', ' ')}" for one in dates[:MOST_DATES]]
    if len(dates) > MOST_DATES:
        listed.append(f"- and {len(dates) - MOST_DATES} more")
    total = money_text(sum(one.price.total for one in dates), first.price.currency)
    live = next((one.state for one in dates if one.state in MANAGED), first.state)
    lines = [
        f"Hello {shown_name(first.guest.name)},",
        f"your {len(dates)} reservations with {tenant_name} {news}.",
        "\n".join([what, *listed]),
        f"Price of all: {total}",
        *_next_step(first),
        *manage_text(live, _link(transaction, event, together.series_id, link)),
        tenant_name,
    ]
    return Email(first.guest.email, f"{tenant_name}: {len(dates)} reservations {news}", "\n\n".join(lines) + "\n")


def _link(transaction: Transaction, event: OutboxEvent, subject_id: UUID, link: Links) -> str | None:
    return link(event.tenant, subject_id, generation_of(transaction, subject_id))


def _has_address(reservation: Reservation) -> bool:
    email = reservation.guest.email
    return "@" in email and not email.endswith(".invalid")


def _state_published(event: OutboxEvent) -> State | None:
    """The state that an event about a beginning or a confirmation tells of; None for the others."""
    if event.type not in (EventType.RESERVATION_CREATED, EventType.RESERVATION_CONFIRMED):
        return None
    return State((event.after or {}).get("state", State.CONFIRMED))


def _money(event: OutboxEvent, reservation: Reservation) -> str:
    """The price, and of what was owed and is given up: what is given back, and what is retained."""
    currency, after = reservation.price.currency, event.after or {}
    lines = [f"Price: {money_text(reservation.price.total, currency)}"]
    was_owed = (event.before or {}).get("due", 0) > 0
    if was_owed and (after.get("refund") or event.type == EventType.RESERVATION_CANCELLED):
        lines.append(f"Refund: {money_text(after.get('refund', 0), currency)}")
    if after.get("retained"):
        lines.append(f"Retained: {money_text(after['retained'], currency)}")
    return "\n".join(lines)


def _reason(event: OutboxEvent) -> list[str]:
    """Why something was not granted."""
    reason = (event.after or {}).get("reason")
    return [shown_line(reason)] if event.type in REFUSED and isinstance(reason, str) else []


def _next_step(reservation: Reservation) -> list[str]:
    if reservation.hold_expires_at is not None:
        until = instant_text(reservation.hold_expires_at, reservation.zone)
        return [f"It is held until {until} ({reservation.zone.key}). Please confirm it before then."]
    if reservation.state is State.PENDING:
        return ["You will hear from us as soon as it is decided."]
    return []
