"""Devices that notifications are pushed to, and of what, as requests and answers."""

from __future__ import annotations

import hashlib
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator

from chalicelib.adapters.egress import MOST_CHARACTERS, parse_url
from chalicelib.adapters.web_push import POINT_BYTES, SECRET_BYTES, Subscription, decoded, encoded
from chalicelib.delivery.model.push import (
    EVENT_TYPES,
    MOST_RESOURCES,
    USUAL_EVENT_TYPES,
    PushPreferences,
    QuietHours,
)
from chalicelib.http.schema import Schema
from chalicelib.http.texts import EXAMPLE_ID, ONE_LINE, Id, Version
from chalicelib.http.times import CreatedAt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.delivery.model.push import PushDevice

ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _canonical(text: str) -> str:
    return parse_url(text).url


def _point(text: str) -> str:
    point = decoded(text)
    if len(point) != POINT_BYTES or point[0] != 4:  # uncompressed (SEC 1, 2.3.3)
        message = f"must be {POINT_BYTES} bytes of an uncompressed point, as base64url"
        raise ValueError(message)
    return text


def _secret(text: str) -> str:
    if len(decoded(text)) != SECRET_BYTES:
        message = f"must be {SECRET_BYTES} bytes, as base64url"
        raise ValueError(message)
    return text


def _known(event_types: list[str]) -> list[str]:
    for one in event_types:
        if one not in EVENT_TYPES:
            message = f"{one[:100]} is no event that members are notified of; the reference lists them"
            raise ValueError(message)
    return sorted(set(event_types))


def _zone(name: str) -> str:
    if name not in available_timezones():
        message = "must be an IANA time zone such as Europe/Zurich"
        raise ValueError(message)
    return name


EventTypes = Annotated[
    list[Annotated[str, WithJsonSchema({"type": "string", "enum": list(EVENT_TYPES)})]],
    Field(max_length=len(EVENT_TYPES), description="Types of the events that the member is notified of."),
    AfterValidator(_known),
]
ResourceIds = Annotated[
    list[UUID],
    Field(
        max_length=MOST_RESOURCES,
        description="Resources whose events alone are notified of. Empty: all that the member works with.",
        examples=[[EXAMPLE_ID]],
    ),
]
Language = Annotated[Literal["de", "en", "es", "fr"], Field(description="Language of its notifications.")]
TimeOfDay = Annotated[str, StringConstraints(pattern=TIME)]


class PushKeys(Schema, extra="forbid"):
    """What a message is encrypted with, as the browser says it."""

    p256dh: Annotated[str, StringConstraints(max_length=100), AfterValidator(_point)] = Field(
        description="Public key of the browser.", examples=[P256DH]
    )
    auth: Annotated[str, StringConstraints(max_length=30), AfterValidator(_secret)] = Field(
        description="Secret that the browser shares.", examples=[AUTH]
    )


class AddPushSubscription(
    Schema,
    extra="forbid",
    json_schema_extra={
        "examples": [
            {
                "endpoint": ENDPOINT,
                "keys": {"p256dh": P256DH, "auth": AUTH},
                "name": "Firefox on the front desk",
                "language": "en",
            }
        ]
    },
):
    """A browser to push notifications to: its `PushSubscription`, with a name."""

    endpoint: Annotated[
        str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS), AfterValidator(_canonical)
    ] = Field(description="Address of the browser at its push service.", examples=[ENDPOINT])
    keys: PushKeys = Field(description="What messages are encrypted with.")
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), ONE_LINE] = Field(
        description="What its owner calls the device.", examples=["Firefox on the front desk"]
    )
    language: Language = "en"

    def subscription(self) -> Subscription:
        """What the use case takes."""
        return Subscription(self.endpoint, decoded(self.keys.p256dh), decoded(self.keys.auth))


