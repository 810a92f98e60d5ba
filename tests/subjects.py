"""What the tests of the domain talk about: a resource in Lisbon, policies for it, and what somebody wants."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from chalicelib.core.days import Days
from chalicelib.core.resources import Resource, UnitAssignment
from chalicelib.core.time_ranges import Stay, TimeRange
from chalicelib.policies.model.policies import Confirmation, IntervalMode, Policy, SlotMode, StayMode
from chalicelib.policies.model.rates import Base, Rates
from chalicelib.policies.model.wanted import Facts, Present, Wanted

if TYPE_CHECKING:
    from chalicelib.core.errors import Violation
    from chalicelib.policies.model.modes import Mode
    from chalicelib.policies.model.rules import Rule

LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
"""A Friday, 10:00 in Lisbon as well."""
TODAY = NOW.date()
NIGHTS = StayMode(check_in_time=time(15), check_out_time=time(11))
HOURS = IntervalMode(step_minutes=15, min_minutes=30, max_minutes=480, offered_in="always")
HALF_HOURS = SlotMode(slot_minutes=30, step_minutes=30, offered_in="windows")


def resource(
    capacity: int = 5, max_party_size: int = 6, assignment: UnitAssignment = UnitAssignment.POOLED
) -> Resource:
    return Resource(UUID(int=1), "kayaks", "Kayaks", capacity, max_party_size, assignment)


def policy(mode: Mode, *rules: Rule, **changes: Any) -> Policy:  # noqa: ANN401 - fields of the class
    terms: dict[str, Any] = {"confirmation": Confirmation("instant"), "rates": Rates(Base("slot", 100)), **changes}
    return Policy(mode=mode, rules=rules, **terms)


def at(text: str) -> datetime:
    """An instant by its UTC time, which is Lisbon's in winter: `2026-11-25 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def between(starts: str, ends: str) -> TimeRange:
    return TimeRange(at(starts), at(ends))


def use(starts: str, ends: str, quantity: int = 1, party_size: int = 1, **changes: Any) -> Wanted:  # noqa: ANN401 - fields of the class
    return Wanted(changes.pop("resource", resource()), between(starts, ends), None, quantity, party_size, **changes)


def stay(check_in_on: str, nights: int, quantity: int = 1, party_size: int = 1, **changes: Any) -> Wanted:  # noqa: ANN401 - fields of the class
    """A stay under NIGHTS in Lisbon."""
    first = date.fromisoformat(check_in_on)
    dates = Stay(first, first + timedelta(days=nights))
    during = NIGHTS.during(dates, LISBON)
    return Wanted(changes.pop("resource", resource()), during, dates, quantity, party_size, **changes)


def present_of(wanted: Wanted) -> Present:
    """What a reservation has that was given this use."""
    return Present(wanted.during, wanted.stay, wanted.quantity, wanted.party_size)


def facts(now: datetime = NOW, zone: ZoneInfo = LISBON, **changes: Any) -> Facts:  # noqa: ANN401 - fields of the class
    return Facts(now, changes.pop("days", Days(zone)), **changes)


def told(violations: list[Violation]) -> list[tuple[str, str, str]]:
    return [(violation.rule, violation.code, violation.field) for violation in violations]
