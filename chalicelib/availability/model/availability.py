"""What can be had: nights, slots or free ranges, by the very functions that admission decides with.

Everything listed as free passes `policies.evaluate` and the inquiry's `fits`: whether that many units can really be had
over a range, buffers included. Where it holds for a range it holds for every part of it. Nothing here is
stored; what is listed is free until somebody is faster.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import accumulate, groupby, islice
from typing import TYPE_CHECKING

from chalicelib.availability.model.inquiries import Inquiry, Opposed, facts_of_day
from chalicelib.availability.model.profiles import Profile
from chalicelib.core.errors import InvalidRangeError
from chalicelib.core.memories import Memory
from chalicelib.core.time_ranges import ONE_MINUTE, Stay, TimeRange, days, grid_instants, subtracted
from chalicelib.policies.model.modes import ONE_DAY, IntervalMode, SlotMode, StayMode, openings
from chalicelib.policies.model.policies import Policy, broken_rules, evaluate, size_violations
from chalicelib.policies.model.rules.lead_time import LeadTime
from chalicelib.policies.model.rules.opening_hours import OpeningHours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from chalicelib.core.days import Days
    from chalicelib.policies.model.rules import Rule
    from chalicelib.policies.model.wanted import Facts, Wanted

__all__ = [
    "FreeRange",
    "Night",
    "Profile",
    "Slot",
    "free_ranges",
    "nights",
    "offered_slots",
    "slots",
]

NO_COUNTS: Mapping[date, int] = {}
_slots: Memory[Sequence[TimeRange]] = Memory(100_000)
"""By policy, day and zone: some twenty megabytes."""
ABOUT_NO_STAY = frozenset({"blacked_out", "party_too_small", "party_too_large", "too_many_active"})
"""Codes of violations that stand against a night whatever stay it is part of: the date itself, or who wants it."""

OFF_GRID = frozenset({"off_grid"})
"""Where nothing begins, but what began before may go on."""


@dataclass(frozen=True, slots=True)
class Night:
    """One night by the date of its evening.

    `remaining` units are free then; 0 also where fewer are than wanted, and where no stay may include the night. A stay
    of `min_nights` to `max_nights` can begin here, as far as the nights listed reach; None where none can.
    `can_check_out`: whether one that begins on a night listed before may end here; None of the first one.
    """

    on: date
    remaining: int
    min_nights: int | None = None
    max_nights: int | None = None
    can_check_out: bool | None = None

    @property
    def can_check_in(self) -> bool:
        """Whether a stay may begin on this date."""
        return self.min_nights is not None


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot that the policy lets anyone have who wants it now; `remaining` is 0 where fewer are free than wanted."""

    starts_at: datetime
    ends_at: datetime
    remaining: int


@dataclass(frozen=True, slots=True)
class FreeRange:
    """What can be had: anything on the grid and of a permitted length that lies in it and begins in time.

    `remaining` units are free throughout. Nothing begins later than at `latest_start_at`: after it the range is for
    what began before.
    """

    starts_at: datetime
    ends_at: datetime
    remaining: int
    latest_start_at: datetime


def offered_slots(
    policy: Policy, windows: Iterable[TimeRange], within: TimeRange, zone: ZoneInfo
) -> Iterator[TimeRange]:
    """Yield, ascending, the slots that begin in the range, free or not, over or not. None for other modes."""
    if not isinstance(policy.mode, SlotMode):
        return
    if policy.mode.offered_in == "windows":
        yield from policy.mode.offered(policy.opening_hours, windows, within, zone)
        return
    first, last = within.starts_at.toordinal(), (within.ends_at - timedelta.resolution).toordinal()
    for ordinal in range(first, last + 1):
        for slot in _slots_of_day(policy, ordinal, zone):
            if within.covers(slot.starts_at):
                yield slot


