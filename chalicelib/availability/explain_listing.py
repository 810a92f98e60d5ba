"""Why a listing says no: of nights, slots and times, by the judgement that admission and quotes use.

Codes are those of the violations, and of the refusal, that creating such a reservation gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from chalicelib.availability.availability_facts import Outlook
from chalicelib.availability.model.availability import ABOUT_NO_STAY, FreeRange, Night, Slot, offered_slots
from chalicelib.core.errors import InvalidRangeError, NoCapacityError, Violation
from chalicelib.core.time_ranges import ONE_MINUTE, Stay, TimeRange, days, grid_instants, merged, subtracted
from chalicelib.core.wording import count_text, on_text
from chalicelib.policies.model.modes import ONE_DAY, IntervalMode
from chalicelib.policies.model.rules.lead_time import LeadTime
from chalicelib.policies.model.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

MOST_EXPLAINED = 1000
"""Slots or times of one listing that are explained: each is judged by all rules."""
NO_ROOM = NoCapacityError.code
AGAINST_THE_NIGHT = ABOUT_NO_STAY | {"in_the_past", "over_capacity", "people_are_counted", NO_ROOM}
"""Codes that stand against a night itself, not against the stay of one night that it is asked about as."""

Reasons = Sequence[Violation]


@dataclass(frozen=True, slots=True)
class NightReasons:
    """Why a night cannot be had, why no stay begins on its date, and why none ends there; nothing where that can be.

    What stands against the night stands against arriving as well, and is not said again.
    """

    night: Reasons = ()
    check_in: Reasons = ()
    check_out: Reasons = ()


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A time in which nothing can be had, or no slot begins, and why."""

    during: TimeRange
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Judge:
    """Says what stands against uses of one size. `outlook` has its allocations, to know what blocks."""

    outlook: Outlook
    quantity: int
    party_size: int

    def wants(self, during: TimeRange, stay: Stay | None = None) -> Wanted:
        """Return a use."""
        return Wanted(self.outlook.resource, during, stay, self.quantity, self.party_size)

    def of(self, during: TimeRange, stay: Stay | None = None) -> list[Violation]:
        """Return every violation of a use, and last that there is no room, if so."""
        wanted = self.wants(during, stay)
        judgement = self.outlook.judge(wanted)
        found = list(judgement.violations)
        if judgement.blocked_by:
            units = self.outlook.policy.units_taken(self.quantity, self.party_size)
            found.append(_no_room(wanted, units, judgement.remaining, judgement.blocked_by))
        return found

    def of_stay(self, check_in_on: date, nights: int) -> list[Violation]:
        """Return what stands against a stay; nothing of one that ends beyond the years that Berth keeps."""
        try:
            stay = Stay(check_in_on, check_in_on + nights * ONE_DAY)
            during = self.outlook.policy.during(stay, self.outlook.tenant.zone)
        except InvalidRangeError:
            return []
        return self.of(during, stay)


def explain_nights(judge: Judge, nights: Sequence[Night]) -> Mapping[date, NightReasons]:
    """Return why nights, arrivals and departures that are listed as impossible are, by date."""
    listed = {night.on: night for night in nights}
    against = {night.on: _against_the_night(judge, night.on) for night in nights if not night.remaining}
    against.update(_closed_periods(against))
    return {
        night.on: NightReasons(
            against.get(night.on, ()),
            () if night.can_check_in or not night.remaining else _against_arrival(judge, night.on, against),
            () if night.can_check_out in {None, True} else _against_departure(judge, night.on, listed, against),
        )
        for night in nights
    }


