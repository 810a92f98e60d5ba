"""Sample reservations and closures, made by the same use cases as everybody's: a demo that is empty shows little.

Every resource gets a few reservations for this week and the next. A week in which it has any is left alone, so a second
run makes none, and the demo stays alive as weeks go by. A closure is made again once the last one of its kind is over.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from chalicelib.availability.close_units import ClosureRequest, close_units, list_closures
from chalicelib.availability.list_availability import PeriodWanted, list_availability
from chalicelib.availability.model.availability import FreeRange, Night, Slot
from chalicelib.availability.model.closures import ClosureFilter
from chalicelib.availability.remembered_looks import LookMemory
from chalicelib.core.errors import ConflictingReservationsError, NoCapacityError, RuleViolationsError
from chalicelib.core.resources import UnitAssignment
from chalicelib.core.time_ranges import TimeRange, TimesWanted, grid_instants, local_date, wall_clock_instant
from chalicelib.database import statements
from chalicelib.database.transaction import Database
from chalicelib.events.event_log import Actor
from chalicelib.http.context import Context
from chalicelib.http.stored_answers import Answer
from chalicelib.jobs.budget import Budget
from chalicelib.policies.model.policies import IntervalMode
from chalicelib.reservations.confirm_reservation import confirm_reservation
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest, create_reservation
from chalicelib.reservations.model.reservations import Action, State
from chalicelib.reservations.read_reservation import read_reservation
from chalicelib.reservations.transition_reservation import transition_reservation
from chalicelib.terms.terms import TermsMemory, offered_terms
from chalicelib.waiting.promote_pending import process_pending

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from chalicelib.availability.listing import Listing
    from chalicelib.database.transaction import Transaction
    from chalicelib.reservations.model.reservations import Reservation
    from chalicelib.terms.model.terms import Terms
    from demo import content
    from demo.content import Tenant

SQL = statements.beside(__file__)
ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(weeks=1)
WEEKS = 2
NOON = time(12)
"""When closures begin and end: between check-out and check-in."""
MOST_CLOSURES = 200
NIGHTS = (2, 2, 3, 3, 4, 5, 7)
MINUTES = (60, 60, 90, 120, 120, 180, 240)
USUAL_HOURS = range(8, 19)
"""Local hours in which the samples of interval mode begin."""
SEEDING = Actor("system", "demo-data", None)
LETTERS = str.maketrans({"ß": "ss", "ø": "o", "þ": "th", "ð": "d", "ł": "l"})
"""Letters that have no decomposition."""
UNANSWERED = Answer(status=201, headers={}, body="")
SETTLING_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _Use:
    """A use that a guest might want."""

    times: TimesWanted
    quantity: int
    party_size: int


def occupy(owner_dsn: str, tenants: Sequence[Tenant]) -> tuple[int, int]:
    """Close and reserve what is missing; return how many closures and reservations were made."""
    closures = reservations = 0
    database = Database(owner_dsn, pool_size=1, request_seconds=30)
    try:
        for tenant in tenants:
            filling = _Filling(database, tenant)
            for resource in tenant.resources:
                closures += filling.close(resource)
                reservations += filling.reserve(resource)
    finally:
        database.close()
    return closures, reservations


class _Filling:
    """Makes what one tenant's samples are."""

    def __init__(self, database: Database, tenant: Tenant) -> None:
        self._database = database
        self._tenant = tenant
        self._memory = TermsMemory()
        self._looks = LookMemory()

    def close(self, resource: content.Resource) -> int:
        """Make the resource's closures that are not there, unless reservations stand in their way."""
        terms, today, _ = self._read(resource)
        found, _ = list_closures(
            Context(self._database, self._tenant.slug), ClosureFilter(terms.resource.id), MOST_CLOSURES
        )
        known = {closure.reason for closure in found}
        made = 0
        for closure in resource.closures:
            if closure.reason not in known:
                first_on = today + closure.in_days * ONE_DAY
                days = (first_on, first_on + closure.for_days * ONE_DAY)
                during = TimeRange(*(wall_clock_instant(on, NOON, terms.tenant.zone) for on in days))
                made += self._close(ClosureRequest(terms.resource.id, during, closure.reason, closure.units))
        return made

    def reserve(self, resource: content.Resource) -> int:
        """Make the resource's reservations for each week that has none."""
        terms, today, reserved_weeks = self._read(resource)
        monday = today - today.weekday() * ONE_DAY
        weeks = [monday + number * ONE_WEEK for number in range(WEEKS)]
        return sum(self._fill(resource, terms, today, week) for week in weeks if week not in reserved_weeks)

    def _fill(self, resource: content.Resource, terms: Terms, today: date, week: date) -> int:
        """Make the reservations for what is left of one week, in proportion."""
        period = PeriodWanted(max(today, week), week + ONE_WEEK)
        days_left = (week + ONE_WEEK - max(today, week)).days
        wanted = -(-resource.weekly_reservations * days_left // ONE_WEEK.days)
        # Rooms may want a party of some size; of seats and boats, one is the least that may be free.
        party = 1 if terms.resource.assignment is UnitAssignment.POOLED else terms.resource.max_party_size
        listing = list_availability(
            Context(self._database, self._tenant.slug), self._looks, resource.slug, period, 1, party
        ).listing
        random = Random(f"{self._tenant.slug}/{resource.slug}/{week}")  # noqa: S311 - whom it brings is no secret
        uses = islice(_uses(random, terms, listing), wanted)
        return sum(self._reserve(terms, use, random.choice(self._tenant.guests)) for use in uses)

    def _read(self, resource: content.Resource) -> tuple[Terms, date, set[date]]:
        def work(transaction: Transaction) -> tuple[Terms, date, set[date]]:
            terms = offered_terms(transaction, resource.slug)
            zone = terms.tenant.zone
            parameters = {"resource_id": terms.resource.id, "timezone": zone.key}
            weeks = {row.week for row in transaction.rows(SQL["read_reserved_weeks"], parameters)}
            return terms, local_date(transaction.now, zone), weeks

        return self._database.run(self._tenant.slug, work)

    def _close(self, request: ClosureRequest) -> bool:
        try:
            close_units(Context(self._database, self._tenant.slug, SEEDING), request, lambda _: UNANSWERED)
        except ConflictingReservationsError:
            return False
        return True

    def _reserve(self, terms: Terms, use: _Use, guest: str) -> bool:
        """Reserve as a guest would, who may be refused."""
        request = ReservationRequest(
            resource_id=terms.resource.id,
            times=use.times,
            quantity=use.quantity,
            party_size=use.party_size,
            guest=GuestDetails(guest, _email(guest), None),
            notes="",
            unit=None,
        )
        made: list[Reservation] = []

        def remember(reservation: Reservation) -> Answer:
            made.append(reservation)
            return UNANSWERED

        try:
            create_reservation(Context(self._database, self._tenant.slug, SEEDING), self._memory, request, remember)
        except (NoCapacityError, RuleViolationsError):
            return False
        if made[-1].state is State.HELD:
            self._confirm(made[-1])
        elif made[-1].state is State.PENDING:
            self._settle(made[-1])
        return True

    def _settle(self, pending: Reservation) -> None:
        """Promote it now, or let it go: nothing of the demo's past waits."""
        process_pending(Context(self._database, self._tenant.slug, SEEDING), Budget(SETTLING_SECONDS))
        if read_reservation(Context(self._database, self._tenant.slug), pending.id).state is State.PENDING:
            transition_reservation(
                Context(self._database, self._tenant.slug, SEEDING), pending.id, Action.CANCEL, lambda _: UNANSWERED
            )

    def _confirm(self, held: Reservation) -> None:
        confirm_reservation(
            Context(self._database, self._tenant.slug, SEEDING), held.id, lambda _: UNANSWERED, by_staff=True
        )


def _uses(random: Random, terms: Terms, listing: Listing) -> Iterator[_Use]:
    """Yield uses of what is free, in random order; no two of them begin together."""
    openings = list(_openings(listing, terms.tenant.zone))
    for opening in random.sample(openings, len(openings)):
        times = _times(random, terms, opening)
        if times is not None:
            yield _Use(times, *_quantity_and_party(random, terms, opening.remaining))


def _openings(listing: Listing, zone: ZoneInfo) -> Iterator[Night | Slot | FreeRange]:
    """Yield where a use may begin: free nights and slots; of free ranges the rest from every second usual hour on."""
    yield from (night for night in listing.nights or () if night.remaining and night.can_check_in)
    yield from (slot for slot in listing.slots or () if slot.remaining)
    for free in listing.ranges or ():
        for starts_at in grid_instants(TimeRange(free.starts_at, free.ends_at), 120, zone):
            if starts_at <= free.latest_start_at and starts_at.astimezone(zone).hour in USUAL_HOURS:
                yield replace(free, starts_at=starts_at)


def _times(random: Random, terms: Terms, opening: Night | Slot | FreeRange) -> TimesWanted | None:
    """Choose how long a use takes; None where nothing fits."""
    mode = terms.policy.mode
    if isinstance(opening, Night):
        return TimesWanted(check_in_on=opening.on, check_out_on=opening.on + random.choice(NIGHTS) * ONE_DAY)
    if not isinstance(mode, IntervalMode):
        return TimesWanted(opening.starts_at, opening.ends_at)
    longest = min(mode.max_minutes, (opening.ends_at - opening.starts_at) // timedelta(minutes=1))
    fitting = [length for length in MINUTES if mode.min_minutes <= length <= longest and not length % mode.step_minutes]
    if not fitting:
        return None
    return TimesWanted(opening.starts_at, opening.starts_at + timedelta(minutes=random.choice(fitting)))


def _quantity_and_party(random: Random, terms: Terms, remaining: int) -> tuple[int, int]:
    """Choose how many units and people: seats and people one by one, rooms well filled."""
    resource = terms.resource
    few = random.choice((1, 1, 2, 2, 3, 4))
    if terms.policy.capacity_counts == "people":
        return 1, min(few, resource.max_party_size, remaining)
    if resource.assignment is UnitAssignment.POOLED and resource.capacity > 1:
        quantity = min(few, resource.max_party_size, remaining)
        return quantity, quantity
    share = random.uniform(0.4, 0.9) if resource.capacity == 1 else random.uniform(0.4, 1)
    return 1, max(1, round(resource.max_party_size * share))


def _email(name: str) -> str:
    """Return an address that nobody has (RFC 2606): letters without their accents."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(LETTERS)).encode("ascii", "ignore").decode()
    return f"{'.'.join(''.join(filter(str.isalpha, word)) for word in plain.split())}@guests.example"
