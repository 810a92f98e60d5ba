"""Feeds as iCalendar (RFC 5545), written by the icalendar library, which folds lines and escapes texts."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from chalicelib.core.text import shown_line, shown_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from icalendar import Component, Event

    from chalicelib.calendars.model.feeds import Feed, FeedBlock, FeedReservation

PRODUCT = "-//Berth//Calendar feed 1//EN"
REFRESH = timedelta(minutes=30)
"""How often readers may well look again (RFC 7986, 5.7)."""
RESERVED, BLOCKED = "Reserved", "Not available"


def calendar_text(name: str, feed: Feed, reservations: Sequence[FeedReservation], blocks: Sequence[FeedBlock]) -> str:
    """Return the calendar. The same facts make the same text, whenever it is asked for."""
    from icalendar import Calendar

    calendar = Calendar()
    _add(calendar, "prodid", PRODUCT)
    _add(calendar, "version", "2.0")
    _add(calendar, "calscale", "GREGORIAN")
    _add(calendar, "name", name)
    _add(calendar, "x-wr-calname", name)
    _add(calendar, "refresh-interval", REFRESH, VALUE="DURATION")
    for reservation in reservations:
        calendar.add_component(_reserved(reservation, detailed=feed.detailed))
    for block in blocks:
        calendar.add_component(_blocked(block, feed))
    return calendar.to_ical().decode()


def _reserved(reservation: FeedReservation, *, detailed: bool) -> Event:
    event = _event(str(reservation.id), reservation.updated_at)
    _add(event, "sequence", reservation.version)
    if reservation.check_in_on is not None and reservation.check_out_on is not None:
        _add(event, "dtstart", reservation.check_in_on)
        _add(event, "dtend", reservation.check_out_on)
    else:
        _add(event, "dtstart", _whole(reservation.starts_at))
        _add(event, "dtend", _whole(reservation.ends_at))
    _add(event, "status", "TENTATIVE" if reservation.state == "held" else "CONFIRMED")
    resource = shown_line(reservation.resource_name)
    _add(event, "summary", f"{shown_name(reservation.guest_name)}, {resource}" if detailed else RESERVED)
    if detailed:
        lines = [
            f"Reservation {reservation.code}, {reservation.state.replace('_', ' ')}",
            f"{reservation.quantity} of {resource}, party of {reservation.party_size}",
        ]
        _add(event, "description", "\n".join(lines))
    return event


def _blocked(block: FeedBlock, feed: Feed) -> Event:
    event = _event(f"{block.owner_id}-{block.part}", feed.created_at)
    _add(event, "dtstart", _whole(block.starts_at))
    _add(event, "dtend", _whole(block.ends_at, up=True))
    _add(event, "status", "CONFIRMED")
    _add(event, "summary", f"{BLOCKED}, {shown_line(block.resource_name)}" if feed.detailed else BLOCKED)
    return event


def _event(uid: str, changed_at: datetime) -> Event:
    from icalendar import Event

    event = Event()
    _add(event, "uid", uid)
    _add(event, "dtstamp", _whole(changed_at))
    _add(event, "last-modified", _whole(changed_at))
    _add(event, "transp", "OPAQUE")
    return event


def _add(component: Component, name: str, value: object, **parameters: str) -> None:
    component.add(name, value, parameters)  # pyright: ignore[reportUnknownMemberType] - the library's gap


def _whole(instant: datetime, *, up: bool = False) -> datetime:
    """Return an instant in UTC to the second, which is what iCalendar has; `up`: not before it."""
    whole = instant.astimezone(UTC).replace(microsecond=0)
    return whole + timedelta(seconds=1) if up and whole < instant else whole
