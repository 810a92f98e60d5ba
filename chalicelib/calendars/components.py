"""What all that we write as iCalendar has in common (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from icalendar import Component, Event


def new_event(uid: str, changed_at: datetime) -> Event:
    """Return an event that takes time. It says when it was changed, not when it was written."""
    from icalendar import Event

    event = Event()
    add(event, "uid", uid)
    add(event, "dtstamp", whole(changed_at))
    add(event, "last-modified", whole(changed_at))
    add(event, "transp", "OPAQUE")
    return event


def add(component: Component, name: str, value: object, **parameters: str) -> None:
    """Add a property, and its parameters where it has some."""
    component.add(name, value, parameters)  # pyright: ignore[reportUnknownMemberType] - the library's gap


def whole(instant: datetime, *, up: bool = False) -> datetime:
    """Return an instant in UTC to the second, which is what iCalendar has; `up`: not before it."""
    whole = instant.astimezone(UTC).replace(microsecond=0)
    return whole + timedelta(seconds=1) if up and whole < instant else whole
