"""Admission: may this reservation be, and which units does it take? Used alike by create, move, extend and shorten.

Nothing is locked. The work looks first, decides in the domain, and inserts; the exclusion constraint has the last word,
and whoever lost a race starts again from the look (DESIGN, "Admission").
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.adapters import expressions
from chalicelib.availability.ended_holds import expire, expire_ended_holds
from chalicelib.availability.model.boards import Board
from chalicelib.availability.model.needs import departure_of, reasons_of
from chalicelib.availability.storage import admission
from chalicelib.availability.storage.admission import AdmissionFacts, Needing, Others, Taking
from chalicelib.availability.waitlist_precedence import free_units, respect_waitlist
from chalicelib.core.errors import InvalidInputError, NoCapacityError, NotFoundError, Room, RuleViolationsError
from chalicelib.core.resources import UnitAssignment
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import Part, Placement, UnitSet, blocked_by, choose, place
from chalicelib.policies.model.policies import evaluate
from chalicelib.policies.model.rules import RULES
from chalicelib.policies.model.wanted import Facts, Wanted
from chalicelib.reservations.model.reservations import Overridden
from chalicelib.terms.terms import StaleTermsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.allocations import Allocation
    from chalicelib.core.errors import Violation
    from chalicelib.core.resources import Resource
    from chalicelib.database.transaction import Transaction
    from chalicelib.terms.model.terms import Terms

NOBODY = Others(0, 0, 0)
BEGINNING_OF_TIME = datetime(1999, 12, 1, tzinfo=UTC)
"""As early as any allocation may begin."""
END_OF_TIME = datetime(2200, 3, 1, tzinfo=UTC)
"""Later than any allocation may end."""


@dataclass(frozen=True, slots=True)
class Override:
    """Rules that the tenant's own people do not insist on this time, and why.

    Only rules of policies: there has to be room, and the mode has to be kept. Raises `InvalidInputError`.
    """

    rules: frozenset[str]
    reason: str

    def __post_init__(self) -> None:
        unknown = sorted(self.rules - RULES.keys())
        if unknown:
            message = f"{', '.join(unknown)} cannot be overridden; only {', '.join(sorted(RULES))} can."
            raise InvalidInputError("override.rules", message)


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who wants the units.

    `changes`: it is there already, and its own present units count as free. `keep` are units that it must have: the
    guest is in the room, or the room was promised; `prefer` those it had, if they happen to be free. `pinned`: nobody
    may exchange its units later. Who only waits (`blocks` False) is judged by the rules and takes nothing; who has
    `waited` lets nobody else go first. `hold` says until when, or for how long from now, the units are only held.
    `override` names rules that are not insisted on. `by_staff`: who works for the tenant reserves for them.
    """

    owner_id: UUID
    email: str
    changes: bool = False
    keep: UnitSet | None = None
    prefer: UnitSet | None = None
    pinned: bool = False
    blocks: bool = True
    waited: bool = False
    hold: datetime | timedelta | None = None
    override: Override | None = None
    by_staff: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """The units taken, the reservations that were given other units to make room, and what was not insisted on."""

    placement: Placement
    overridden: Overridden | None

    @property
    def units(self) -> UnitSet:
        """All units that the reservation has at some time."""
        if len(self.placement.parts) == 1:
            return self.placement.parts[0].units
        units = UnitSet()
        for part in self.placement.parts:
            units |= part.units
        return units


