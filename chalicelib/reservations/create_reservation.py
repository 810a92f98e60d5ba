"""Create a reservation: the path everything else is measured by. Three round trips: look, write, COMMIT."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from chalicelib.access.model.limits import AnonymousCaller
from chalicelib.access.throttle import count_hold
from chalicelib.availability.admission import Claimant, Override, admit, promised_unit
from chalicelib.availability.suggest_alternatives import find_alternatives
from chalicelib.availability.unit_events import append_moved_units
from chalicelib.availability.wanted_times import resolve
from chalicelib.core.errors import NoCapacityError
from chalicelib.core.money import ExpectedPrice
from chalicelib.core.time_ranges import TimesWanted
from chalicelib.database.identifiers import new_code, new_id
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks_of
from chalicelib.policies.model.pricing import quote
from chalicelib.policies.model.wanted import Wanted
from chalicelib.reservations import reservation_events
from chalicelib.reservations.confirm_by_email import check_confirmed
from chalicelib.reservations.conflicts import append_conflicts
from chalicelib.reservations.model.reservations import (
    BLOCKING_STATES,
    INITIAL_STATES,
    WAITING,
    Guest,
    Reservation,
    State,
    WaitsFor,
    due_at,
)
from chalicelib.reservations.storage.reservations import add_reservation
from chalicelib.tenants.for_others import check_tenant
from chalicelib.terms.terms import StaleTermsError, TermsMemory, under_terms

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.core.errors import RuleViolationsError
    from chalicelib.database.transaction import Isolation, Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Explain, Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.policies.model.policies import Confirmation
    from chalicelib.terms.model.terms import Terms

T = TypeVar("T")
COUNTED = frozenset({State.HELD, State.PENDING})
"""What anonymous callers cannot make without end, as nobody has promised anything by it."""


@dataclass(frozen=True, slots=True)
class GuestDetails:
    """How a guest wants to be known and reached."""

    name: str
    email: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class ReservationRequest:
    """What a guest asks for. `unit` asks for one particular unit by its number, and makes that a promise.

    `override` is what those who work for the tenant do not insist on, and `expected` what it may cost. `anonymous`: who
    asks without working for the tenant.
    """

    resource_id: UUID
    times: TimesWanted
    quantity: int
    party_size: int
    guest: GuestDetails
    notes: str
    unit: int | None
    override: Override | None = None
    expected: ExpectedPrice | None = None
    anonymous: AnonymousCaller | None = None


def create_reservation(
    context: Context,
    memory: TermsMemory,
    request: ReservationRequest,
    render: Callable[[Reservation], Answer],
) -> Outcome:
    """Reserve, once per Idempotency-Key. `render` makes the answer that is kept under the key.

    Raises `NotFoundError`, `InvalidInputError`, `RuleViolationsError` and `NoCapacityError` (both with alternatives).
    """

    def attempt(work: Callable[[Transaction], Reservation], isolation: Isolation, explain: Explain) -> Outcome:
        def counted(transaction: Transaction) -> Reservation:
            reservation = work(transaction)
            check_confirmed(transaction, request.anonymous)
            if request.anonymous is not None and reservation.state in COUNTED:
                count_hold(transaction, request.anonymous, request.guest.email)
            return reservation

        return context.run_once(counted, render, isolation=isolation, explain=explain)

    return reserve_under_terms(context, memory, request, attempt)


def reserve_under_terms(
    context: Context,
    memory: TermsMemory,
    request: ReservationRequest,
    run: Callable[[Callable[[Transaction], Reservation], Isolation, Explain], T],
) -> T:
    """Run what reserves under the present terms, as `run` says; its refusals are explained. Raises as above."""

    def attempt(terms: Terms, isolation: Isolation) -> T:
        during, stay = resolve(request.times, terms.policy, terms.tenant.zone)
        wanted = Wanted(terms.resource, during, stay, request.quantity, request.party_size)
        promised = promised_unit(request.unit, wanted, terms)
        claimant = Claimant(
            new_id(),
            request.guest.email,
            keep=promised,
            pinned=promised is not None,
            blocks=INITIAL_STATES[terms.policy.confirmation.kind] in BLOCKING_STATES,
            override=request.override,
            by_staff=context.actor.works_here,
        )

        def explain(transaction: Transaction, *, refusal: NoCapacityError | RuleViolationsError) -> None:
            found = find_alternatives(transaction, terms, wanted, claimant, unit=request.unit)
            refusal.alternatives = tuple(found)
            if isinstance(refusal, NoCapacityError):
                refusal.may_wait = transaction.tenant.keeps_waitlist

        def work(transaction: Transaction) -> Reservation:
            return reserve(transaction, terms, wanted, claimant, request, context.actor)

        return run(work, isolation, explain)

    return under_terms(context.database, memory, context.tenant, request.resource_id, attempt)


def reserve(
    transaction: Transaction,
    terms: Terms,
    wanted: Wanted,
    claimant: Claimant,
    request: ReservationRequest,
    actor: Actor,
    confirmation: Confirmation | None = None,
) -> Reservation:
    """Queue a reservation with its allocations and its event; `confirmation` is another than the policy's own.

    Raises `RuleViolationsError`, `NoCapacityError`, `PriceChangedError`, `NotFoundError`, `StaleTermsError`.
    """
    confirmation = confirmation or terms.policy.confirmation
    state = INITIAL_STATES[confirmation.kind]
    if state is State.HELD:
        claimant = replace(claimant, hold=timedelta(minutes=confirmation.hold_minutes or 0))
    admitted = admit(transaction, terms, wanted, claimant)
    due = due_at(state, terms.policy, wanted.during, transaction.now, confirmation)
    reservation = Reservation(
        id=claimant.owner_id,
        code=new_code(),
        resource_id=terms.resource.id,
        guest=Guest(new_id(), request.guest.name, request.guest.email, request.guest.phone),
        state=state,
        during=wanted.during,
        stay=wanted.stay,
        quantity=wanted.quantity,
        party_size=wanted.party_size,
        units=admitted.units,
        units_promised=claimant.keep is not None,
        notes=request.notes,
        price=quote(terms.policy, terms.tenant.currency, wanted, terms.tenant.zone),
        zone=terms.tenant.zone,
        policy_id=terms.policy_id,
        policy_version=terms.policy_version,
        hold_expires_at=due if state is State.HELD else None,
        version=1,
        created_at=transaction.now,
        updated_at=transaction.now,
        overridden=admitted.overridden,
        due_at=due,
        waits_for=WAITING.get(confirmation.kind),
        held_since=transaction.now if state is State.HELD else None,
        wanted_unit=request.unit,
        read_at=transaction.now,
    )
    if request.expected is not None:
        request.expected.check(reservation.price)
    respect_edit_locks_of(transaction, actor, reservation)
    add_reservation(transaction, reservation)
    reservation_events.append_created(transaction, actor, reservation, admitted.overridden)
    if admitted.placement.moved:
        append_moved_units(transaction, actor, admitted.placement)
    serializable = terms.policy.reads_reservations
    check_tenant(transaction, terms.tenant, serializable=serializable, otherwise=StaleTermsError)
    if reservation.waits_for is WaitsFor.ROOM:
        append_conflicts(transaction, terms, wanted, reservation.id, actor)
    return reservation
