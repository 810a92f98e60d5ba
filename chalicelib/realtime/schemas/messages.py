"""Every message of the WebSocket protocol, in both directions. The AsyncAPI document is made from these models."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from chalicelib.core.errors import InvalidInputError
from chalicelib.http.schema import Schema
from chalicelib.http.texts import ResourceId
from chalicelib.http.times import EndsAt, StartsAt
from chalicelib.realtime.model.topics import MOST_TOPICS

if TYPE_CHECKING:
    from collections.abc import Mapping

Ref = Annotated[
    str | None, Field(max_length=100, description="Comes back with the answer, to tell answers apart.", examples=["1"])
]
Text = Annotated[str, Field(min_length=1, max_length=100)]
Topics = Annotated[
    list[Text],
    Field(
        min_length=1,
        max_length=MOST_TOPICS,
        description="`tenant`, `resource:ID`, `reservation:ID` or `calendar:FROM/UNTIL` (local dates, half-open).",
        examples=[["tenant"], ["calendar:2026-05-01/2026-06-01"]],
    ),
]


class ClientRequest(Schema, extra="forbid"):
    """What a client asks for."""

    ref: Ref = None


class Subscribe(ClientRequest):
    """Subscribe to topics, besides those subscribed already."""

    action: Literal["subscribe"] = Field(description="Always `subscribe`.")
    topics: Topics = Field(
        description="What to receive from now on, besides what is subscribed already: `tenant`, `resource:ID`, "
        "`reservation:ID` or `calendar:FROM/TO` (local dates, TO not included).",
    )


class Unsubscribe(ClientRequest):
    """Unsubscribe from topics."""

    action: Literal["unsubscribe"] = Field(description="Always `unsubscribe`.")
    topics: Topics = Field(
        description="What to receive no longer: `tenant`, `resource:ID`, `reservation:ID` or `calendar:FROM/TO` (local "
        "dates, TO not included).",
    )


class AskPresence(ClientRequest):
    """Ask which users have subscribed to a topic."""

    action: Literal["presence"] = Field(description="Always `presence`.")
    topic: Text = Field(
        description="Topic that the caller is subscribed to: `resource:ID` or `reservation:ID`.",
        examples=["resource:0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11"],
    )


class Acquire(ClientRequest):
    """Take an edit lock on a range of a resource."""

    action: Literal["edit_lock.acquire"] = Field(description="Always `edit_lock.acquire`.")
    resource_id: UUID = Field(description="The resource to work on, by id.")
    starts_at: AwareDatetime = Field(description="Start of the range to work on.")
    ends_at: AwareDatetime = Field(description="End of the range; this instant is not part of it.")
    take_over: bool = Field(
        default=False, description="Whether locks of other users on the range are ended. Owners only."
    )


class Renew(ClientRequest):
    """Keep an edit lock: send it every 20 seconds, since the lock ends after 60."""

    action: Literal["edit_lock.renew"] = Field(description="Always `edit_lock.renew`.")
    lock_id: UUID = Field(description="The lock to keep, by id.")


class Release(ClientRequest):
    """Give an edit lock back."""

    action: Literal["edit_lock.release"] = Field(description="Always `edit_lock.release`.")
    lock_id: UUID = Field(description="The lock to give back, by id.")


class Ping(ClientRequest):
    """Keep the connection open: send it every few minutes, since ten minutes of silence end it."""

    action: Literal["ping"] = Field(description="Always `ping`.")


ClientMessage = Subscribe | Unsubscribe | AskPresence | Acquire | Renew | Release | Ping
ASKED = (Subscribe, Unsubscribe, AskPresence, Acquire, Renew, Release, Ping)
ACTIONS: Mapping[str, type[ClientMessage]] = {
    "subscribe": Subscribe,
    "unsubscribe": Unsubscribe,
    "presence": AskPresence,
    "edit_lock.acquire": Acquire,
    "edit_lock.renew": Renew,
    "edit_lock.release": Release,
    "ping": Ping,
}


def model_of(value: object) -> type[ClientMessage]:
    """Return as what a client's message is read, as strictly as the body of an HTTP request.

    Raises `InvalidInputError` for what names no action.
    """
    if not isinstance(value, dict):
        message = "A message is a JSON object with the member action."
        raise InvalidInputError("body", message)
    action = cast("dict[str, Any]", value).get("action")
    model = ACTIONS.get(action) if isinstance(action, str) else None
    if model is None:
        message = f"action must be one of {', '.join(ACTIONS)}."
        raise InvalidInputError("action", message)
    return model


class ServerMessage(BaseModel, frozen=True, defer_build=True):
    """What every message of the server has."""

    type: str = Field(
        description="What kind of message it is; of an event, what happened.", examples=["reservation.confirmed"]
    )
    id: str = Field(
        description="Unique id. That of an event is the event's, so that clients can leave out what they know.",
        examples=["0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11"],
    )
    at: datetime = Field(description="When it happened or was answered (UTC).")


class EventMessage(ServerMessage, frozen=True):
    """What every message about an event has besides."""

    position: str | None = Field(
        default=None,
        description="How far the database's log is behind what happened: reads that follow the message carry it as "
        "`Berth-Position`, so that no replica answers with what was before. Left out of what is read back.",
        examples=["16/B374D848"],
    )


class AnswerMessage(ServerMessage, frozen=True):
    """What every answer to a message has."""

    ref: str | None = Field(
        None, description="The `ref` of the message that it answers; null where that had none.", examples=["1"]
    )


class TopicsData(Schema):
    """The topics of a connection."""

    topics: list[str] = Field(description="All topics that the connection is subscribed to.", examples=[["tenant"]])


class Subscribed(AnswerMessage, frozen=True):
    """Answers `subscribe`."""

    type: Literal["subscribed"] = Field(description="Always `subscribed`.")
    data: TopicsData = Field(description="The topics after the change.")


class Unsubscribed(AnswerMessage, frozen=True):
    """Answers `unsubscribe`."""

    type: Literal["unsubscribed"] = Field(description="Always `unsubscribed`.")
    data: TopicsData = Field(description="The topics after the change.")


class Pong(AnswerMessage, frozen=True):
    """Answers `ping`."""

    type: Literal["pong"] = Field(description="Always `pong`.")
    data: dict[str, Any] = Field(description="Always empty.", examples=[{}])


class Viewer(Schema):
    """A user who looks at a topic."""

    user_id: UUID = Field(description="The user, by id.")
    name: str = Field(description="Name of the user.", examples=["Grace Hopper"])
    connections: int = Field(description="How many windows and devices the user has subscribed with.", examples=[1])


class PresenceData(Schema):
    """The users who have subscribed to a topic."""

    topic: str = Field(
        description="Topic that was asked about.", examples=["resource:0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11"]
    )
    viewers: list[Viewer] = Field(description="Users who have subscribed to the topic, each once.")


class Presence(AnswerMessage, frozen=True):
    """Says which users look at a resource or reservation. Sent to all of them when one comes or goes."""

    type: Literal["presence"] = Field(description="Always `presence`.")
    data: PresenceData = Field(description="Who looks at the topic.")


class LockData(Schema):
    """An edit lock; writes on its range carry `fencing` in the header Edit-Lock."""

    lock_id: UUID = Field(description="The lock, by id.")
    resource_id: ResourceId
    starts_at: StartsAt
    ends_at: EndsAt
    holder_id: UUID = Field(description="Id of the user who holds the lock.")
    holder_name: str | None = Field(
        description="Name of that user; null where they do not work for the tenant any more.", examples=["Grace Hopper"]
    )
    fencing: int = Field(description="Number for the header `Edit-Lock` of the holder's writes.", examples=[17])
    expires_at: datetime | None = Field(default=None, description="When the lock ends unless it is renewed (UTC).")


class LockAnswer(AnswerMessage, frozen=True):
    """Answers `edit_lock.acquire`, `edit_lock.renew` and `edit_lock.release`."""

    type: Literal["edit_lock.acquired", "edit_lock.renewed", "edit_lock.released"] = Field(
        description="What was done with the lock."
    )
    data: LockData = Field(description="The lock as it is now, or was until it was released.")


class ErrorData(Schema, extra="allow"):
    """Why it was refused, with the members of a problem (RFC 9457)."""

    code: str = Field(description="Stable error code, as in HTTP answers.", examples=["edit_locked"])
    detail: str = Field(
        description="What happened and what to do next, for people.",
        examples=["Grace Hopper is working on this. Wait, or ask an owner to take over."],
    )


class Refused(AnswerMessage, frozen=True):
    """Answers a message that was not understood or could not be carried out."""

    type: Literal["error"] = Field(description="Always `error`.")
    closes: bool = Field(
        default=False, description="Whether the server closes the connection after this message.", examples=[False]
    )
    data: ErrorData = Field(description="Why, with the members that the problem of an HTTP answer has.")


class By(Schema):
    """Who did something."""

    kind: str = Field(
        description="Who did it: `guest`, `staff`, `api_key`, `operator`, `job` or `system`.", examples=["staff"]
    )
    id: str | None = Field(
        description="Id of the user or API key, or name of the job; null where there is none.",
        examples=["0192f0c4-9d30-7d51-b6a2-51c07f6e2d13"],
    )
    name: str | None = Field(
        description="Name of the user, while they work for the tenant; null otherwise.", examples=["Grace Hopper"]
    )


class EventData(Schema, extra="allow"):
    """What happened, with the values before and after as far as the connection may see them."""

    entity_kind: str = Field(description="What kind of thing it happened to.", examples=["reservation"])
    entity_id: UUID = Field(description="Id of the thing that it happened to.")
    resource_id: UUID | None = Field(description="The resource that it concerns; null where it concerns none.")
    by: By = Field(description="Who did it.")
    before: dict[str, Any] | None = Field(
        description="Values before, as far as the connection may see them; null where it was created.",
        examples=[{"state": "held"}],
    )
    after: dict[str, Any] | None = Field(
        description="Values afterwards, as far as the connection may see them; null where it was deleted.",
        examples=[{"state": "confirmed"}],
    )
    shortened: bool = Field(
        default=False,
        description="Whether `before` and `after` were left out because they were too long; read the thing instead.",
        examples=[False],
    )


class Event(EventMessage, frozen=True):
    """Something happened: `reservation.confirmed`, `closure.added`, `edit_lock.expired` and so on.

    It is a hint: what it is about may have changed again. After a reconnect the client reads what it missed.
    """

    data: EventData = Field(description="What happened.")


class OwnReservationData(Schema):
    """A guest's reservation after the change."""

    reservation_id: UUID = Field(description="The guest's reservation, by id.")
    state: str | None = Field(
        description="State that it is in now; null where the message is not about it.", examples=["confirmed"]
    )
    version: int | None = Field(
        description="Version that it has now; null where the message is not about it.", examples=[2]
    )
    starts_at: datetime | None = Field(description="When it begins (UTC); null where the message is not about it.")
    ends_at: datetime | None = Field(description="When it ends (UTC); null where the message is not about it.")
    hold_expires_at: datetime | None = Field(
        description="When its hold ends (UTC); null unless it is held.", examples=[None]
    )


class OwnReservation(EventMessage, frozen=True):
    """Something happened to the guest's own reservation."""

    data: OwnReservationData = Field(description="What is true of the reservation now.")


class AvailabilityData(Schema):
    """Where availability may have changed."""

    resource_ids: list[UUID] = Field(description="Resources whose availability may have changed.")
    starts_at: datetime = Field(description="Start of the range in which it may have changed (UTC).")
    ends_at: datetime = Field(description="End of the range in which it may have changed (UTC).")


class AvailabilityChanged(EventMessage, frozen=True):
    """Availability may have changed: ask again if the range is of interest."""

    type: Literal["availability.changed"] = Field(description="Always `availability.changed`.")
    data: AvailabilityData = Field(description="Where to ask for availability again.")


ANSWERS = (Subscribed, Unsubscribed, Presence, LockAnswer, Pong, Refused)
PUBLISHED = (Event, Presence, OwnReservation, AvailabilityChanged)
