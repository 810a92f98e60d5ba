"""What could be had instead: near to what was wanted, and checked by the functions that admission decides with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING

from chalicelib.access.model.people import Audience
from chalicelib.availability.availability_facts import ONE_DAY, Offered, Outlook, read_outlooks
from chalicelib.availability.model.availability import offered_slots
from chalicelib.core.errors import Alternative, AlternativeKind, InvalidRangeError
from chalicelib.core.time_ranges import (
    EARLIEST_AT,
    LATEST_AT,
    Stay,
    TimeRange,
    grid_instants,
    local_date,
    wall_clock_instant,
)
from chalicelib.core.units import UnitSet
from chalicelib.database.transaction import Isolation
from chalicelib.policies.model.policies import IntervalMode
from chalicelib.terms.for_others import read_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from chalicelib.availability.admission import Claimant
    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.policies.model.wanted import Wanted
    from chalicelib.reservations.model.reservations import Reservation
    from chalicelib.terms.model.terms import Terms

MOST = 5
OF_TIMES = frozenset({AlternativeKind.OTHER_TIME, AlternativeKind.OTHER_RESOURCE})
NEARBY = timedelta(days=14)
"""How much earlier or later another time may be."""
MOST_TRIED = 200
"""Candidates of one kind that are checked before it is given up."""


def suggest_alternatives(
    database: Database,
    tenant: str,
    terms: Terms,
    wanted: Wanted,
    claimant: Claimant,
    *,
    unit: int | None = None,
    present: Reservation | None = None,
) -> list[Alternative]:
    """Return up to five alternatives to what was refused, of different kinds, the nearest of each kind first.

    `unit` is the particular unit that was asked for; `present` the reservation that was to be changed, whose own place
    and time are no alternative. One snapshot, at most seven queries.
    """
    return database.run(
        tenant,
        lambda transaction: find_alternatives(transaction, terms, wanted, claimant, unit=unit, present=present),
        isolation=Isolation.SNAPSHOT,
    )


def find_alternatives(
    transaction: Transaction,
    terms: Terms,
    wanted: Wanted,
    claimant: Claimant,
    *,
    unit: int | None = None,
    present: Reservation | None = None,
) -> list[Alternative]:
    """Return what `suggest_alternatives` does, as the transaction sees it: what it has taken itself is taken."""
    audience = Audience(claimant.email, claimant.owner_id if claimant.changes else None, claimant.by_staff)
    others = [
        other
        for other in read_terms(transaction, every=True)
        if other.resource.id != terms.resource.id and type(other.policy.mode) is type(terms.policy.mode)
    ]
    offered: list[Offered] = [replace(terms, policy=terms.judging), *others]
    within = _nearby([one.policy.blocked(wanted.during) for one in offered])
    own, *rest = read_outlooks(transaction, offered, within, audience=audience, particular=claimant.keep is not None)
    if own.allocations is not None:
        own = replace(own, keep=claimant.keep)
    kinds = [
        _other_units(own, wanted, unit),
        chain(_other_ends(own, wanted, unit), _other_times(own, wanted, unit)),
        _other_resources(rest, wanted),
        _smaller_quantities(own, wanted, unit),
    ]
    there = None if present is None else (present.resource_id, present.during.starts_at, present.during.ends_at)
    others_than_present = (
        one
        for one in _alternated(kinds)
        if one.kind not in OF_TIMES or (one.resource_id, one.starts_at, one.ends_at) != there
    )
    return list(islice(others_than_present, MOST))


def _alternated(kinds: Sequence[Iterator[Alternative]]) -> Iterator[Alternative]:
    """One of each kind in turn, so that all kinds are represented before any is exhausted."""
    for turn in zip_longest(*kinds):
        yield from (alternative for alternative in turn if alternative is not None)


def _other_units(outlook: Outlook, wanted: Wanted, unit: int | None) -> Iterator[Alternative]:
    """The same time with another unit, where one unit was asked for by its number: those next to it first."""
    if unit is None:
        return
    numbers = (number for number in outlook.resource.places if number != unit)
    for number in islice(sorted(numbers, key=lambda number: abs(number - unit)), MOST_TRIED):
        other = replace(outlook, keep=UnitSet.of((number,)))
        if other.judge(wanted).bookable:
            yield _alternative(AlternativeKind.OTHER_UNIT, other, wanted, number)


def _other_ends(outlook: Outlook, wanted: Wanted, unit: int | None) -> Iterator[Alternative]:
    """Of a change that leaves the start as it is: other ends between the present one and the one that was wanted."""
    present = wanted.present
    if present is None or not wanted.starts_unchanged or wanted.keeps_times:
        return
    for candidate in islice(_ends_between(outlook, wanted, present.during), MOST_TRIED):
        if outlook.judge(candidate).bookable:
            yield _alternative(AlternativeKind.OTHER_TIME, outlook, candidate, unit)


def _other_times(outlook: Outlook, wanted: Wanted, unit: int | None) -> Iterator[Alternative]:
    """The same for as long, at another time. Who is here, or comes today, does not come at another."""
    if wanted.starts_unchanged and wanted.starts_on(outlook.days) <= outlook.days.day_of(outlook.now):
        return
    for during, stay in islice(_times_around(outlook, wanted), MOST_TRIED):
        candidate = replace(wanted, during=during, stay=stay)
        if outlook.judge(candidate).bookable:
            yield _alternative(AlternativeKind.OTHER_TIME, outlook, candidate, unit)


def _other_resources(outlooks: Sequence[Outlook], wanted: Wanted) -> Iterator[Alternative]:
    """The same time with another resource of the tenant: the one that is least larger than needed first."""
    most = [(outlook.policy.most_people(outlook.resource, wanted.quantity), outlook) for outlook in outlooks]
    suitable = [(people, outlook) for people, outlook in most if people >= wanted.party_size]
    for _, outlook in sorted(suitable, key=lambda one: one[0]):
        during = wanted.during if wanted.stay is None else outlook.policy.during(wanted.stay, outlook.tenant.zone)
        candidate = replace(wanted, resource=outlook.resource, during=during, present=None)
        if outlook.judge(candidate).bookable:
            yield _alternative(AlternativeKind.OTHER_RESOURCE, outlook, candidate, None)


def _smaller_quantities(outlook: Outlook, wanted: Wanted, unit: int | None) -> Iterator[Alternative]:
    """As many as there are at the time that was wanted: only the largest such number, smaller ones say nothing new."""
    remaining = outlook.profile.remaining(outlook.policy.blocked(wanted.during))
    by_people = outlook.policy.capacity_counts == "people"
    asked = wanted.party_size if by_people else wanted.quantity
    for number in islice(range(min(asked - 1, remaining), 0, -1), MOST_TRIED):
        candidate = replace(wanted, party_size=number) if by_people else replace(wanted, quantity=number)
        if outlook.judge(candidate).bookable:
            yield _alternative(AlternativeKind.SMALLER_QUANTITY, outlook, candidate, unit)
            return


def _times_around(outlook: Outlook, wanted: Wanted) -> Iterator[tuple[TimeRange, Stay | None]]:
    """Other times of the same length, nearest first and later before earlier; not yet checked."""
    policy, zone = outlook.policy, outlook.tenant.zone
    if wanted.stay is not None:
        for days in _around(NEARBY.days):
            try:
                stay = Stay(wanted.stay.check_in_on + days * ONE_DAY, wanted.stay.check_out_on + days * ONE_DAY)
                during = policy.during(stay, zone)
            except InvalidRangeError:  # beyond the years that Berth keeps
                continue
            yield during, stay
    elif isinstance(policy.mode, IntervalMode):
        yield from ((during, None) for during in _shifted_intervals(policy.mode, wanted.during, zone))
    else:
        slots = offered_slots(policy, outlook.windows, _nearby([wanted.during]), zone)
        ahead = [slot for slot in slots if slot != wanted.during and slot.starts_at >= outlook.now]
        for slot in sorted(ahead, key=lambda slot: _distance(slot, wanted.during)):
            yield slot, None


def _ends_between(outlook: Outlook, wanted: Wanted, present: TimeRange) -> Iterator[Wanted]:
    """The same with other ends, those nearest to the wanted one first; not yet checked."""
    if wanted.stay is not None:
        present_on = local_date(present.ends_at, outlook.tenant.zone)
        nights = (present_on - wanted.stay.check_out_on).days
        for number in range(1, abs(nights)):
            ends_on = wanted.stay.check_out_on + (number if nights > 0 else -number) * ONE_DAY
            stay = Stay(wanted.stay.check_in_on, ends_on)
            yield replace(wanted, stay=stay, during=outlook.policy.during(stay, outlook.tenant.zone))
    elif isinstance(outlook.policy.mode, IntervalMode):
        between = TimeRange(*sorted((wanted.during.ends_at, present.ends_at)))
        ends = list(grid_instants(between, outlook.policy.mode.step_minutes, outlook.tenant.zone))
        for ends_at in sorted(ends, key=lambda ends_at: abs(ends_at - wanted.during.ends_at)):
            if ends_at not in {wanted.during.ends_at, present.ends_at}:
                yield replace(wanted, during=TimeRange(wanted.during.starts_at, ends_at))


def _shifted_intervals(mode: IntervalMode, during: TimeRange, zone: ZoneInfo) -> Iterator[TimeRange]:
    """Beginnings on the grid: the hours around first, step by step; then the same time of day on other days."""
    step = timedelta(minutes=mode.step_minutes)
    local = during.starts_at.astimezone(zone)
    past_grid = (local - local.replace(hour=0, minute=0, second=0, microsecond=0)) % step
    length = -(-during.duration // step) * step
    starts_at = during.starts_at - past_grid
    steps = min(ONE_DAY // 2 // step, MOST_TRIED // 2 - NEARBY.days)
    starts = [starts_at + number * step for number in (0, *_around(steps))]
    starts += [
        wall_clock_instant(local.date() + number * ONE_DAY, (local - past_grid).time(), zone)
        for number in _around(NEARBY.days)
    ]
    for start in starts:
        kept = start >= EARLIEST_AT and start + length <= LATEST_AT
        if kept and (start, length) != (during.starts_at, during.duration):
            yield TimeRange(start, start + length)


def _around(most: int) -> Iterator[int]:
    """1, -1, 2, -2 … as far as `most`."""
    for number in range(1, most + 1):
        yield number
        yield -number


def _distance(one: TimeRange, other: TimeRange) -> timedelta:
    return abs(one.starts_at - other.starts_at)


def _nearby(ranges: Sequence[TimeRange]) -> TimeRange:
    """The time around all of the ranges in which alternatives are looked for."""
    whole = TimeRange(min(one.starts_at for one in ranges), max(one.ends_at for one in ranges))
    return whole.widened(NEARBY + ONE_DAY, NEARBY + ONE_DAY)


def _alternative(kind: AlternativeKind, outlook: Outlook, wanted: Wanted, unit: int | None) -> Alternative:
    return Alternative(
        kind=kind,
        resource_id=outlook.resource.id,
        resource_slug=outlook.resource.slug,
        resource_name=outlook.resource.name,
        starts_at=wanted.during.starts_at,
        ends_at=wanted.during.ends_at,
        check_in_on=None if wanted.stay is None else wanted.stay.check_in_on,
        check_out_on=None if wanted.stay is None else wanted.stay.check_out_on,
        quantity=wanted.quantity,
        party_size=wanted.party_size,
        unit=unit,
    )
