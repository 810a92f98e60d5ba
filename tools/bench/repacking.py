"""Repacking without a database: `python -m tools.bench.repacking FILE` places a hotel's bookings in memory, and counts.

Around `units.place` this does in plain Python what admission does in Postgres; every verdict is compared with counting.
"""

from __future__ import annotations

import sys
import time as clock
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.core.allocations import Allocation
from chalicelib.core.resources import Resource, UnitAssignment
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import UnitSet, choose, place
from tools.replay.bookings import Booking, read_bookings
from tools.replay.oracle import Oracle, Verdict
from tools.replay.settings import Setting, SettingName, setting_named
from tools.replay.timeline import Action, Event, events

if TYPE_CHECKING:
    from collections.abc import Sequence

CHECK_IN = time(15, tzinfo=UTC)
CHECK_OUT = time(11, tzinfo=UTC)


class TwiceError(Exception):
    """A room was given away twice, or does not exist."""


@dataclass(slots=True)
class RoomType:
    """The books of one room type: what blocks, by the row of its booking, and the rooms that each night has taken."""

    rooms: int
    allocations: dict[int, Allocation] = field(default_factory=dict[int, Allocation])
    taken: dict[int, set[int]] = field(default_factory=lambda: defaultdict[int, set[int]](set))
    repackings: int = 0
    moves: int = 0
    seconds: float = 0

    def reserve(self, booking: Booking, today: date) -> bool:
        """Place a booking: first in what is free throughout, then with others moved. False where it is refused."""
        busy = UnitSet.of(set[int]().union(*(self.taken[on.toordinal()] for on in booking.dates)))
        units = choose(UnitSet.span(1, self.rooms + 1) - busy, 1, UnitAssignment.LABELLED, 0)
        during = TimeRange(
            datetime.combine(booking.arrival_on, CHECK_IN), datetime.combine(booking.departure_on, CHECK_OUT)
        )
        if units is None:
            units = self._repack(during, today)
        if units is not None:
            owner_id = UUID(int=booking.row)
            self._take(Allocation(owner_id, "reservation", during.starts_at, during.ends_at, units, pinned=False))
        return units is not None

    def check_in(self, booking: Booking) -> None:
        """Promise the room."""
        self.allocations[booking.row] = replace(self.allocations[booking.row], pinned=True)

    def release(self, row: int) -> Allocation:
        """Free the room of a booking."""
        allocation = self.allocations.pop(row)
        for night in _nights(allocation):
            self.taken[night] -= set(allocation.units)
        return allocation

    def _repack(self, during: TimeRange, today: date) -> UnitSet | None:
        # What has ended blocks nobody any more; a job removes it.
        self.allocations = {row: other for row, other in self.allocations.items() if other.ends_at.date() >= today}
        resource = Resource(UUID(int=0), "rooms", "Rooms", self.rooms, 10, UnitAssignment.LABELLED)
        began = clock.perf_counter()
        placement = place(resource, self.allocations.values(), during, 1)
        self.seconds += clock.perf_counter() - began
        self.repackings += 1
        if placement is None:
            return None
        # All out, then all in: they may have exchanged rooms.
        released = [self.release(move.owner_id.int) for move in placement.moved]
        for move, before in zip(placement.moved, released, strict=True):
            if before.pinned or before.units != move.before:
                raise TwiceError(move)
            self._take(replace(before, units=move.after))
        self.moves += len(placement.moved)
        return placement.parts[0].units

    def _take(self, allocation: Allocation) -> None:
        [room] = allocation.units
        for night in _nights(allocation):
            if room in self.taken[night] or not 1 <= room <= self.rooms:
                raise TwiceError(allocation)
            self.taken[night].add(room)
        self.allocations[allocation.owner_id.int] = allocation


def play(happened: Sequence[Event], setting: Setting) -> tuple[list[Verdict], list[RoomType]]:
    """Let everything happen in order; return the verdict on each event, and the books."""
    types = {name: RoomType(rooms) for name, rooms in setting.capacities.items()}
    accepted: set[int] = set()
    verdicts: list[Verdict] = []
    for event in happened:
        booking = event.booking
        rooms = types[setting.reserved_type(booking)]
        verdict = Verdict.DONE
        match event.phase.action:
            case Action.CREATE if booking.nights == 0:
                verdict = Verdict.BAD_INPUT
            case Action.CREATE if rooms.reserve(booking, event.on):
                accepted.add(booking.row)
            case Action.CREATE:
                verdict = Verdict.NO_ROOM
            case _ if booking.row not in accepted:
                verdict = Verdict.DROPPED
            case Action.CHECK_IN:
                rooms.check_in(booking)
            case Action.CANCEL | Action.NO_SHOW:
                rooms.release(booking.row)
            case _:
                pass  # who leaves early keeps the room
        verdicts.append(verdict)
    return verdicts, list(types.values())


def _nights(allocation: Allocation) -> range:
    return range(allocation.starts_at.toordinal(), allocation.ends_at.toordinal())


def main(path: str) -> int:
    """Play the file in every setting and print what came of it. Returns 0 when every verdict is that of counting."""
    happened = events(read_bookings(Path(path)))
    good = True
    for name in SettingName:
        setting = setting_named(name, happened, moves=False)
        verdicts, types = play(happened, setting)
        same = verdicts == Oracle(setting).play(happened)
        good = good and same
        repackings = sum(rooms.repackings for rooms in types)
        print(
            f"{name}: {verdicts.count(Verdict.NO_ROOM)} refused for want of room, "
            f"{'as' if same else 'NOT as'} counting says; {repackings} repackings moved "
            f"{sum(rooms.moves for rooms in types)} others and took "
            f"{1000 * sum(rooms.seconds for rooms in types) / max(1, repackings):.1f} ms on average"
        )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
