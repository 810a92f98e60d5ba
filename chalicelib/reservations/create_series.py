"""Reserve something again and again, in one transaction: all of it, or all that fits, with a report for each date.

Each date is admitted like a reservation by itself, after the ones before it, which its rules see. Times are the
tenant's local ones, so that nine o'clock stays nine o'clock when clocks change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.access.model.limits import AnonymousCaller
from chalicelib.access.throttle import count_hold
from chalicelib.availability.admission import Claimant
from chalicelib.availability.suggest_alternatives import find_alternatives
from chalicelib.availability.wanted_times import resolve
from chalicelib.core.errors import BerthError, InvalidInputError, NoCapacityError, RuleViolationsError
from chalicelib.core.money import ExpectedPrice, sum_of
from chalicelib.core.time_ranges import Fold, TimesWanted, to_instant
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Isolation
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.policies.model.policies import StayMode
from chalicelib.policies.model.wanted import Wanted
from chalicelib.reservations.confirm_by_email import check_confirmed
from chalicelib.reservations.create_reservation import COUNTED, GuestDetails, ReservationRequest, reserve
from chalicelib.reservations.model.recurrence import occurrences as dates_of
from chalicelib.reservations.model.reservations import BLOCKING_STATES, INITIAL_STATES, Guest, Reservation
from chalicelib.reservations.model.series import Occurrence, Pattern, Series, SeriesRefusedError
from chalicelib.reservations.storage import series as storage
from chalicelib.terms.model.terms import Terms
from chalicelib.terms.terms import offered_terms

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer

KIND = "series"
MOST_WITH_ALTERNATIVES = 3
"""Refused dates of a series for which alternatives are looked for."""
REFUSALS = (NoCapacityError, RuleViolationsError, InvalidInputError)
"""What may stand against one date of a series."""


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """What recurs, and for whom. `all_or_nothing`: one date that is refused refuses all.

    `expected` is what all that is reserved may cost together. `anonymous`: who asks without working for the tenant.
    """

    resource_id: UUID
    rule: str
    first_on: date
    except_on: Sequence[date]
    pattern: Pattern
    guest: GuestDetails
    notes: str
    all_or_nothing: bool
    expected: ExpectedPrice | None = None
    anonymous: AnonymousCaller | None = None


def create_series(
    context: Context,
    request: SeriesRequest,
    render: Callable[[Series], Answer],
) -> Outcome:
    """Reserve every date of a rule. Raises `NotFoundError`, `InvalidInputError`, `SeriesRefusedError`."""

    def work(transaction: Transaction) -> Series:
        series = _reserved(transaction, request, context.actor)
        refused = [one for one in series.occurrences if one.refusal is not None]
        if refused and (request.all_or_nothing or len(refused) == len(series.occurrences)):
            raise SeriesRefusedError(series.occurrences)
        check_price(request.expected, series.occurrences, transaction.tenant.currency)
        check_confirmed(transaction, request.anonymous)
        storage.add_series(transaction, series)
        if request.anonymous is not None and any(one.state in COUNTED for one in series.occurrences):
            count_hold(transaction, request.anonymous, request.guest.email)
        append_event(
            transaction, context.actor, Event(EventType.SERIES_CREATED, KIND, series.id, None, facts_of(series))
        )
        return series

    return context.run_once(work, render, isolation=Isolation.SERIALIZABLE)


def preview_series(context: Context, request: SeriesRequest) -> Sequence[Occurrence]:
    """Return what would come of each date: it is tried, and taken back. Raises as `create_series` does otherwise."""

    def work(transaction: Transaction) -> Sequence[Occurrence]:
        series = _reserved(transaction, request, context.actor)
        check_price(request.expected, series.occurrences, transaction.tenant.currency)
        return series.occurrences

    return context.try_out(work, isolation=Isolation.SERIALIZABLE)


def _reserved(transaction: Transaction, request: SeriesRequest, actor: Actor) -> Series:
    terms = offered_terms(transaction, request.resource_id)
    check_pattern(request.pattern, terms)
    zone = terms.tenant.zone
    dates = dates_of(request.rule, request.first_on, request.except_on, request.pattern.starts_at_time, zone)
    refused: list[RefusedDate] = []
    occurrences = [_occurrence(transaction, terms, request, on_date, actor, refused) for on_date in dates]
    occurrences = with_alternatives(transaction, occurrences, refused)
    guest = Guest(new_id(), request.guest.name, request.guest.email, request.guest.phone)
    return Series(
        id=new_id(),
        resource_id=request.resource_id,
        guest=guest,
        rule=request.rule,
        first_on=request.first_on,
        except_on=tuple(request.except_on),
        pattern=request.pattern,
        notes=request.notes,
        version=1,
        created_at=transaction.now,
        currency=transaction.tenant.currency,
        occurrences=occurrences,
    )


@dataclass(frozen=True, slots=True)
class RefusedDate:
    """What was wanted of a date that was refused; `present` is its reservation, where it has one."""

    on_date: date
    terms: Terms
    wanted: Wanted
    claimant: Claimant
    present: Reservation | None = None


def _occurrence(
    transaction: Transaction,
    terms: Terms,
    request: SeriesRequest,
    on_date: date,
    actor: Actor,
    refused: list[RefusedDate],
) -> Occurrence:
    pattern = request.pattern
    blocks = INITIAL_STATES[terms.policy.confirmation.kind] in BLOCKING_STATES
    claimant = Claimant(new_id(), request.guest.email, blocks=blocks, by_staff=actor.works_here)
    wanted = None
    try:
        times = times_of(pattern, on_date, terms.tenant.zone)
        one = ReservationRequest(
            request.resource_id, times, pattern.quantity, pattern.party_size, request.guest, request.notes, None
        )
        during, stay = resolve(times, terms.policy, terms.tenant.zone)
        wanted = Wanted(terms.resource, during, stay, pattern.quantity, pattern.party_size)
        made = reserve(transaction, terms, wanted, claimant, one, actor)
    except REFUSALS as refusal:
        if wanted is not None:
            refused.append(RefusedDate(on_date, terms, wanted, claimant))
        return refused_occurrence(on_date, refusal)
    return Occurrence(on_date, made.id, None, made.state, made.code, made.during, price=made.price)


def check_price(expected: ExpectedPrice | None, occurrences: Sequence[Occurrence], currency: str) -> None:
    """Refuse dates that cost something else together than is expected. Raises `PriceChangedError`."""
    if expected is not None:
        expected.check(sum_of([one.price for one in occurrences if one.price is not None], currency))


def refused_occurrence(on_date: date, refusal: BerthError) -> Occurrence:
    """Return a date that cannot be had, with the reason."""
    broken = refusal.violations if isinstance(refusal, RuleViolationsError) else ()
    return Occurrence(on_date, None, refusal.code, detail=refusal.detail, violations=broken)


def with_alternatives(
    transaction: Transaction, occurrences: Sequence[Occurrence], refused: Sequence[RefusedDate]
) -> list[Occurrence]:
    """Add alternatives to the first few that were refused; after all the others, whose times are none any more."""
    found = {
        one.on_date: find_alternatives(transaction, one.terms, one.wanted, one.claimant, present=one.present)
        for one in refused[:MOST_WITH_ALTERNATIVES]
    }
    return [replace(one, alternatives=found.get(one.on_date, ())) for one in occurrences]


def times_of(pattern: Pattern, on_date: date, zone: ZoneInfo) -> TimesWanted:
    """Return when the pattern is on a date: nights, or so many minutes from the earlier instant that the clock shows.

    Raises `LocalTimeGapError`.
    """
    if pattern.nights is not None:
        return TimesWanted(check_in_on=on_date, check_out_on=on_date + timedelta(days=pattern.nights))
    assert pattern.starts_at_time is not None  # noqa: S101 - a pattern has nights or a time
    assert pattern.minutes is not None  # noqa: S101 - the same
    local = datetime.combine(on_date, pattern.starts_at_time)
    starts_at = to_instant(local, zone, Fold.EARLIER, "starts_at_time")
    return TimesWanted(starts_at, starts_at + timedelta(minutes=pattern.minutes))


def check_pattern(pattern: Pattern, terms: Terms) -> None:
    """Refuse nights where times are reserved, and the other way round. Raises `InvalidInputError`."""
    stays = isinstance(terms.policy.mode, StayMode)
    missing, foreign = ("nights",), ("starts_at_time", "minutes")
    if not stays:
        missing, foreign = foreign, missing
    for field in (*missing, *foreign):
        if (getattr(pattern, field) is None) == (field in missing):
            message = (
                f"{terms.resource.name} is reserved by {'nights' if stays else 'time'}; say {' and '.join(missing)}."
            )
            raise InvalidInputError(field, message)


def facts_of(series: Series) -> dict[str, object]:
    """The series without personal data, JSON-ready."""
    pattern = series.pattern
    at = pattern.starts_at_time
    return {
        "resource_id": str(series.resource_id),
        "rule": series.rule,
        "first_on": series.first_on.isoformat(),
        "except_on": [on.isoformat() for on in series.except_on],
        "starts_at_time": None if at is None else at.isoformat("minutes"),
        "minutes": pattern.minutes,
        "nights": pattern.nights,
        "quantity": pattern.quantity,
        "party_size": pattern.party_size,
        "reservations": [str(one.reservation_id) for one in series.occurrences if one.reservation_id is not None],
    }
