"""Times, dates and counts as requests give them and answers have them, each described once, here."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, LiteralString

from pydantic import Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.core.errors import InvalidRangeError, LocalTimeFoldError, LocalTimeGapError, UnknownZoneError
from chalicelib.core.time_ranges import Fold, TimesWanted
from chalicelib.http.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Callable

TIME_ERRORS = (InvalidRangeError, LocalTimeGapError, LocalTimeFoldError, UnknownZoneError)
"""What may be wrong with times that are well-formed."""
MOST = 100_000
"""Units, people: as many as a resource may have."""

# Years 2000 to 2199: what Berth keeps. Other years, infinity and dates before Christ are not times of a reservation.
DAY = r"2[01]\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?"
OFFSET = r"(Z|[+-](0\d|1[0-4]):[0-5]\d)"


def _reader(pattern: str, parse: Callable[[str], date], code: LiteralString, expected: LiteralString) -> PlainValidator:
    matcher = re.compile(pattern, re.ASCII)

    def read(value: object) -> object:
        if isinstance(value, str) and matcher.fullmatch(value):
            try:
                return parse(value)
            except ValueError:  # 30 February
                pass
        raise PydanticCustomError(code, f"Must be {expected}.")

    return PlainValidator(read)


def _schema(pattern: str, example: str, description: str, **members: str) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "string", "pattern": f"^{pattern}$", "description": description, "examples": [example], **members}
    )


Day = Annotated[
    date,
    _reader(DAY, date.fromisoformat, "invalid_date", "a date such as 2027-03-28, in the years 2000 to 2199"),
    _schema(DAY, "2027-05-14", "A local date where the resource is.", format="date"),
]
Instant = Annotated[
    datetime,
    _reader(
        f"{DAY}T{CLOCK}{OFFSET}",
        datetime.fromisoformat,
        "invalid_instant",
        "a time with its offset (RFC 3339) such as 2027-05-14T15:00:00Z, in the years 2000 to 2199",
    ),
    _schema(
        f"{DAY}T{CLOCK}{OFFSET}", "2027-05-14T15:00:00Z", "A time with its offset (RFC 3339); seconds may be left out."
    ),
]
Moment = Annotated[
    datetime,
    _reader(
        f"{DAY}T{CLOCK}{OFFSET}?",
        datetime.fromisoformat,
        "invalid_time",
        "a time such as 2027-05-14T15:00:00Z, or without an offset a local time, in the years 2000 to 2199",
    ),
    _schema(
        f"{DAY}T{CLOCK}{OFFSET}?",
        "2027-05-14T15:00:00Z",
        "A time with its offset (RFC 3339); without one it is a local time in `timezone`.",
    ),
]
ZoneName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    Field(
        description="IANA zone of times without an offset; the tenant's own where left out.", examples=["Europe/Berlin"]
    ),
]
FoldChoice = Annotated[
    Fold, Field(description="Which one is meant where a local time happens twice because clocks are set back.")
]
Count = Annotated[int, Field(ge=1, le=MOST)]
QuantityWanted = Annotated[Count, Field(description="How many units to take.")]
PartySizeWanted = Annotated[Count, Field(description="How many people come.")]

StartsAt = Annotated[datetime, Field(description="When it begins (UTC).", examples=["2027-05-14T22:00:00Z"])]
EndsAt = Annotated[
    datetime,
    Field(description="When it ends (UTC); this instant is not part of it.", examples=["2027-05-16T18:00:00Z"]),
]
CheckInOn = Annotated[
    date | None,
    Field(description="Date of the first night; null where no nights are reserved.", examples=["2027-05-14"]),
]
CheckOutOn = Annotated[
    date | None,
    Field(
        description="Date of departure, the day after the last night; null where no nights are reserved.",
        examples=["2027-05-16"],
    ),
]
Zone = Annotated[
    str,
    Field(
        description="IANA time zone of the tenant: its local times and dates are meant in it.",
        examples=["America/Vancouver"],
    ),
]
CreatedAt = Annotated[datetime, Field(description="When it was created (UTC).", examples=["2027-03-02T09:30:00Z"])]
UpdatedAt = Annotated[datetime, Field(description="When it was changed last (UTC).", examples=["2027-03-02T09:30:00Z"])]
Quantity = Annotated[int, Field(description="How many units it takes.")]
PartySize = Annotated[int, Field(description="How many people come.", examples=[2])]


class WantedTimes(Schema):
    """When: `check_in_on` and `check_out_on` where nights are reserved, otherwise `starts_at` and `ends_at`."""

    starts_at: Moment | None = Field(
        None, description="When it begins, where slots or intervals are reserved; goes with `ends_at`."
    )
    ends_at: Moment | None = Field(
        None, description="When it ends, where slots or intervals are reserved; this instant is not part of it."
    )
    check_in_on: Day | None = Field(
        None, description="Date of the first night, where nights are reserved; goes with `check_out_on`."
    )
    check_out_on: Day | None = Field(default=None, description="Date of departure: the day after the last night.")
    fold: FoldChoice | None = None
    timezone: ZoneName | None = None

    def wanted(self) -> TimesWanted:
        """The times as the use cases take them."""
        return TimesWanted(
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            check_in_on=self.check_in_on,
            check_out_on=self.check_out_on,
            fold=self.fold,
            timezone=self.timezone,
        )