def _slots_of_day(policy: Policy, ordinal: int, zone: ZoneInfo) -> Sequence[TimeRange]:
    """The slots that begin on a day of UTC, by its number, as opening hours have it."""
    known = _slots.find((policy, ordinal, zone))
    if known is not None:
        return known
    assert isinstance(policy.mode, SlotMode)  # noqa: S101 - asked by `offered_slots` alone
    midnight = datetime.combine(date.fromordinal(ordinal), time(), UTC)
    day = TimeRange(midnight, midnight + ONE_DAY)
    found = tuple(policy.mode.offered(policy.opening_hours, (), day, zone))
    return _slots.keep((policy, ordinal, zone), found, 1 + len(found))


def nights(
    inquiry: Inquiry, facts: Facts, from_on: date, until_on: date, resource_on: Mapping[date, int] = NO_COUNTS
) -> list[Night]:
    """Return every night from the first date until before the last.

    The inquiry's profile reaches as far as stays that begin there may, buffers included. `resource_on`: how many
    reservations of the resource begin on a date, for rules that count them. Raises `InvalidRangeError` for dates that
    make no range.
    """
    policy = inquiry.policy
    mode = policy.mode
    if not isinstance(mode, StayMode):
        message = "this policy has no nights"
        raise TypeError(message)
    Stay(from_on, until_on)
    remaining: dict[date, int] = {}
    earliest_on = mode.earliest_on(facts)
    for on in days(from_on, until_on):
        night = Stay(on, on + ONE_DAY)
        wanted = inquiry.wants(mode.during(night, facts.zone), night)
        remaining[on] = 0
        if on >= earliest_on and not _never_in_a_stay(policy, wanted, facts):
            remaining[on] = inquiry.free(wanted.during)
    free_until = _free_until(inquiry, remaining, facts.zone)
    lengths = [
        _lengths(inquiry, on, free_until[on], facts_of_day(facts, resource_on, on)) if units else (None, None)
        for on, units in remaining.items()
    ]
    return [
        Night(on, units, least, most, can_check_out)
        for (on, units), (least, most), can_check_out in zip(
            remaining.items(), lengths, _departures(lengths), strict=True
        )
    ]


def slots(inquiry: Inquiry, facts: Facts, within: TimeRange, resource_on: Mapping[date, int] = NO_COUNTS) -> list[Slot]:
    """Return the slots that begin in the range and that the policy permits, those that are full included.

    `facts` have the windows, and the inquiry's profile the use, of the whole range. `resource_on` as for `nights`.
    """
    policy = inquiry.policy
    mode = policy.mode
    if not isinstance(mode, SlotMode):
        message = "this policy has no slots"
        raise TypeError(message)
    ahead = _ahead(policy, within, facts.now)
    if ahead is None or any(size_violations(policy, inquiry.wants(within))):
        return []
    opposed = Opposed(inquiry, _rules_left(policy, mode.offered_in), facts, resource_on)
    return [
        Slot(slot.starts_at, slot.ends_at, inquiry.free(slot))
        for slot in offered_slots(policy, facts.windows, ahead, facts.zone)
        if not opposed.by(slot.starts_at, slot.ends_at)
    ]


def free_ranges(
    inquiry: Inquiry, facts: Facts, within: TimeRange, resource_on: Mapping[date, int] = NO_COUNTS
) -> list[FreeRange]:
    """Return the free parts of a range, each as large as can be.

    They overlap where units differ in when they are free, and where something may last longer than others may begin.
    Rules are asked about the shortest use from each start, which decides for longer ones of permitted length unless an
    expression looks at the length or the end. `facts` have the windows, and the inquiry's profile the use, of the
    whole range. `resource_on` as for `nights`.
    """
    policy = inquiry.policy
    mode = policy.mode
    if not isinstance(mode, IntervalMode):
        message = "this policy has no intervals"
        raise TypeError(message)
    ahead = _ahead(policy, within, facts.now)
    if ahead is None or any(size_violations(policy, inquiry.wants(within))):
        return []
    offered_in = mode.offered_in
    if offered_in == "always" and policy.opening_hours is not None:
        offered_in = "opening_hours"
    offered = openings(offered_in, policy.opening_hours, facts.windows, ahead, facts.zone)
    reachable = filter(None, (opening.intersection(ahead) for opening in offered))
    busy = [policy.out_of_reach(part) for part in inquiry.profile.busy(inquiry.units)]
    opposed = Opposed(inquiry, _rules_left(policy, offered_in), facts, resource_on)
    found: list[FreeRange] = []
    whole = grid_instants(ahead, mode.step_minutes, facts.zone)
    for piece in subtracted(reachable, busy):
        first, last = bisect_left(whole, piece.starts_at), bisect_right(whole, piece.ends_at)
        grid = whole[first:last]
        for run in _runs(policy, mode, grid, facts.days, opposed):
            found.extend(_fitting(inquiry, grid, run))
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    """Places in a grid: where something may begin, each with the place where its shortest ends; and where all ends."""

    starts: list[tuple[int, int]]
    end: int


