"""What emails to guests say alike: when a reservation is, and how to come back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.wording import count_text
from chalicelib.reservations.model.reservations import State

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from chalicelib.reservations.model.reservations import Reservation

MANAGED = frozenset({State.PENDING, State.HELD, State.CONFIRMED, State.CHECKED_IN})
"""In which a guest can still do something with a reservation."""


def when_text(reservation: Reservation) -> str:
    """The nights, or the times in the tenant's zone."""
    if reservation.stay is not None:
        stay = reservation.stay
        return f"{_day(stay.check_in_on)} to {_day(stay.check_out_on)} ({count_text(stay.nights, 'night')})"
    during, zone = reservation.during, reservation.zone
    return f"{instant_text(during.starts_at, zone)} to {instant_text(during.ends_at, zone)} ({zone.key})"


def instant_text(instant: datetime, zone: ZoneInfo) -> str:
    """An instant by the clocks of a zone."""
    local = instant.astimezone(zone)
    return f"{_day(local)}, {local:%H:%M}"


def manage_text(state: State, link: str | None) -> list[str]:
    """The paragraph with the link, where there is one: what it is for depends on whether there is something to do."""
    if link is None:
        return []
    purpose = "See it, change it or cancel it here" if state in MANAGED else "See it here"
    return [f"{purpose}:\n{link}\nWho has this link can do so as well: keep it to yourself."]


def _day(on: date) -> str:
    return f"{on:%A}, {on.day} {on:%B %Y}"
