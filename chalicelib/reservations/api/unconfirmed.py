"""What anonymous callers ask for, where the tenant wants it confirmed by email first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.http.accepted import AwaitsConfirmation
from chalicelib.http.endpoint import Reply, render
from chalicelib.reservations.confirm_by_email import EmailUnconfirmedError, keep_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.http.endpoint import Call
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.reservations.confirm_by_email import Awaited

ACCEPTED = 202


def make_or_ask(call: Call[Any, Any], kind: str, make: Callable[[Call[Any, Any]], Outcome]) -> Outcome:
    """Make what is asked for, or keep the request and ask for a confirmation."""
    try:
        return make(call)
    except EmailUnconfirmedError:
        return keep_request(
            call.context,
            kind,
            call.raw.decode(),
            call.body.guest.email,
            call.container.mailing,
            _answer,
        )


def _answer(awaited: Awaited) -> Answer:
    body = AwaitsConfirmation(id=awaited.id, email=awaited.email, expires_at=awaited.expires_at)
    return render(Reply(body, ACCEPTED))
