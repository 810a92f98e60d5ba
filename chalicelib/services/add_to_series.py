"""Reserve a date of a series that could not be had when it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.domain.errors import ConflictError, InvalidInputError, NoCapacityError, RuleViolationsError
from chalicelib.domain.events import Event, EventType
from chalicelib.domain.policies import Wanted
from chalicelib.domain.reservations import BLOCKING_STATES, INITIAL_STATES
from chalicelib.services.admission import Claimant
from chalicelib.services.change_series import find_series
from chalicelib.services.create_reservation import GuestDetails, ReservationRequest, reserve
from chalicelib.services.create_series import KIND, check_pattern, facts_of, times_of
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.suggest_alternatives import suggest_alternatives
from chalicelib.services.terms import offered_terms
from chalicelib.services.wanted_times import resolve
from chalicelib.storage import series as storage
from chalicelib.storage.events import append_event
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.resources import Terms
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from uuid import UUID

    from chalicelib.domain.series import Series
    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.transaction import Database, Transaction


@dataclass(frozen=True, slots=True)
class _Attempt:
    terms: Terms
    wanted: Wanted
    claimant: Claimant


def add_to_series(
    database: Database,
    tenant: str,
    series_id: UUID,
    on_date: date,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[Series], Answer],
    *,
    expected_version: int | None,
) -> Outcome:
    """Reserve a date that was refused, as the series is now: a new claim, under what the resource is offered under.

    Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`, `ConflictError` for a date that has a
    reservation, `RuleViolationsError` and `NoCapacityError` (both with alternatives).
    """
    attempted: list[_Attempt] = []

    def work(transaction: Transaction) -> Series:
        attempted.clear()
        before = find_series(transaction, series_id, expected_version)
        _check_date(before, on_date)
        terms = offered_terms(transaction, before.resource_id)
        check_pattern(before.pattern, terms)
        times, pattern = times_of(before.pattern, on_date, terms.tenant.zone), before.pattern
        during, stay = resolve(times, terms.policy, terms.tenant.zone)
        wanted = Wanted(terms.resource, during, stay, pattern.quantity, pattern.party_size)
        blocks = INITIAL_STATES[terms.policy.confirmation.kind] in BLOCKING_STATES
        claimant = Claimant(new_id(), before.guest.email, blocks=blocks)
        attempted.append(_Attempt(terms, wanted, claimant))
        guest = GuestDetails(before.guest.name, before.guest.email, before.guest.phone)
        request = ReservationRequest(
            before.resource_id, times, pattern.quantity, pattern.party_size, guest, before.notes, None
        )
        reserve(transaction, terms, wanted, claimant, request, actor)
        storage.fill_date(transaction, before, on_date, claimant.owner_id)
        after = find_series(transaction, series_id, None)
        append_event(
            transaction, actor, Event(EventType.SERIES_CHANGED, KIND, series_id, facts_of(before), facts_of(after))
        )
        return after

    try:
        return run_once(database, tenant, claim, work, render, isolation=Isolation.SERIALIZABLE)
    except (NoCapacityError, RuleViolationsError) as refusal:
        for tried in attempted:
            refusal.alternatives = tuple(
                suggest_alternatives(database, tenant, tried.terms, tried.wanted, tried.claimant)
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