def _runs(policy: Policy, mode: IntervalMode, grid: list[datetime], there: Days, opposed: Opposed) -> Iterator[_Run]:
    """Yield the longest runs of starts from which the shortest use is permitted.

    Whatever lies in a run is permitted, too: shortest uses that are cover it. A start that is not permitted ends a run,
    but what began before may last over it.
    """
    starts: list[tuple[int, int]] = []
    next_day = 0
    while next_day < len(grid):
        first = next_day
        on = there.day_of(grid[first])
        shortest, day_ends_at = policy.shortest(on) * ONE_MINUTE, there.begins_at(on + ONE_DAY)
        next_day = max(first + 1, bisect_left(grid, day_ends_at, first))
        ends = [bisect_left(grid, grid[place] + shortest, place + 1) for place in range(first, next_day)]
        of_day = [(place, end) for place, end in zip(range(first, next_day), ends, strict=True) if end < len(grid)]
        alike = bisect_right(ends, bisect_right(grid, day_ends_at) - 1) if opposed.answers_by_day() else 0
        if alike:
            codes = opposed.by(grid[first], grid[ends[0]])
            if not codes:
                starts += of_day[:alike]
            elif codes != OFF_GRID and starts:
                yield _Run(starts, _end_of_last(mode, grid, starts[-1], opposed))
                starts = []
            of_day = of_day[alike:]
        for place, end in of_day:
            codes = opposed.by(grid[place], grid[end])
            if not codes:
                starts.append((place, end))
            elif codes != OFF_GRID and starts:
                yield _Run(starts, _end_of_last(mode, grid, starts[-1], opposed))
                starts = []
    if starts:
        yield _Run(starts, _end_of_last(mode, grid, starts[-1], opposed))


def _end_of_last(mode: IntervalMode, grid: list[datetime], last: tuple[int, int], opposed: Opposed) -> int:
    """The place until which the last of a run may last, and so all of it: the longer it is, the more it touches."""
    place, shortest = last
    longest = bisect_right(grid, grid[place] + mode.longest * ONE_MINUTE, shortest) - 1
    if longest <= shortest:
        return shortest
    return _latest(lambda end: not opposed.lasting(grid[place], grid[end]), shortest, longest)


def _fitting(inquiry: Inquiry, grid: list[datetime], run: _Run) -> Iterator[FreeRange]:
    """Yield the largest parts of a run over which the units can really be had: mostly all of it."""

    def fits(place: int, end: int) -> bool:
        during = TimeRange(grid[place], grid[end])
        return inquiry.by_counting or inquiry.fits(inquiry.policy.blocked(during), inquiry.units)

    reached = 0
    for place, shortest in run.starts:
        if reached == run.end:
            return
        nearest = max(shortest, reached + 1)
        if nearest > run.end or not fits(place, nearest):
            continue
        reached = _latest(partial(fits, place), nearest, run.end)
        during = TimeRange(grid[place], grid[reached])
        remaining = inquiry.profile.remaining(inquiry.policy.blocked(during))
        yield FreeRange(during.starts_at, during.ends_at, remaining, grid[_latest_start(run, reached)])


def _latest_start(run: _Run, end: int) -> int:
    """The last place at which something may begin that ends by a place."""
    before = bisect_left(run.starts, (end,)) - 1
    while run.starts[before][1] > end:
        before -= 1
    return run.starts[before][0]


