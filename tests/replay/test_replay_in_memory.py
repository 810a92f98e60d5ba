"""Real bookings, placed without a database: repacking has to refuse exactly what counting refuses.

`python -m tools.bench.repacking` does the same with all of them in every setting; the largest is thinned out here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.bench.repacking import play
from tools.replay.bookings import read_bookings
from tools.replay.oracle import Oracle, Verdict
from tools.replay.settings import POOL, Setting, SettingName, setting_named
from tools.replay.timeline import Event, events

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "resort_hotel.csv.gz"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"the hotel's bookings are not there: {DATA}")


@pytest.fixture(scope="module")
def happened() -> list[Event]:
    return events(read_bookings(DATA))


@pytest.mark.parametrize(("name", "refused"), [(SettingName.BOOKED, 0), (SettingName.SLEPT, 66)])
def test_exactly_what_has_a_full_night_is_refused(happened: list[Event], name: SettingName, refused: int) -> None:
    setting = setting_named(name, happened, moves=False)
    verdicts, types = play(happened, setting)
    assert verdicts == Oracle(setting).play(happened)
    assert verdicts.count(Verdict.NO_ROOM) == refused
    assert sum(rooms.moves for rooms in types) > refused, "without moving anybody this would prove little"


def test_exactly_what_has_a_full_night_is_refused_in_one_pool_of_rooms(happened: list[Event]) -> None:
    every_fifth = [event for event in happened if event.booking.row % 5 == 0]
    setting = Setting(SettingName.POOL, {POOL: 40}, pooled=True)
    verdicts, [rooms] = play(every_fifth, setting)
    assert verdicts == Oracle(setting).play(every_fifth)
    assert verdicts.count(Verdict.NO_ROOM) > 50
    assert rooms.moves > 500
