"""Reserve again and again: every date of a series is admitted after those before it, all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from chalicelib.domain.errors import LocalTimeGapError, NoCapacityError, RuleViolationsError, SeriesRefusedError
from chalicelib.domain.events import EventType
from chalicelib.domain.policies import Wanted
from chalicelib.domain.recurrence import parse_recurrence
from chalicelib.domain.reservations import BLOCKING_STATES, INITIAL_STATES
from chalicelib.domain.series import Mode, Occurrence, Outcome, Refusal, Series, repeated_as, series_dates
from chalicelib.domain.time_ranges import Fold
from chalicelib.services import idempotency
from chalicelib.services.admission import Claimant
from chalicelib.services.create_reservation import ReservationRequest, reserve
from chalicelib.services.series_events import append_series_event
from chalicelib.services.suggest_alternatives import find_alternatives
from chalicelib.services.terms import under_terms
from chalicelib.services.wanted_times import resolve
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.series import StoredOccurrence, add_occurrences, add_series
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.domain.errors import Alternative
    from chalicelib.domain.time_ranges import TimeRange
    from chalicelib.services.terms import TermsMemory
    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.resources import Terms
    from chalicelib.storage.transaction import Database, Transaction

MOST_WITH_ALTERNATIVES = 3
"""Refused dates for which alternatives are looked for: the first ones."""


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """What a guest wants to recur: the first of it, and the rule (RFC 5545). `except_on` are dates to leave out."""

    first: ReservationRequest
    rrule: str
    except_on: Sequence[date]
    mode: Mode


@dataclass(frozen=True, slots=True)
class SeriesReport:
    """A series, and what became of its dates."""

    series: Series
    occurrences: Sequence[Occurrence]


class _Previewed(Exception):  # noqa: N818 - nothing is wrong
    """Ends a transaction in which a series was tried: nothing of it is kept."""

    def __init__(self, report: SeriesReport) -> None:
        super().__init__()
        self.report = report


def create_series(
    database: Database,
    memory: TermsMemory,
    tenant: str,
    request: SeriesRequest,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[SeriesReport], Answer],
) -> idempotency.Outcome:
    """Reserve every date, or all that can be had. SERIALIZABLE; about one round trip for each date.

    Raises `InvalidInputError` with its kinds, `NotFoundError`, and `SeriesRefusedError` where not all can be had, or in
    the fitting mode nothing.
    """

    def attempt(terms: Terms, _: Isolation) -> idempotency.Outcome:
        series, dates = _series_of(request, terms)

        def work(transaction: Transaction) -> SeriesReport:
            made = replace(series, id=new_id(), created_at=transaction.now, updated_at=transaction.now)
            add_series(transaction, made)
            occurrences = _reserve_dates(transaction, terms, made, dates, request.first, actor)
            refuse_partly(occurrences, request.mode)
            add_occurrences(transaction, made.id, [_stored(one) for one in occurrences])
            append_series_event(transaction, actor, EventType.SERIES_CREATED, None, made)
            return SeriesReport(made, occurrences)

        return idempotency.run_once(database, tenant, claim, work, render, isolation=Isolation.SERIALIZABLE)

    return under_terms(database, memory, tenant, request.first.resource_id, attempt)


def preview_series(
    database: Database, memory: TermsMemory, tenant: str, request: SeriesRequest, actor: Actor
) -> SeriesReport:
    """Return what would become of each date now, and keep nothing: it is done and taken back.

    Raises as `create_series` does, but `SeriesRefusedError`.
    """

    def attempt(terms: Terms, _: Isolation) -> SeriesReport:
        series, dates = _series_of(request, terms)

        def work(transaction: Transaction) -> SeriesReport:
            raise _Previewed(
                SeriesReport(series, _reserve_dates(transaction, terms, series, dates, request.first, actor))
            )

        try:
            return database.run(tenant, work, isolation=Isolation.SERIALIZABLE)
        except _Previewed as previewed:
            return previewed.report

    return under_terms(database, memory, tenant, request.first.resource_id, attempt)


def refuse_partly(occurrences: Sequence[Occurrence], mode: Mode) -> None:
    """Refuse what is not all that was asked for, or nothing of it. Raises `SeriesRefusedError`."""
    refused = [one for one in occurrences if one.refusal is not None]
    nothing = all(one.outcome in {Outcome.REFUSED, Outcome.KEPT} for one in occurrences)
    if refused and (mode is Mode.ALL or nothing):
        raise SeriesRefusedError(occurrences)


def _series_of(request: SeriesRequest, terms: Terms) -> tuple[Series, list[date]]:
    """Return the series, without an id yet, and its dates. Raises `InvalidInputError` and its kinds."""
    first, zone = request.first, terms.tenant.zone
    rule = parse_recurrence(request.rrule)
    times = first.times
    if times.starts_at is not None and times.fold is None:
        times = replace(times, fold=Fold.EARLIER)
    during, stay = resolve(times, terms.policy, zone)
    starts_on, repeated = repeated_as(
        during, stay, zone, quantity=first.quantity, party_size=first.party_size, fold=times.fold
    )
    dates = series_dates(rule, starts_on, repeated, request.except_on, zone)
    series = Series(
        id=new_id(),
        resource_id=terms.resource.id,
        rule=rule,
        starts_on=starts_on,
        repeated=repeated,
        mode=request.mode,
        except_on=tuple(sorted(set(request.except_on))),
        split_from=None,
        cancelled_at=None,
        version=1,
        created_at=during.starts_at,
        updated_at=during.starts_at,
    )
    return series, dates


def _reserve_dates(
    transaction: Transaction,
    terms: Terms,
    series: Series,
    dates: Sequence[date],
    first: ReservationRequest,
    actor: Actor,
) -> list[Occurrence]:
    """Reserve one date after another. What is refused has queued nothing."""
    found: list[Occurrence] = []
    refused: list[tuple[Wanted, Claimant]] = []
    for number, starts_on in enumerate(dates, 1):
        try:
            during, stay = series.repeated.on(starts_on, terms.policy, terms.tenant.zone)
        except LocalTimeGapError as gap:
            found.append(_refused(number, starts_on, None, Refusal(gap)))
            continue
        wanted = Wanted(terms.resource, during, stay, first.quantity, first.party_size)
        claimant = Claimant(
            new_id(), first.guest.email, blocks=INITIAL_STATES[terms.policy.confirmation.kind] in BLOCKING_STATES
        )
        try:
            reservation = reserve(transaction, terms, wanted, claimant, first, actor)
            found.append(Occurrence(number, starts_on, Outcome.RESERVED, reservation, during))
        except (RuleViolationsError, NoCapacityError) as refusal:
            found.append(_refused(number, starts_on, during, Refusal(refusal)))
            refused.append((wanted, claimant))
    # Only now: what the series itself takes later is no alternative.
    alternatives = {
        wanted.during: tuple(find_alternatives(transaction, terms, wanted, claimant))
        for wanted, claimant in refused[:MOST_WITH_ALTERNATIVES]
    }
    return [_with_alternatives(one, alternatives) for one in found]


def _with_alternatives(one: Occurrence, found: Mapping[TimeRange, Sequence[Alternative]]) -> Occurrence:
    """Add to a refused occurrence the alternatives that were found for its time."""
    if one.refusal is None or one.during is None:
        return one
    return replace(one, refusal=replace(one.refusal, alternatives=found.get(one.during, ())))


def _refused(number: int, starts_on: date, during: TimeRange | None, refusal: Refusal) -> Occurrence:
    return Occurrence(number, starts_on, Outcome.REFUSED, during=during, refused=refusal.error.code, refusal=refusal)


def _stored(one: Occurrence) -> StoredOccurrence:
    return StoredOccurrence(
        one.number, one.starts_on, None if one.reservation is None else one.reservation.id, one.refused
    )
