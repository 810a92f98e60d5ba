"""What is free of one resource over a time: nights, slots or ranges, each of which admission would accept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from chalicelib.access.model.people import THE_PUBLIC, Audience
from chalicelib.availability.availability_facts import ONE_DAY, Outlook, ask_outlooks, outlooks_of, with_reasons
from chalicelib.availability.explain_listing import Judge, explain_nights, explain_ranges, explain_slots
from chalicelib.availability.listing import Listing
from chalicelib.availability.model import availability
from chalicelib.availability.model.inquiries import Inquiry
from chalicelib.availability.wanted_times import instant_of
from chalicelib.core.errors import InvalidRangeError
from chalicelib.core.resources import UnitAssignment
from chalicelib.core.time_ranges import (
    LATEST_AT,
    Fold,
    TimeRange,
    days,
    local_date,
    wall_clock_instant,
    zone_named,
)
from chalicelib.database.transaction import Isolation
from chalicelib.policies.model.policies import IntervalMode, SlotMode, StayMode
from chalicelib.policies.model.wanted import Facts
from chalicelib.terms.terms import StaleTermsError, under_terms

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from chalicelib.availability.remembered_looks import LookMemory
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.policies.model.policies import Policy
    from chalicelib.terms.model.terms import Terms

USUAL_DAYS = 30
MOST_DAYS = 92
CLOCK_CHANGE = timedelta(hours=2)
"""By how much local days may be longer together than days of 24 hours."""


@dataclass(frozen=True, slots=True)
class PeriodWanted:
    """From when until when, as a request gives it: local dates (the last one is not included), or times.

    Without `from_` it begins today, or with the running night where that may be sold; without `until` it is 30 days
    long.
    """

    from_: date | datetime | None = None
    until: date | datetime | None = None
    fold: Fold | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What is free, and how long ago it was listed like that: nothing but the clock has changed since."""

    listing: Listing
    age: timedelta = timedelta()


def list_availability(
    context: Context,
    memory: LookMemory,
    named: str,
    period: PeriodWanted,
    quantity: int,
    party_size: int,
    *,
    reasons: bool = False,
    audience: Audience = THE_PUBLIC,
) -> Look:
    """Return what is free for an audience of the resource with this id or slug; with `reasons` why the rest is not.

    One flight, where no one's reservations are counted and labelled units do not have to be looked at. Raises
    `NotFoundError`; `InvalidRangeError` for a period that is reversed or too long, `LocalTimeGapError`,
    `LocalTimeFoldError`, `UnknownZoneError`.
    """
    question = (context.tenant, named, period, quantity, party_size)

    def look(transaction: Transaction, terms: Terms) -> Look:
        within = _resolve(period, transaction, terms, by_staff=audience.sells(terms.resource.id))
        reach = _reach(terms.policy, within, terms.tenant.zone)
        asked = ask_outlooks(transaction, [terms], reach, audience)
        by_counting = terms.resource.assignment is UnitAssignment.POOLED and not terms.policy.reads_reservations
        by_one_flight = by_counting and not reasons
        if by_one_flight:
            transaction.end_with_questions()
        facts = transaction.tenant, asked.facts
        if transaction.tenant != terms.tenant or not asked.are_under(terms):
            raise StaleTermsError
        remembered = by_one_flight and audience == THE_PUBLIC
        known = memory.listings.find(question, facts, transaction.now) if remembered else None
        if known is not None:
            return Look(*known)
        [outlook] = outlooks_of(transaction, asked)
        listing = _listed(outlook, within, quantity, party_size)
        if reasons:
            return Look(_explained(listing, with_reasons(transaction, [outlook], reach)[0], within))
        if remembered:
            memory.listings.keep(question, facts, transaction.now, listing, listing.parts)
        return Look(listing)

    return under_terms(
        context.database,
        memory.terms,
        context.tenant,
        named,
        lambda terms, _: context.run(lambda transaction: look(transaction, terms), isolation=Isolation.SNAPSHOT),
    )