def admit(transaction: Transaction, terms: Terms, wanted: Wanted, claimant: Claimant) -> Admitted:
    """Check every rule, queue the allocations.

    Raises `RuleViolationsError`, `NoCapacityError`, `NotFoundError`, `StaleTermsError`.
    """
    judging = terms.judging
    blocked = terms.policy.blocked(wanted.during)
    if claimant.changes and blocked.starts_at < transaction.now < blocked.ends_at:
        blocked = TimeRange(transaction.now, blocked.ends_at)  # what is past stays where it was
    own = claimant.owner_id if claimant.changes else None
    others = NOBODY
    days = judging.days(terms.tenant.zone)
    if judging.reads_reservations:
        day = days.during(days.day_of(wanted.during.starts_at))
        others = admission.count_others(transaction, wanted.resource.id, claimant.email, day, except_reservation=own)
    needs = terms.resource.need is not None
    departure_id = departure_of(terms.resource, terms.policy, wanted.during) if needs else None
    by_windows = judging.offered_in_windows
    looked = _look(transaction, terms, wanted.during, blocked, own, departure_id, by_windows=by_windows)
    violations = evaluate(
        judging,
        wanted,
        Facts(
            now=transaction.now,
            days=days,
            windows=looked.windows,
            guest_active=others.guest_active,
            guest_on_day=others.guest_on_day,
            resource_on_day=others.resource_on_day,
            evaluate_expression=expressions.Meter().evaluate if judging.asks_expressions else None,
            by_staff=claimant.by_staff,
        ),
    )
    quantity = terms.policy.units_taken(wanted.quantity, wanted.party_size)
    engaged = reasons_of(looked.engaged_by) if looked.engaged_by else ()
    try:
        overridden = _overridden(violations, claimant.override)
    except RuleViolationsError as refusal:
        if claimant.blocks:
            room = Room(quantity, 0, engaged) if engaged else _room(transaction, terms, blocked, quantity, claimant)
            refusal.judge_room(room)
        raise
    if by_windows:
        admission.hold_windows(transaction, wanted.resource.id, wanted.during, len(looked.windows))
    if not claimant.blocks:
        return Admitted(Placement(parts=(), moved=()), overridden)
    if engaged:
        raise NoCapacityError(wanted=quantity, free=0, blocked_by=engaged)
    if looked.ended:
        expire(transaction, looked.ended)
    placement = _place(transaction, terms, blocked, quantity, looked, claimant)
    if needs:
        needing = Needing(claimant.owner_id, blocked, departure_id, _held_until(transaction, claimant))
        admission.take_needs(transaction, terms.resource, [needing])
    return Admitted(placement, overridden)


def _overridden(violations: Sequence[Violation], override: Override | None) -> Overridden | None:
    """Return the broken rules that are not insisted on, None where none is broken. Raises `RuleViolationsError`."""
    insisted = [violation for violation in violations if override is None or violation.rule not in override.rules]
    if insisted:
        raise RuleViolationsError(insisted)
    if override is None or not violations:
        return None
    return Overridden(tuple(sorted({violation.rule for violation in violations})), override.reason)


def _look(
    transaction: Transaction,
    terms: Terms,
    during: TimeRange,
    blocked: TimeRange,
    own: UUID | None,
    departure_id: UUID | None,
    *,
    by_windows: bool,
) -> AdmissionFacts:
    looked = admission.read_facts(
        transaction,
        terms.resource,
        during,
        blocked,
        terms.policy.out_of_reach(blocked),
        except_owner=own,
        departure_id=departure_id,
        by_windows=by_windows,
    )
    if looked is None or (looked.archived and not terms.kept):
        message = "There is no such resource."
        raise NotFoundError(message)
    if (looked.resource_version, transaction.tenant) != (terms.resource_version, terms.tenant):
        raise StaleTermsError
    offered_under = (looked.policy_id, looked.policy_version)
    if not terms.kept and offered_under != (terms.policy_id, terms.policy_version):
        raise StaleTermsError
    return looked


def _room(transaction: Transaction, terms: Terms, blocked: TimeRange, quantity: int, claimant: Claimant) -> Room:
    """How much room there is for what the rules refuse, so that the refusal says all of it at once."""
    allocations = _conflicting(transaction, terms, blocked, claimant)
    free, reasons = blocked_by(terms.resource, allocations, blocked, quantity, fixed=claimant.keep)
    if place(terms.resource, allocations, blocked, quantity, start=0, fixed=claimant.keep) is None:
        return Room(quantity, free, reasons)
    return Room(quantity, max(free, quantity), ())


