"""What strangers ask for, where the tenant wants it confirmed by email first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.api.endpoint import Reply, render
from chalicelib.api.schemas.confirmations import AwaitsConfirmation
from chalicelib.services.confirm_by_email import EmailUnconfirmedError, keep_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.api.endpoint import Call
    from chalicelib.services.confirm_by_email import Awaited
    from chalicelib.services.idempotency import Outcome
    from chalicelib.storage.idempotency import Answer

ACCEPTED = 202


def make_or_ask(call: Call[Any, Any], kind: str, make: Callable[[Call[Any, Any]], Outcome]) -> Outcome:
    """Make what is asked for, or keep the request and ask for a confirmation."""
    try:
        return make(call)
    except EmailUnconfirmedError:
        services = call.container
        return keep_request(
            call.database,
            call.tenant,
            kind,
            call.raw.decode(),
            call.body.guest.email,
            services.config.public_url,
            services.mail.send,
            call.claim,
            _answer,
        )


def _answer(awaited: Awaited) -> Answer:
    body = AwaitsConfirmation(id=awaited.id, email=awaited.email, expires_at=awaited.expires_at)
    return render(Reply(body, ACCEPTED))
