"""Every message of the WebSocket protocol, in both directions. The AsyncAPI document is made from these models."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.topics import MOST_TOPICS

if TYPE_CHECKING:
    from collections.abc import Mapping

Ref = Annotated[str | None, Field(max_length=100, description="Comes back with the answer, to tell answers apart.")]
Text = Annotated[str, Field(min_length=1, max_length=100)]
Topics = Annotated[
    list[Text],
    Field(
        min_length=1,
        max_length=MOST_TOPICS,
        description="`tenant`, `resource:ID`, `reservation:ID` or `calendar:FROM/TO` (local dates, TO not included).",
        examples=[["tenant"], ["calendar:2026-05-01/2026-06-01"]],
    ),
]


class Action(BaseModel, extra="forbid"):
    """What a client asks for."""

    ref: Ref = None


class Subscribe(Action):
    """Ask to be told of more."""

    action: Literal["subscribe"]
    topics: Topics


class Unsubscribe(Action):
    """Ask to be told of less."""

    action: Literal["unsubscribe"]
    topics: Topics


class AskPresence(Action):
    """Ask who else of the tenant's people has subscribed to a topic."""

    action: Literal["presence"]
    topic: Text


class Acquire(Action):
    """Take an edit lock on a range of a resource."""

    action: Literal["edit_lock.acquire"]
    resource_id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    take_over: bool = Field(default=False, description="End whoever's locks are in the way. Owners only.")


class Renew(Action):
    """Go on holding an edit lock: every 20 seconds, as it ends after 60."""

    action: Literal["edit_lock.renew"]
    lock_id: UUID


class Release(Action):
    """Give an edit lock back."""

    action: Literal["edit_lock.release"]
    lock_id: UUID


class Ping(Action):
    """Say that the connection is wanted: every few minutes, as it ends after ten minutes of silence."""

    action: Literal["ping"]


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


class ServerMessage(BaseModel, frozen=True):
    """What every message of the server looks like."""

    type: str
    id: str = Field(description="Of an event its id, by which clients leave out what they know already.")
    at: datetime = Field(description="UTC.")


class Answer(ServerMessage, frozen=True):
    """Belongs to a message of the client."""

    ref: str | None = None


class TopicsData(BaseModel):
    """What a connection is subscribed to."""

    topics: list[str]


class Subscribed(Answer, frozen=True):
    """To `subscribe`: all topics of the connection from now on."""

    type: Literal["subscribed"]
    data: TopicsData


class Unsubscribed(Answer, frozen=True):
    """To `unsubscribe`: the topics that are left."""

    type: Literal["unsubscribed"]
    data: TopicsData


class Pong(Answer, frozen=True):
    """To `ping`."""

    type: Literal["pong"]
    data: dict[str, Any]


class Viewer(BaseModel):
    """Somebody of the tenant who is looking."""

    user_id: UUID
    name: str
    connections: int = Field(description="Windows and devices.")


class PresenceData(BaseModel):
    """Who has subscribed to a topic."""

    topic: str
    viewers: list[Viewer]


class Presence(Answer, frozen=True):
    """Who looks at a resource or a reservation. Sent to all of them whenever somebody comes or goes."""

    type: Literal["presence"]
    data: PresenceData


class LockData(BaseModel):
    """An edit lock. Writes on its range carry `Edit-Lock: FENCING`."""

    lock_id: UUID
    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
    holder_id: UUID
    holder_name: str | None
    fencing: int
    expires_at: datetime | None = Field(None, description="Unless it is renewed.")


class LockAnswer(Answer, frozen=True):
    """To `edit_lock.acquire`, `edit_lock.renew` and `edit_lock.release`."""

    type: Literal["edit_lock.acquired", "edit_lock.renewed", "edit_lock.released"]
    data: LockData


class ErrorData(BaseModel, extra="allow"):
    """Why it was refused: the members of a problem (RFC 9457) as HTTP answers have them."""

    code: str
    detail: str


class Refused(Answer, frozen=True):
    """A message that was not understood, or that could not be done. `closes`: the connection ends now."""

    type: Literal["error"]
    closes: bool = False
    data: ErrorData


class By(BaseModel):
    """Who did it."""

    kind: str
    id: str | None
    name: str | None


class EventData(BaseModel, extra="allow"):
    """A fact, with what was before and after as far as the connection may see it."""

    entity_kind: str
    entity_id: UUID
    resource_id: UUID | None
    by: By
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    shortened: bool = Field(default=False, description="Before and after were too long; read it.")


class Event(ServerMessage, frozen=True):
    """Something happened: `reservation.confirmed`, `closure.added`, `edit_lock.expired` and so on.

    A hint: what it is about may have changed again. After a reconnect the client reads what it missed.
    """

    data: EventData


class OwnReservationData(BaseModel):
    """A guest's reservation."""

    reservation_id: UUID
    state: str | None
    version: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    hold_expires_at: datetime | None


class OwnReservation(ServerMessage, frozen=True):
    """What guests are told of their own reservation."""

    data: OwnReservationData


class AvailabilityData(BaseModel):
    """Where to look again."""

    resource_ids: list[UUID]
    starts_at: datetime
    ends_at: datetime


class AvailabilityChanged(ServerMessage, frozen=True):
    """What guests are told of resources: ask for availability again, if this range is of interest."""

    type: Literal["availability.changed"]
    data: AvailabilityData


ANSWERS = (Subscribed, Unsubscribed, Presence, LockAnswer, Pong, Refused)
TOLD = (Event, Presence, OwnReservation, AvailabilityChanged)
