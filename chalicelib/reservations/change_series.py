"""Change or cancel a series: all that is still to come, or what follows from a date on. One alone is a reservation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time
from typing import TYPE_CHECKING

from chalicelib.availability.waitlist_precedence import free_units
from chalicelib.core.errors import InvalidInputError, LocalTimeGapError, NotFoundError
from chalicelib.core.money import ExpectedPrice
from chalicelib.core.versions import check_version
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Isolation
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.reservations.change_reservation import Change, ChangeAttempt, apply_change
from chalicelib.reservations.create_series import (
    KIND,
    REFUSALS,
    RefusedDate,
    check_pattern,
    check_price,
    facts_of,
    refused_occurrence,
    times_of,
    with_alternatives,
)
from chalicelib.reservations.model.dues import dues_of
from chalicelib.reservations.model.recurrence import split_rule
from chalicelib.reservations.model.reservations import Action, State, state_at
from chalicelib.reservations.model.series import Occurrence, SeriesRefusedError
from chalicelib.reservations.storage import series as storage
from chalicelib.reservations.storage.reservations import read_reservations
from chalicelib.reservations.transition_reservation import step
from chalicelib.terms.terms import all_terms_of, terms_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Transaction
    from chalicelib.events.event_log import Actor
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.reservations.model.reservations import Reservation
    from chalicelib.reservations.model.series import Series
    from chalicelib.terms.model.terms import Terms

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
    expected: ExpectedPrice | None = None


def read_series(context: Context, series_id: UUID) -> Series:
    """Return a series with its occurrences as they are now. Raises `NotFoundError`."""
    return context.run(lambda transaction: find_series(transaction, series_id, None), isolation=Isolation.SNAPSHOT)


def list_series(
    context: Context, resource_id: UUID | None, before_id: UUID | None, limit: int
) -> tuple[list[Series], bool]:
    """Return a page of series, the latest first and without their occurrences, and whether there are more."""

    def work(transaction: Transaction) -> list[Series]:
        return storage.page_series(transaction, resource_id=resource_id, before_id=before_id, limit=limit + 1)

    found = context.run(work)
    return found[:limit], len(found) > limit


def change_series(context: Context, series_id: UUID, change: SeriesChange) -> Series:
    """Move every reservation of a series that is still to come, or none of them.

    From a date on, what follows becomes a series of its own. Reservations that were changed by themselves stay as they
    are.
    Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`, `SeriesRefusedError`.
    """
    refused: list[RefusedDate] = []

    def work(transaction: Transaction) -> Series:
        refused.clear()
        before = find_series(transaction, series_id, context.expected_version)
        pattern = replace(
            before.pattern,
            **{
                name: value
                for name in ("starts_at_time", "minutes", "nights", "quantity", "party_size")
                if (value := getattr(change, name)) is not None
            },
        )
        to_come = _to_come(transaction, before, change.from_on)
        chosen = [(on_date, one) for on_date, one in to_come if _as_said(before, on_date, one)]
        if not chosen:
            message = "Nothing of the series is still to come from that date on, or all of it was changed by itself."
            raise InvalidInputError("from_on", message)
        results = _move_all(transaction, chosen, replace(before, pattern=pattern), context.actor, refused)
        if any(one.refusal is not None for one in results):
            raise SeriesRefusedError(results)
        check_price(change.expected, results, transaction.tenant.currency)
        from_on = to_come[0][0]
        if change.from_on is None or from_on <= before.occurrences[0].on_date:
            storage.change_series(transaction, before, pattern)
            changed_id = before.id
        else:
            changed_id = new_id()
            ended, following = _split(before, from_on)
            following = replace(following, id=changed_id, pattern=pattern, created_at=transaction.now)
            storage.split_series(transaction, ended, following)
        after = find_series(transaction, changed_id, None)
        event = Event(EventType.SERIES_CHANGED, KIND, before.id, facts_of(before), facts_of(after))
        append_event(transaction, context.actor, event)
        return after

    try:
        return context.run(work, isolation=Isolation.SERIALIZABLE)
    except SeriesRefusedError as refusal:
        told = refusal.occurrences
        # Nothing was moved, so alternatives are what can be had beside the reservations as they still are.
        refusal.occurrences = tuple(
            context.run(
                lambda transaction: with_alternatives(transaction, told, refused),
                isolation=Isolation.SNAPSHOT,
            )
        )
        raise


def cancel_series(
    context: Context,
    series_id: UUID,
    from_on: date | None,
    render: Callable[[Series], Answer],
) -> Outcome:
    """Cancel every reservation of a series that is still to come, from a date on if one is given.

    Those that were changed by themselves, too. Raises `NotFoundError`, `VersionMismatchError`.
    """

    def work(transaction: Transaction) -> Series:
        before = find_series(transaction, series_id, context.expected_version)
        cancelled: dict[UUID | None, Reservation] = {}
        for _, one in _to_come(transaction, before, from_on):
            cancelled[one.id] = step(transaction, one, Action.CANCEL, context.actor)
        if cancelled:
            storage.touch_series(transaction, before)
            facts = {**facts_of(before), "cancelled": [str(one) for one in cancelled], **dues_of(cancelled.values())}
            append_event(
                transaction, context.actor, Event(EventType.SERIES_CANCELLED, KIND, series_id, facts_of(before), facts)
            )
        after = find_series(transaction, series_id, None)
        told = [
            replace(one, price=gone.price, **dues_of([gone])) if (gone := cancelled.get(one.reservation_id)) else one
            for one in after.occurrences
        ]
        return replace(after, occurrences=told)

    return context.run_once(work, render, isolation=Isolation.SERIALIZABLE)


def _split(series: Series, from_on: date) -> tuple[Series, Series]:
    """What is left of a series, and what follows from a date on: the rules say so, too."""
    before, after = split_rule(series.rule, series.first_on, from_on)
    return (
        replace(series, rule=before, except_on=[on for on in series.except_on if on < from_on]),
        replace(series, rule=after, first_on=from_on, except_on=[on for on in series.except_on if on >= from_on]),
    )


def _move_all(
    transaction: Transaction,
    chosen: Sequence[tuple[date, Reservation]],
    wanted: Series,
    actor: Actor,
    refused: list[RefusedDate],
) -> list[Occurrence]:
    """Let go of all units, then take those that are wanted: none stands where another one goes.

    What is so already is left as it is, and what waits for room or for approval keeps its place.
    """
    terms = all_terms_of(transaction, (one for _, one in chosen))
    for each in terms.values():
        check_pattern(wanted.pattern, each)
    moving = [one for on_date, one in chosen if not _as_said(wanted, on_date, one)]
    free_units(transaction, [one.id for one in moving if _moves_at_once(terms[terms_key(one)], actor)])
    results: list[Occurrence] = []
    for on_date, one in chosen:
        if _as_said(wanted, on_date, one):
            results.append(Occurrence(on_date, one.id, None, one.state, one.code, one.during, price=one.price))
        else:
            results.append(_moved(transaction, on_date, one, wanted, actor, terms[terms_key(one)], refused))
    return results


def _moves_at_once(terms: Terms, actor: Actor) -> bool:
    """Whether a move neither waits for room nor, where a guest asks, for approval."""
    kind = terms.policy.confirmation.kind
    return kind in {"instant", "hold"} or (kind == "approval" and actor.kind != "guest")


def _moved(
    transaction: Transaction,
    on_date: date,
    one: Reservation,
    wanted: Series,
    actor: Actor,
    terms: Terms,
    refused: list[RefusedDate],
) -> Occurrence:
    pattern = wanted.pattern
    attempted: list[ChangeAttempt] = []
    try:
        change = Change(
            Action.MOVE,
            times=times_of(pattern, on_date, terms.tenant.zone),
            quantity=pattern.quantity,
            party_size=pattern.party_size,
        )
        after = apply_change(transaction, one, change, actor, attempted, terms)
    except REFUSALS as refusal:
        refused.extend(RefusedDate(on_date, terms, tried.asked, tried.claimant, one) for tried in attempted)
        return refused_occurrence(on_date, refusal)
    return Occurrence(on_date, after.id, None, after.state, after.code, after.during, price=after.price)


def _as_said(series: Series, on_date: date, one: Reservation) -> bool:
    """Whether a reservation is as the series says: one that was changed by itself is not."""
    pattern = series.pattern
    size = (one.resource_id, one.quantity, one.party_size)
    if one.change is not None or size != (series.resource_id, pattern.quantity, pattern.party_size):
        return False
    try:
        times = times_of(pattern, on_date, one.zone)
    except LocalTimeGapError:
        return False
    if one.stay is not None:
        return (times.check_in_on, times.check_out_on) == (one.stay.check_in_on, one.stay.check_out_on)
    return (times.starts_at, times.ends_at) == (one.during.starts_at, one.during.ends_at)


def _to_come(transaction: Transaction, series: Series, from_on: date | None) -> list[tuple[date, Reservation]]:
    """The reservations that have not begun and can still change, by date."""
    meant = [
        (one.on_date, one.reservation_id)
        for one in series.occurrences
        if one.reservation_id is not None and one.state in TO_COME and (from_on is None or one.on_date >= from_on)
    ]
    known = read_reservations(transaction, [reservation_id for _, reservation_id in meant])
    return [
        (on_date, known[reservation_id])
        for on_date, reservation_id in meant
        if known[reservation_id].during.starts_at > transaction.now
        and state_at(known[reservation_id], transaction.now) in TO_COME
    ]


def find_series(transaction: Transaction, series_id: UUID, expected_version: int | None) -> Series:
    """Return a series with its occurrences. Raises `NotFoundError`, `VersionMismatchError`."""
    found = storage.read_series(transaction, series_id)
    if found is None:
        message = "There is no such series."
        raise NotFoundError(message)
    check_version("series", found.version, expected_version)
    return found
