"""Change or cancel a series: all that is still to come, or what follows from a date on. One alone is a reservation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time
from typing import TYPE_CHECKING

from chalicelib.domain.errors import InvalidInputError, NotFoundError, SeriesRefusedError, VersionMismatchError
from chalicelib.domain.events import Event, EventType
from chalicelib.domain.reservations import Action, State
from chalicelib.domain.series import Occurrence, Series
from chalicelib.services.change_reservation import Change, apply_change, terms_for
from chalicelib.services.create_series import KIND, REFUSALS, check_pattern, facts_of, times_of
from chalicelib.services.read_reservation import find_reservation
from chalicelib.services.transition_reservation import step
from chalicelib.storage import series as storage
from chalicelib.storage.events import append_event
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.domain.reservations import Reservation
    from chalicelib.storage.events import Actor
    from chalicelib.storage.transaction import Database, Transaction

TO_COME = frozenset({State.PENDING, State.HELD, State.CONFIRMED})


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What should be different from `from_on` on (None: all that is to come); None leaves a member as it is."""

    from_on: date | None = None
    starts_at_time: time | None = None
    minutes: int | None = None
    nights: int | None = None
    quantity: int | None = None
    party_size: int | None = None


def read_series(database: Database, tenant: str, series_id: UUID) -> Series:
    """Return a series with its occurrences as they are now. Raises `NotFoundError`."""
    return database.run(tenant, lambda transaction: _find(transaction, series_id, None), isolation=Isolation.SNAPSHOT)


def list_series(
    database: Database, tenant: str, resource_id: UUID | None, before_id: UUID | None, limit: int
) -> tuple[list[Series], bool]:
    """Return a page of series, the latest first, and whether there are more."""

    def work(transaction: Transaction) -> list[Series]:
        return storage.read_series(transaction, resource_id=resource_id, before_id=before_id, limit=limit + 1)

    found = database.run(tenant, work, isolation=Isolation.SNAPSHOT)
    return found[:limit], len(found) > limit


def change_series(
    database: Database, tenant: str, series_id: UUID, change: SeriesChange, actor: Actor, expected_version: int | None
) -> Series:
    """Move every reservation of a series that is still to come, or none of them.

    From a date on, what follows becomes a series of its own. Reservations that were changed by themselves follow, too.
    Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`, `SeriesRefusedError`.
    """

    def work(transaction: Transaction) -> Series:
        before = _find(transaction, series_id, expected_version)
        pattern = replace(
            before.pattern,
            **{
                name: value
                for name in ("starts_at_time", "minutes", "nights", "quantity", "party_size")
                if (value := getattr(change, name)) is not None
            },
        )
        chosen = _to_come(transaction, before, change.from_on)
        if not chosen:
            message = "Nothing of the series is still to come from that date on."
            raise InvalidInputError("from_on", message)
        check_pattern(pattern, terms_for(transaction, chosen[0][1]))
        results = [
            _moved(transaction, on_date, one, replace(before, pattern=pattern), actor) for on_date, one in chosen
        ]
        if any(one.refusal is not None for one in results):
            raise SeriesRefusedError(results)
        first_on = chosen[0][0]
        if change.from_on is None or first_on <= before.occurrences[0].on_date:
            storage.change_series(transaction, before, pattern)
            changed_id = before.id
        else:
            changed_id = new_id()
            following = replace(before, id=changed_id, first_on=first_on, pattern=pattern, created_at=transaction.now)
            storage.split_series(transaction, before, following, first_on)
        after = _find(transaction, changed_id, None)
        event = Event(EventType.SERIES_CHANGED, KIND, before.id, facts_of(before), facts_of(after))
        append_event(transaction, actor, event)
        return after

    return database.run(tenant, work, isolation=Isolation.SERIALIZABLE)


def cancel_series(
    database: Database, tenant: str, series_id: UUID, from_on: date | None, actor: Actor, expected_version: int | None
) -> Series:
    """Cancel every reservation of a series that is still to come, from a date on if one is given.

    Raises `NotFoundError`, `VersionMismatchError`.
    """

    def work(transaction: Transaction) -> Series:
        before = _find(transaction, series_id, expected_version)
        cancelled = [one.id for _, one in _to_come(transaction, before, from_on)]
        for _, one in _to_come(transaction, before, from_on):
            step(transaction, one, Action.CANCEL, actor)
        storage.touch_series(transaction, before)
        facts = {**facts_of(before), "cancelled": [str(one) for one in cancelled]}
        append_event(transaction, actor, Event(EventType.SERIES_CANCELLED, KIND, series_id, facts_of(before), facts))
        return _find(transaction, series_id, None)

    return database.run(tenant, work, isolation=Isolation.SERIALIZABLE)


def _moved(transaction: Transaction, on_date: date, one: Reservation, wanted: Series, actor: Actor) -> Occurrence:
    pattern = wanted.pattern
    change = Change(
        Action.MOVE,
        times=times_of(pattern, on_date),
        quantity=pattern.quantity,
        party_size=pattern.party_size,
    )
    try:
        after = apply_change(transaction, one, change, actor)
    except REFUSALS as refusal:
        return Occurrence(on_date, None, refusal.code, detail=refusal.detail)
    return Occurrence(on_date, after.id, None, after.state, after.code)


def _to_come(transaction: Transaction, series: Series, from_on: date | None) -> list[tuple[date, Reservation]]:
    """The reservations that have not begun and can still change, by date."""
    found: list[tuple[date, Reservation]] = []
    for one in series.occurrences:
        if one.reservation_id is None or one.state not in TO_COME or (from_on is not None and one.on_date < from_on):
            continue
        reservation = find_reservation(transaction, one.reservation_id)
        if reservation.during.starts_at > transaction.now:
            found.append((one.on_date, reservation))
    return found


def _find(transaction: Transaction, series_id: UUID, expected_version: int | None) -> Series:
    found = storage.read_series(transaction, series_id=series_id)
    if not found:
        message = "There is no such series."
        raise NotFoundError(message)
    if expected_version not in {None, found[0].version}:
        message = f"The series was changed meanwhile: version {found[0].version}, not {expected_version}."
        raise VersionMismatchError(message)
    return found[0]