def _place(
    transaction: Transaction,
    terms: Terms,
    blocked: TimeRange,
    quantity: int,
    looked: AdmissionFacts,
    claimant: Claimant,
) -> Placement:
    """Choose units and queue their allocations, moving others to other units where that makes room."""
    resource = terms.resource
    start = random.randrange(resource.last_unit)  # noqa: S311 - spreads guests over a pool, no secret
    units = _free_units(terms, quantity * resource.units_each, resource.places - looked.busy, start, claimant)
    if units is not None:
        placement, allocations = Placement(parts=(Part(blocked, units),), moved=()), []
    else:
        allocations = _conflicting(transaction, terms, blocked, claimant)
        found = place(resource, allocations, blocked, quantity, start=start, fixed=claimant.keep)
        if found is None:
            free, reasons = blocked_by(resource, allocations, blocked, quantity)
            raise NoCapacityError(wanted=quantity, free=free, blocked_by=reasons)
        placement = found
    if looked.waited_for and not claimant.waited:
        respect_waitlist(transaction, resource.id)
    if claimant.changes:
        free_units(transaction, [claimant.owner_id])
    seen = {allocation.owner_id: allocation for allocation in allocations}
    moved = [(seen[move.owner_id], move.after) for move in placement.moved]
    if moved:
        admission.release_to_move(transaction, resource.inventory_id, [before for before, _ in moved])
    takings = [
        Taking(
            before.owner_id,
            before.resource_id or resource.id,
            (Part(TimeRange(before.starts_at, before.ends_at), units),),
            pinned=False,
            held_until=before.held_until,
        )
        for before, units in moved
    ]
    held_until = _held_until(transaction, claimant)
    takings.append(Taking(claimant.owner_id, resource.id, placement.parts, claimant.pinned, held_until))
    admission.take_units(transaction, resource.inventory_id, takings)
    return placement


def _held_until(transaction: Transaction, claimant: Claimant) -> datetime | None:
    return transaction.now + claimant.hold if isinstance(claimant.hold, timedelta) else claimant.hold


def _free_units(terms: Terms, count: int, free: UnitSet, start: int, claimant: Claimant) -> UnitSet | None:
    if claimant.keep is not None:
        return claimant.keep if len(claimant.keep) == count and not claimant.keep - free else None
    if claimant.prefer is not None and len(claimant.prefer) == count and not claimant.prefer - free:
        return claimant.prefer
    return choose(free, count, terms.resource.assignment, start)


def _conflicting(transaction: Transaction, terms: Terms, blocked: TimeRange, claimant: Claimant) -> list[Allocation]:
    """What could be split around or moved: for labelled units also what only touches conflicting ones."""
    pooled = terms.resource.assignment is UnitAssignment.POOLED
    if not pooled:  # a pool is looked at for the wanted time alone, whose ended holds the look has told
        expire_ended_holds(transaction, terms.resource)
    found = admission.read_allocations(
        transaction,
        [terms.resource],
        blocked.starts_at if pooled else min(blocked.starts_at, transaction.now),
        blocked.ends_at if pooled else END_OF_TIME,
        except_owner=claimant.owner_id if claimant.changes else None,
    )
    return found[terms.resource.id]


def read_board(transaction: Transaction, resource: Resource, from_at: datetime) -> Board:
    """Return everything that blocks a resource, and what it needs, from then on."""
    reading = transaction, [resource], from_at, END_OF_TIME
    allocations = admission.read_allocations(*reading, except_owner=None)[resource.id]
    return Board(resource, allocations, admission.read_engagements(*reading, except_owner=None)[resource.id])


def promised_unit(unit: int | None, wanted: Wanted, terms: Terms) -> UnitSet | None:
    """The particular unit that was asked for. Raises `InvalidInputError` where there is none such."""
    if unit is None:
        return None
    resource = terms.resource
    if resource.assignment is UnitAssignment.POOLED:
        message = f"{resource.name} has no particular units; leave `unit` out."
        raise InvalidInputError("unit", message)
    if unit not in resource.places:
        message = f"{resource.name} has the units {resource.places}."
        raise InvalidInputError("unit", message)
    if terms.policy.units_taken(wanted.quantity, wanted.party_size) * resource.units_each != 1:
        message = "A particular unit can be asked for only where one unit is taken."
        raise InvalidInputError("unit", message)
    return UnitSet.of((unit,))
