"""What is free of one resource over a time: nights, slots or ranges, each of which admission would accept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from chalicelib.access.model.people import THE_PUBLIC, Audience
from chalicelib.availability.availability_facts import ONE_DAY, Outlook, read_outlooks, with_reasons
from chalicelib.availability.explain_listing import (
    Judge,
    NightReasons,
    Reasons,
    Unavailable,
    explain_nights,
    explain_ranges,
    explain_slots,
)
from chalicelib.availability.model import availability
from chalicelib.availability.model.availability import FreeRange, Night, Slot
from chalicelib.availability.model.inquiries import Inquiry
from chalicelib.availability.wanted_times import instant_of
from chalicelib.core.errors import InvalidRangeError, NotFoundError
from chalicelib.core.time_ranges import (
    LATEST_AT,
    Fold,
    Stay,
    TimeRange,
    days,
    local_date,
    wall_clock_instant,
    zone_named,
)
from chalicelib.database.identifiers import uuid_of
from chalicelib.database.transaction import Isolation
from chalicelib.policies.model.policies import IntervalMode, SlotMode, StayMode
from chalicelib.policies.model.pricing import quote
from chalicelib.policies.model.wanted import Facts, Wanted
from chalicelib.terms.for_others import read_terms

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from chalicelib.core.money import Quote
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.policies.model.policies import Policy
    from chalicelib.terms.model.terms import Terms

USUAL_DAYS = 30
MOST_DAYS = 92
CLOCK_CHANGE = timedelta(hours=2)
"""By how much local days may be longer together than days of 24 hours."""
OF_THE_NIGHT = frozenset({"base", "extra_guests"})
"""Lines of a price that belong to a night; the others belong to a stay."""


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
class Listing:
    """What is free of a resource: nights, slots or ranges, according to its mode; the others are None.

    Where reasons were asked for, they say of nights and slots why not, and `unavailable` of other times.
    """

    outlook: Outlook
    quantity: int
    party_size: int
    nights: Sequence[Night] | None = None
    slots: Sequence[Slot] | None = None
    ranges: Sequence[FreeRange] | None = None
    night_reasons: Mapping[date, NightReasons] | None = None
    slot_reasons: Mapping[datetime, Reasons] | None = None
    unavailable: Sequence[Unavailable] | None = None

    def price_of_night(self, night: Night) -> int:
        """Return what one night costs, before discounts, fees and taxes, which belong to a whole stay: minor units."""
        stay = Stay(night.on, night.on + ONE_DAY)
        lines = self._quote(self.outlook.policy.during(stay, self.outlook.tenant.zone), stay).lines
        return sum(line.amount for line in lines if line.kind in OF_THE_NIGHT)

    def price_of_slot(self, slot: Slot) -> Quote:
        """Return what a slot costs, all included."""
        return self._quote(TimeRange(slot.starts_at, slot.ends_at), None)

    def _quote(self, during: TimeRange, stay: Stay | None) -> Quote:
        outlook = self.outlook
        wanted = Wanted(outlook.resource, during, stay, self.quantity, self.party_size)
        return quote(outlook.policy, outlook.tenant.currency, wanted, outlook.tenant.zone)


def list_availability(
    context: Context,
    named: str,
    period: PeriodWanted,
    quantity: int,
    party_size: int,
    *,
    reasons: bool = False,
    audience: Audience = THE_PUBLIC,
) -> Listing:
    """Return what is free for an audience of the resource with this id or slug; with `reasons` why the rest is not.

    Raises `NotFoundError`; `InvalidRangeError` for a period that is reversed or too long, `LocalTimeGapError`,
    `LocalTimeFoldError`, `UnknownZoneError`.
    """

    def work(transaction: Transaction) -> Listing:
        terms = find_terms(transaction, named)
        zone = transaction.tenant.zone
        facts = Facts(transaction.now, terms.policy.days(zone), by_staff=audience.sells(terms.resource.id))
        within = _resolve(period, terms.policy, facts)
        reach = _reach(terms.policy, within, zone)
        [outlook] = read_outlooks(transaction, [terms], reach, audience=audience)
        listing = _listed(outlook, within, quantity, party_size)
        if not reasons:
            return listing
        return _explained(listing, with_reasons(transaction, [outlook], reach)[0], within)

    return context.run(work, isolation=Isolation.SNAPSHOT)


def find_terms(transaction: Transaction, named: str) -> Terms:
    """Return the terms of the resource with this id or slug. Raises `NotFoundError`."""
    resource_id = uuid_of(named)
    found = read_terms(transaction, resource_ids=[] if resource_id is None else [resource_id], slugs=[named])
    if not found:
        message = "There is no such resource."
        raise NotFoundError(message)
    return found[0]


def _resolve(period: PeriodWanted, policy: Policy, facts: Facts) -> TimeRange:
    """The instants of the period: whole local days where dates are given. Left out, it begins with what is not past."""
    zone = facts.zone if period.timezone is None else zone_named(period.timezone, "timezone")
    from_ = period.from_
    if from_ is None:
        from_ = local_date(facts.now, zone)
        if facts.by_staff and isinstance(policy.mode, StayMode):
            from_ = min(from_, policy.mode.earliest_on(facts))
    starts_at = _bound(from_, zone, period.fold, "from")
    if period.until is None:
        ends_at = min(LATEST_AT, wall_clock_instant(local_date(starts_at, zone) + USUAL_DAYS * ONE_DAY, time(), zone))
    else:
        ends_at = _bound(period.until, zone, period.fold, "until")
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
    inquiry = Inquiry(outlook.policy, outlook.resource, outlook.profile, quantity, party_size, outlook.fits)
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
