"""Puts what happened in order: by day, by phase of the day, by row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum, StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from tools.replay.bookings import Booking, Ending

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo


class Action(StrEnum):
    """What is asked of the API, or done by a scheduled function."""

    CREATE = "create"
    CANCEL = "cancel"
    MOVE = "move"
    CHECK_IN = "check-in"
    CHECK_OUT = "check-out"
    NO_SHOW = "no-show"
    COMPLETE = "complete"
    """The stay is over and nobody said so; in life mode alone, and never asked for."""


class Phase(Enum):
    """The phases of a day, in order: what is done, and when (local time, made up: the file knows only days)."""

    CANCEL = (0, Action.CANCEL, time(8))
    """Cancellations of what was reserved on an earlier day."""
    CHECK_OUT = (1, Action.CHECK_OUT, time(10, 30))
    COMPLETE = (2, Action.COMPLETE, time(11, 30))
    CREATE = (3, Action.CREATE, time(12))
    CANCEL_SAME_DAY = (4, Action.CANCEL, time(13))
    MOVE = (5, Action.MOVE, time(14))
    CHECK_IN = (6, Action.CHECK_IN, time(15, 30))
    NO_SHOW = (7, Action.NO_SHOW, time(23))
    CHECK_OUT_AT_ONCE = (8, Action.CHECK_OUT, time(23, 30))
    """Guests who left on the day on which they came."""

    def __init__(self, order: int, action: Action, at: time) -> None:
        self.order = order
        self.action = action
        self.at = at


IN_ORDER = frozenset({Action.CREATE, Action.MOVE})
"""What takes rooms: one at a time, or row order would not decide who gets the last one. The rest only gives back."""
DONE_BY_JOBS = frozenset({Action.NO_SHOW, Action.COMPLETE})
"""What nobody does by hand in life mode."""
LEAVE_WITHOUT_A_WORD = 3
"""In life mode every third row is of guests who stay to the end and tell nobody that they leave (made up)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one booking."""

    on: date
    phase: Phase
    booking: Booking


@dataclass(frozen=True, slots=True)
class Step:
    """All events of one phase of one day, by row."""

    on: date
    phase: Phase
    events: tuple[Event, ...]

    def at(self, zone: ZoneInfo) -> datetime:
        """The instant at which the phase happens."""
        return datetime.combine(self.on, self.phase.at, zone)


def events(bookings: Iterable[Booking], *, moves: bool = False, life: bool = False) -> list[Event]:
    """Everything that happened, in order; with `moves` also the room types that the hotel changed on arrival.

    With `life` it is what happens where jobs mark, on the evening of the arrival, who has not come, and complete the
    stays whose guests left without a word.
    """
    happened = [event for booking in bookings for event in _of(booking, moves=moves, life=life)]
    return sorted(happened, key=lambda event: (event.on, event.phase.order, event.booking.row))


def steps(happened: Iterable[Event]) -> Iterator[Step]:
    """The phases of the days on which something happened, in order."""
    for (on, phase), group in groupby(happened, key=lambda event: (event.on, event.phase)):
        yield Step(on, phase, tuple(group))


def _of(booking: Booking, *, moves: bool, life: bool) -> Iterator[Event]:
    yield Event(booking.booked_on, Phase.CREATE, booking)
    on_or_after_arrival = max(booking.ended_on, booking.arrival_on)
    match booking.ending:
        case Ending.CANCELLED:
            if life and booking.ended_on > booking.arrival_on:
                yield Event(booking.arrival_on, Phase.NO_SHOW, booking)  # nobody came, and nobody had cancelled yet
            same_day = booking.ended_on == booking.booked_on
            yield Event(booking.ended_on, Phase.CANCEL_SAME_DAY if same_day else Phase.CANCEL, booking)
        case Ending.NO_SHOW:
            yield Event(booking.arrival_on if life else on_or_after_arrival, Phase.NO_SHOW, booking)
        case Ending.STAYED:
            if moves and booking.assigned_type != booking.reserved_type:
                yield Event(booking.arrival_on, Phase.MOVE, booking)
            yield Event(booking.arrival_on, Phase.CHECK_IN, booking)
            if life and _completed_by_job(booking):
                yield Event(booking.departure_on, Phase.COMPLETE, booking)
                return
            stayed = on_or_after_arrival > booking.arrival_on
            yield Event(on_or_after_arrival, Phase.CHECK_OUT if stayed else Phase.CHECK_OUT_AT_ONCE, booking)


def _completed_by_job(booking: Booking) -> bool:
    """Whether nobody checks the guest out before the stay ends; who leaves on an earlier day is checked out."""
    if booking.ended_on == booking.departure_on:
        return booking.row % LEAVE_WITHOUT_A_WORD == 0 and booking.nights > 0
    return booking.ended_on > booking.departure_on
