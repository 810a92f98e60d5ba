"""The three booking modes: nights, derived slots, and free starts and ends on a grid.

A mode checks what it is about, and only that; everything that restricts further is a rule (`rules/`).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from chalicelib.core.errors import Violation
from chalicelib.core.parameters import MOST_DAYS, MOST_MINUTES, ParameterError, check_number, check_step, check_time
from chalicelib.core.time_ranges import (
    EARLIEST_AT,
    ONE_MINUTE,
    TimeRange,
    instant_text,
    is_on_grid,
    merged,
    wall_clock_instant,
)
from chalicelib.core.wording import at_text, between_text, length_text, minutes_text, on_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from chalicelib.core.time_ranges import Stay
    from chalicelib.policies.model.rules.opening_hours import OpeningHours
    from chalicelib.policies.model.wanted import Facts, Wanted

ONE_DAY = timedelta(days=1)
SHORTEST = timedelta(microseconds=1)
"""The range that covers one instant."""

Offered = Literal["opening_hours", "windows"]


@dataclass(frozen=True, slots=True)
class StayMode:
    """Nights: from the check-in time of one day until the check-out time of another."""

    check_in_time: time
    check_out_time: time
    min_nights: int = 1
    max_nights: int | None = None
    mode: Literal["stay"] = "stay"

    def __post_init__(self) -> None:
        check_time("check_in_time", self.check_in_time)
        check_time("check_out_time", self.check_out_time)
        if self.check_out_time > self.check_in_time:
            expectation = f"must not be later than check_in_time ({self.check_in_time:%H:%M}), or guests would overlap"
            raise ParameterError("check_out_time", expectation)
        check_number("min_nights", self.min_nights, 1, MOST_DAYS)
        check_number("max_nights", self.max_nights, self.min_nights, MOST_DAYS)

    @property
    def shortest(self) -> int:
        """The fewest nights."""
        return self.min_nights

    @property
    def longest(self) -> int:
        """The most nights."""
        return MOST_DAYS if self.max_nights is None else self.max_nights

    def during(self, stay: Stay, zone: ZoneInfo) -> TimeRange:
        """Return the instants of a stay."""
        return TimeRange(
            wall_clock_instant(stay.check_in_on, self.check_in_time, zone),
            wall_clock_instant(stay.check_out_on, self.check_out_time, zone),
        )

    def check(self, wanted: Wanted, facts: Facts, _opening_hours: OpeningHours | None) -> Iterator[Violation]:
        """Yield what is wrong with the dates: tonight may still be reserved this evening, a past night may not.

        The tenant's own people may still sell the night that is running, until its check-out time.
        """
        if wanted.stay is None:
            message = "This is reserved by the night; send check_in_on and check_out_on."
            yield Violation(self.mode, "nights_expected", "check_in_on", message, {})
            return
        today = facts.today
        field, on = ("check_out_on", wanted.stay.check_out_on)
        if wanted.start_is_new:
            field, on = ("check_in_on", wanted.stay.check_in_on)
        if on < today and not wanted.keeps_times and not self._sold_by_night(wanted.stay.check_in_on, facts):
            message = f"{on_text(on)} is in the past; choose {on_text(today)} or later."
            yield Violation(self.mode, "in_the_past", field, message, {"given": on.isoformat()})
        yield from length_violations(self.mode, wanted, self.min_nights, self.max_nights)

    def earliest_on(self, facts: Facts) -> date:
        """Return the first date on which a new stay may begin: today, or the day before while staff may sell it."""
        yesterday = facts.today - ONE_DAY
        return yesterday if self._sold_by_night(yesterday, facts) else facts.today

    def _sold_by_night(self, first_on: date, facts: Facts) -> bool:
        """Whether the tenant's own people ask while the first night lasts, with a guest at the door."""
        first_night = TimeRange(
            wall_clock_instant(first_on, self.check_in_time, facts.zone),
            wall_clock_instant(first_on + ONE_DAY, self.check_out_time, facts.zone),
        )
        return facts.by_staff and first_night.covers(facts.now)


