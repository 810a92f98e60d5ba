"""Where a tenant wants it, anonymous callers confirm by email: until then their request is kept and not carried out.

It is tried as if it were made at once, so that whoever asks learns at once what stands against it; then all of that is
taken back, and the request itself is kept for an hour. The link of the email has it made, by the same use case and
under the terms of that moment. So nothing is blocked, listed, counted or told until then, and nothing has to end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.access.throttle import CONFIRMATIONS_TO_EMAIL, count_attempt
from chalicelib.accounts.invite_members import deliver
from chalicelib.accounts.sign_in import new_secret
from chalicelib.adapters.mail import Email
from chalicelib.core.errors import NotFoundError
from chalicelib.core.text import shown_line
from chalicelib.database.identifiers import new_id
from chalicelib.reservations.storage import unconfirmed
from chalicelib.reservations.storage.unconfirmed import UnconfirmedRequest
from chalicelib.tenants.for_others import read_site

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.access.model.limits import AnonymousCaller
    from chalicelib.adapters.mail import Mailing
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer

LIFETIME = timedelta(hours=1)
WHAT = {"reservation": "a reservation", "series": "a series of reservations", "waitlist_entry": "a place in the queue"}
"""What is asked for, by the kind of request."""


class EmailUnconfirmedError(Exception):
    """All of it could be had, but the tenant wants the anonymous caller's email confirmed first."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A request that waits for its email to be confirmed, and until when."""

    id: UUID
    email: str
    expires_at: datetime


def check_confirmed(transaction: Transaction, anonymous: AnonymousCaller | None) -> None:
    """Stop what an anonymous caller asks for, where the tenant wants it confirmed. Raises `EmailUnconfirmedError`.

    Called after all else was looked at: the tenant is known by then, without a round trip of its own.
    """
    if awaits_email(transaction, anonymous):
        raise EmailUnconfirmedError


def awaits_email(transaction: Transaction, anonymous: AnonymousCaller | None) -> bool:
    """Tell whether what is asked for has to be confirmed by email first."""
    return anonymous is not None and not anonymous.confirmed and transaction.tenant.confirms_by_email


def keep_request(
    context: Context,
    kind: str,
    body: str,
    email: str,
    mailing: Mailing,
    render: Callable[[Awaited], Answer],
) -> Outcome:
    """Keep a request and send the email that confirms it, once per Idempotency-Key.

    Raises `ThrottledError`, and `UnavailableError` when the email does not leave: the key can be used again then.
    """
    emails: list[Email] = []

    def work(transaction: Transaction) -> Awaited:
        count_attempt(transaction, f"confirmations to {email}", CONFIRMATIONS_TO_EMAIL)
        secret = new_secret()
        request = UnconfirmedRequest(new_id(), kind, body)
        unconfirmed.add_request(transaction, request, email, secret, LIFETIME)
        name = read_site(transaction).name
        emails[:] = [_email(email, name, WHAT[kind], f"{mailing.public_url}/confirm#{context.tenant}.{secret}")]
        return Awaited(request.id, email, transaction.now + LIFETIME)

    outcome = context.run_once(work, render)
    deliver(context, outcome, emails, mailing.send)
    return outcome


def find_request(context: Context, secret: str) -> UnconfirmedRequest:
    """Return what a link confirms. Raises `NotFoundError`."""
    found = context.run(lambda transaction: unconfirmed.find_request(transaction, secret))
    if found is None:
        message = "This link is unknown or too old. Ask again for what you want to reserve."
        raise NotFoundError(message)
    return found


def _email(email: str, tenant_name: str, what: str, link: str) -> Email:
    tenant_name, what = shown_line(tenant_name), shown_line(what)
    minutes = int(LIFETIME.total_seconds() // 60)
    text = (
        f"A request to {tenant_name} for {what} was made with this email address, probably by you.\n\n"
        f"Open this link within {minutes} minutes to confirm it:\n\n{link}\n\n"
        "Nothing is reserved before that. If it was not you, there is nothing to do.\n"
    )
    return Email(email, f"{tenant_name}: please confirm", text)
