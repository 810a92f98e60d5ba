"""Reserve a date of a series that could not be had when it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.availability.admission import Claimant
from chalicelib.availability.suggest_alternatives import suggest_alternatives
from chalicelib.availability.wanted_times import resolve
from chalicelib.core.errors import ConflictError, InvalidInputError, NoCapacityError, RuleViolationsError
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Isolation
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.policies.model.wanted import Wanted
from chalicelib.reservations.change_series import find_series
from chalicelib.reservations.create_reservation import GuestDetails, ReservationRequest, reserve
from chalicelib.reservations.create_series import KIND, check_pattern, facts_of, times_of
from chalicelib.reservations.model.reservations import BLOCKING_STATES, INITIAL_STATES
from chalicelib.reservations.storage import series as storage
from chalicelib.terms.model.terms import Terms
from chalicelib.terms.terms import offered_terms

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.reservations.model.series import Series


@dataclass(frozen=True, slots=True)
class _DateAttempt:
    terms: Terms
    wanted: Wanted
    claimant: Claimant


def add_to_series(
    context: Context,
    series_id: UUID,
    on_date: date,
    render: Callable[[Series], Answer],
) -> Outcome:
    """Reserve a date that was refused, as the series is now: a new claim, under what the resource is offered under.

    Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`, `ConflictError` for a date that has a
    reservation, `RuleViolationsError` and `NoCapacityError` (both with alternatives).
    """
    attempted: list[_DateAttempt] = []

    def work(transaction: Transaction) -> Series:
        attempted.clear()
        before = find_series(transaction, series_id, context.expected_version)
        _check_date(before, on_date)
        terms = offered_terms(transaction, before.resource_id)
        check_pattern(before.pattern, terms)
        times, pattern = times_of(before.pattern, on_date, terms.tenant.zone), before.pattern
        during, stay = resolve(times, terms.policy, terms.tenant.zone)
        wanted = Wanted(terms.resource, during, stay, pattern.quantity, pattern.party_size)
        blocks = INITIAL_STATES[terms.policy.confirmation.kind] in BLOCKING_STATES
        claimant = Claimant(new_id(), before.guest.email, blocks=blocks)
        attempted.append(_DateAttempt(terms, wanted, claimant))
        guest = GuestDetails(before.guest.name, before.guest.email, before.guest.phone)
        request = ReservationRequest(
            before.resource_id, times, pattern.quantity, pattern.party_size, guest, before.notes, None
        )
        reserve(transaction, terms, wanted, claimant, request, context.actor)
        storage.fill_date(transaction, before, on_date, claimant.owner_id)
        after = find_series(transaction, series_id, None)
        append_event(
            transaction,
            context.actor,
            Event(EventType.SERIES_CHANGED, KIND, series_id, facts_of(before), facts_of(after)),
        )
        return after

    try:
        return context.run_once(work, render, isolation=Isolation.SERIALIZABLE)
    except (NoCapacityError, RuleViolationsError) as refusal:
        for tried in attempted:
            refusal.alternatives = tuple(
                suggest_alternatives(context.database, context.tenant, tried.terms, tried.wanted, tried.claimant)
            )
        raise


def _check_date(series: Series, on_date: date) -> None:
    found = [one for one in series.occurrences if one.on_date == on_date]
    if not found:
        message = f"{on_date} is no date of this series; expected one that could not be had."
        raise InvalidInputError("on", message)
    if found[0].refusal is None:
        message = f"On {on_date} the series has a reservation. Change or cancel that one by itself."
        raise ConflictError(message)
