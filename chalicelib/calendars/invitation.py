"""What a guest's calendar is told of a reservation: to make its entry, to change it, to cancel it (iTIP, RFC 5546).

An entry is known by its UID and is brought up to date by what has a higher SEQUENCE, whichever email comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chalicelib.calendars.components import add, new_event, whole

PRODUCT = "-//Berth//Email 1//EN"


@dataclass(frozen=True, slots=True)
class Invitation:
    """An entry: from a day to another or from an instant to another, the end excluded.

    `organizer` and `attendee` are a name and an email address each. `cancelled`: the entry goes.
    """

    id: UUID
    version: int
    changed_at: datetime
    starts: date | datetime
    ends: date | datetime
    summary: str
    description: str
    organizer: tuple[str, str]
    attendee: tuple[str, str]
    cancelled: bool


def invitation_text(invitation: Invitation) -> str:
    """Return it as iCalendar. No answer is asked for: who reserved has said that they come."""
    from icalendar import Calendar

    calendar = Calendar()
    add(calendar, "prodid", PRODUCT)
    add(calendar, "version", "2.0")
    add(calendar, "method", "CANCEL" if invitation.cancelled else "REQUEST")
    event = new_event(str(invitation.id), invitation.changed_at)
    add(event, "sequence", invitation.version)
    add(event, "dtstart", _when(invitation.starts))
    add(event, "dtend", _when(invitation.ends))
    add(event, "summary", invitation.summary)
    add(event, "description", invitation.description)
    add(event, "status", "CANCELLED" if invitation.cancelled else "CONFIRMED")
    name, address = invitation.organizer
    add(event, "organizer", f"mailto:{address}", CN=_parameter(name))
    name, address = invitation.attendee
    add(event, "attendee", f"mailto:{address}", CN=_parameter(name), PARTSTAT="ACCEPTED", RSVP="FALSE")
    calendar.add_component(event)
    return calendar.to_ical().decode()


def _when(when: date | datetime) -> date | datetime:
    return whole(when) if isinstance(when, datetime) else when


def _parameter(text: str) -> str:
    """A text as the value of a parameter, which has no way to write quotes (RFC 5545, 3.2)."""
    return text.replace('"', "'")
