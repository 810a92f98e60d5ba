"""What admission reads and takes. See `chalicelib.availability.admission` for the order of things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.availability.model.needs import Engagement
from chalicelib.availability.model.profiles import Profile, steps_of
from chalicelib.availability.storage.sweeps import Due
from chalicelib.core.allocations import Allocation
from chalicelib.core.resources import UnitAssignment
from chalicelib.core.time_ranges import TimeRange
from chalicelib.core.units import UNBOUNDED, Part, UnitSet
from chalicelib.database import statements
from chalicelib.database.arrays import array_text
from chalicelib.database.unit_sets import places, unit_set, unit_set_text
from chalicelib.reservations.model.reservations import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.core.resources import Resource
    from chalicelib.database.pipeline import Pending
    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class AdmissionFacts:
    """What one look at a resource tells: what it is offered under, the units busy in the blocked range, its windows.

    `ended` are holds in that range which are over and not swept yet; their units are not among the busy ones.
    `engaged_by`: the kinds of owners who have what it needs besides. `waited_for`: the waitlist holds somebody for a
    time that touches it.
    """

    resource_version: int
    archived: bool
    policy_id: UUID
    policy_version: int
    busy: UnitSet
    ended: tuple[Due, ...]
    waited_for: bool
    engaged_by: tuple[str, ...]
    windows: tuple[TimeRange, ...]


@dataclass(frozen=True, slots=True)
class Others:
    """How many other reservations the rules of a policy have to count."""

    guest_active: int
    guest_on_day: int
    resource_on_day: int


@dataclass(frozen=True, slots=True)
class Taking:
    """The units that a reservation of a resource takes. `held_until`: they are only held, and free at that instant."""

    owner_id: UUID
    resource_id: UUID
    parts: Sequence[Part]
    pinned: bool
    held_until: datetime | None = None


def read_facts(
    transaction: Transaction,
    resource: Resource,
    during: TimeRange,
    blocked: TimeRange,
    reach: TimeRange,
    *,
    except_owner: UUID | None,
    departure_id: UUID | None,
    by_windows: bool,
) -> AdmissionFacts | None:
    """Look at a resource; `except_owner`'s own allocations count as free. None where there is no such resource.

    `reach` is in which time others would touch what is blocked. What the resource needs besides, and its windows
    (`by_windows`), are asked for only where there is something to find, in the same round trip.
    """
    among = {
        "resource_id": resource.id,
        "blocked_from": blocked.starts_at,
        "blocked_until": blocked.ends_at,
        "except_owner": except_owner,
    }
    needed = windows = None
    if resource.need is not None:
        needed = transaction.ask(SQL["read_need"], {**among, "departure_id": departure_id})
    if by_windows:
        windows = ask_windows(transaction, [resource], during)
    row = transaction.row(SQL["read_facts"], {**among, "reach_from": reach.starts_at, "reach_until": reach.ends_at})
    if row is None:
        return None
    ended = [*zip(row.ended_ids or (), row.ended_at or (), strict=True)]
    engaged_by: tuple[str, ...] = ()
    if needed is not None:
        need = needed.row()
        ended += zip(need.ended_ids or (), need.ended_at or (), strict=True)
        engaged_by = tuple(need.engaged_by or ())
    return AdmissionFacts(
        resource_version=row.resource_version,
        archived=row.archived,
        policy_id=row.policy_id,
        policy_version=row.policy_version,
        busy=unit_set(row.busy) if row.busy else UnitSet(),
        waited_for=row.waited_for,
        ended=_ended(ended),
        engaged_by=engaged_by,
        windows=() if windows is None else tuple(TimeRange(each.starts_at, each.ends_at) for each in windows.rows()),
    )


def count_others(
    transaction: Transaction, resource_id: UUID, email: str, day: TimeRange, *, except_reservation: UUID | None
) -> Others:
    """Count for the rules that read other reservations. `day` is the local day on which the wanted use begins."""
    row = transaction.row(
        SQL["count_others"],
        {
            "resource_id": resource_id,
            "email": email,
            "day_starts_at": day.starts_at,
            "day_ends_at": day.ends_at,
            "except_reservation": except_reservation,
        },
    )
    return Others(row.guest_active, row.guest_on_day, row.resource_on_day)


def read_allocations(
    transaction: Transaction,
    resources: Sequence[Resource],
    from_at: datetime,
    until_at: datetime,
    *,
    except_owner: UUID | None,
) -> dict[UUID, list[Allocation]]:
    """Return all that blocks units of the resources' inventories between the instants: by resource, and by start."""
    rows = transaction.rows(
        SQL["read_allocations"],
        {
            "inventory_ids": list({resource.inventory_id for resource in resources}),
            "from_at": from_at,
            "until_at": until_at,
            "except_owner": except_owner,
        },
    )
    of_inventory: dict[UUID, list[Any]] = {resource.inventory_id: [] for resource in resources}
    for row in rows:
        of_inventory[row.inventory_id].append(row)
    return {
        resource.id: [_as_seen_from(resource, row) for row in of_inventory[resource.inventory_id]]
        for resource in resources
    }


