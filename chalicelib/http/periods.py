"""Periods in queries. They are called `from` and `until` everywhere, and `until` does not belong to them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.core.errors import InvalidInputError, InvalidRangeError
from chalicelib.core.time_ranges import TimesWanted, instant_text
from chalicelib.http.schema import Schema
from chalicelib.http.times import CLOCK, DAY, OFFSET, Day, FoldChoice, Instant, ZoneName

if TYPE_CHECKING:
    from collections.abc import Generator

_DAY_OR_MOMENT = re.compile(rf"{DAY}(T{CLOCK}{OFFSET}?)?", re.ASCII)
_FIELDS = {"starts_at": "from", "check_in_on": "from", "ends_at": "until", "check_out_on": "until"}


def _day_or_moment(value: object) -> date | datetime:
    if isinstance(value, str) and _DAY_OR_MOMENT.fullmatch(value):
        try:
            return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError:  # 30 February
            pass
    raise PydanticCustomError(
        "invalid_time", "Must be a date such as 2027-05-14 or a time such as 2027-05-14T15:00:00Z, from 2000 to 2199."
    )


DayOrMoment = Annotated[
    date | datetime,
    PlainValidator(_day_or_moment),
    WithJsonSchema({"type": "string", "pattern": f"^{_DAY_OR_MOMENT.pattern}$", "examples": ["2027-05-14"]}),
]


class InstantPeriod(Schema):
    """A period that may be open at either end."""

    from_: Instant | None = Field(None, alias="from", description="Only what ends after this instant.")
    until: Instant | None = Field(default=None, description="Only what begins before this instant.")

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """Return from when and until when. Raises `InvalidRangeError` for a period that ends before it begins."""
        if self.from_ is not None and self.until is not None and self.from_ >= self.until:
            raise _reversed(instant_text(self.from_), instant_text(self.until))
        return self.from_, self.until


class DayPeriod(Schema):
    """Local days."""

    from_: Day = Field(alias="from", description="The first day, in the tenant's time zone.")
    until: Day = Field(description="The day after the last one.")


class WantedPeriod(Schema):
    """When something is wanted: nights from one date until another, or a time until another time."""

    from_: DayOrMoment | None = Field(
        None, alias="from", description="Date of the first night, or the time at which it begins."
    )
    until: DayOrMoment | None = Field(
        None, description="Date of departure, the day after the last night, or the time at which it ends."
    )
    fold: FoldChoice | None = None
    timezone: ZoneName | None = None

    def times(self) -> TimesWanted | None:
        """Return what is wanted as use cases take it; None where no period is given. Raises `InvalidInputError`."""
        from_, until = self.from_, self.until
        if from_ is None and until is None:
            return None
        if from_ is None or until is None:
            missing, given = ("from", "until") if from_ is None else ("until", "from")
            message = f"{missing} is missing: give it, too, or leave {given} out."
            raise InvalidInputError(missing, message)
        if isinstance(from_, datetime) and isinstance(until, datetime):
            return TimesWanted(starts_at=from_, ends_at=until, fold=self.fold, timezone=self.timezone)
        if isinstance(from_, datetime) or isinstance(until, datetime):
            message = "from and until must be of one kind: two dates for nights, or two times."
            raise InvalidInputError("until", message)
        if from_ >= until:
            raise _reversed(from_.isoformat(), until.isoformat())
        for field in ("fold", "timezone"):
            if getattr(self, field) is not None:
                message = f"{field} belongs to times. Nights are dates where the resource is: leave it out."
                raise InvalidInputError(field, message)
        return TimesWanted(check_in_on=from_, check_out_on=until)


@contextmanager
def named_as_period() -> Generator[None]:
    """Let refusals of times name the fields of a period in a query."""
    try:
        yield
    except InvalidInputError as error:
        error.field = _FIELDS.get(error.field, error.field)
        raise


def _reversed(from_: str, until: str) -> InvalidRangeError:
    message = f"until ({until}) must be later than from ({from_})."
    return InvalidRangeError("until", message)
