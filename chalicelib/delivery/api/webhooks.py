"""Webhooks of a tenant, and the log of what was sent to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, OWNERS, Scope
from chalicelib.core import errors
from chalicelib.delivery import manage_webhooks, webhook_log
from chalicelib.delivery.model.webhooks import secret_text
from chalicelib.delivery.schemas.webhooks import (
    ChangeWebhook,
    CreateWebhook,
    DeliveryBody,
    DeliveryDetails,
    DeliveryList,
    DeliveryQuery,
    RotateSecret,
    SentRequest,
    TestedBody,
    WebhookBody,
    WebhookEvent,
    WebhookList,
    WebhookWithSecret,
    delivery_body,
    delivery_details,
    webhook_body,
    webhook_with_secret,
)
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.identifiers import identifier
from chalicelib.http.lists import PageQuery
from chalicelib.http.outgoing import OUTGOING, Outgoing
from chalicelib.http.paging import CursorError, cursor_after, id_of, link_to_next

if TYPE_CHECKING:
    from chalicelib.delivery.model.webhooks import Webhook
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer

blueprint = Blueprint(__name__)
COLLECTION = "/v1/tenants/{tenant}/webhooks"
WEBHOOK = COLLECTION + "/{webhook}"
DELIVERIES = WEBHOOK + "/deliveries"
DELIVERY = DELIVERIES + "/{delivery}"
OUTGOING.append(
    Outgoing(
        name="event",
        tag="webhooks",
        summary="An event",
        description="Sent to each webhook that wants its type, after the Standard Webhooks specification: at least "
        "once, those about one thing in their order. Answer with 2xx within five seconds. What is not taken is sent "
        "again for three days, later each time; redirects are not followed. `type` is one of those that a webhook can "
        "choose from, or `webhook.tested`.",
        headers={
            "webhook-id": "Id of the event; the same in each repetition, by which receivers recognize one.",
            "webhook-timestamp": "When this request was made, in seconds since 1970. Refuse what is older than five "
            "minutes.",
            "webhook-signature": "`v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, "
            "with the base64-decoded part of the secret after `whsec_` as its key. Several signatures, with spaces "
            "between them, while a secret is rotated: one has to match.",
        },
        body=WebhookEvent,
    )
)


@endpoint(
    blueprint,
    "POST",
    COLLECTION,
    roles=OWNERS,
    tag="webhooks",
    body=CreateWebhook,
    response=WebhookWithSecret,
    status=201,
    errors=[errors.NotFoundError, errors.ConflictError, errors.ContentionError],
    idempotent=True,
    scope=Scope.WEBHOOKS_WRITE,
)
def create_webhook(call: Call[CreateWebhook, NoBody]) -> Outcome:
    """Create a webhook.

    Sends events to an address of another system from now on, signed after the Standard Webhooks specification. The
    secret is shown in this answer alone. A tenant has 20 webhooks at most.
    """

    def told(webhook: Webhook, secret: bytes | None) -> Answer:
        body = webhook_with_secret(webhook, None if secret is None else secret_text(secret))
        address = call.address(WEBHOOK, webhook=webhook.id)
        return render(Reply(body, 201, version=webhook.version).found_at(address))

    body = call.body
    return manage_webhooks.create_webhook(call.context, body.url, body.description, body.events, told)


@endpoint(
    blueprint,
    "GET",
    COLLECTION,
    roles=MANAGERS,
    tag="webhooks",
    query=PageQuery,
    response=WebhookList,
    errors=[errors.NotFoundError, CursorError],
    scope=Scope.WEBHOOKS_READ,
)
def list_webhooks(call: Call[NoBody, PageQuery]) -> Reply:
    """List webhooks.

    Returns where events are sent, the oldest first. Secrets are never returned.
    """
    found, more = manage_webhooks.list_webhooks(call.context, id_of(call.query.cursor), call.query.limit)
    cursor = cursor_after((0, str(found[-1].id))) if more else None
    body = WebhookList(items=[webhook_body(one) for one in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, COLLECTION, cursor))


@endpoint(
    blueprint,
    "GET",
    WEBHOOK,
    roles=MANAGERS,
    tag="webhooks",
    response=WebhookBody,
    errors=[errors.NotFoundError],
    scope=Scope.WEBHOOKS_READ,
)
def read_webhook(call: Call[NoBody, NoBody]) -> Reply:
    """Read a webhook.

    Returns where events are sent, and whether the last one was taken.
    """
    return _reply(manage_webhooks.read_webhook(call.context, identifier(call, "webhook")))


@endpoint(
    blueprint,
    "PATCH",
    WEBHOOK,
    roles=OWNERS,
    tag="webhooks",
    body=ChangeWebhook,
    response=WebhookBody,
    errors=[errors.NotFoundError],
    versioned=True,
    scope=Scope.WEBHOOKS_WRITE,
)
def change_webhook(call: Call[ChangeWebhook, NoBody]) -> Reply:
    """Update a webhook.

    Sends events elsewhere or other events, disables the webhook or enables it again. What happens while it is disabled
    is not sent later; what could not be delivered before can be replayed.
    """
    changes = call.body.fields()
    changed = manage_webhooks.change_webhook(call.context, identifier(call, "webhook"), changes, call.body.disabled)
    return _reply(changed)


@endpoint(
    blueprint,
    "DELETE",
    WEBHOOK,
    roles=OWNERS,
    tag="webhooks",
    response=None,
    status=204,
    errors=[errors.NotFoundError],
    versioned=True,
    scope=Scope.WEBHOOKS_WRITE,
)
def delete_webhook(call: Call[NoBody, NoBody]) -> Reply:
    """Delete a webhook.

    Sends nothing to it any more, and removes its secrets at once.
    """
    manage_webhooks.delete_webhook(call.context, identifier(call, "webhook"))
    return Reply("", 204)


@endpoint(
    blueprint,
    "POST",
    WEBHOOK + "/rotate-secret",
    roles=OWNERS,
    tag="webhooks",
    body=RotateSecret,
    response=WebhookWithSecret,
    errors=[errors.NotFoundError],
    idempotent=True,
    scope=Scope.WEBHOOKS_WRITE,
)
def rotate_secret(call: Call[RotateSecret, NoBody]) -> Outcome:
    """Renew the secret of a webhook.

    Makes another secret, shown in this answer alone. Requests are signed with both until `previous_secret_until`, so
    that the receiver can change it in between; a secret before the present one ends at once.
    """

    def told(webhook: Webhook, secret: bytes | None) -> Answer:
        body = webhook_with_secret(webhook, None if secret is None else secret_text(secret))
        return render(Reply(body, version=webhook.version))

    return manage_webhooks.rotate_secret(call.context, identifier(call, "webhook"), call.body.overlap_hours, told)


@endpoint(
    blueprint,
    "POST",
    WEBHOOK + "/test",
    roles=MANAGERS,
    tag="webhooks",
    response=TestedBody,
    status=201,
    errors=[errors.NotFoundError, errors.ConflictError, errors.ThrottledError],
    idempotent=True,
    scope=Scope.WEBHOOKS_WRITE,
)
def test_webhook(call: Call[NoBody, NoBody]) -> Outcome:
    """Send a test to a webhook.

    Sends an event `webhook.tested` to it, whichever events it is sent besides. The log says what became of it. A tenant
    has 60 tests and replays in an hour.
    """
    return webhook_log.send_test(
        call.context, identifier(call, "webhook"), lambda event_id: render(Reply(TestedBody(event_id=event_id), 201))
    )


@endpoint(
    blueprint,
    "GET",
    DELIVERIES,
    roles=MANAGERS,
    tag="webhooks",
    query=DeliveryQuery,
    response=DeliveryList,
    errors=[errors.NotFoundError, CursorError],
    scope=Scope.WEBHOOKS_READ,
)
def list_deliveries(call: Call[NoBody, DeliveryQuery]) -> Reply:
    """List deliveries.

    Returns what was sent to a webhook, the latest first, with the last answer to each. The log goes back 30 days, and
    has the latest 10,000 deliveries of a webhook.
    """
    found, more = webhook_log.list_deliveries(
        call.context, identifier(call, "webhook"), call.query.state, id_of(call.query.cursor), call.query.limit
    )
    cursor = cursor_after((0, str(found[-1].id))) if more else None
    body = DeliveryList(items=[delivery_body(one) for one in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, DELIVERIES, cursor))


@endpoint(
    blueprint,
    "GET",
    DELIVERY,
    roles=MANAGERS,
    tag="webhooks",
    response=DeliveryDetails,
    errors=[errors.NotFoundError],
    scope=Scope.WEBHOOKS_READ,
)
def read_delivery(call: Call[NoBody, NoBody]) -> Reply:
    """Read a delivery.

    Returns what is sent, and every request that was made, with the status of its answer. What was answered besides is
    not kept.
    """
    found = webhook_log.read_delivery(call.context, identifier(call, "webhook"), identifier(call, "delivery"))
    request = SentRequest(url=found.url, headers=found.headers, body=found.body)
    return Reply(delivery_details(found.delivery, request, found.attempts))


@endpoint(
    blueprint,
    "POST",
    DELIVERY + "/replay",
    roles=MANAGERS,
    tag="webhooks",
    response=DeliveryBody,
    errors=[errors.NotFoundError, errors.ConflictError, errors.ThrottledError],
    idempotent=True,
    scope=Scope.WEBHOOKS_WRITE,
)
def replay_delivery(call: Call[NoBody, NoBody]) -> Outcome:
    """Resend a delivery.

    Sends an event once more, with the same `webhook-id` and all its attempts before it, whatever became of it. A tenant
    has 60 tests and replays in an hour.
    """
    return webhook_log.replay_delivery(
        call.context,
        identifier(call, "webhook"),
        identifier(call, "delivery"),
        lambda delivery: render(Reply(delivery_body(delivery))),
    )


def _reply(webhook: Webhook) -> Reply:
    return Reply(webhook_body(webhook), version=webhook.version)
