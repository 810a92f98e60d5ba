"""API keys of other systems: created, listed, revoked."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING

from chalicelib.access.authenticate import KEY_MARK
from chalicelib.accounts.manage_members import check_still_owner
from chalicelib.accounts.sign_in import new_secret
from chalicelib.accounts.storage import api_keys
from chalicelib.core.errors import InvalidInputError, NotFoundError
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.http.idempotency import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from chalicelib.accounts.model.accounts import ApiKey, NewApiKey
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.stored_answers import Answer

KIND = "api_key"
PREFIX_LENGTH = 12
PREFIX_LETTERS = string.ascii_lowercase + string.digits


def create_api_key(context: Context, new: NewApiKey, render: Callable[[ApiKey, str | None], Answer]) -> Outcome:
    """Make a key, and tell its text in this one answer. Raises `InvalidInputError`, `ForbiddenError`.

    What is kept under the Idempotency-Key is the answer without the text: a secret of which only the hash is stored
    must not lie in clear next to it. So a replay names the key that was made, and `render` gets None for its text.
    """
    made: list[ApiKey] = []
    prefix = "".join(secrets.choice(PREFIX_LETTERS) for _ in range(PREFIX_LENGTH))
    secret = new_secret()

    def work(transaction: Transaction) -> ApiKey:
        check_still_owner(transaction, new.created_by)
        if new.expires_at is not None and new.expires_at <= transaction.now:
            message = "A key that has expired already would be of no use."
            raise InvalidInputError("expires_at", message)
        key = api_keys.add_api_key(transaction, new, prefix, secret)
        facts = {"prefix": prefix, "scopes": key.scopes, "expires_at": key.expires_at and key.expires_at.isoformat()}
        facts |= {"created_by": str(new.created_by)}
        append_event(transaction, context.actor, Event(EventType.API_KEY_CREATED, KIND, key.id, None, facts))
        made[:] = [key]
        return key

    outcome = context.run_once(work, lambda key: render(key, None))
    return outcome if outcome.replayed else Outcome(render(made[0], f"{KEY_MARK}{prefix}_{secret}"), replayed=False)


def list_api_keys(context: Context, before: tuple[datetime, UUID] | None, limit: int) -> tuple[list[ApiKey], bool]:
    """Return a page of the keys that were not revoked, the latest first, and whether there are more."""
    found = context.run(lambda transaction: api_keys.list_api_keys(transaction, before, limit + 1))
    return found[:limit], len(found) > limit


def revoke_api_key(context: Context, key_id: UUID) -> None:
    """End a key at once. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> None:
        api_keys.revoke_api_key(transaction, key_id, otherwise=_NoKeyError)
        append_event(transaction, context.actor, Event(EventType.API_KEY_REVOKED, KIND, key_id, None, None))

    context.run(work)


class _NoKeyError(NotFoundError):
    def __init__(self) -> None:
        super().__init__("There is no such API key.")
