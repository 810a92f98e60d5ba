"""When somebody wants something: the fields of a request, and the one way to turn them into a range of instants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.errors import InvalidInputError
from chalicelib.core.time_ranges import Fold, Stay, TimeRange, TimesWanted, to_instant, zone_named
from chalicelib.policies.model.policies import StayMode

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from chalicelib.policies.model.policies import Policy


def resolve(times: TimesWanted, policy: Policy, tenant_zone: ZoneInfo) -> tuple[TimeRange, Stay | None]:
    """Return the range that is meant, with its nights where the policy reserves nights.

    Raises `InvalidInputError` for fields that do not suit the policy's mode, and its kinds `InvalidRangeError`,
    `LocalTimeGapError`, `LocalTimeFoldError`, `UnknownZoneError`; each names its field.
    """
    if isinstance(policy.mode, StayMode):
        stay = resolve_stay(times)
        return policy.during(stay, tenant_zone), stay
    return resolve_instants(times, tenant_zone), None


def resolve_stay(times: TimesWanted) -> Stay:
    """Return the nights that are meant. Raises `InvalidInputError`."""
    for field in ("starts_at", "ends_at", "fold", "timezone"):
        if getattr(times, field) is not None:
            message = "This is reserved by the night: give check_in_on and check_out_on, dates where the resource is."
            raise InvalidInputError(field, message)
    if times.check_in_on is None or times.check_out_on is None:
        field = "check_in_on" if times.check_in_on is None else "check_out_on"
        message = f"{field} is missing: this is reserved by the night, from check_in_on to check_out_on."
        raise InvalidInputError(field, message)
    return Stay(times.check_in_on, times.check_out_on)


def resolve_instants(times: TimesWanted, tenant_zone: ZoneInfo) -> TimeRange:
    """Return the range of instants that is meant. Raises `InvalidInputError` and its kinds, see `resolve`."""
    for field in ("check_in_on", "check_out_on"):
        if getattr(times, field) is not None:
            message = "This is reserved by time of day and not by the night: give starts_at and ends_at."
            raise InvalidInputError(field, message)
    if times.starts_at is None or times.ends_at is None:
        field = "starts_at" if times.starts_at is None else "ends_at"
        message = f"{field} is missing: this is reserved from starts_at to ends_at."
        raise InvalidInputError(field, message)
    zone = tenant_zone if times.timezone is None else zone_named(times.timezone, "timezone")
    return TimeRange(
        instant_of(times.starts_at, zone, times.fold, "starts_at"),
        instant_of(times.ends_at, zone, times.fold, "ends_at"),
    )


def instant_of(time: datetime, zone: ZoneInfo, fold: Fold | None, field: str) -> datetime:
    """Return a time with an offset as it is, and the instant of a wall-clock time. Raises as `to_instant` does."""
    return to_instant(time, zone, fold, field) if time.tzinfo is None else time
