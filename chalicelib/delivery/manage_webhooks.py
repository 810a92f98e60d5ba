"""Webhooks as a tenant keeps them: made, changed, given another secret, disabled, deleted.

Events tell the host of a webhook alone: the rest of its address may be a secret of whoever receives.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.core.errors import ConflictError, NotFoundError
from chalicelib.core.versions import check_version
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Isolation
from chalicelib.delivery.model.webhooks import MOST_WEBHOOKS, SECRET_BYTES, DisabledBecause, Webhook
from chalicelib.delivery.storage import webhooks
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.http.idempotency import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.stored_answers import Answer

    Render = Callable[[Webhook, bytes | None], Answer]
    """The answer; None for the secret where it was told before."""

KIND = "webhook"


def create_webhook(context: Context, url: str, description: str, event_types: Sequence[str], render: Render) -> Outcome:
    """Make a webhook, and tell its secret in this one answer. Raises `ConflictError` where there are too many.

    As for API keys, what is kept under the Idempotency-Key is the answer without the secret.
    """
    webhook_id, secret = new_id(), secrets.token_bytes(SECRET_BYTES)

    def work(transaction: Transaction) -> Webhook:
        if webhooks.count_webhooks(transaction) >= MOST_WEBHOOKS:
            message = f"A tenant has {MOST_WEBHOOKS} webhooks at most. Delete one that is not used any more."
            raise ConflictError(message)
        webhooks.add_webhook(transaction, webhook_id, url, description, event_types, secret)
        made = find(transaction, webhook_id)
        append_event(transaction, context.actor, Event(EventType.WEBHOOK_CREATED, KIND, made.id, None, facts(made)))
        return made

    return _telling_once(context, work, secret, render, isolation=Isolation.SERIALIZABLE)


def list_webhooks(context: Context, after: UUID | None, limit: int) -> tuple[list[Webhook], bool]:
    """Return a page of webhooks, the oldest first, and whether there are more."""
    found = context.run(lambda transaction: webhooks.list_webhooks(transaction, after, limit + 1))
    return found[:limit], len(found) > limit


def read_webhook(context: Context, webhook_id: UUID) -> Webhook:
    """Return a webhook. Raises `NotFoundError`."""
    return context.run(lambda transaction: find(transaction, webhook_id))


def change_webhook(context: Context, webhook_id: UUID, changes: Mapping[str, Any], disabled: bool | None) -> Webhook:  # noqa: FBT001 - None leaves it as it is
    """Change `url`, `description` and `event_types` of a webhook, disable or enable it.

    Enabled again, it is sent what happens from then on. Raises `NotFoundError`, `VersionMismatchError`.
    """

    def work(transaction: Transaction) -> Webhook:
        before = find(transaction, webhook_id)
        check_version("webhook", before.version, context.expected_version)
        wanted = replace(before, **changes)
        if disabled is not None:
            because = (before.disabled_because or DisabledBecause.STAFF) if disabled else None
            wanted = replace(wanted, disabled_because=because)
        if wanted == before:
            return before
        webhooks.change_webhook(transaction, wanted, before.version)
        after = find(transaction, webhook_id)
        event = Event(EventType.WEBHOOK_CHANGED, KIND, webhook_id, facts(before), facts(after))
        append_event(transaction, context.actor, event)
        return after

    return context.run(work)


def rotate_secret(context: Context, webhook_id: UUID, overlap_hours: int, render: Render) -> Outcome:
    """Give a webhook another secret, and tell it in this one answer; the one before is valid for so many hours more.

    Raises `NotFoundError`.
    """
    secret = secrets.token_bytes(SECRET_BYTES)

    def work(transaction: Transaction) -> Webhook:
        find(transaction, webhook_id)
        webhooks.expire_secrets(transaction, webhook_id, overlap_hours)
        webhooks.add_secret(transaction, webhook_id, secret)
        after = find(transaction, webhook_id)
        told = {"overlap_hours": overlap_hours}
        append_event(transaction, context.actor, Event(EventType.WEBHOOK_SECRET_ROTATED, KIND, webhook_id, None, told))
        return after

    return _telling_once(context, work, secret, render)


def delete_webhook(context: Context, webhook_id: UUID) -> None:
    """Delete a webhook with its secrets and its log. Raises `NotFoundError`, `VersionMismatchError`."""

    def work(transaction: Transaction) -> None:
        before = find(transaction, webhook_id)
        check_version("webhook", before.version, context.expected_version)
        webhooks.delete_webhook(transaction, webhook_id)
        append_event(
            transaction, context.actor, Event(EventType.WEBHOOK_DELETED, KIND, webhook_id, facts(before), None)
        )

    context.run(work)


def find(transaction: Transaction, webhook_id: UUID) -> Webhook:
    """Return a webhook. Raises `NotFoundError`."""
    found = webhooks.find_webhook(transaction, webhook_id)
    if found is None:
        message = "There is no such webhook."
        raise NotFoundError(message)
    return found


def facts(webhook: Webhook) -> dict[str, Any]:
    """What events say of a webhook."""
    return {
        "host": urlsplit(webhook.url).hostname,
        "event_types": list(webhook.event_types),
        "disabled_because": webhook.disabled_because,
    }


def _telling_once(
    context: Context,
    work: Callable[[Transaction], Webhook],
    secret: bytes,
    render: Render,
    *,
    isolation: Isolation = Isolation.READ_COMMITTED,
) -> Outcome:
    made: list[Webhook] = []

    def keeping(transaction: Transaction) -> Webhook:
        made[:] = [work(transaction)]
        return made[0]

    outcome = context.run_once(keeping, lambda webhook: render(webhook, None), isolation=isolation)
    return outcome if outcome.replayed else Outcome(render(made[0], secret), replayed=False)