def _latest(fits_until: Callable[[int], bool], known: int, latest: int) -> int:
    """The latest end that fits, given one that does: room for a longer use is room for a shorter one."""
    if fits_until(latest):
        return latest
    while latest - known > 1:
        middle = (known + latest) // 2
        if fits_until(middle):
            known = middle
        else:
            latest = middle
    return known


def _free_until(inquiry: Inquiry, remaining: Mapping[date, int], zone: ZoneInfo) -> dict[date, date]:
    """Until which date a stay from each free night on could last: as far as its units are free, by day as well."""

    def fits(from_on: date, until_on: date) -> bool:
        blocked = inquiry.policy.blocked(inquiry.policy.during(Stay(from_on, until_on), zone))
        return inquiry.fits(blocked, inquiry.units)

    until: dict[date, date] = {}
    for is_free, block in groupby(remaining, key=lambda on: remaining[on] > 0):
        nights_of_block = list(block)
        if is_free:
            end = nights_of_block[-1] + ONE_DAY
            reached = end if fits(nights_of_block[0], end) else nights_of_block[0]
            goes_on = True
            for on in nights_of_block:
                if on >= reached:
                    reached, goes_on = on + ONE_DAY, True
                while goes_on and reached < end and fits(on, reached + ONE_DAY):
                    reached += ONE_DAY
                # Where not even the two nights around it are had together, no stay lasts over the day between them.
                goes_on = goes_on and reached < end and fits(reached - ONE_DAY, reached + ONE_DAY)
                until[on] = reached
    return until


def _lengths(inquiry: Inquiry, on: date, free_until: date, facts: Facts) -> tuple[int | None, int | None]:
    """How many nights a stay from a date on may have, at least and at most; no numbers where there is none."""
    policy = inquiry.policy
    shortest, longest = policy.shortest(on), policy.longest(on, (free_until - on).days)

    def permitted(nights_there: int) -> bool:
        try:
            stay = Stay(on, on + nights_there * ONE_DAY)
        except InvalidRangeError:  # longer than there are years in Berth
            return False
        wanted = inquiry.wants(policy.during(stay, facts.zone), stay)
        is_free = stay.check_out_on <= free_until or inquiry.free(wanted.during) > 0
        return is_free and not evaluate(policy, wanted, facts)

    if not policy.expressions_of_length:
        return (shortest, max(shortest, longest)) if permitted(shortest) else (None, None)
    least = next((number for number in range(shortest, max(shortest, longest) + 1) if permitted(number)), None)
    return (None, None) if least is None else (least, _latest(permitted, least, max(least, longest)))


def _departures(lengths: Sequence[tuple[int | None, int | None]]) -> Iterator[bool | None]:
    """Yield of each night whether a stay from one before may end on its date, by the lengths of those."""
    changes = [0] * (len(lengths) + 1)
    for place, (least, most) in enumerate(lengths):
        if least is not None and most is not None and place + least < len(lengths):
            changes[place + least] += 1
            changes[min(place + most + 1, len(lengths))] -= 1
    yield None
    yield from (stays > 0 for stays in islice(accumulate(changes), 1, len(lengths)))


def _never_in_a_stay(policy: Policy, wanted: Wanted, facts: Facts) -> bool:
    return any(size_violations(policy, wanted)) or any(
        violation.code in ABOUT_NO_STAY for violation in broken_rules(policy.rules, wanted, facts)
    )


def _rules_left(policy: Policy, offered_in: str) -> tuple[Rule, ...]:
    """The rules that still have to be asked about what was derived from openings, after the lead time."""
    met = (LeadTime, OpeningHours) if offered_in == "opening_hours" else LeadTime
    return tuple(rule for rule in policy.rules if not isinstance(rule, met))


def _ahead(policy: Policy, within: TimeRange, now: datetime) -> TimeRange | None:
    """What of a range is neither over nor so near that nothing may begin in it."""
    notices = (rule.earliest_at(now) for rule in policy.rules if isinstance(rule, LeadTime))
    starts_at = max(within.starts_at, now, *notices)
    return TimeRange(starts_at, within.ends_at) if starts_at < within.ends_at else None
