"""What the hotel has to offer: the three reference settings, each a capacity per room type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tools.replay.bookings import Booking, Ending
from tools.replay.timeline import Action, Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

POOL = "all"
POOL_ROOMS = 187


class SettingName(StrEnum):
    """How many rooms there are, as in the description of the data."""

    BOOKED = "booked"
    """As many of each type as were ever on the books for one night."""
    SLEPT = "slept"
    """As many of each reserved type as were ever slept in during one night."""
    POOL = "pool"
    """187 rooms of one kind."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The rooms of each type. With `pooled` every booking, whatever it reserved, takes one of the same rooms."""

    name: SettingName
    capacities: Mapping[str, int]
    pooled: bool

    def reserved_type(self, booking: Booking) -> str:
        """The room type that a booking reserves in this setting."""
        return POOL if self.pooled else booking.reserved_type


def setting_named(name: SettingName, happened: Sequence[Event], *, moves: bool) -> Setting:
    """Count the rooms that a setting has; a type that is never needed has one, so that it can be asked for at all.

    With `moves` a type that was only ever given, never reserved, has as many as were ever slept in.
    """
    bookings = [event.booking for event in happened if event.phase.action is Action.CREATE]
    match name:
        case SettingName.POOL:
            return Setting(name, {POOL: POOL_ROOMS}, pooled=True)
        case SettingName.BOOKED:
            capacities = _most_on_the_books(happened)
        case SettingName.SLEPT:
            capacities = most_slept_in(bookings, lambda booking: booking.reserved_type)
    if moves:
        given = most_slept_in(bookings, lambda booking: booking.assigned_type)
        capacities |= {room_type: rooms for room_type, rooms in given.items() if room_type not in capacities}
    known = {booking.reserved_type for booking in bookings} | set(capacities)
    return Setting(name, {room_type: max(1, capacities.get(room_type, 0)) for room_type in sorted(known)}, pooled=False)


def most_slept_in(bookings: Iterable[Booking], type_of: Callable[[Booking], str]) -> dict[str, int]:
    """The most rooms of each type in which somebody slept on the same night."""
    slept: Counter[tuple[str, date]] = Counter()
    for booking in bookings:
        if booking.ending is Ending.STAYED:
            slept.update((type_of(booking), on) for on in booking.dates)
    return _most(slept)


def _most_on_the_books(happened: Iterable[Event]) -> dict[str, int]:
    """The most rooms of each type that were ever reserved for the same night, as the books stood at the time."""
    on_the_books: Counter[tuple[str, date]] = Counter()
    most: Counter[tuple[str, date]] = Counter()
    for event in happened:
        nights = [(event.booking.reserved_type, on) for on in event.booking.dates]
        if event.phase.action is Action.CREATE:
            on_the_books.update(nights)
            for night in nights:
                most[night] = max(most[night], on_the_books[night])
        elif event.phase.action in {Action.CANCEL, Action.NO_SHOW}:
            on_the_books.subtract(nights)
    return _most(most)


def _most(rooms: Mapping[tuple[str, date], int]) -> dict[str, int]:
    most: dict[str, int] = {}
    for (room_type, _), count in rooms.items():
        most[room_type] = max(most.get(room_type, 0), count)
    return most