def read_owned(transaction: Transaction, owner_ids: Sequence[UUID]) -> dict[UUID, list[Allocation]]:
    """Return the units that each of the reservations has, past parts included, by start."""
    found: dict[UUID, list[Allocation]] = {owner_id: [] for owner_id in owner_ids}
    for row in transaction.rows(SQL["read_owned"], {"owner_ids": list(owner_ids)}):
        found[row.owner_id].append(_allocation(row))
    return found


def take_units(transaction: Transaction, inventory_id: UUID, takings: Iterable[Taking]) -> None:
    """Queue allocations. When a rival has a unit already, the transaction is rolled back and the work runs again."""
    takings = list(takings)
    if len(takings) == 1 and len(takings[0].parts) == 1:
        _take_part(transaction, inventory_id, takings[0], takings[0].parts[0])
        return
    by_resource: dict[UUID, list[tuple[Taking, int, Part]]] = {}
    for taking in takings:
        parts = ((taking, number, part) for number, part in enumerate(taking.parts))
        by_resource.setdefault(taking.resource_id, []).extend(parts)
    for resource_id, taken in by_resource.items():
        transaction.write(
            SQL["take_units"],
            {
                "inventory_id": inventory_id,
                "resource_id": resource_id,
                "drawn": unit_set_text(_all_units(part.units for _, _, part in taken)),
                "owner_ids": array_text(taking.owner_id for taking, _, _ in taken),
                "parts": array_text(number for _, number, _ in taken),
                "durings": array_text(time_range_text(part.during) for _, _, part in taken),
                "units": array_text(unit_set_text(part.units) for _, _, part in taken),
                "quantities": array_text(len(part.units) for _, _, part in taken),
                "pinned": array_text(taking.pinned for taking, _, _ in taken),
                "held_untils": array_text(taking.held_until for taking, _, _ in taken),
            },
            rows=len(taken),
        )


def _take_part(transaction: Transaction, inventory_id: UUID, taking: Taking, part: Part) -> None:
    transaction.write(
        SQL["take_part"],
        {
            "inventory_id": inventory_id,
            "resource_id": taking.resource_id,
            "owner_id": taking.owner_id,
            "part": 0,
            "during": time_range_text(part.during),
            "units": unit_set_text(part.units),
            "quantity": len(part.units),
            "pinned": taking.pinned,
            "held_until": taking.held_until,
        },
    )


def _all_units(sets: Iterable[UnitSet]) -> UnitSet:
    everything = UnitSet()
    for units in set(sets):
        everything |= units
    return everything


@dataclass(frozen=True, slots=True)
class Needing:
    """A reservation that needs what its resource says, for the time that it blocks; `departure_id`: who shares it."""

    owner_id: UUID
    during: TimeRange
    departure_id: UUID | None
    held_until: datetime | None


def take_needs(transaction: Transaction, resource: Resource, needing: Sequence[Needing]) -> None:
    """Queue what reservations of a resource need besides its own units; as `take_units` otherwise."""
    if resource.need is None or not needing:
        return
    transaction.write(
        SQL["take_needs"],
        {
            "resource_id": resource.id,
            "inventory_id": resource.need.inventory_id,
            "units": unit_set_text(resource.need.units),
            "quantity": len(resource.need.units),
            "owner_ids": [one.owner_id for one in needing],
            "durings": [time_range_text(one.during) for one in needing],
            "departure_ids": [one.departure_id for one in needing],
            "held_untils": [one.held_until for one in needing],
        },
        rows=len(needing),
    )


def ask_engagements(
    transaction: Transaction,
    resources: Sequence[Resource],
    from_at: datetime,
    until_at: datetime,
    *,
    except_owner: UUID | None,
) -> Pending | None:
    """Queue when what the resources need is taken; None where none needs anything."""
    needing = [resource.id for resource in resources if resource.need is not None]
    if not needing:
        return None
    values = {"resource_ids": needing, "from_at": from_at, "until_at": until_at, "except_owner": except_owner}
    return transaction.ask(SQL["read_engagements"], values)


