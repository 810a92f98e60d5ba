"""Webhooks and the log of what was sent to them, as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator

from chalicelib.adapters.egress import MOST_CHARACTERS, parse_url
from chalicelib.core.text import check_line
from chalicelib.delivery.model.webhooks import EVENT_TYPES, DisabledBecause
from chalicelib.http.lists import PageQuery
from chalicelib.http.schema import Schema
from chalicelib.http.texts import Id, NextCursor, Version
from chalicelib.http.times import CreatedAt, UpdatedAt

if TYPE_CHECKING:
    from chalicelib.delivery.model.webhooks import Webhook, WebhookAttempt, WebhookDelivery

LONGEST_OVERLAP = 168


def _canonical(text: str) -> str:
    return parse_url(text).url


def _known(event_types: list[str]) -> list[str]:
    for one in event_types:
        if one not in EVENT_TYPES:
            message = f"{one[:100]} is no event that webhooks are sent; the reference lists them"
            raise ValueError(message)
    return sorted(set(event_types))


Url = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_CHARACTERS),
    AfterValidator(_canonical),
    Field(
        description="Where events are sent: `https`, a public host and port 443.",
        examples=["https://example.com/hooks/berth"],
    ),
]
EventTypes = Annotated[
    list[Annotated[str, WithJsonSchema({"type": "string", "enum": list(EVENT_TYPES)})]],
    Field(max_length=len(EVENT_TYPES)),
    AfterValidator(_known),
]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(check_line)]
DeliveryState = Literal["pending", "delivered", "undelivered", "skipped"]
STATE_TEXT = (
    "`pending`: it is to be sent, perhaps again. `delivered`: the webhook took it. `undelivered`: it did not, for "
    "three days, or answered 410. `skipped`: the webhook was disabled or deleted before."
)


class CreateWebhook(
    Schema,
    extra="forbid",
    json_schema_extra={"examples": [{"url": "https://example.com/hooks/berth", "events": ["reservation.created"]}]},
):
    """A webhook to create."""

    url: Url
    events: EventTypes = Field(default=[], description="Types of the events that are sent. Empty: all of them.")
    description: Description = Field(default="", description="What it is for, so that it is recognized later.")


class ChangeWebhook(Schema, extra="forbid", json_schema_extra={"examples": [{"disabled": False}]}):
    """What to change about a webhook; members that are left out stay as they are."""

    url: Url | None = Field(default=None, description="Where events are sent from now on.")
    events: EventTypes | None = Field(default=None, description="Types of the events that are sent. Empty: all.")
    description: Description | None = Field(default=None, description="What it is for.")
    disabled: bool | None = Field(
        default=None,
        description="Whether nothing is sent to it. What happens meanwhile is not sent later; `false` enables it.",
    )

    @model_validator(mode="after")
    def _kept(self) -> ChangeWebhook:
        for name in sorted(self.model_fields_set):
            if getattr(self, name) is None:
                message = f"{name} cannot be removed"
                raise ValueError(message)
        return self

    def fields(self) -> dict[str, Any]:
        """What the use case takes, without `disabled`."""
        given = self.model_dump(exclude_unset=True, exclude={"disabled"})
        if "events" in given:
            given["event_types"] = tuple(given.pop("events"))
        return given


class RotateSecret(Schema, extra="forbid", json_schema_extra={"examples": [{"overlap_hours": 24}]}):
    """How the change to another secret goes."""

    overlap_hours: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP)] = Field(
        default=24,
        description="For how many hours requests are signed with the present secret as well. 0: it leaked.",
    )


class WebhookBody(Schema):
    """Where events are sent."""

    id: Id
    url: str = Field(description="Where events are sent.", examples=["https://example.com/hooks/berth"])
    description: str = Field(description="What it is for.", examples=["Accounting"])
    events: list[str] = Field(
        description="Types of the events that are sent; empty: all of them.", examples=[["reservation.created"]]
    )
    disabled_because: DisabledBecause | None = Field(
        description="Why nothing is sent: `staff` disabled it, it is `gone` (410), or it was `failing` for three days. "
        "Null: it is enabled.",
        examples=[None],
    )
    disabled_at: datetime | None = Field(description="Since when nothing is sent (UTC); null: it is.", examples=[None])
    failing_since: datetime | None = Field(
        description="Since when it has taken nothing (UTC); null where the last request was taken.", examples=[None]
    )
    previous_secret_until: datetime | None = Field(
        description="Until when requests are signed with the secret before the present one, too (UTC).", examples=[None]
    )
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class WebhookWithSecret(WebhookBody):
    """A webhook and its secret."""

    secret: str | None = Field(
        description="What requests are signed with, shown in this answer alone. Null where the answer is repeated "
        "under its Idempotency-Key; if the first answer was lost, rotate the secret.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="],
    )


class WebhookList(Schema):
    """A page of webhooks."""

    items: list[WebhookBody] = Field(description="The webhooks of this page, the oldest first.")
    next_cursor: NextCursor


class AttemptBody(Schema):
    """One request to a webhook."""

    number: int = Field(description="Counts the attempts from 1, anew after a replay.", examples=[1])
    status: int | None = Field(description="Status of the answer; null where there was none.", examples=[204])
    failure: str | None = Field(
        description="Why there was no answer: `no_public_address`, `not_connected`, `tls_failed`, `timed_out`, "
        "`broken_answer` or `invalid_url`; null where there was one.",
        examples=[None],
    )
    duration_ms: int = Field(description="How long it took, in milliseconds.", examples=[84])
    attempted_at: datetime = Field(description="When it was made (UTC).")


class DeliveryBody(Schema):
    """An event on its way to a webhook."""

    id: Id
    event_id: UUID = Field(description="Id of the event: the header `webhook-id`, by which repetitions are recognized.")
    type: str = Field(description="What happened.", examples=["reservation.created"])
    entity_kind: str = Field(description="What kind of thing it happened to.", examples=["reservation"])
    entity_id: UUID = Field(description="Id of the thing that it happened to.")
    state: DeliveryState = Field(description=STATE_TEXT, examples=["delivered"])
    attempts: int = Field(description="How many requests were made since it was created or replayed.", examples=[1])
    next_attempt_at: datetime | None = Field(
        description="When the next request is made at the earliest (UTC); null where none is.", examples=[None]
    )
    created_at: datetime = Field(description="When it was created or replayed (UTC).")
    settled_at: datetime | None = Field(description="Since when it is not `pending` any more (UTC).", examples=[None])
    last_attempt: AttemptBody | None = Field(description="The latest request; null before the first.")


class DeliveryList(Schema):
    """A page of the log."""

    items: list[DeliveryBody] = Field(description="The deliveries of this page, the latest first.")
    next_cursor: NextCursor


class SentRequest(Schema):
    """A request as the receiver gets it."""

    url: str = Field(description="Where it is sent at present.", examples=["https://example.com/hooks/berth"])
    headers: dict[str, str] = Field(
        description="Its headers, without those that each attempt has of its own: `webhook-timestamp` and "
        "`webhook-signature`.",
        examples=[{"webhook-id": "0192f0c4-8a6d-7e10-9f3b-6c2a91d7e4f5"}],
    )
    body: str = Field(
        description="Its body, as it is signed.",
        examples=['{"type":"reservation.confirmed","timestamp":"2027-05-14T15:00:00Z","data":{}}'],
    )


class DeliveryDetails(DeliveryBody):
    """A delivery with what is sent and all that became of it."""

    request: SentRequest = Field(description="What is sent.")
    log: list[AttemptBody] = Field(description="Requests that were made, the latest first; at most 50.")


class DeliveryQuery(PageQuery, extra="forbid", json_schema_extra={"examples": [{"state": "undelivered"}]}):
    """Which deliveries to list."""

    state: DeliveryState | None = Field(default=None, description=f"Only those in this state. {STATE_TEXT}")


class TestedBody(Schema):
    """A test that was begun."""

    event_id: UUID = Field(description="Id of its event; the log says what became of it.")


class WebhookEventData(Schema):
    """What an event says."""

    id: UUID = Field(description="Id of the event: the same as the header `webhook-id`.")
    tenant: str = Field(description="Slug of the tenant.", examples=["pine-cabins"])
    entity_kind: str = Field(description="What kind of thing it happened to.", examples=["reservation"])
    entity_id: UUID = Field(description="Id of the thing that it happened to.")
    actor_kind: str = Field(
        description="Who did it: `guest`, `staff`, `api_key`, `operator`, `job` or `system`.", examples=["staff"]
    )
    actor_id: str | None = Field(description="Id of the user or API key, or name of the job; null without.")
    before: dict[str, Any] | None = Field(
        description="Values before; null where it was created.", examples=[{"state": "held"}]
    )
    after: dict[str, Any] | None = Field(
        description="Values afterwards; null where it was deleted.", examples=[{"state": "confirmed"}]
    )


class WebhookEvent(Schema):
    """What is sent to a webhook. It holds no personal data: read the reservation for its guest."""

    type: str = Field(description="What happened.", examples=["reservation.confirmed"])
    timestamp: datetime = Field(description="When it happened (UTC).")
    data: WebhookEventData = Field(description="What the event says.")


def webhook_body(webhook: Webhook) -> WebhookBody:
    """The public form of a webhook."""
    return WebhookBody(**_members(webhook))


def webhook_with_secret(webhook: Webhook, secret: str | None) -> WebhookWithSecret:
    """The public form of a webhook with its secret."""
    return WebhookWithSecret(**_members(webhook), secret=secret)


def _members(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "description": webhook.description,
        "events": list(webhook.event_types),
        "disabled_because": webhook.disabled_because,
        "disabled_at": webhook.disabled_at,
        "failing_since": webhook.failing_since,
        "previous_secret_until": webhook.previous_secret_until,
        "version": webhook.version,
        "created_at": webhook.created_at,
        "updated_at": webhook.updated_at,
    }


def delivery_body(delivery: WebhookDelivery) -> DeliveryBody:
    """The public form of a delivery."""
    return DeliveryBody(**_delivery_members(delivery))


def delivery_details(
    delivery: WebhookDelivery, request: SentRequest, attempts: tuple[WebhookAttempt, ...]
) -> DeliveryDetails:
    """The public form of a delivery with its log."""
    log = [AttemptBody.model_validate(one, from_attributes=True) for one in attempts]
    return DeliveryDetails(**_delivery_members(delivery), request=request, log=log)


def _delivery_members(delivery: WebhookDelivery) -> dict[str, Any]:
    last = delivery.last and AttemptBody.model_validate(delivery.last, from_attributes=True)
    return {
        "id": delivery.id,
        "event_id": delivery.event_id,
        "type": delivery.type,
        "entity_kind": delivery.entity_kind,
        "entity_id": delivery.entity_id,
        "state": {None: "pending", "dead": "undelivered"}.get(delivery.outcome, delivery.outcome),
        "attempts": delivery.attempts,
        "next_attempt_at": delivery.next_attempt_at if delivery.outcome is None else None,
        "created_at": delivery.created_at,
        "settled_at": delivery.settled_at,
        "last_attempt": last,
    }