@dataclass(frozen=True, slots=True)
class SlotMode:
    """Slots of one length, every step from the beginning of each opening; derived, never stored."""

    slot_minutes: int
    step_minutes: int
    offered_in: Offered
    mode: Literal["slot"] = "slot"

    def __post_init__(self) -> None:
        check_number("slot_minutes", self.slot_minutes, 1, MOST_MINUTES)
        check_number("step_minutes", self.step_minutes, 1, MOST_MINUTES)

    @property
    def shortest(self) -> int:
        """The length of every slot, in minutes."""
        return self.slot_minutes

    @property
    def longest(self) -> int:
        """The length of every slot, in minutes."""
        return self.slot_minutes

    def offered(
        self, opening_hours: OpeningHours | None, windows: Iterable[TimeRange], within: TimeRange, zone: ZoneInfo
    ) -> Iterator[TimeRange]:
        """Yield, ascending, the slots that begin in the range.

        Steps are counted from the beginning of each opening. A slot may last into the next one where the two touch:
        together they are one opening, which may have neither a beginning nor an end.
        """
        length, step = self.slot_minutes * ONE_MINUTE, self.step_minutes * ONE_MINUTE
        starts: set[datetime] = set()
        reached = openings(self.offered_in, opening_hours, windows, within.widened(timedelta(), length), zone)
        for opening, open_until in _lasting(reached):
            missed = max(timedelta(), within.starts_at - opening.starts_at)
            starts_at = opening.starts_at - (-missed // step) * step
            latest_at = open_until - length
            begins_before = min(opening.ends_at, within.ends_at)
            while starts_at <= latest_at and starts_at < begins_before:
                starts.add(starts_at)
                starts_at += step
        for starts_at in sorted(starts):
            yield TimeRange(starts_at, starts_at + length)

    def check(self, wanted: Wanted, facts: Facts, opening_hours: OpeningHours | None) -> Iterator[Violation]:
        """Yield what is wrong with the slot: it must not be over, and must be one of those offered."""
        if wanted.stay is not None:
            yield times_expected(self.mode)
            return
        yield from past_violations(self.mode, wanted, facts)
        if wanted.keeps_times:
            return
        during = wanted.during
        moment = TimeRange(during.starts_at, during.starts_at + SHORTEST)
        if during not in self.offered(opening_hours, facts.windows, moment, facts.zone):
            yield self._not_offered(during, facts, opening_hours)

    def _not_offered(self, during: TimeRange, facts: Facts, opening_hours: OpeningHours | None) -> Violation:
        around = TimeRange(during.starts_at, during.starts_at + SHORTEST).widened(ONE_DAY, ONE_DAY)
        offered = tuple(self.offered(opening_hours, facts.windows, around, facts.zone))
        at = bisect_left(offered, during)
        nearest = [slot.starts_at for slot in offered[max(0, at - 1) : at + 1]]
        length = f"Slots here are {minutes_text(self.slot_minutes)} long"
        hint = " or ".join(at_text(instant, facts.zone) for instant in nearest)
        message = f"{length}; the nearest start at {hint}." if hint else f"{length}; availability lists them."
        return Violation(
            self.mode,
            "not_offered",
            "starts_at",
            f"No slot is offered from {at_text(during.starts_at, facts.zone)} for "
            f"{minutes_text(during.duration // ONE_MINUTE)}. {message}",
            {"slot_minutes": self.slot_minutes, "nearest": [instant_text(instant) for instant in nearest]},
        )


@dataclass(frozen=True, slots=True)
class IntervalMode:
    """Any start and end on the grid of the wall clock, within the lengths and where it is offered."""

    step_minutes: int
    min_minutes: int
    max_minutes: int
    offered_in: Literal["always", Offered]
    mode: Literal["interval"] = "interval"

    def __post_init__(self) -> None:
        check_step("step_minutes", self.step_minutes)
        check_number("min_minutes", self.min_minutes, 1, MOST_MINUTES)
        check_number("max_minutes", self.max_minutes, self.min_minutes, MOST_MINUTES)
        for field in ("min_minutes", "max_minutes"):
            if getattr(self, field) % self.step_minutes:
                expectation = f"must be a whole number of steps of {self.step_minutes} minutes"
                raise ParameterError(field, expectation)

    @property
    def shortest(self) -> int:
        """The fewest minutes."""
        return self.min_minutes

    @property
    def longest(self) -> int:
        """The most minutes."""
        return self.max_minutes

    def check(self, wanted: Wanted, facts: Facts, opening_hours: OpeningHours | None) -> Iterator[Violation]:
        """Yield what is wrong with the interval: over already, off the grid, too short or long, or not offered."""
        if wanted.stay is not None:
            yield times_expected(self.mode)
            return
        yield from past_violations(self.mode, wanted, facts)
        during = wanted.during
        had = () if wanted.present is None else (wanted.present.during.starts_at, wanted.present.during.ends_at)
        for field, instant in (("starts_at", during.starts_at), ("ends_at", during.ends_at)):
            if instant not in had and not is_on_grid(instant, self.step_minutes, facts.zone):
                message = (
                    f"{at_text(instant, facts.zone)} does not fit: times here are whole steps of "
                    f"{minutes_text(self.step_minutes)} from midnight."
                )
                yield Violation(self.mode, "off_grid", field, message, {"step_minutes": self.step_minutes})
        yield from length_violations(self.mode, wanted, self.min_minutes, self.max_minutes)
        # Opening hours are a rule, which says for itself what it refuses.
        offered = merged(facts.windows)
        if self.offered_in == "windows" and not all(within_one(offered, part.during) for part in wanted.taken):
            starts, ends = at_text(during.starts_at, facts.zone), at_text(during.ends_at, facts.zone)
            message = f"It is not available all the way from {starts} to {ends}; availability lists when it is."
            yield Violation(self.mode, "not_offered", "starts_at", message, {})


Mode = StayMode | SlotMode | IntervalMode


def openings(
    offered_in: Literal["always", Offered],
    opening_hours: OpeningHours | None,
    windows: Iterable[TimeRange],
    within: TimeRange,
    zone: ZoneInfo,
) -> Iterator[TimeRange]:
    """Return the openings, whole, that reach into the range. "always" has one, which is the range itself."""
    if offered_in == "always":
        return iter((within,))
    if offered_in == "windows":
        return (window for window in windows if window.overlaps(within))
    return opening_hours.openings(within, zone) if opening_hours is not None else iter(())


def _lasting(found: Iterable[TimeRange]) -> Iterator[tuple[TimeRange, datetime]]:
    """Yield each opening, and until when it is open from there without a break."""
    touching: list[TimeRange] = []
    open_until = EARLIEST_AT
    for opening in sorted(found, key=attrgetter("starts_at")):
        if opening.starts_at > open_until:
            yield from ((one, open_until) for one in touching)
            touching = []
        touching.append(opening)
        open_until = max(open_until, opening.ends_at)
    yield from ((one, open_until) for one in touching)


def within_one(ranges: Iterable[TimeRange], during: TimeRange) -> bool:
    """Whether one of the ranges contains the whole use."""
    return any(opening.contains(during) for opening in ranges)


def times_expected(mode: str) -> Violation:
    """The violation of asking for nights where there are none."""
    message = "This is reserved by time; send starts_at and ends_at."
    return Violation(mode, "times_expected", "starts_at", message, {})


def past_violations(mode: str, wanted: Wanted, facts: Facts) -> Iterator[Violation]:
    """Yield that the start is over; of a use that has this start already, only a new end must still lie ahead."""
    field, instant = ("starts_at", wanted.during.starts_at)
    if not wanted.start_is_new:
        field, instant = ("ends_at", wanted.during.ends_at)
    if instant < facts.now and not wanted.keeps_times:
        message = f"{at_text(instant, facts.zone)} is in the past; it is {at_text(facts.now, facts.zone)} now."
        yield Violation(mode, "in_the_past", field, message, {"given": instant_text(instant)})


def length_violations(rule: str, wanted: Wanted, minimum: int | None, maximum: int | None) -> Iterator[Violation]:
    """Yield that a use is shorter or longer than permitted, in nights for stays and in minutes otherwise.

    Of what is there already, a minimum counts for what gets shorter, and a maximum for what gets longer.
    """
    unit = "minute" if wanted.stay is None else "night"
    length = wanted.length
    had = None if wanted.present is None or wanted.start_is_new else wanted.present.length
    too_short = minimum is not None and length < minimum and (had is None or length < had)
    if too_short or (maximum is not None and length > maximum and (had is None or length > had)):
        code = "too_short" if too_short else "too_long"
        message = (
            f"{length_text(length, unit)} is {code.replace('_', ' ')}; expected {between_text(minimum, maximum, unit)}."
        )
        parameters = {"minimum": minimum, "maximum": maximum, "given": length, "unit": f"{unit}s"}
        yield Violation(rule, code, wanted.end_field, message, parameters)
