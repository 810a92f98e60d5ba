"""Replace a link that has leaked: all earlier ones are invalid at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.access.storage import links
from chalicelib.access.storage.links import LinkedGuest
from chalicelib.adapters.mail import Email
from chalicelib.core.errors import NotFoundError
from chalicelib.core.text import shown_line, shown_name
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.tenants.for_others import read_site

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context


@dataclass(frozen=True, slots=True)
class Renewed:
    """The generation that holds from now on, whose it is, and the connections that are to be closed."""

    generation: int
    guest: LinkedGuest
    tenant_name: str
    connection_ids: list[str]


def renew_link(context: Context, subject_id: UUID) -> Renewed:
    """Renew the link to a reservation, series or entry of the waitlist. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> Renewed:
        guest = links.guest_of(transaction, subject_id)
        if guest is None:
            message = "There is nothing here that a link leads to."
            raise NotFoundError(message)
        generation, connection_ids = links.renew_link(transaction, subject_id)
        facts = {"subject_id": str(subject_id), "generation": generation}
        append_event(transaction, context.actor, Event(EventType.GUEST_LINK_RENEWED, "guest", guest.id, None, facts))
        return Renewed(generation, guest, shown_line(read_site(transaction).name), connection_ids)

    return context.run(work)


def email_of(renewed: Renewed, link: str) -> Email:
    """The email with the new link."""
    lines = [
        f"Hello {shown_name(renewed.guest.name)},",
        f"the link to what you have with {renewed.tenant_name} was renewed. The one of before is invalid now.",
        f"See it, change it or cancel it here:\n{link}\nWho has this link can do so as well: keep it to yourself.",
        renewed.tenant_name,
    ]
    return Email(renewed.guest.email, f"{renewed.tenant_name}: your new link", "\n\n".join(lines) + "\n")