def _resolve(period: PeriodWanted, transaction: Transaction, terms: Terms, *, by_staff: bool) -> TimeRange:
    """The instants of the period: whole local days where dates are given. Left out, it begins with what is not past."""
    policy, zone = terms.policy, terms.tenant.zone
    given_in = zone if period.timezone is None else zone_named(period.timezone, "timezone")
    from_ = period.from_
    if from_ is None:
        from_ = local_date(transaction.now, given_in)
        if by_staff and isinstance(policy.mode, StayMode):
            from_ = min(from_, policy.mode.earliest_on(Facts(transaction.now, policy.days(zone), by_staff=by_staff)))
    starts_at = _bound(from_, given_in, period.fold, "from")
    if period.until is None:
        last_on = local_date(starts_at, given_in) + USUAL_DAYS * ONE_DAY
        ends_at = min(LATEST_AT, wall_clock_instant(last_on, time(), given_in))
    else:
        ends_at = _bound(period.until, given_in, period.fold, "until")
    try:
        within = TimeRange(starts_at, ends_at)
    except InvalidRangeError as error:
        error.field = {"starts_at": "from", "ends_at": "until"}[error.field]
        raise
    if within.duration > MOST_DAYS * ONE_DAY + CLOCK_CHANGE:
        message = f"At most {MOST_DAYS} days are listed at once; ask for the days after that in another request."
        raise InvalidRangeError("until", message)
    return within


def _bound(given: date | datetime, zone: ZoneInfo, fold: Fold | None, field: str) -> datetime:
    if isinstance(given, datetime):
        return instant_of(given, zone, fold, field)
    return wall_clock_instant(given, time(), zone)


def _reach(policy: Policy, within: TimeRange, zone: ZoneInfo) -> TimeRange:
    """As far as something that begins in the range may block."""
    longest = ONE_DAY
    if isinstance(policy.mode, StayMode):
        dates = days(local_date(within.starts_at, zone), local_date(within.ends_at, zone) + ONE_DAY)
        longest += max(policy.shortest(on) for on in dates) * ONE_DAY
    elif isinstance(policy.mode, SlotMode):
        longest = timedelta(minutes=policy.mode.slot_minutes)
    return policy.blocked(within.widened(ONE_DAY, longest))


def _listed(outlook: Outlook, within: TimeRange, quantity: int, party_size: int) -> Listing:
    listing = Listing(outlook, quantity, party_size)
    inquiry = Inquiry(
        outlook.policy, outlook.resource, outlook.profile, quantity, party_size, outlook.fits, outlook.by_counting
    )
    facts = outlook.facts()
    resource_on = outlook.counts.resource_on
    if isinstance(outlook.policy.mode, SlotMode):
        return replace(listing, slots=availability.slots(inquiry, facts, within, resource_on))
    if isinstance(outlook.policy.mode, IntervalMode):
        return replace(listing, ranges=availability.free_ranges(inquiry, facts, within, resource_on))
    from_on, until_on = _dates(outlook.policy.mode, within, outlook)
    if from_on >= until_on:  # all of it is past
        return replace(listing, nights=())
    return replace(listing, nights=availability.nights(inquiry, facts, from_on, until_on, resource_on))


def _explained(listing: Listing, outlook: Outlook, within: TimeRange) -> Listing:
    """The listing with its reasons; slots that rules refuse are in it, too. `outlook` can say what blocks."""
    judge = Judge(outlook, listing.quantity, listing.party_size)
    if listing.nights is not None:
        return replace(listing, night_reasons=explain_nights(judge, listing.nights))
    if listing.slots is not None:
        explained, unavailable = explain_slots(judge, listing.slots, within)
        found = {slot.starts_at: reasons for slot, reasons in explained}
        return replace(listing, slots=[slot for slot, _ in explained], slot_reasons=found, unavailable=unavailable)
    return replace(listing, unavailable=explain_ranges(judge, listing.ranges or (), within))


def _dates(mode: StayMode, within: TimeRange, outlook: Outlook) -> tuple[date, date]:
    """The nights that begin in the range, from the first on that may be sold."""
    zone = outlook.tenant.zone
    from_on = max(local_date(within.starts_at, zone), mode.earliest_on(outlook.facts()))
    return from_on, local_date(within.ends_at - timedelta.resolution, zone) + ONE_DAY