def engagements_of(asked: Pending | None) -> dict[UUID, list[Engagement]]:
    """Return when what resources need is taken, by resource; those of which nothing is taken are left out."""
    found: dict[UUID, list[Engagement]] = {}
    for row in () if asked is None else asked.rows():
        engagement = Engagement(row.owner_id, row.owner_kind, row.starts_at, row.ends_at, row.departure_id)
        found.setdefault(row.resource_id, []).append(engagement)
    return found


def read_engagements(
    transaction: Transaction,
    resources: Sequence[Resource],
    from_at: datetime,
    until_at: datetime,
    *,
    except_owner: UUID | None,
) -> dict[UUID, list[Engagement]]:
    """Return when what the resources need is taken, by resource; no query where none needs anything."""
    asked = ask_engagements(transaction, resources, from_at, until_at, except_owner=except_owner)
    return {resource.id: [] for resource in resources} | engagements_of(asked)


def block_units(transaction: Transaction, inventory_id: UUID, parts: Sequence[Part]) -> None:
    """Queue that units are closed, whose owner is the inventory; as `take_units` otherwise."""
    transaction.write(
        SQL["block_units"],
        {
            "inventory_id": inventory_id,
            "parts": list(range(len(parts))),
            "durings": [time_range_text(part.during) for part in parts],
            "units": [unit_set_text(part.units) for part in parts],
            "quantities": [None if part.units.runs[-1][1] == UNBOUNDED else len(part.units) for part in parts],
        },
        rows=len(parts),
    )


def release_units(transaction: Transaction, owner_ids: Sequence[UUID]) -> None:
    """Queue the removal of the owners' allocations."""
    transaction.write(SQL["release_units"], {"owner_ids": list(owner_ids)}, rows=None)


def release_to_move(transaction: Transaction, inventory_id: UUID, seen: Sequence[Allocation]) -> None:
    """Queue the removal of allocations of reservations that get other units of an inventory instead.

    The reservations are locked first, and what has changed since it was seen makes the work run again: otherwise who
    was checked in, extended or cancelled a moment ago would be moved as if that had not happened.
    """
    owner_ids = [allocation.owner_id for allocation in seen]
    transaction.write(SQL["lock_reservations"], {"ids": owner_ids}, rows=len(set(owner_ids)))
    transaction.write(
        SQL["release_as_seen"],
        {
            "inventory_id": inventory_id,
            "owner_ids": owner_ids,
            "durings": [time_range_text(TimeRange(each.starts_at, each.ends_at)) for each in seen],
            "units": [unit_set_text(each.units) for each in seen],
            "pinned": [each.pinned for each in seen],
            "held_untils": [each.held_until for each in seen],
        },
        rows=len(seen),
    )


def free_units_from(transaction: Transaction, owner_id: UUID, from_at: datetime) -> None:
    """Queue that what an owner has from an instant on is free."""
    transaction.write(SQL["free_units_from"], {"owner_id": owner_id, "from": from_at}, rows=None)


def pin_units(transaction: Transaction, owner_id: UUID, *, pinned: bool) -> None:
    """Queue that an owner's units may not be exchanged any more, or that they may again."""
    transaction.write(SQL["pin_units"], {"owner_id": owner_id, "pinned": pinned}, rows=None)


def hold_units(transaction: Transaction, owner_id: UUID, until: datetime | None) -> None:
    """Queue until when an owner's units are only held; None: they are taken for good."""
    transaction.write(SQL["hold_until"], {"owner_id": owner_id, "held_until": until}, rows=None)


def ask_profiles(
    transaction: Transaction, resources: Sequence[Resource], within: TimeRange, *, except_owner: UUID | None = None
) -> Pending:
    """Queue a look at the use of several resources over time; `except_owner`'s own allocations count as free."""
    return transaction.ask(
        SQL["read_profiles"],
        {
            "resource_ids": [resource.id for resource in resources],
            "from_at": within.starts_at,
            "until_at": within.ends_at,
            "except_owner": except_owner,
        },
    )