def explain_slots(
    judge: Judge, slots: Sequence[Slot], within: TimeRange
) -> tuple[list[tuple[Slot, Reasons]], list[Unavailable]]:
    """Return the slots of a range with what stands against each, and the days on which none begins.

    Those that rules refuse are there as well, with nothing remaining.
    """
    outlook = judge.outlook
    free = {slot.starts_at: slot for slot in slots}
    ahead = TimeRange(max(within.starts_at, min(outlook.now, within.ends_at - timedelta.resolution)), within.ends_at)
    explained: list[tuple[Slot, Reasons]] = []
    judged = 0
    begins_on = set[date]()
    for offered in offered_slots(outlook.policy, outlook.windows, ahead, outlook.tenant.zone):
        begins_on.add(outlook.days.day_of(offered.starts_at))
        slot = free.get(offered.starts_at)
        if slot is not None and slot.remaining:
            explained.append((slot, ()))
        elif judged < MOST_EXPLAINED:
            judged += 1
            explained.append((Slot(offered.starts_at, offered.ends_at, 0), judge.of(offered)))
    return explained, [
        Unavailable(day, _against_the_day(judge, on, day))
        for on, day in _days_of(outlook, ahead)
        if on not in begins_on
    ]


def explain_ranges(judge: Judge, ranges: Sequence[FreeRange], within: TimeRange) -> list[Unavailable]:
    """Return the times of a range in which nothing can be had, each as long as the same reasons stand against it."""
    free = merged(TimeRange(one.starts_at, one.ends_at) for one in ranges)
    found: list[Unavailable] = []
    for number, piece in enumerate(_pieces(judge, subtracted((within,), free), within)):
        if number == MOST_EXPLAINED:
            break
        reasons = _against_the_time(judge, piece)
        last = found[-1] if found else None
        if last is not None and last.during.ends_at == piece.starts_at and last.reasons == reasons:
            found[-1] = replace(last, during=TimeRange(last.during.starts_at, piece.ends_at))
        else:
            found.append(Unavailable(piece, reasons))
    return found


def _against_the_night(judge: Judge, on: date) -> Reasons:
    found = judge.of_stay(on, 1)
    return [one for one in found if one.code in AGAINST_THE_NIGHT] or found


def _closed_periods(against: Mapping[date, Reasons]) -> Iterator[tuple[date, Reasons]]:
    """Yield the nights that closures alone block, saying from when to when they do."""
    closed = sorted(on for on, reasons in against.items() if any(_is_closure(one) for one in reasons))
    for _, run in groupby(enumerate(closed), key=lambda one: one[1] - one[0] * ONE_DAY):
        dates = [on for _, on in run]
        first, last = on_text(dates[0]), on_text(dates[-1])
        message = f"Closed from {first} to {last}." if len(dates) > 1 else f"Closed on {first}."
        for on in dates:
            yield on, [replace(one, message=message) if _is_closure(one) else one for one in against[on]]


def _is_closure(reason: Violation) -> bool:
    return reason.code == NO_ROOM and reason.parameters["blocked_by"] == ["closure"]


def _against_arrival(judge: Judge, on: date, against: Mapping[date, Reasons]) -> Reasons:
    """Why the shortest stay cannot begin on a date whose own night is free."""
    shortest = judge.outlook.policy.shortest(on)
    later = (on + number * ONE_DAY for number in range(1, shortest))
    taken = next((night_on for night_on in later if night_on in against), None)
    if taken is None:
        name = f"no unit is free for all of {count_text(shortest, 'night')}"
    elif taken == on + ONE_DAY:
        name = f"the night after is {_taken(against[taken])}"
    else:
        name = f"the night of {on_text(taken)} is {_taken(against[taken])}"
    return _renamed(judge.of_stay(on, shortest), f"No stay can begin on {on_text(on)}: {name}.")


def _against_departure(
    judge: Judge, on: date, listed: Mapping[date, Night], against: Mapping[date, Reasons]
) -> Reasons:
    """Why the stay from the latest date on which one may begin, or of the night before, cannot end on a date."""
    before = on - ONE_DAY
    if before in against:
        message = f"No stay can end on {on_text(on)}: the night before is {_taken(against[before])}."
        return _renamed(against[before], message)
    first_on = before
    while first_on in listed and listed[first_on].remaining and not listed[first_on].can_check_in:
        first_on -= ONE_DAY
    if first_on not in listed or not listed[first_on].remaining:
        first_on = before
    found = judge.of_stay(first_on, (on - first_on).days)
    return _renamed(found, f"No stay can end on {on_text(on)}: no unit is free for all of it.")