class PushDeviceBody(Schema):
    """A device that notifications are pushed to. Its address at the push service and its keys are never returned."""

    id: Id
    name: str = Field(description="What its owner calls the device.", examples=["Firefox on the front desk"])
    language: Language
    fingerprint: str = Field(
        description="SHA-256 of the `endpoint` as base64url, by which a browser finds itself in the list.",
        examples=["KkJ8G0bQ3m1bZ8yWcN0mKj3s1m0N9S1gqv0d5Zk7Yb4"],
    )
    last_sent_at: datetime | None = Field(
        description="When its push service took a notification the last time; null: never.", examples=[None]
    )
    created_at: CreatedAt


class PushDeviceList(Schema):
    """The member's devices, and what a browser needs to become one."""

    items: list[PushDeviceBody] = Field(description="The devices, the oldest first; 10 at most.")
    application_server_key: str | None = Field(
        description="Key that browsers subscribe with; null where this deployment pushes nothing.", examples=[P256DH]
    )


class PushTestedBody(Schema):
    """A test that was sent."""

    event_id: UUID = Field(description="Id of the event `push_device.tested`.", examples=[EXAMPLE_ID])


class QuietHoursBody(
    Schema,
    extra="forbid",
    json_schema_extra={"examples": [{"starts_at": "22:00", "ends_at": "07:00", "timezone": "Europe/Zurich"}]},
):
    """Hours in which nothing is pushed, over midnight where the end is the earlier one."""

    starts_at: TimeOfDay = Field(description="Time of day from which it is quiet.", examples=["22:00"])
    ends_at: TimeOfDay = Field(description="Time of day from which it is not any more.", examples=["07:00"])
    timezone: Annotated[str, StringConstraints(max_length=100), AfterValidator(_zone)] = Field(
        description="IANA zone of both.", examples=["Europe/Zurich"]
    )

    @model_validator(mode="after")
    def _some(self) -> QuietHoursBody:
        if self.starts_at == self.ends_at:
            message = "quiet hours begin and end at different times"
            raise ValueError(message)
        return self


class ChoosePushPreferences(
    Schema,
    extra="forbid",
    json_schema_extra={
        "examples": [{"events": list(USUAL_EVENT_TYPES), "resource_ids": [], "quiet_hours": None}],
    },
):
    """What the member wants to be notified of."""

    events: EventTypes
    resource_ids: ResourceIds = Field(default=[])
    quiet_hours: QuietHoursBody | None = Field(
        default=None, description="When nothing is pushed; what happens meanwhile is not pushed later. Null: never."
    )

    def preferences(self) -> PushPreferences:
        """What the use case takes."""
        quiet = self.quiet_hours
        hours = quiet and QuietHours(
            time.fromisoformat(quiet.starts_at), time.fromisoformat(quiet.ends_at), quiet.timezone
        )
        return PushPreferences(tuple(self.events), tuple(dict.fromkeys(self.resource_ids)), hours)


class PushPreferencesBody(Schema):
    """What the member is notified of."""

    events: EventTypes = Field(examples=[list(USUAL_EVENT_TYPES)])
    resource_ids: ResourceIds
    quiet_hours: QuietHoursBody | None = Field(description="When nothing is pushed; null: never.", examples=[None])
    version: Version


def device_body(device: PushDevice) -> PushDeviceBody:
    """The public form of a device."""
    return PushDeviceBody(
        id=device.id,
        name=device.name,
        language=device.language,  # pyright: ignore[reportArgumentType] - the database has these alone
        fingerprint=encoded(hashlib.sha256(device.endpoint.encode()).digest()),
        last_sent_at=device.last_sent_at,
        created_at=device.created_at,
    )


def device_list(devices: Sequence[PushDevice], key: str | None) -> PushDeviceList:
    """The public form of a member's devices."""
    return PushDeviceList(items=[device_body(one) for one in devices], application_server_key=key)


def preferences_body(chosen: PushPreferences) -> PushPreferencesBody:
    """The public form of what a member has chosen."""
    quiet = chosen.quiet
    return PushPreferencesBody(
        events=list(chosen.event_types),
        resource_ids=list(chosen.resource_ids),
        quiet_hours=quiet
        and QuietHoursBody(starts_at=f"{quiet.starts:%H:%M}", ends_at=f"{quiet.ends:%H:%M}", timezone=quiet.zone),
        version=chosen.version,
    )
