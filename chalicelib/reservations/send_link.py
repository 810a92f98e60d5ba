"""The link to a reservation, sent once more to the guest it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.access import throttle
from chalicelib.access.storage.links import generation_of
from chalicelib.adapters.mail import Email
from chalicelib.core.text import shown_line, shown_name
from chalicelib.reservations.guest_texts import manage_text, when_text
from chalicelib.reservations.storage.reservations import find_by_code
from chalicelib.tenants.for_others import read_site

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.reservations.model.reservations import Reservation


def send_link(
    context: Context,
    code: str,
    email: str,
    network: str,
    link: Callable[[str, UUID, int], str | None],
    send: Callable[[Email], None],
) -> None:
    """Send the email where code and address belong together, and nothing where they do not.

    The caller is told the same. Counted by reservation code, email and network, whether there is such a reservation or
    not. Raises `ThrottledError`, `UnavailableError`.
    """

    def look(transaction: Transaction) -> tuple[str, Reservation, int] | None:
        # Counted as it is compared below: what opens the same mailbox in another spelling is the same address.
        throttle.count_attempt(transaction, f"links to {email.casefold()}", throttle.EMAILS_TO_ADDRESS)
        throttle.count_attempt(transaction, f"links from {network}", throttle.EMAILS_FROM_ADDRESS)
        found = find_by_code(transaction, code.upper())
        if found is None or found.guest.email.casefold() != email.casefold():
            return None
        return read_site(transaction).name, found, generation_of(transaction, found.id)

    found = context.run(look)
    if found is not None:
        name, reservation, generation = found
        send(_email(shown_line(name), reservation, link(context.tenant, reservation.id, generation)))


def _email(tenant_name: str, reservation: Reservation, link: str | None) -> Email:
    lines = [
        f"Hello {shown_name(reservation.guest.name)},",
        f"here is the link to your reservation {reservation.code} with {tenant_name}, which you asked for.",
        when_text(reservation),
        *manage_text(reservation.state, link),
        "If you did not ask for it, there is nothing to do.",
        tenant_name,
    ]
    subject = f"{tenant_name}: the link to {reservation.code}"
    return Email(reservation.guest.email, subject, "\n\n".join(lines) + "\n")
