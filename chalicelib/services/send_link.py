"""The link to a reservation, sent once more to the guest it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.mail import Letter
from chalicelib.domain.text import shown_line, shown_name
from chalicelib.services import throttle
from chalicelib.services.guest_texts import manage_text, when_text
from chalicelib.storage.links import generation_of
from chalicelib.storage.reservations import find_by_code
from chalicelib.storage.resources import read_site

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.domain.reservations import Reservation
    from chalicelib.storage.transaction import Database, Transaction


def send_link(
    database: Database,
    tenant: str,
    code: str,
    email: str,
    network: str,
    link: Callable[[str, UUID, int], str | None],
    send: Callable[[Letter], None],
) -> None:
    """Send the email where code and address belong together, and nothing where they do not.

    The caller is told the same. Counted by reservation code, email and network, whether there is such a reservation or
    not. Raises `ThrottledError`, `UnavailableError`.
    """

    def look(transaction: Transaction) -> tuple[str, Reservation, int] | None:
        # Counted as it is compared below: what opens the same mailbox in another spelling is the same address.
        throttle.count_attempt(transaction, f"links to {email.casefold()}", throttle.LETTERS_TO_ADDRESS)
        throttle.count_attempt(transaction, f"links from {network}", throttle.LETTERS_FROM_ADDRESS)
        found = find_by_code(transaction, code.upper())
        if found is None or found.guest.email.casefold() != email.casefold():
            return None
        return read_site(transaction).name, found, generation_of(transaction, found.id)

    found = database.run(tenant, look)
    if found is not None:
        name, reservation, generation = found
        send(_letter(shown_line(name), reservation, link(tenant, reservation.id, generation)))


def _letter(tenant_name: str, reservation: Reservation, link: str | None) -> Letter:
    lines = [
        f"Hello {shown_name(reservation.guest.name)},",
        f"here is the link to your reservation {reservation.code} with {tenant_name}, which you asked for.",
        when_text(reservation),
        *manage_text(reservation.state, link),
        "If you did not ask for it, there is nothing to do.",
        tenant_name,
    ]
    subject = f"{tenant_name}: the link to {reservation.code}"
    return Letter(reservation.guest.email, subject, "\n\n".join(lines) + "\n")