def _taken(reasons: Reasons) -> str:
    """How a night that cannot be had is called in the middle of a sentence."""
    return "closed" if any(one.code == "blacked_out" or _is_closure(one) for one in reasons) else "taken"


def _renamed(reasons: Reasons, message: str) -> Reasons:
    """The reasons, with a sentence about the missing room that says where it is missing."""
    return [replace(one, message=message) if one.code == NO_ROOM else one for one in reasons]


def _against_the_day(judge: Judge, on: date, day: TimeRange) -> Reasons:
    """Why no slot begins on a day: it is closed, or nothing is offered."""
    outlook, hours = judge.outlook, judge.outlook.policy.opening_hours
    if hours is not None and not hours.weekly.of(on):
        return list(hours.check(judge.wants(day), outlook.facts()))
    message = f"No slot begins on {on_text(on)}."
    return [Violation(outlook.policy.mode.mode, "not_offered", "starts_at", message, {"on": on.isoformat()})]


def _days_of(outlook: Outlook, within: TimeRange) -> Iterator[tuple[date, TimeRange]]:
    """The days of a range that lie in it, cut where it begins and ends."""
    there = outlook.days
    for on in days(there.day_of(within.starts_at), there.day_of(within.ends_at - timedelta.resolution) + ONE_DAY):
        try:
            day = there.during(on).intersection(within)
        except InvalidRangeError:  # a zone may leave a day out
            continue
        if day is not None:
            yield on, day


def _pieces(judge: Judge, gaps: Iterable[TimeRange], within: TimeRange) -> Iterator[TimeRange]:
    """The gaps, cut wherever another reason may begin: a day, an opening, what is taken, now and the notice."""
    outlook, policy = judge.outlook, judge.outlook.policy
    units, hours, zone = policy.units_taken(judge.quantity, judge.party_size), policy.opening_hours, outlook.tenant.zone
    parts = [
        *outlook.windows,
        *(() if hours is None else hours.openings(within, zone)),
        *(policy.out_of_reach(busy) for busy in outlook.profile.busy(units)),
        *(day for _, day in _days_of(outlook, within)),
    ]
    edges = {edge for part in parts for edge in (part.starts_at, part.ends_at)} | {outlook.now, *_notices(judge)}
    ascending = sorted(edges)
    for gap in gaps:
        inside = [edge for edge in ascending if gap.starts_at < edge < gap.ends_at]
        yield from (TimeRange(*piece) for piece in pairwise((gap.starts_at, *inside, gap.ends_at)))


def _notices(judge: Judge) -> Iterator[datetime]:
    for rule in judge.outlook.policy.rules:
        if isinstance(rule, LeadTime):
            yield rule.earliest_at(judge.outlook.now)


def _against_the_time(judge: Judge, piece: TimeRange) -> Reasons:
    """What stands against the shortest use from the beginning of a time, or against one that fills it."""
    outlook, policy = judge.outlook, judge.outlook.policy
    mode = policy.mode
    assert isinstance(mode, IntervalMode), "only intervals have free ranges"  # noqa: S101 - a mistake of ours
    step = mode.step_minutes * ONE_MINUTE
    day = TimeRange(piece.starts_at, piece.starts_at + step)
    starts_at = next(iter(grid_instants(day, mode.step_minutes, outlook.tenant.zone)), piece.starts_at)
    shortest = -(-policy.shortest(outlook.days.day_of(starts_at)) // mode.step_minutes) * step
    return judge.of(TimeRange(starts_at, starts_at + shortest)) or judge.of(piece)


def _no_room(wanted: Wanted, units: int, free: int, blocked_by: Sequence[str]) -> Violation:
    if free:
        message = f"Only {free} of {units} are free."
    elif list(blocked_by) == ["closure"]:
        message = "Closed at that time."
    else:
        message = "Fully booked."
    parameters = {"wanted": units, "free": free, "blocked_by": list(blocked_by)}
    return Violation("capacity", NO_ROOM, wanted.start_field, message, parameters)
