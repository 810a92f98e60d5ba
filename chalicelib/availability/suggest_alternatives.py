"""What could be had instead: near to what was wanted, and checked by the functions that admission decides with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, islice, zip_longest
from operator import itemgetter
from typing import TYPE_CHECKING

from chalicelib.access.model.people import Audience
from chalicelib.availability.availability_facts import (
    ONE_DAY,
    Offering,
    Outlook,
    ask_outlooks,
    outlooks_of,
    read_outlooks,
)
from chalicelib.availability.model.availability import offered_slots
from chalicelib.core.errors import Alternative, AlternativeKind, InvalidInputError, InvalidRangeError
from chalicelib.core.time_ranges import (
    EARLIEST_AT,
    LATEST_AT,
    ONE_MINUTE,
    Stay,
    TimeRange,
    grid_instants,
    local_date,
    wall_clock_instant,
)
from chalicelib.core.units import UnitSet
from chalicelib.database.transaction import Isolation
from chalicelib.policies.model.policies import IntervalMode, SlotMode
from chalicelib.policies.model.pricing import quote
from chalicelib.policies.model.wanted import Wanted
from chalicelib.terms.terms import AllOffered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from chalicelib.availability.admission import Claimant
    from chalicelib.core.days import Days
    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.policies.model.policies import Policy
    from chalicelib.reservations.model.reservations import Reservation
    from chalicelib.terms.model.terms import Terms

MOST = 5
OF_TIMES = frozenset({AlternativeKind.OTHER_TIME, AlternativeKind.OTHER_RESOURCE})
NEARBY = timedelta(days=14)
"""How much earlier or later another time may be."""
MOST_LONGER = timedelta(days=92)
"""How much longer than wanted an alternative may be, where so much is the least."""
MOST_TRIED = 200
"""Candidates of one kind that are checked before it is given up."""


@dataclass(frozen=True, slots=True)
class Found:
    """What can be had instead of what was wanted, and of which resource."""

    kind: AlternativeKind
    outlook: Outlook
    wanted: Wanted
    unit: int | None


def suggest_alternatives(
    database: Database,
    tenant: str,
    terms: Terms,
    wanted: Wanted,
    claimant: Claimant,
    *,
    unit: int | None = None,
    present: Reservation | None = None,
    priced: bool = True,
) -> list[Alternative]:
    """Return up to five alternatives to what was refused, of different kinds, the nearest of each kind first.

    `unit` is the particular unit that was asked for; `present` the reservation that was to be changed, whose own place
    and time are no alternative. Each has its price, unless only a part of the whole is asked for (`priced`). One
    snapshot, at most seven queries about the resource itself, the first few others, and all others where these do not
    suffice.
    """
    return database.run(
        tenant,
        lambda transaction: find_alternatives(
            transaction, terms, wanted, claimant, unit=unit, present=present, priced=priced
        ),
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
    priced: bool = True,
) -> list[Alternative]:
    """Return what `suggest_alternatives` does, as the transaction sees it: what it has taken itself is taken."""
    audience = Audience(claimant.email, claimant.owner_id if claimant.changes else None, claimant.by_staff)
    own, others = _look_around(transaction, terms, wanted, audience, particular=claimant.keep is not None)
    if own.allocations is not None:
        own = replace(own, keep=claimant.keep)
    found = _alternated(_kinds(own, others, wanted, unit))
    if present is not None:
        found = (one for one in found if not _is_there(one, present))
    return list(islice(_alternatives(found, terms, priced=priced), MOST))


def alternatives_to_quote(
    transaction: Transaction, terms: Terms, wanted: Wanted, audience: Audience
) -> list[Alternative]:
    """Return up to five alternatives to a use that an audience cannot reserve, as `suggest_alternatives` does."""
    own, others = _look_around(transaction, terms, wanted, audience, particular=False)
    kinds = _kinds(own, others, wanted, None)
    return list(islice(_alternatives(_alternated(kinds), terms, priced=True), MOST))


def _look_around(
    transaction: Transaction, terms: Terms, wanted: Wanted, audience: Audience, *, particular: bool
) -> tuple[Outlook, Iterator[Outlook]]:
    """What is known of the resource that was wanted, at the times around, and of others, which are asked for with it.

    The others are large enough, and the one that is least larger than needed comes first. Those beyond the first few
    are looked at only where these do not suffice.
    """
    one: Offering = terms if terms.present is None else replace(terms, policy=terms.judging)
    within = _nearby([one.policy.blocked(wanted.during)], _longer(one.policy, wanted, terms))
    own = ask_outlooks(transaction, [one], within, audience)
    offered = AllOffered(transaction)
    guessed = _suitable(offered.guess, terms, wanted)
    first = guessed[:MOST]
    asked = ask_outlooks(transaction, first, _hull(first, wanted), audience) if first else None

    def others() -> Iterator[Outlook]:
        suitable, found = guessed, offered.all()
        if found is not offered.guess:
            suitable = _suitable(found, terms, wanted)
            if some := suitable[:MOST]:
                yield from read_outlooks(transaction, some, _hull(some, wanted), audience=audience)
        elif asked is not None:
            yield from outlooks_of(transaction, asked)
        if rest := suitable[MOST:]:
            yield from read_outlooks(transaction, rest, _hull(rest, wanted), audience=audience)

    return outlooks_of(transaction, own, particular=particular)[0], others()


def _suitable(offered: Sequence[Terms], terms: Terms, wanted: Wanted) -> list[Terms]:
    """The other resources that are reserved alike and large enough, the least large first."""
    most = (
        (other.policy.most_people(other.resource, wanted.quantity), other)
        for other in offered
        if other.resource.id != terms.resource.id and type(other.policy.mode) is type(terms.policy.mode)
    )
    suitable = sorted(((people, other) for people, other in most if people >= wanted.party_size), key=itemgetter(0))
    return [other for _, other in suitable]


def _during(other: Terms, wanted: Wanted) -> TimeRange:
    """When the other resource would be used: a stay there may begin and end at other hours."""
    return wanted.during if wanted.stay is None else other.policy.during(wanted.stay, other.tenant.zone)


def _hull(others: Sequence[Terms], wanted: Wanted) -> TimeRange:
    """The time that any of them would block."""
    ranges = [other.policy.blocked(_during(other, wanted)) for other in others]
    return TimeRange(min(one.starts_at for one in ranges), max(one.ends_at for one in ranges))


def _kinds(own: Outlook, rest: Iterator[Outlook], wanted: Wanted, unit: int | None) -> list[Iterator[Found]]:
    return [
        _other_units(own, wanted, unit),
        chain(_other_ends(own, wanted, unit), _other_times(own, wanted, unit)),
        _other_resources(rest, wanted),
        _smaller_quantities(own, wanted, unit),
    ]


def _is_there(found: Found, present: Reservation) -> bool:
    """Whether it is the very place and time that the reservation has already."""
    at, there = found.wanted.during, present.during
    same = (found.outlook.resource.id, at.starts_at, at.ends_at) == (
        present.resource_id,
        there.starts_at,
        there.ends_at,
    )
    return found.kind in OF_TIMES and same


def _alternated(kinds: Sequence[Iterator[Found]]) -> Iterator[Found]:
    """One of each kind in turn, so that all kinds are represented before any is exhausted."""
    for turn in zip_longest(*kinds):
        yield from (found for found in turn if found is not None)


def _other_units(outlook: Outlook, wanted: Wanted, unit: int | None) -> Iterator[Found]:
    """The same time with another unit, where one unit was asked for by its number: those next to it first."""
    if unit is None:
        return
    numbers = (number for number in outlook.resource.places if number != unit)
    for number in islice(sorted(numbers, key=lambda number: abs(number - unit)), MOST_TRIED):
        other = replace(outlook, keep=UnitSet.of((number,)))
        if other.judge(wanted).bookable:
            yield Found(AlternativeKind.OTHER_UNIT, other, wanted, number)


def _other_ends(outlook: Outlook, wanted: Wanted, unit: int | None) -> Iterator[Found]:
    """Of a change that leaves the start as it is: other ends between the present one and the one that was wanted."""
    present = wanted.present
    if present is None or not wanted.starts_unchanged or wanted.keeps_times:
        return
    for candidate in islice(_ends_between(outlook, wanted, present.during), MOST_TRIED):
        if outlook.judge(candidate).bookable:
            yield Found(AlternativeKind.OTHER_TIME, outlook, candidate, unit)


def _other_times(outlook: Outlook, wanted: Wanted, unit: int | None) -> Iterator[Found]:
    """The same at another time, for as long as is permitted then. Who is here, or comes today, comes at no other."""
    if wanted.starts_unchanged and wanted.starts_on(outlook.days) <= outlook.days.day_of(outlook.now):
        return
    for during, stay in islice(_times_around(outlook, wanted), MOST_TRIED):
        candidate = replace(wanted, during=during, stay=stay)
        if outlook.within.contains(outlook.policy.blocked(during)) and outlook.judge(candidate).bookable:
            yield Found(AlternativeKind.OTHER_TIME, outlook, candidate, unit)


def _other_resources(outlooks: Iterator[Outlook], wanted: Wanted) -> Iterator[Found]:
    """The same time with another resource of the tenant."""
    for outlook in outlooks:
        during = wanted.during if wanted.stay is None else outlook.policy.during(wanted.stay, outlook.tenant.zone)
        candidate = replace(wanted, resource=outlook.resource, during=during, present=None)
        if outlook.judge(candidate).bookable:
            yield Found(AlternativeKind.OTHER_RESOURCE, outlook, candidate, None)


def _smaller_quantities(outlook: Outlook, wanted: Wanted, unit: int | None) -> Iterator[Found]:
    """As many as there are at the time that was wanted: only the largest such number, smaller ones say nothing new."""
    remaining = outlook.profile.remaining(outlook.policy.blocked(wanted.during))
    by_people = outlook.policy.capacity_counts == "people"
    asked = wanted.party_size if by_people else wanted.quantity
    for number in islice(range(min(asked - 1, remaining), 0, -1), MOST_TRIED):
        candidate = replace(wanted, party_size=number) if by_people else replace(wanted, quantity=number)
        if outlook.judge(candidate).bookable:
            yield Found(AlternativeKind.SMALLER_QUANTITY, outlook, candidate, unit)
            return


def _times_around(outlook: Outlook, wanted: Wanted) -> Iterator[tuple[TimeRange, Stay | None]]:
    """Other times, nearest first and later before earlier; not yet checked.

    They are as long as what is wanted, or as near to that as may begin then: a night more where it was too short.
    """
    policy, zone = outlook.policy, outlook.tenant.zone
    if wanted.stay is not None:
        stay = wanted.stay
        stays = sorted(_stays_around(policy, wanted, stay), key=lambda other: _days_between(other, stay))
        yield from _with_instants(policy, stays, zone)
    elif isinstance(policy.mode, IntervalMode):
        yield from ((during, None) for during in _intervals_around(policy, policy.mode, wanted, outlook.days))
    else:
        slots = offered_slots(policy, outlook.windows, _nearby([wanted.during]), zone)
        ahead = [slot for slot in slots if slot != wanted.during and slot.starts_at >= outlook.now]
        for slot in sorted(ahead, key=lambda slot: _distance(slot, wanted.during)):
            yield slot, None


def _with_instants(policy: Policy, stays: Iterable[Stay], zone: ZoneInfo) -> Iterator[tuple[TimeRange, Stay]]:
    for stay in stays:
        try:
            yield policy.during(stay, zone), stay
        except InvalidRangeError:  # beyond the years that Berth keeps
            continue


def _stays_around(policy: Policy, wanted: Wanted, stay: Stay) -> Iterator[Stay]:
    """Stays that begin on the days around, and on the same day where another length is permitted."""
    for days in (0, *_around(NEARBY.days)):
        on = stay.check_in_on + days * ONE_DAY
        lengths = [_permitted(policy, wanted, on, stay.nights)]
        if not days and _free_of_length(wanted) and policy.expressions_of_length:
            lengths += [stay.nights + number for number in _around(NEARBY.days)]
        for nights in lengths:
            try:
                candidate = Stay(on, on + nights * ONE_DAY)
            except InvalidRangeError:  # of no night, or beyond the years that Berth keeps
                continue
            if candidate != stay:
                yield candidate


def _permitted(policy: Policy, wanted: Wanted, on: date, length: int) -> int:
    """The length nearest to one that may begin on a day; that one itself where a reservation only changes its end."""
    return max(policy.shortest(on), policy.longest(on, length)) if _free_of_length(wanted) else length


def _free_of_length(wanted: Wanted) -> bool:
    """Whether another length is worth a suggestion: not where just the end of what is there was to be another."""
    return wanted.present is None or wanted.start_is_new


def _longer(policy: Policy, wanted: Wanted, terms: Terms) -> timedelta:
    """By how much what is permitted on the days around may be longer than what is wanted, as far as is looked at."""
    if isinstance(policy.mode, SlotMode):
        return timedelta()
    on = wanted.starts_on(policy.days(terms.tenant.zone))
    around = (0, *_around(NEARBY.days + 1)) if policy.lengths_by_day else (0,)
    shortest = max(policy.shortest(on + number * ONE_DAY) for number in around)
    longer = (shortest - wanted.length) * (ONE_MINUTE if wanted.stay is None else ONE_DAY)
    return min(MOST_LONGER, max(timedelta(), longer))


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


def _intervals_around(policy: Policy, mode: IntervalMode, wanted: Wanted, there: Days) -> Iterator[TimeRange]:
    """Beginnings on the grid, the nearest first: the hours around, step by step, and the same time on other days."""
    step, zone, during = timedelta(minutes=mode.step_minutes), there.zone, wanted.during
    local = during.starts_at.astimezone(zone)
    past_grid = (local - local.replace(hour=0, minute=0, second=0, microsecond=0)) % step
    length = -(-during.duration // step) * step
    starts_at = during.starts_at - past_grid
    steps = min(ONE_DAY // 2 // step, MOST_TRIED // 2 - NEARBY.days)
    starts = chain(
        (starts_at + number * step for number in (0, *_around(steps))),
        (
            wall_clock_instant(local.date() + number * ONE_DAY, (local - past_grid).time(), zone)
            for number in _around(NEARBY.days)
        ),
    )
    by_expression = _free_of_length(wanted) and policy.expressions_of_length
    if not policy.lengths_by_day and not by_expression and not past_grid:
        # All are as long, and come the nearest first: what is not asked for need not be worked out.
        duration = _on_grid(policy, mode, wanted, local.date(), length)
        yield from _kept(((start, duration) for start in starts), during)
        return
    lengths = [(start, _on_grid(policy, mode, wanted, there.day_of(start), length)) for start in starts]
    if by_expression:
        lengths += [(starts_at, length + number * step) for number in _around(steps)]
    yield from sorted(_kept(lengths, during), key=lambda one: _distance(one, during))


def _kept(lengths: Iterable[tuple[datetime, timedelta]], during: TimeRange) -> Iterator[TimeRange]:
    """The times of these beginnings and lengths that Berth keeps, without what was wanted."""
    for start, duration in lengths:
        kept = start >= EARLIEST_AT and timedelta() < duration <= LATEST_AT - start
        if kept and (start, duration) != (during.starts_at, during.duration):
            yield TimeRange(start, start + duration)


def _on_grid(policy: Policy, mode: IntervalMode, wanted: Wanted, on: date, length: timedelta) -> timedelta:
    """The length nearest to one that may begin on a day, in whole steps."""
    minutes = _permitted(policy, wanted, on, length // ONE_MINUTE)
    step = mode.step_minutes
    whole = minutes // step if minutes < length // ONE_MINUTE else -(-minutes // step)
    return whole * step * ONE_MINUTE


def _around(most: int) -> Iterator[int]:
    """1, -1, 2, -2 … as far as `most`."""
    for number in range(1, most + 1):
        yield number
        yield -number


def _days_between(one: Stay, other: Stay) -> int:
    """By how many days two stays differ, at their beginnings and at their ends."""
    return abs((one.check_in_on - other.check_in_on).days) + abs((one.check_out_on - other.check_out_on).days)


def _distance(one: TimeRange, other: TimeRange) -> timedelta:
    """By how much two times differ, at their beginnings and at their ends."""
    return abs(one.starts_at - other.starts_at) + abs(one.ends_at - other.ends_at)


def _nearby(ranges: Sequence[TimeRange], longer: timedelta = timedelta()) -> TimeRange:
    """The time around all of the ranges in which alternatives are looked for."""
    whole = TimeRange(min(one.starts_at for one in ranges), max(one.ends_at for one in ranges))
    return whole.widened(NEARBY + ONE_DAY, NEARBY + ONE_DAY + longer)


def _alternatives(found: Iterable[Found], terms: Terms, *, priced: bool) -> Iterator[Alternative]:
    """What was found, with what each costs; without what would cost more than can be said."""
    currency = terms.tenant.currency
    for one in found:
        price = None
        if priced:
            # Of the resource that was wanted, `judging` is open as it is today, and the price is the one promised.
            own = one.outlook.resource.id == terms.resource.id
            policy = terms.policy if own else one.outlook.policy
            try:
                price = quote(policy, currency, one.wanted, terms.tenant.zone).total
            except InvalidInputError:
                continue
        yield _alternative(one, price, currency)


def _alternative(found: Found, price: int | None, currency: str) -> Alternative:
    resource, wanted = found.outlook.resource, found.wanted
    return Alternative(
        kind=found.kind,
        resource_id=resource.id,
        resource_slug=resource.slug,
        resource_name=resource.name,
        starts_at=wanted.during.starts_at,
        ends_at=wanted.during.ends_at,
        check_in_on=None if wanted.stay is None else wanted.stay.check_in_on,
        check_out_on=None if wanted.stay is None else wanted.stay.check_out_on,
        quantity=wanted.quantity,
        party_size=wanted.party_size,
        unit=found.unit,
        price=price,
        currency=currency,
    )
