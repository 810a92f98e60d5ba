"""The keys of other systems: made, listed, taken back."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING

from chalicelib.domain.errors import InvalidInputError, NotFoundError
from chalicelib.domain.events import Event, EventType
from chalicelib.services.authenticate import KEY_MARK
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.manage_members import check_still_owner
from chalicelib.services.sign_in import new_secret
from chalicelib.storage import api_keys
from chalicelib.storage.events import append_event
from chalicelib.storage.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Set
    from datetime import datetime
    from uuid import UUID

    from chalicelib.domain.people import Scope
    from chalicelib.storage.api_keys import ApiKey
    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.transaction import Database, Transaction

KIND = "api_key"
PREFIX_LENGTH = 12
PREFIX_LETTERS = string.ascii_lowercase + string.digits


def create_api_key(
    database: Database,
    tenant: str,
    actor: Actor,
    created_by: UUID,
    name: str,
    scopes: Set[Scope],
    expires_at: datetime | None,
    claim: Claim | None,
    render: Callable[[ApiKey, str | None], Answer],
) -> Outcome:
    """Make a key, and tell its text in this one answer. Raises `InvalidInputError`, `ForbiddenError`.

    What is kept under the Idempotency-Key is the answer without the text: a secret of which only the hash is stored
    must not lie in clear next to it. So a replay names the key that was made, and `render` gets None for its text.
    """
    made: list[ApiKey] = []
    prefix = "".join(secrets.choice(PREFIX_LETTERS) for _ in range(PREFIX_LENGTH))
    secret = new_secret()

    def work(transaction: Transaction) -> ApiKey:
        check_still_owner(transaction, created_by)
        if expires_at is not None and expires_at <= transaction.now:
            message = "A key that has expired already would be of no use."
            raise InvalidInputError("expires_at", message)
        key = api_keys.add_api_key(
            transaction,
            key_id=new_id(),
            name=name,
            prefix=prefix,
            secret=secret,
            scopes=scopes,
            created_by=created_by,
            expires_at=expires_at,
        )
        facts = {"prefix": prefix, "scopes": key.scopes, "expires_at": expires_at and expires_at.isoformat()}
        facts |= {"created_by": str(created_by)}
        append_event(transaction, actor, Event(EventType.API_KEY_CREATED, KIND, key.id, None, facts))
        made[:] = [key]
        return key

    outcome = run_once(database, tenant, claim, work, lambda key: render(key, None))
    return outcome if outcome.replayed else Outcome(render(made[0], f"{KEY_MARK}{prefix}_{secret}"), replayed=False)


def list_api_keys(
    database: Database, tenant: str, before: tuple[datetime, UUID] | None, limit: int
) -> tuple[list[ApiKey], bool]:
    """Return a page of the keys that were not revoked, the latest first, and whether there are more."""
    found = database.run(tenant, lambda transaction: api_keys.list_api_keys(transaction, before, limit + 1))
    return found[:limit], len(found) > limit


def revoke_api_key(database: Database, tenant: str, key_id: UUID, actor: Actor) -> None:
    """End a key at once. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> None:
        api_keys.revoke_api_key(transaction, key_id, otherwise=_NoKeyError)
        append_event(transaction, actor, Event(EventType.API_KEY_REVOKED, KIND, key_id, None, None))

    database.run(tenant, work)


class _NoKeyError(NotFoundError):
    def __init__(self) -> None:
        super().__init__("There is no such API key.")