def profile_of(resource: Resource, row: Any, within: TimeRange) -> Profile:  # noqa: ANN401 - a row of read_profiles
    """Return how much of the resource is used over a range, which was asked about.

    Where what is reserved takes several units it is counted by that: what is left over of them is of no use.
    """
    taken = zip(_instants(row.starts), _instants(row.ends), _numbers(row.quantities), strict=True)
    steps = steps_of(taken, within)
    if resource.units_each > 1:
        units = len(resource.places)
        steps = [(at, resource.capacity - (units - used) // resource.units_each) for at, used in steps]
    return Profile(capacity=resource.capacity, steps=tuple(steps))


def _instants(text: str | None) -> list[datetime]:
    """The instants of an array of timestamps in UTC, as Postgres writes it."""
    if text is None:
        return []
    return [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in text[2:-2].split('","')]


def _numbers(text: str | None) -> list[int]:
    return [] if text is None else [int(one) for one in text[1:-1].split(",")]


def read_starts(
    transaction: Transaction, resources: Sequence[Resource], within: TimeRange, *, except_reservation: UUID | None
) -> dict[UUID, list[datetime]]:
    """Return when reservations begin within the range, by resource, for rules that count them by day."""
    rows = transaction.rows(
        SQL["read_starts"],
        {
            "resource_ids": [resource.id for resource in resources],
            "from_at": within.starts_at,
            "until_at": within.ends_at,
            "except_reservation": except_reservation,
        },
    )
    starts: dict[UUID, list[datetime]] = {resource.id: [] for resource in resources}
    for row in rows:
        starts[row.resource_id].append(row.starts_at)
    return starts


def read_guest_starts(
    transaction: Transaction, email: str, from_at: datetime, *, except_reservation: UUID | None
) -> tuple[list[datetime], int]:
    """Return when a guest's reservations begin (those from `from_at` on, and running ones), and how many are active."""
    rows = transaction.rows(
        SQL["read_guest_starts"], {"email": email, "from_at": from_at, "except_reservation": except_reservation}
    )
    return [row.starts_at for row in rows], sum(row.active for row in rows)


def hold_windows(transaction: Transaction, resource_id: UUID, during: TimeRange, seen: int) -> None:
    """Queue that the windows which were seen stay until the COMMIT; the work begins again if one is gone."""
    values = {"resource_id": resource_id, "starts_at": during.starts_at, "ends_at": during.ends_at}
    transaction.write(SQL["hold_windows"], values, rows=seen)


def ask_windows(transaction: Transaction, resources: Sequence[Resource], within: TimeRange) -> Pending:
    """Queue a look for the availability windows that reach into the range."""
    return transaction.ask(SQL["read_windows"], _windows_of(resources, within))


def windows_of(asked: Pending) -> dict[UUID, list[TimeRange]]:
    """Return the availability windows that were found, by resource; those without any are left out."""
    windows: dict[UUID, list[TimeRange]] = {}
    for row in asked.rows():
        windows.setdefault(row.resource_id, []).append(TimeRange(row.starts_at, row.ends_at))
    return windows


def read_windows(
    transaction: Transaction, resources: Sequence[Resource], within: TimeRange
) -> Mapping[UUID, Sequence[TimeRange]]:
    """Return the availability windows that reach into the range, by resource."""
    return {resource.id: () for resource in resources} | windows_of(ask_windows(transaction, resources, within))


def _windows_of(resources: Sequence[Resource], within: TimeRange) -> dict[str, object]:
    ids = [resource.id for resource in resources]
    return {"resource_ids": ids, "from_at": within.starts_at, "until_at": within.ends_at}


def _ended(holds: Sequence[tuple[UUID, datetime]]) -> tuple[Due, ...]:
    """Return holds in the order of their ids, each once, though it may have several parts."""
    return tuple(Due(one, State.HELD, at, keeps=False) for one, at in sorted(set(holds)))


def _as_seen_from(resource: Resource, row: Any) -> Allocation:  # noqa: ANN401 - the columns of read_allocations
    """An allocation, and of another resource's reservation what units it may have instead."""
    allocation = _allocation(row)
    if allocation.owner_kind != "reservation" or allocation.resource_id == resource.id:
        return allocation
    if row.assignment is None:
        return replace(allocation, within=UnitSet())
    return replace(allocation, within=places(row.within, row.capacity), assignment=UnitAssignment(row.assignment))


def _allocation(row: Any) -> Allocation:  # noqa: ANN401 - the columns of every read of allocations
    return Allocation(
        owner_id=row.owner_id,
        owner_kind=row.owner_kind,
        resource_id=row.resource_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        units=unit_set(row.units),
        pinned=row.pinned,
        held_until=row.held_until,
    )


def time_range_text(during: TimeRange) -> str:
    """Write a tstzrange literal."""
    return f"[{during.starts_at.isoformat()},{during.ends_at.isoformat()})"
