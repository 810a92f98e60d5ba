"""Strangers confirm by email first, where a tenant wants that: what they ask for is kept apart, and is nothing yet.

It is tried as if it were made at once, so that whoever asks learns at once what stands against it; then all of that is
taken back, and the request itself is kept for an hour. The link of the email has it made, by the same use case and
under the terms of that moment. So nothing is blocked, listed, counted or told until then, and nothing has to end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.adapters.mail import Letter
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.text import shown_line
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.invite_members import deliver
from chalicelib.services.sign_in import new_secret
from chalicelib.services.throttle import CONFIRMATIONS_TO_EMAIL, count_attempt
from chalicelib.storage import unconfirmed
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.resources import read_site
from chalicelib.storage.unconfirmed import UnconfirmedRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.domain.limits import Stranger
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.transaction import Database, Transaction

LIFETIME = timedelta(hours=1)
WHAT = {"reservation": "a reservation", "series": "a series of reservations", "waitlist_entry": "a place in the queue"}
"""What is asked for, by the kind of request."""


class EmailUnconfirmedError(Exception):
    """All of it could be had, but the tenant wants the stranger's email confirmed first."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A request that waits for its email to be confirmed, and until when."""

    id: UUID
    email: str
    expires_at: datetime


def check_confirmed(transaction: Transaction, stranger: Stranger | None) -> None:
    """Stop what a stranger asks for, where the tenant wants it confirmed first. Raises `EmailUnconfirmedError`.

    Called after all else was looked at: the tenant is known by then, without a round trip of its own.
    """
    if stranger is not None and not stranger.confirmed and transaction.tenant.confirms_by_email:
        raise EmailUnconfirmedError


def keep_request(
    database: Database,
    tenant: str,
    kind: str,
    body: str,
    email: str,
    public_url: str,
    send: Callable[[Letter], None],
    claim: Claim | None,
    render: Callable[[Awaited], Answer],
) -> Outcome:
    """Keep a request and send the email that confirms it, once per Idempotency-Key.

    Raises `ThrottledError`, and `UnavailableError` when the email does not leave: the key can be used again then.
    """
    letters: list[Letter] = []

    def work(transaction: Transaction) -> Awaited:
        count_attempt(transaction, f"confirmations to {email}", CONFIRMATIONS_TO_EMAIL)
        secret = new_secret()
        request = UnconfirmedRequest(new_id(), kind, body)
        unconfirmed.add_request(transaction, request, email, secret, LIFETIME)
        name = read_site(transaction).name
        letters[:] = [_letter(email, name, WHAT[kind], f"{public_url}/confirm#{tenant}.{secret}")]
        return Awaited(request.id, email, transaction.now + LIFETIME)

    outcome = run_once(database, tenant, claim, work, render)
    deliver(database, tenant, claim, outcome, letters, send)
    return outcome


def find_request(database: Database, tenant: str, secret: str) -> UnconfirmedRequest:
    """Return what a link confirms. Raises `NotFoundError`."""
    found = database.run(tenant, lambda transaction: unconfirmed.find_request(transaction, secret))
    if found is None:
        message = "This link is unknown or too old. Ask again for what you want to reserve."
        raise NotFoundError(message)
    return found


def _letter(email: str, tenant_name: str, what: str, link: str) -> Letter:
    tenant_name, what = shown_line(tenant_name), shown_line(what)
    minutes = int(LIFETIME.total_seconds() // 60)
    text = (
        f"Somebody, probably you, asked {tenant_name} for {what} with this email address.\n\n"
        f"Open this link within {minutes} minutes to confirm it:\n\n{link}\n\n"
        "Nothing is reserved before that. If it was not you, there is nothing to do.\n"
    )
    return Letter(email, f"{tenant_name}: please confirm", text)
