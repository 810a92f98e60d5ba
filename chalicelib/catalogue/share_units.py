"""Let resources draw from the same units: a hall and its halves, a boat by seat or whole, a guide whom two tours need.

What a resource draws from changes only while nothing of it is reserved or closed. Nothing of it can be taken meanwhile:
what takes units locks the resource's row for key share (`take_units`), and this locks it for update, first. READ
COMMITTED, so that what is read after the lock is what was stored before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.availability.close_units import capacity_closure, replace_blocked
from chalicelib.availability.for_others import read_closures, remove_closure
from chalicelib.availability.unit_events import unit_runs
from chalicelib.catalogue.manage_resources import KIND, Details, details_of, find_entry
from chalicelib.catalogue.storage import inventories
from chalicelib.core.errors import ConflictError, ConflictingReservationsError, InvalidInputError, NotFoundError
from chalicelib.core.resources import Need, Share, UnitAssignment
from chalicelib.core.time_ranges import LATEST_AT, TimeRange
from chalicelib.core.unit_sets import UnitSet
from chalicelib.edit_locks.respect_edit_locks import respect_edit_locks
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType

if TYPE_CHECKING:
    from typing import Any

    from chalicelib.core.resources import Resource
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context


@dataclass(frozen=True, slots=True)
class UnitsWanted:
    """Units of an inventory, by their numbers."""

    inventory_id: UUID
    units: Sequence[int]


@dataclass(frozen=True, slots=True)
class ShareWanted:
    """What a resource shall draw from, `units_each` for one of it, and need. None: its own inventory, and nothing."""

    draws: UnitsWanted | None
    units_each: int
    needs: UnitsWanted | None


def share_units(context: Context, named: str, wanted: ShareWanted) -> Details:
    """Let a resource draw from an inventory, or from its own again, and say what it needs besides.

    Its capacity follows from the units. Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`,
    `ConflictingReservationsError`, and `ConflictError` while something of it is closed or others draw from its own
    units.
    """

    def work(transaction: Transaction) -> Details:
        found = find_entry(transaction, named, None)
        asked = [one.inventory_id for one in (wanted.draws, wanted.needs) if one is not None]
        inventories.lock(transaction, found.resource.id, [found.resource.id, *asked])
        found = find_entry(transaction, named, context.expected_version)
        before = found.resource
        after = _resolved(transaction, before, wanted)
        if (after.share, after.need) == (before.share, before.need):
            return details_of(transaction, str(before.id))
        to_come = before.id, TimeRange(transaction.now, LATEST_AT)
        respect_edit_locks(transaction, context.actor, to_come)
        _refuse_if_in_use(transaction, before, after)
        if before.share is None and after.share is not None:
            _forget_own_closures(transaction, before)
        inventories.share_units(transaction, after, found.version)
        respect_edit_locks(transaction, context.actor, to_come)  # of what shares the units that it draws now
        facts = _facts(before), _facts(after)
        append_event(transaction, context.actor, Event(EventType.RESOURCE_UPDATED, KIND, before.id, *facts))
        transaction.settle()
        return details_of(transaction, str(before.id))

    return context.run(work)


def _resolved(transaction: Transaction, resource: Resource, wanted: ShareWanted) -> Resource:
    share: Share | None = None
    need: Need | None = None
    capacity = resource.capacity
    if wanted.draws is not None:
        units = _units(transaction, "draws.units", wanted.draws)
        share = Share(wanted.draws.inventory_id, units, wanted.units_each)
        capacity = _capacity(resource, share)
    if wanted.needs is not None:
        need = Need(wanted.needs.inventory_id, _units(transaction, "needs.units", wanted.needs))
    after = replace(resource, share=share, need=need, capacity=capacity)
    if need is not None and need.inventory_id == after.inventory_id:
        message = "It draws from that inventory already; what it needs besides is of another one."
        raise InvalidInputError("needs.inventory_id", message)
    return after


def _units(transaction: Transaction, field: str, wanted: UnitsWanted) -> UnitSet:
    inventory = inventories.find_inventory(transaction, wanted.inventory_id)
    if inventory is None:
        message = "There is no such inventory."
        raise NotFoundError(message)
    units = UnitSet.of(wanted.units)
    if units - UnitSet.span(1, inventory.capacity + 1):
        message = f"{inventory.name} has the units 1 to {inventory.capacity}."
        raise InvalidInputError(field, message)
    return units


def _capacity(resource: Resource, share: Share) -> int:
    capacity, rest = divmod(len(share.units), share.units_each)
    if rest or not capacity:
        message = f"{len(share.units)} units cannot be divided by {share.units_each} each without a rest."
        raise InvalidInputError("draws.units_each", message)
    if resource.assignment is UnitAssignment.LABELLED and share.units_each > 1 and capacity > 1:
        message = "A labelled resource that takes several units is one thing. Make a resource for each of them."
        raise InvalidInputError("draws.units_each", message)
    return capacity


def _refuse_if_in_use(transaction: Transaction, before: Resource, after: Resource) -> None:
    conflicting = inventories.reservations_to_come(transaction, before)
    if conflicting:
        raise ConflictingReservationsError(conflicting)
    if after.share == before.share:
        return
    if any(one.id != capacity_closure(before.id) for one in read_closures(transaction, before.id)):
        message = f"Something of {before.name} is closed. Take its closures back first, and close it again afterwards."
        raise ConflictError(message)
    own = inventories.find_inventory(transaction, before.id) if before.share is None else None
    others = [one.slug for one in own.resources if one.resource_id != before.id] if own is not None else []
    if others:
        message = f"{', '.join(others)} draws from the units of {before.name}. Let that one draw from others first."
        raise ConflictError(message)


def _forget_own_closures(transaction: Transaction, resource: Resource) -> None:
    """What a lowered capacity closed of its own units does not matter any longer: it has none of them."""
    closure_id = capacity_closure(resource.id)
    if any(one.id == closure_id for one in read_closures(transaction, resource.id)):
        remove_closure(transaction, closure_id)
        replace_blocked(transaction, resource.inventory_id, [])


def _facts(resource: Resource) -> dict[str, Any]:
    need = resource.need
    return {
        "capacity": resource.capacity,
        "inventory_id": str(resource.inventory_id),
        "units": unit_runs(resource.places),
        "units_each": resource.units_each,
        "needs": None if need is None else {"inventory_id": str(need.inventory_id), "units": unit_runs(need.units)},
    }
