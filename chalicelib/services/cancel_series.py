"""Cancel what can be cancelled of a series, all of it or from one date on; exceptions, too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain.events import EventType
from chalicelib.domain.recurrence import ONE_DAY
from chalicelib.domain.reservations import TRANSITIONS, Action
from chalicelib.domain.series import Occurrence, Outcome
from chalicelib.services.change_series import first_meant, rest_of
from chalicelib.services.create_series import SeriesReport
from chalicelib.services.idempotency import Outcome as Answered
from chalicelib.services.idempotency import run_once
from chalicelib.services.read_series import find_series, occurrences_of
from chalicelib.services.series_events import append_series_event
from chalicelib.services.transition_reservation import step
from chalicelib.storage import series as storage
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.transaction import Database, Transaction


def cancel_series(
    database: Database,
    tenant: str,
    series_id: UUID,
    from_number: int,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[SeriesReport], Answer],
    *,
    expected_version: int | None,
) -> Answered:
    """Cancel the occurrences from a number on that are not over, each with what its own policy gives back.

    A guest who is here stays. Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`, and `ConflictError`
    where the series was cancelled before.
    """

    def work(transaction: Transaction) -> SeriesReport:
        before = find_series(transaction, series_id, expected_version)
        known = occurrences_of(transaction, before)
        start = first_meant(before, known, from_number)
        done = [_cancel(transaction, one, actor) for one in known if one.number >= start.number]
        after = replace(before, version=before.version + 1, updated_at=transaction.now)
        if start.number == 1:
            after = replace(after, cancelled_at=transaction.now)
        else:
            after = replace(after, rule=rest_of(before, start.starts_on - ONE_DAY)[0])
        storage.change_series(transaction, before, after)
        cancelled = [one.number for one in done if one.outcome is Outcome.CANCELLED]
        refund = sum(one.refund or 0 for one in done)
        append_series_event(
            transaction, actor, EventType.SERIES_CANCELLED, before, after, numbers=cancelled, refund=refund
        )
        return SeriesReport(after, done)

    return run_once(database, tenant, claim, work, render, isolation=Isolation.SERIALIZABLE)


def _cancel(transaction: Transaction, one: Occurrence, actor: Actor) -> Occurrence:
    reservation = one.reservation
    over = reservation is None or reservation.during.ends_at <= transaction.now
    if reservation is None or over or (reservation.state, Action.CANCEL) not in TRANSITIONS:
        return replace(one, outcome=Outcome.KEPT)
    done = step(transaction, reservation, Action.CANCEL, actor)
    return replace(one, outcome=Outcome.CANCELLED, reservation=done.reservation, refund=done.refund)
