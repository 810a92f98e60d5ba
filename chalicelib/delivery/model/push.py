"""Notifications that are pushed to devices of those who work for a tenant: who is notified of what, and when not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from chalicelib.access.model.people import Role
from chalicelib.events.model import EventType

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_DEVICES = 10
"""Of a member."""
MOST_RESOURCES = 200
"""That a member can choose from."""
EVENT_TYPES = (
    EventType.RESERVATION_CREATED,
    EventType.RESERVATION_CHANGE_REQUESTED,
    EventType.RESERVATION_CONFIRMED,
    EventType.RESERVATION_CANCELLED,
    EventType.RESERVATION_MOVED,
    EventType.RESERVATION_EXTENDED,
    EventType.RESERVATION_SHORTENED,
    EventType.RESERVATION_CHECKED_IN,
    EventType.RESERVATION_NO_SHOW,
    EventType.RESERVATION_EXPIRED,
)
"""What a member may choose from."""
USUAL_EVENT_TYPES = (
    EventType.RESERVATION_CREATED,
    EventType.RESERVATION_CHANGE_REQUESTED,
    EventType.RESERVATION_CANCELLED,
    EventType.RESERVATION_MOVED,
    EventType.RESERVATION_EXTENDED,
    EventType.RESERVATION_SHORTENED,
)
"""Of who has not chosen yet."""
URGENT = frozenset({EventType.RESERVATION_CREATED, EventType.RESERVATION_CHANGE_REQUESTED})
"""A guest may be waiting for an answer: a device that saves its battery is woken."""
TRIED_FOR = timedelta(hours=1)
"""After which a notification would be old news."""
KEPT_SECONDS = 4 * 3600
"""By the push service, for a device that is switched off."""
LONGEST_PAUSE_SECONDS = 15 * 60
"""Between attempts."""
LANGUAGES = ("de", "en", "es", "fr")
FIRST_VERSION = 1


@dataclass(frozen=True, slots=True)
class PushDevice:
    """A browser on which a member is notified; `endpoint`, at a push service, is shown to no one else."""

    id: UUID
    endpoint: str
    name: str
    language: str
    last_sent_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, over midnight where the end is the earlier one, in a zone of the member's."""

    starts: time
    ends: time
    zone: str

    def include(self, now: datetime) -> bool:
        """Whether they are now."""
        at = now.astimezone(ZoneInfo(self.zone)).time()
        if self.starts < self.ends:
            return self.starts <= at < self.ends
        return at >= self.starts or at < self.ends


@dataclass(frozen=True, slots=True)
class PushPreferences:
    """What a member wants to be notified of: these types, of these resources (empty: all of theirs); and when not."""

    event_types: tuple[str, ...] = USUAL_EVENT_TYPES
    resource_ids: tuple[UUID, ...] = ()
    quiet: QuietHours | None = None
    version: int = FIRST_VERSION


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a device notifies: a member in a role, with the resources of a host, and what they want."""

    device_id: UUID
    user_id: UUID
    role: Role
    own_resource_ids: frozenset[UUID]
    preferences: PushPreferences


class Happened(Protocol):
    """What decides of an event: its type, what it is about, who did it, and what it says is so now."""

    @property
    def type(self) -> str: ...  # noqa: D102 - said above
    @property
    def entity_id(self) -> UUID: ...  # noqa: D102 - said above
    @property
    def actor_id(self) -> str | None: ...  # noqa: D102 - said above
    @property
    def after(self) -> Mapping[str, Any] | None: ...  # noqa: D102 - said above


def notifies(recipient: Recipient, event: Happened) -> bool:
    """Whether a member is notified of an event: they may see it, they chose it, and they did not do it themselves."""
    if event.type == EventType.PUSH_DEVICE_TESTED:
        return event.entity_id == recipient.device_id
    resource_id = UUID((event.after or {})["resource_id"])
    chosen = recipient.preferences
    return (
        event.type in chosen.event_types
        and event.actor_id != str(recipient.user_id)
        and (recipient.role is not Role.HOST or resource_id in recipient.own_resource_ids)
        and (not chosen.resource_ids or resource_id in chosen.resource_ids)
    )
