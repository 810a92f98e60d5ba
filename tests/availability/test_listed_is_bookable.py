"""What is listed can be reserved, and what can be reserved is listed: whatever the policy, the zone and what is taken.

One law for all modes, over random policies of all rules.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from chalicelib.availability.model.availability import Profile, free_ranges, nights, offered_slots, slots
from chalicelib.availability.model.inquiries import Inquiry
from chalicelib.core.days import Days
from chalicelib.core.time_ranges import WEEKDAYS, DateRange, Stay, TimeRange, days, grid_instants, is_on_grid
from chalicelib.policies.model.modes import IntervalMode, SlotMode, StayMode
from chalicelib.policies.model.policies import evaluate
from chalicelib.policies.model.rules.active_per_guest import ActivePerGuest
from chalicelib.policies.model.rules.arrival_weekdays import ArrivalWeekdays
from chalicelib.policies.model.rules.blackout_dates import Blackout, BlackoutDates
from chalicelib.policies.model.rules.buffers import Buffers
from chalicelib.policies.model.rules.daily_cutoff import DailyCutoff
from chalicelib.policies.model.rules.expression import Expression
from chalicelib.policies.model.rules.grid import Grid
from chalicelib.policies.model.rules.horizon import Horizon
from chalicelib.policies.model.rules.lead_time import LeadTime
from chalicelib.policies.model.rules.length import Length, LengthSeason
from chalicelib.policies.model.rules.opening_hours import Opening, OpeningHours, Week
from chalicelib.policies.model.rules.party_size import PartySize
from chalicelib.policies.model.rules.per_day_limit import PerDayLimit
from chalicelib.policies.model.wanted import Facts, Wanted
from tests.examples import examples
from tests.subjects import at, between, facts, policy, resource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.policies.model.policies import Policy
    from chalicelib.policies.model.rules import Rule

LAW = settings(max_examples=examples(40), phases=[Phase.explicit, Phase.reuse, Phase.generate])
"""Not shrunk, which would take longer than a test may: a world is told by the few things drawn for it."""
CAPACITY = 4
KAYAKS = resource(CAPACITY)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
SPAN = 5
PLACES = {
    "Europe/Lisbon": date(2026, 10, 23),  # clocks are put back on the 25th, at 02:00
    "Australia/Lord_Howe": date(2026, 10, 2),  # put forward by half an hour on the 4th
    "America/St_Johns": date(2010, 11, 5),  # put back from 00:01 to 23:01 of the day before on the 7th
    "America/Santiago": date(2026, 9, 4),  # put forward at midnight of the 6th, which does not happen
    "Africa/Cairo": date(2026, 10, 28),  # put back at midnight of the 29th
    "Asia/Kathmandu": date(2026, 10, 23),  # never, and 5:45 h ahead
}
BACK_AND_FORTH = {"America/Santiago": date(2026, 4, 2), "Africa/Cairo": date(2026, 4, 22)}
"""The other changes of those two."""


class World:
    """A zone around a change of its clocks, what is taken there, and how many reservations begin on each day."""

    def __init__(self, data: st.DataObject) -> None:
        name, first_on = data.draw(st.sampled_from([*PLACES.items(), *BACK_AND_FORTH.items()]))
        self.zone = ZoneInfo(name)
        start = datetime(first_on.year, first_on.month, first_on.day, tzinfo=UTC)
        start += data.draw(st.integers(0, 48)) * timedelta(minutes=37)
        self.within = TimeRange(start, start + data.draw(st.sampled_from([1, 2, 3])) * timedelta(hours=17))
        self.first_on = start.astimezone(self.zone).date()
        uses = st.tuples(st.integers(0, 60), st.integers(1, 30), st.integers(1, 3))
        taken = [
            (TimeRange(start + begin * HOUR, start + (begin + length) * HOUR), units)
            for begin, length, units in data.draw(st.lists(uses, max_size=4))
        ]
        instants = sorted({instant for during, _ in taken for instant in (during.starts_at, during.ends_at)})
        steps = ((at, sum(units for during, units in taken if during.covers(at))) for at in instants)
        self.profile = Profile(CAPACITY, tuple(steps))
        self.now = start + data.draw(st.integers(-60, 30)) * HOUR
        self.windows = data.draw(windows(start))
        dates = list(days(self.first_on - timedelta(days=1), self.first_on + timedelta(days=SPAN)))
        self.counts: Mapping[date, int] = data.draw(st.dictionaries(st.sampled_from(dates), st.integers(0, 3)))
        self.rules = data.draw(rules(self.first_on))
        self.party_size = data.draw(st.integers(1, 2))
        self.by_staff = data.draw(st.booleans())
        self.by_counting = data.draw(st.booleans())

    def facts(self, terms: Policy) -> Facts:
        return Facts(
            self.now,
            terms.days(self.zone),
            self.windows,
            evaluate_expression=one_of_three_hours,
            by_staff=self.by_staff,
        )

    def fits(self, blocked: TimeRange, units: int) -> bool:
        return self.profile.remaining(blocked) >= units

    def accepts(self, terms: Policy, during: TimeRange, stay: Stay | None = None) -> bool:
        """What admission says, which knows only the windows around a use and the count of its own day."""
        wanted = Wanted(KAYAKS, during, stay, 1, self.party_size)
        there = terms.days(self.zone)
        known = replace(
            self.facts(terms),
            windows=tuple(window for window in self.windows if window.overlaps(during)),
            resource_on_day=self.counts.get(wanted.starts_on(there), 0),
        )
        return not evaluate(terms, wanted, known) and self.fits(terms.blocked(during), 1)

    def inquiry(self, terms: Policy) -> Inquiry:
        return Inquiry(terms, KAYAKS, self.profile, 1, self.party_size, self.fits, self.by_counting)


def one_of_three_hours(_expression: str, given: Mapping[str, object]) -> bool:
    """Stands for an expression that starts in every third hour do not meet."""
    return int(str(given["starts_time"])[:2]) % 3 != 1


@st.composite
def windows(draw: st.DrawFn, start: datetime) -> tuple[TimeRange, ...]:
    """Windows that do not overlap, of which some touch."""
    found: list[TimeRange] = []
    ends_at = start + draw(st.integers(0, 8)) * QUARTER
    for gap, length in draw(st.lists(st.tuples(st.sampled_from([0, 0, 3, 17]), st.integers(1, 40)), max_size=6)):
        starts_at = ends_at + gap * QUARTER
        ends_at = starts_at + length * QUARTER
        found.append(TimeRange(starts_at, ends_at))
    return tuple(found)


@st.composite
def rules(draw: st.DrawFn, first_on: date) -> tuple[Rule, ...]:
    """Any rules that suit every mode, about the days after a date."""
    dates = st.integers(-1, SPAN).map(lambda number: first_on + timedelta(days=number))
    ranges = dates.map(lambda on: DateRange(on, on + timedelta(days=2)))
    weekdays = st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True).map(tuple)
    minimums, more = st.none() | st.sampled_from([1, 2, 3, 45, 75]), st.none() | st.sampled_from([0, 1, 45, 200])
    bounds = st.tuples(minimums, more).map(
        lambda drawn: (drawn[0], None if drawn[1] is None else (drawn[0] or 1) + drawn[1])
    )
    seasons = st.tuples(dates, bounds).map(
        lambda drawn: LengthSeason(drawn[0], drawn[0] + timedelta(days=2), *drawn[1])
    )
    whole_minutes = st.times().map(lambda at: at.replace(second=0, microsecond=0))
    kinds: list[st.SearchStrategy[Rule]] = [
        st.integers(0, 3000).map(LeadTime),
        st.integers(0, SPAN).map(Horizon),
        st.builds(DailyCutoff, whole_minutes, st.none() | st.integers(0, 2)),
        st.builds(ArrivalWeekdays, weekdays, st.lists(ranges, max_size=2).map(tuple)),
        st.tuples(bounds, st.lists(seasons, max_size=2)).map(lambda drawn: Length(*drawn[0], tuple(drawn[1]))),
        st.builds(PartySize, minimum=st.none() | st.just(2)),
        dates.map(lambda on: BlackoutDates((Blackout(on, on + timedelta(days=1), "Closed."),))),
        st.builds(PerDayLimit, st.integers(1, 3), st.just("resource")),
        st.integers(1, 2).map(ActivePerGuest),
        st.just(Expression("some expression", "No.", "starts_at")),
    ]
    chosen = [draw(kind) for kind in kinds if draw(st.integers(0, 3)) == 0]
    if draw(st.booleans()):
        chosen.append(Buffers(draw(st.integers(0, 90)), draw(st.integers(0, 90))))
    return tuple(draw(st.permutations(chosen)))


ROUND_THE_CLOCK = (Opening(time(0), time(0)),)
A_DAYS_HOURS = st.sampled_from(
    [
        (),
        (Opening(time(8), time(18)),),
        (Opening(time(9), time(12)), Opening(time(12), time(14))),
        (Opening(time(20), time(4)),),
        (Opening(time(4), time(4)),),
        (Opening(time(20), time(4)), Opening(time(4), time(20))),
    ]
)


@st.composite
def hours_of_the_week(draw: st.DrawFn) -> OpeningHours:
    if draw(st.integers(0, 3)) == 0:
        return OpeningHours(Week(**dict.fromkeys(WEEKDAYS, ROUND_THE_CLOCK)))
    return OpeningHours(Week((Opening(time(4), time(20)),), *(draw(A_DAYS_HOURS) for _ in WEEKDAYS[1:])))


def within_opening(openings: list[TimeRange], during: TimeRange) -> bool:
    """Whether it is open all the time: counted in minutes, not with the functions that are tried."""
    minute = timedelta(minutes=1)
    length = during.duration // minute
    return all(any(opening.covers(during.starts_at + n * minute) for opening in openings) for n in range(length))


@LAW
@given(st.data())
def test_slots_are_listed_as_free_exactly_if_they_can_be_had(data: st.DataObject) -> None:
    world = World(data)
    length, step = data.draw(st.integers(10, 300)), data.draw(st.integers(20, 300))
    offered_in: Literal["windows", "opening_hours"] = data.draw(st.sampled_from(["windows", "opening_hours"]))
    hours = data.draw(hours_of_the_week())
    terms = policy(SlotMode(length, step, offered_in), *world.rules, hours)
    found = slots(world.inquiry(terms), world.facts(terms), world.within, resource_on=world.counts)
    free = {slot.starts_at: slot.remaining for slot in found if slot.remaining}
    around = world.within.widened(timedelta(days=2), timedelta(days=2))
    openings = list(world.windows) if offered_in == "windows" else list(hours.openings(around, world.zone))
    duration = timedelta(minutes=length)
    starts = {
        opening.starts_at + number * timedelta(minutes=step)
        for opening in openings
        for number in range((opening.duration - timedelta.resolution) // timedelta(minutes=step) + 1)
    }
    every = {start: TimeRange(start, start + duration) for start in sorted(starts) if world.within.covers(start)}
    every = {start: slot for start, slot in every.items() if within_opening(openings, slot)}
    assert list(offered_slots(terms, world.windows, world.within, world.zone)) == list(every.values())
    expected = {
        start: world.profile.remaining(terms.blocked(slot))
        for start, slot in every.items()
        if world.accepts(terms, slot)
    }
    assert free == expected
    assert [slot.starts_at for slot in found] == sorted({slot.starts_at for slot in found})


def permitted(terms: Policy, during: TimeRange, zone: ZoneInfo) -> bool:
    """Whether the length is one that a guest may choose, and the start on the rule's grid as well as on the mode's."""
    minutes, on = during.duration // timedelta(minutes=1), terms.days(zone).day_of(during.starts_at)
    bounds = [rule.bounds(on) for rule in terms.rules if isinstance(rule, Length)]
    bounds.append((terms.mode.shortest, terms.mode.longest))
    grids = [rule.step_minutes for rule in terms.rules if isinstance(rule, Grid)]
    return all((least or 0) <= minutes <= (most or minutes) for least, most in bounds) and all(
        is_on_grid(during.starts_at, step, zone) for step in grids
    )


@LAW
@given(st.data())
def test_intervals_are_in_a_free_range_exactly_if_they_can_be_had(data: st.DataObject) -> None:
    world = World(data)
    step = data.draw(st.sampled_from([15, 30, 60]))
    shortest, longest = step * data.draw(st.integers(1, 4)), step * data.draw(st.integers(4, 24))
    offered_in: Literal["always", "windows", "opening_hours"]
    offered_in = data.draw(st.sampled_from(["always", "windows", "opening_hours"]))
    some = [*world.rules]
    if offered_in == "opening_hours" or data.draw(st.booleans()):
        some.append(data.draw(hours_of_the_week()))
    coarser = data.draw(st.sampled_from([None, 60, 120]))
    if coarser:
        some.append(Grid(coarser))
    terms = policy(IntervalMode(step, shortest, longest, offered_in), *some)
    found = free_ranges(world.inquiry(terms), world.facts(terms), world.within, resource_on=world.counts)
    for free in found:
        whole = TimeRange(free.starts_at, free.ends_at)
        assert free.remaining == world.profile.remaining(terms.blocked(whole))
        assert world.accepts(terms, TimeRange(free.starts_at, _first_end(terms, whole, step, world.zone)))
    grid = grid_instants(world.within, step, world.zone)
    random = data.draw(st.randoms(use_true_random=False))
    for place, starts_at in enumerate(grid):
        ends = grid[place + 1 : bisect_right(grid, starts_at + timedelta(minutes=longest))]
        for ends_at in {*ends[:1], *ends[-1:], *random.sample(ends, min(1, len(ends)))}:
            during = TimeRange(starts_at, ends_at)
            listed = permitted(terms, during, world.zone) and any(
                free.starts_at <= starts_at <= free.latest_start_at and ends_at <= free.ends_at for free in found
            )
            assert listed == world.accepts(terms, during), during


def _first_end(terms: Policy, free: TimeRange, step: int, zone: ZoneInfo) -> datetime:
    grid = grid_instants(free, step, zone)
    assert (grid[0], grid[-1]) == (free.starts_at, free.ends_at)
    return next(end for end in grid[1:] if permitted(terms, TimeRange(free.starts_at, end), zone))


@LAW
@given(st.data())
def test_stays_are_among_the_nights_listed_exactly_if_they_can_be_had(data: st.DataObject) -> None:
    world = World(data)
    mode = StayMode(
        time(15), time(11), min_nights=data.draw(st.integers(1, 2)), max_nights=data.draw(st.integers(2, 4))
    )
    terms = policy(mode, *world.rules)
    until_on = world.first_on + timedelta(days=SPAN)
    found = {
        night.on: night
        for night in nights(
            world.inquiry(terms), world.facts(terms), world.first_on, until_on, resource_on=world.counts
        )
    }
    for on, night in found.items():
        for number in range(1, (until_on - on).days + 1):
            stay = Stay(on, on + timedelta(days=number))
            is_listed = night.can_check_in and (night.min_nights or 0) <= number <= (night.max_nights or 0)
            assert is_listed == world.accepts(terms, mode.during(stay, world.zone), stay), stay
            if is_listed:
                assert all(found[date].remaining for date in stay.dates())


# What the law found


def test_a_slot_lasts_over_midnight_where_it_is_open_round_the_clock() -> None:
    hours = OpeningHours(Week(**dict.fromkeys(WEEKDAYS, ROUND_THE_CLOCK)))
    terms = policy(SlotMode(120, 60, "opening_hours"), hours)
    within = between("2026-11-25 22:00", "2026-11-26 01:00")
    found = [f"{slot.starts_at:%d %H:%M}" for slot in offered_slots(terms, (), within, ZoneInfo("UTC"))]
    assert found == ["25 22:00", "25 23:00", "26 00:00"]
    over_midnight = Wanted(KAYAKS, between("2026-11-25 23:00", "2026-11-26 01:00"), None, 1, 1)
    assert evaluate(terms, over_midnight, facts(days=Days(ZoneInfo("UTC")))) == []


def test_a_slot_lasts_into_a_window_that_touches_its_own_and_over_no_gap() -> None:
    touching = (between("2026-11-25 09:00", "2026-11-25 10:30"), between("2026-11-25 10:30", "2026-11-25 12:00"))
    apart = (touching[0], between("2026-11-25 10:45", "2026-11-25 12:00"))
    for windows_there, expected in ((touching, ["09:00", "10:00", "10:30"]), (apart, ["09:00", "10:45"])):
        within = between("2026-11-25 00:00", "2026-11-26 00:00")
        terms = policy(SlotMode(60, 60, "windows"))
        found = offered_slots(terms, windows_there, within, ZoneInfo("UTC"))
        assert [f"{slot.starts_at:%H:%M}" for slot in found] == expected


def test_nights_that_are_free_one_by_one_are_no_stay_where_a_day_between_them_is_closed() -> None:
    closed = Profile(CAPACITY, ((at("2026-11-26 12:00"), CAPACITY), (at("2026-11-26 13:00"), 0)))
    mode = StayMode(time(15), time(11))
    found = nights(
        Inquiry(policy(mode), KAYAKS, closed, 1, 1, lambda blocked, units: closed.remaining(blocked) >= units),
        facts(),
        date(2026, 11, 24),
        date(2026, 11, 28),
    )
    assert [(night.on.day, night.remaining, night.max_nights) for night in found] == [
        (24, 4, 2),
        (25, 4, 1),
        (26, 4, 2),
        (27, 4, 1),
    ]


@pytest.mark.parametrize(
    ("asked", "lengths"), [("nights >= 3", (3, 4)), ("nights <= 2", (1, 2)), ("nights > 9", (None, None))]
)
def test_an_expression_of_the_length_says_which_stays_can_be_had(
    asked: str, lengths: tuple[int | None, int | None]
) -> None:
    meant: dict[str, Callable[[int], bool]] = {
        "nights >= 3": lambda count: count >= 3,
        "nights <= 2": lambda count: count <= 2,
        "nights > 9": lambda count: count > 9,
    }

    def answer(expression: str, given: Mapping[str, object]) -> bool:
        return meant[expression](int(str(given["nights"])))

    terms = policy(StayMode(time(15), time(11)), Expression(asked, "No.", "check_out_on"))
    found = nights(
        Inquiry(terms, KAYAKS, Profile(CAPACITY, ()), 1, 1, lambda _blocked, _units: True),
        facts(evaluate_expression=answer),
        date(2026, 11, 24),
        date(2026, 11, 28),
    )
    assert (found[0].min_nights, found[0].max_nights) == lengths


def test_nights_are_listed_with_little_more_work_where_days_between_them_are_closed() -> None:
    """Asking whether units can be had is what costs: about twice for each night, however many days are closed."""
    steps: list[tuple[datetime, int]] = []
    for day in range(3, 90, 7):
        noon = at("2026-11-24 12:00") + timedelta(days=day)
        steps += [(noon, CAPACITY), (noon + HOUR, 0)]
    closed, asked = Profile(CAPACITY, tuple(steps)), 0

    def fits(blocked: TimeRange, units: int) -> bool:
        nonlocal asked
        asked += 1
        return closed.remaining(blocked) >= units

    listed = nights(
        Inquiry(policy(StayMode(time(15), time(11))), KAYAKS, closed, 1, 1, fits),
        facts(),
        date(2026, 11, 24),
        date(2027, 2, 24),
    )
    assert [night.max_nights for night in listed[:9]] == [3, 2, 1, 7, 6, 5, 4, 3, 2]
    assert asked < 2.5 * len(listed)
