"""From when until when others have what a resource lacks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.core.units import UnitSet
from chalicelib.reporting.model.calendar import day_range
from chalicelib.reporting.model.taken_elsewhere import TakenElsewhere

BERLIN = ZoneInfo("Europe/Berlin")
DURING = TimeRange(datetime(2027, 6, 1, 13, tzinfo=UTC), datetime(2027, 6, 4, 9, tzinfo=UTC))
STAY = Stay(date(2027, 6, 1), date(2027, 6, 4))


def taken(left_at: datetime | None, stay: Stay | None = STAY) -> TakenElsewhere:
    return TakenElsewhere(UUID(int=1), DURING, stay, UnitSet.of([1]), left_at)


def june(day: int, hour: int = 0) -> datetime:
    return datetime(2027, 6, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left_at", "until", "nights"),
    [
        (None, DURING.ends_at, 3),
        (june(3, 8), june(3, 8), 2),
        (june(3, 23), june(3, 23), 3),  # one in the morning of the 4th in Berlin
        (june(1, 15), june(1, 15), 0),
        (june(1, 12), None, 0),  # before they came
    ],
)
def test_units_are_taken_until_who_has_them_leaves_and_for_the_nights_until_then(
    left_at: datetime | None, until: datetime | None, nights: int
) -> None:
    by_time, by_night = taken(left_at).part, taken(left_at).by_night(BERLIN)
    assert (by_time and by_time.during) == (until and TimeRange(DURING.starts_at, until))
    if nights:
        days = [day_range(date(2027, 6, day), BERLIN) for day in (1, nights)]
        assert by_night is not None
        assert by_night.during == TimeRange(days[0].starts_at, days[1].ends_at)
    else:
        assert by_night is None


def test_what_is_taken_by_the_hour_counts_by_the_hour_where_nights_are_reserved_too() -> None:
    one = taken(None, stay=None)
    assert one.by_night(BERLIN) == one.part
