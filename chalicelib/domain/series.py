"""Series: reservations that recur, each of them a reservation of its own.

A series says on which dates and at which time of the tenant's clock; what became of each date is an occurrence. A
reservation that was changed by itself since, or cancelled, is an exception, which changes of the series leave alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.domain.errors import (
    Alternative,
    InvalidInputError,
    InvalidRecurrenceError,
    LocalTimeGapError,
    NoCapacityError,
    RuleViolationsError,
)
from chalicelib.domain.recurrence import Recurrence, dates_of
from chalicelib.domain.reservations import Reservation
from chalicelib.domain.time_ranges import Fold, Stay, TimeRange, local_date, to_instant

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from chalicelib.domain.policies import Policy


class Mode(StrEnum):
    """What happens where not all of it can be had."""

    ALL = "all"
    """Nothing is reserved."""
    FITTING = "fitting"
    """What can be had is reserved."""


class Outcome(StrEnum):
    """What became of an occurrence, just now or when the series was made."""

    RESERVED = "reserved"
    REFUSED = "refused"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    KEPT = "kept"
    """It was left as it is: an exception, or over, or not meant."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """What is had on each date: nights, or a time of day and how long from there by the clock that never changes.

    Just one of `nights` and `local_time` is set, `length` with the latter. Where clocks are put back and the time
    happens twice, `fold` says which is meant.
    """

    quantity: int
    party_size: int
    nights: int | None = None
    local_time: time | None = None
    length: timedelta | None = None
    fold: Fold = Fold.EARLIER

    @property
    def length_minutes(self) -> int | None:
        """The length as whole minutes."""
        return None if self.length is None else self.length // timedelta(minutes=1)

    def on(self, starts_on: date, policy: Policy, zone: ZoneInfo) -> tuple[TimeRange, Stay | None]:
        """Return the time of one date, with its nights. Raises `LocalTimeGapError`, `InvalidRangeError`."""
        if self.nights is not None:
            stay = Stay(starts_on, starts_on + timedelta(days=self.nights))
            return policy.during(stay, zone), stay
        return self.instants_on(starts_on, zone), None

    def instants_on(self, starts_on: date, zone: ZoneInfo) -> TimeRange:
        """Return the time of one date where no nights are reserved. Raises as `on` does."""
        assert self.local_time is not None, "a time of day where there are no nights"  # noqa: S101 - a mistake of ours
        assert self.length is not None, "a length where there are no nights"  # noqa: S101 - a mistake of ours
        starts_at = to_instant(datetime.combine(starts_on, self.local_time), zone, self.fold, "starts_at")
        return TimeRange(starts_at, starts_at + self.length)

    def is_had(self, reservation: Reservation, starts_on: date) -> bool:
        """Whether a reservation is as the series says that it is on a date."""
        if (reservation.quantity, reservation.party_size) != (self.quantity, self.party_size):
            return False
        if self.nights is not None:
            return reservation.stay == Stay(starts_on, starts_on + timedelta(days=self.nights))
        try:
            return reservation.during == self.instants_on(starts_on, reservation.zone)
        except LocalTimeGapError:  # the tenant's zone has other rules since
            return False


def repeated_as(
    first: TimeRange, stay: Stay | None, zone: ZoneInfo, *, quantity: int, party_size: int, fold: Fold | None
) -> tuple[date, Repeated]:
    """Return on which date a first time is, and what is repeated from there. Raises `InvalidInputError`."""
    if stay is not None:
        return stay.check_in_on, Repeated(quantity, party_size, nights=stay.nights)
    if first.starts_at.timestamp() % 60 or first.ends_at.timestamp() % 60:
        message = "A series begins and ends on whole minutes."
        raise InvalidInputError("starts_at", message)
    local = first.starts_at.astimezone(zone)
    own_fold = Fold.LATER if local.fold else fold or Fold.EARLIER
    at = local.time().replace(tzinfo=None, fold=0)
    return local_date(first.starts_at, zone), Repeated(
        quantity, party_size, local_time=at, length=first.duration, fold=own_fold
    )


@dataclass(frozen=True, slots=True)
class Series:
    """A series. `resource_id` is where it is reserved; `except_on` are dates that were left out from the beginning.

    The guest is that of its reservations: what is known of people stays in one place.
    """

    id: UUID
    resource_id: UUID
    rule: Recurrence
    starts_on: date
    repeated: Repeated
    mode: Mode
    except_on: tuple[date, ...]
    split_from: UUID | None
    cancelled_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an occurrence could not be had, and up to five alternatives for the first few of them."""

    error: NoCapacityError | RuleViolationsError | LocalTimeGapError
    alternatives: Sequence[Alternative] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series. There is a reservation unless it was refused; `refused` is the code of the reason.

    `refusal` is told once, when it is refused. `exceptional`: it is not as the series says.
    """

    number: int
    starts_on: date
    outcome: Outcome
    reservation: Reservation | None = None
    during: TimeRange | None = None
    refused: str | None = None
    refusal: Refusal | None = None
    exceptional: bool = False
    refund: int | None = None


def series_dates(
    rule: Recurrence, starts_on: date, repeated: Repeated, except_on: Sequence[date], zone: ZoneInfo
) -> list[date]:
    """Return the dates of a series, without exceptions. Raises `InvalidRecurrenceError`, `InvalidInputError`."""
    if isinstance(rule.until, datetime) and repeated.local_time is None:
        message = "UNTIL is a date where nights are reserved, such as 20271231."
        raise InvalidRecurrenceError("rrule.UNTIL", message)
    dates = [on for on in dates_of(rule, starts_on) if not _past_end(rule, on, repeated, zone)]
    unknown = sorted(set(except_on) - set(dates))
    if unknown:
        message = f"{unknown[0]} is no date of the series."
        raise InvalidInputError("except_on", message)
    left = [on for on in dates if on not in except_on]
    if not left:
        message = "No date is left."
        raise InvalidInputError("except_on" if dates else "rrule.UNTIL", message)
    return left


def _past_end(rule: Recurrence, on: date, repeated: Repeated, zone: ZoneInfo) -> bool:
    if not isinstance(rule.until, datetime) or repeated.local_time is None:
        return False
    local = datetime.combine(on, repeated.local_time, zone).replace(fold=int(repeated.fold is Fold.LATER))
    return local.astimezone(UTC) > rule.until
