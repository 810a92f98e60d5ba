"""What must happen, by plain counting: a booking is accepted exactly if every one of its nights has a room left.

Knows nothing of rooms, units, repacking or Berth. Counting suffices since the rooms that are occupied already all share
today: colouring the rest by start always succeeds where every night has a room.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from tools.replay.settings import Setting
from tools.replay.timeline import Action, Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.replay.bookings import Booking


class Verdict(StrEnum):
    """What becomes of one event."""

    DONE = "done"
    NO_ROOM = "no room"
    BAD_INPUT = "bad input"
    TOO_LATE = "too late"
    """Its reservation had ended otherwise by then."""
    DROPPED = "dropped"
    """Its booking had been refused, so it could not happen."""
    OTHER = "refused otherwise"
    """For a reason that nothing in the file gives: never the oracle's verdict."""


@dataclass(slots=True)
class Oracle:
    """The books of the hotel: how many rooms of each type are taken in each night, and by whom."""

    setting: Setting
    _taken: Counter[tuple[str, date]] = field(default_factory=Counter[tuple[str, date]])
    _type_of_row: dict[int, str] = field(default_factory=dict[int, str])
    _given_back: set[int] = field(default_factory=set[int])

    def play(self, happened: Iterable[Event]) -> list[Verdict]:
        """The verdict on each event, in the order given."""
        return [self._verdict(event) for event in happened]

    def _verdict(self, event: Event) -> Verdict:
        booking = event.booking
        if event.phase.action is Action.CREATE:
            return self._create(booking)
        if booking.row not in self._type_of_row:
            return Verdict.DROPPED
        if booking.row in self._given_back:
            return Verdict.TOO_LATE
        match event.phase.action:
            case Action.MOVE:
                return self._move(booking)
            case Action.CANCEL | Action.NO_SHOW:
                self._taken.subtract(_nights(self._type_of_row[booking.row], booking))
                self._given_back.add(booking.row)
            case _:
                pass  # coming and going changes nothing: who leaves early keeps the room
        return Verdict.DONE

    def _create(self, booking: Booking) -> Verdict:
        if booking.nights == 0:
            return Verdict.BAD_INPUT
        return self._take(booking, self.setting.reserved_type(booking))

    def _move(self, booking: Booking) -> Verdict:
        before = self._type_of_row[booking.row]
        verdict = self._take(booking, booking.assigned_type)
        if verdict is Verdict.DONE:
            self._taken.subtract(_nights(before, booking))
        return verdict

    def _take(self, booking: Booking, room_type: str) -> Verdict:
        nights = _nights(room_type, booking)
        if any(self._taken[night] >= self.setting.capacities[room_type] for night in nights):
            return Verdict.NO_ROOM
        self._taken.update(nights)
        self._type_of_row[booking.row] = room_type
        return Verdict.DONE


def _nights(room_type: str, booking: Booking) -> Sequence[tuple[str, date]]:
    return [(room_type, on) for on in booking.dates]
