"""Feeds as iCalendar (RFC 5545), written by the icalendar library, which folds lines and escapes texts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.calendars.components import add, new_event, whole
from chalicelib.core.text import shown_line, shown_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icalendar import Event

    from chalicelib.calendars.model.feeds import Feed, FeedBlock, FeedReservation

PRODUCT = "-//Berth//Calendar feed 1//EN"
REFRESH = timedelta(minutes=30)
"""How often readers may well look again (RFC 7986, 5.7)."""
RESERVED, BLOCKED = "Reserved", "Not available"


def calendar_text(name: str, feed: Feed, reservations: Sequence[FeedReservation], blocks: Sequence[FeedBlock]) -> str:
    """Return the calendar. The same facts make the same text, whenever it is asked for."""
    from icalendar import Calendar

    calendar = Calendar()
    add(calendar, "prodid", PRODUCT)
    add(calendar, "version", "2.0")
    add(calendar, "calscale", "GREGORIAN")
    add(calendar, "name", name)
    add(calendar, "x-wr-calname", name)
    add(calendar, "refresh-interval", REFRESH, VALUE="DURATION")
    for reservation in reservations:
        calendar.add_component(_reserved(reservation, detailed=feed.detailed))
    for block in blocks:
        calendar.add_component(_blocked(block, feed))
    return calendar.to_ical().decode()


def _reserved(reservation: FeedReservation, *, detailed: bool) -> Event:
    event = new_event(str(reservation.id), reservation.updated_at)
    add(event, "sequence", reservation.version)
    if reservation.check_in_on is not None and reservation.check_out_on is not None:
        add(event, "dtstart", reservation.check_in_on)
        add(event, "dtend", reservation.check_out_on)
    else:
        add(event, "dtstart", whole(reservation.starts_at))
        add(event, "dtend", whole(reservation.ends_at))
    add(event, "status", "TENTATIVE" if reservation.state == "held" else "CONFIRMED")
    resource = shown_line(reservation.resource_name)
    add(event, "summary", f"{shown_name(reservation.guest_name)}, {resource}" if detailed else RESERVED)
    if detailed:
        lines = [
            f"Reservation {reservation.code}, {reservation.state.replace('_', ' ')}",
            f"{reservation.quantity} of {resource}, party of {reservation.party_size}",
        ]
        add(event, "description", "\n".join(lines))
    return event


def _blocked(block: FeedBlock, feed: Feed) -> Event:
    event = new_event(f"{block.owner_id}-{block.part}", feed.created_at)
    add(event, "dtstart", whole(block.starts_at))
    add(event, "dtend", whole(block.ends_at, up=True))
    add(event, "status", "CONFIRMED")
    add(event, "summary", f"{BLOCKED}, {shown_line(block.resource_name)}" if feed.detailed else BLOCKED)
    return event
