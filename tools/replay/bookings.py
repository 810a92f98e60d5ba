"""Reads the bookings of the hotel: rows of "Hotel booking demand datasets", doi:10.1016/j.dib.2018.11.126."""

from __future__ import annotations

import calendar
import csv
import gzip
import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

UNKNOWN = "NA"
MONTHS = {name: number for number, name in enumerate(calendar.month_name)}


class Ending(StrEnum):
    """What became of a booking in the hotel, in the words of the file."""

    STAYED = "Check-Out"
    CANCELLED = "Canceled"
    NO_SHOW = "No-Show"


@dataclass(frozen=True, slots=True)
class Booking:
    """One row. `row` counts from 0; `rate` is euro cents per night, on average; `ended_on` the day of `ending`."""

    row: int
    booked_on: date
    arrival_on: date
    nights: int
    people: int
    reserved_type: str
    assigned_type: str
    rate: int
    ending: Ending
    ended_on: date

    @property
    def departure_on(self) -> date:
        """The first day after the last night."""
        return self.arrival_on + timedelta(days=self.nights)

    @property
    def dates(self) -> list[date]:
        """The nights, each by the day on which it begins."""
        return [self.arrival_on + timedelta(days=number) for number in range(self.nights)]

    @property
    def revenue(self) -> int:
        """What the stay earned the hotel, in euro cents."""
        return self.nights * self.rate


def read_bookings(path: Path, most: int | None = None) -> list[Booking]:
    """Read the rows, or the first `most` of them. Raises `CommandError` for another kind of file."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            bookings: list[Booking] = []
            for fields in csv.DictReader(file):
                if len(bookings) == most:
                    break
                bookings.append(_booking(len(bookings), fields))
    except FileNotFoundError as error:
        message = f"There is no file {path}."
        raise CommandError(message) from error
    except (gzip.BadGzipFile, zlib.error, EOFError, KeyError, ValueError, TypeError) as error:
        message = f"{path} is not a gzip-compressed CSV of hotel bookings: {error!r}."
        raise CommandError(message) from error
    if not bookings:
        message = f"{path} holds no bookings."
        raise CommandError(message)
    return bookings


def _booking(row: int, fields: Mapping[str, str]) -> Booking:
    arrival_on = date(
        int(fields["arrival_date_year"]),
        MONTHS[fields["arrival_date_month"]],
        int(fields["arrival_date_day_of_month"]),
    )
    return Booking(
        row=row,
        booked_on=arrival_on - timedelta(days=int(fields["lead_time"])),
        arrival_on=arrival_on,
        nights=int(fields["stays_in_weekend_nights"]) + int(fields["stays_in_week_nights"]),
        # 13 rows name no person, and of the data set's other hotel four do not know the children; one must have come.
        people=max(1, sum(int(fields[kind]) for kind in ("adults", "children", "babies") if fields[kind] != UNKNOWN)),
        reserved_type=fields["reserved_room_type"].strip(),
        assigned_type=fields["assigned_room_type"].strip(),
        rate=round(float(fields["adr"]) * 100),
        ending=Ending(fields["reservation_status"]),
        ended_on=date.fromisoformat(fields["reservation_status_date"]),
    )
