"""Bookings for tests: made up, or a slice of the real ones.

august_2016.csv.gz holds 432 of the hotel's rows, unchanged: of three weeks in August 2016 every third arrival and all
rows without nights, that were cancelled on the day they were made, or whose guests did not come; and two guests who
left at once. From N. Antonio, A. de Almeida and L. Nunes, "Hotel booking demand datasets", Data in Brief 22 (2019)
41-49, doi:10.1016/j.dib.2018.11.126 (CC BY).
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from tools.replay.bookings import Booking, Ending

SLICE = Path(__file__).with_name("august_2016.csv.gz")


def booking(
    row: int,
    *,
    booked: int,
    arrival: int,
    nights: int,
    reserved: str = "A",
    given: str | None = None,
    ending: Ending = Ending.STAYED,
    ended: int | None = None,
    rate: int = 10000,
) -> Booking:
    """A booking whose days are counted in May 2016."""
    return Booking(
        row=row,
        booked_on=_may(booked),
        arrival_on=_may(arrival),
        nights=nights,
        people=2,
        reserved_type=reserved,
        assigned_type=given or reserved,
        rate=rate,
        ending=ending,
        ended_on=_may(arrival + nights if ended is None else ended),
    )


def _may(day: int) -> date:
    return date(2016, 5, 1) + timedelta(days=day - 1)
