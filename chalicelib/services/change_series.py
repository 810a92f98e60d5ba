"""Change what is still to come of a series, all of it or from one date on; the latter makes two series of it.

One date alone is changed as the reservation that it is. Such exceptions stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    LocalTimeGapError,
    NoCapacityError,
    RuleViolationsError,
)
from chalicelib.domain.events import EventType
from chalicelib.domain.recurrence import ONE_DAY, Recurrence, dates_of
from chalicelib.domain.reservations import TRANSITIONS, Action, Reservation
from chalicelib.domain.series import Mode, Occurrence, Outcome, Refusal, Repeated, Series
from chalicelib.domain.time_ranges import Fold
from chalicelib.services.change_reservation import Change, attempt_at, change_within, terms_for
from chalicelib.services.create_series import MOST_WITH_ALTERNATIVES, SeriesReport, refuse_partly
from chalicelib.services.idempotency import Outcome as Answered
from chalicelib.services.idempotency import run_once
from chalicelib.services.read_series import find_series, occurrences_of
from chalicelib.services.series_events import append_series_event
from chalicelib.services.suggest_alternatives import find_alternatives
from chalicelib.services.wanted_times import TimesWanted
from chalicelib.storage import series as storage
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from chalicelib.domain.time_ranges import TimeRange
    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.resources import Terms
    from chalicelib.storage.transaction import Database, Transaction


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What should be different from the occurrence `from_number` on; None leaves it as it is."""

    from_number: int = 1
    mode: Mode = Mode.ALL
    nights: int | None = None
    local_time: time | None = None
    length: timedelta | None = None
    fold: Fold | None = None
    quantity: int | None = None
    party_size: int | None = None


def change_series(
    database: Database,
    tenant: str,
    series_id: UUID,
    change: SeriesChange,
    actor: Actor,
    claim: Claim | None,
    render: Callable[[SeriesReport], Answer],
    *,
    expected_version: int | None,
) -> Answered:
    """Change what has not begun and is as the series says. Where it is split, the answer is the new series.

    Raises `NotFoundError`, `VersionMismatchError`, `InvalidInputError`, `ConflictError` where nothing is left to
    change, and `SeriesRefusedError` where not all can be had, or in the fitting mode nothing.
    """

    def work(transaction: Transaction) -> SeriesReport:
        before = find_series(transaction, series_id, expected_version)
        known = occurrences_of(transaction, before)
        start = first_meant(before, known, change.from_number)
        repeated = _repeated(before.repeated, change)
        meant = [one for one in known if one.number >= start.number]
        changed = _change_all(transaction, before, repeated, meant, change, actor)
        refuse_partly(changed, change.mode)
        if all(one.outcome is Outcome.KEPT for one in changed):
            message = "Nothing of the series is left to change: it is over, was changed by itself, or is so already."
            raise ConflictError(message)
        if start.number == 1:
            after = replace(before, repeated=repeated, version=before.version + 1, updated_at=transaction.now)
            storage.change_series(transaction, before, after)
            append_series_event(transaction, actor, EventType.SERIES_CHANGED, before, after)
            return SeriesReport(after, changed)
        after = _split(transaction, before, start, repeated, actor)
        renumbered = [replace(one, number=one.number - start.number + 1) for one in changed]
        return SeriesReport(after, renumbered)

    return run_once(database, tenant, claim, work, render, isolation=Isolation.SERIALIZABLE)


def first_meant(series: Series, known: Sequence[Occurrence], number: int) -> Occurrence:
    """Return the occurrence that something begins with. Raises `InvalidInputError`, `ConflictError`."""
    if series.cancelled_at is not None:
        message = "The series was cancelled."
        raise ConflictError(message)
    if number > len(known):
        message = f"The series has {len(known)} dates."
        raise InvalidInputError("from_number", message)
    return known[number - 1]


def rest_of(series: Series, last_on: date) -> tuple[Recurrence, Recurrence]:
    """Return the rule until a date, and the one after it."""
    rule = series.rule
    if rule.count is None:
        return rule.ending_on(last_on), rule
    passed = sum(on <= last_on for on in dates_of(rule, series.starts_on))
    return rule.ending_on(last_on), replace(rule, count=rule.count - passed)


def _split(transaction: Transaction, before: Series, start: Occurrence, repeated: Repeated, actor: Actor) -> Series:
    """End a series before an occurrence, and hand over what follows to a new one."""
    now = transaction.now
    rule, following = rest_of(before, start.starts_on - ONE_DAY)
    after = replace(
        before,
        id=new_id(),
        rule=following,
        starts_on=start.starts_on,
        repeated=repeated,
        except_on=tuple(on for on in before.except_on if on > start.starts_on),
        split_from=before.id,
        version=1,
        created_at=now,
        updated_at=now,
    )
    ended = replace(
        before,
        rule=rule,
        except_on=tuple(on for on in before.except_on if on < start.starts_on),
        version=before.version + 1,
        updated_at=now,
    )
    storage.change_series(transaction, before, ended)
    storage.add_series(transaction, after)
    storage.hand_over_occurrences(transaction, before.id, after.id, start.number - 1)
    append_series_event(transaction, actor, EventType.SERIES_CHANGED, before, ended, continued_as=str(after.id))
    append_series_event(transaction, actor, EventType.SERIES_CREATED, None, after)
    return after


def _repeated(before: Repeated, change: SeriesChange) -> Repeated:
    """Return what is repeated from now on. Raises `InvalidInputError` for what does not suit the series."""
    by_night = before.nights is not None
    unsuitable = ("local_time", "length", "fold") if by_night else ("nights",)
    for name in unsuitable:
        if getattr(change, name) is not None:
            message = f"The series is reserved {'by the night' if by_night else 'by time of day'}."
            raise InvalidInputError("length_minutes" if name == "length" else name, message)
    wanted = {
        name: value
        for name in ("nights", "local_time", "length", "fold", "quantity", "party_size")
        if (value := getattr(change, name)) is not None
    }
    return replace(before, **wanted)


def _change_all(
    transaction: Transaction,
    series: Series,
    repeated: Repeated,
    meant: Sequence[Occurrence],
    change: SeriesChange,
    actor: Actor,
) -> list[Occurrence]:
    """Change one occurrence after another, the last first where all begin later: none stands in another's way."""
    terms: dict[int, Terms] = {}
    found: dict[int, Occurrence] = {}
    later = (repeated.local_time or time()) > (series.repeated.local_time or time())
    refused: list[tuple[Occurrence, Reservation, Terms]] = []
    for one in reversed(meant) if later else meant:
        found[one.number] = kept = replace(one, outcome=Outcome.KEPT)
        before = one.reservation
        if before is None or one.exceptional or not _changeable(before, transaction):
            continue
        if before.policy_version not in terms:
            terms[before.policy_version] = terms_for(transaction, before)
        found[one.number] = done = _change_one(transaction, kept, before, repeated, terms[before.policy_version], actor)
        if done.refusal is not None and done.during is not None:
            refused.append((done, before, terms[before.policy_version]))
    # Only now: what the series itself takes meanwhile is no alternative.
    for done, before, its_terms in refused[:MOST_WITH_ALTERNATIVES]:
        found[done.number] = _with_alternatives(transaction, done, before, repeated, its_terms)
    return [found[one.number] for one in meant]


def _changeable(reservation: Reservation, transaction: Transaction) -> bool:
    """Whether it has not begun, and its state allows it."""
    return (reservation.state, Action.MOVE) in TRANSITIONS and reservation.during.starts_at > transaction.now


def _change_one(
    transaction: Transaction, kept: Occurrence, before: Reservation, repeated: Repeated, terms: Terms, actor: Actor
) -> Occurrence:
    during = None
    try:
        during, _ = repeated.on(kept.starts_on, terms.policy, terms.tenant.zone)
        if repeated.is_had(before, kept.starts_on):
            return kept
        change = _one_change(before, kept.starts_on, during, repeated)
        after = change_within(transaction, attempt_at(before, change, terms), change, actor)
    except (LocalTimeGapError, RuleViolationsError, NoCapacityError) as refusal:
        return replace(kept, outcome=Outcome.REFUSED, during=during, refused=refusal.code, refusal=Refusal(refusal))
    return replace(kept, outcome=Outcome.CHANGED, reservation=after, during=after.during)


def _one_change(before: Reservation, starts_on: date, during: TimeRange, repeated: Repeated) -> Change:
    times = None
    if during != before.during and repeated.nights is not None:
        times = TimesWanted(check_in_on=starts_on, check_out_on=starts_on + repeated.nights * ONE_DAY)
    elif during != before.during:
        times = TimesWanted(starts_at=during.starts_at, ends_at=during.ends_at)
    return Change(Action.MOVE, times=times, quantity=repeated.quantity, party_size=repeated.party_size)


def _with_alternatives(
    transaction: Transaction, done: Occurrence, before: Reservation, repeated: Repeated, terms: Terms
) -> Occurrence:
    assert done.during is not None, "only times that exist have alternatives"  # noqa: S101 - a mistake of ours
    assert done.refusal is not None, "what was done has no alternatives"  # noqa: S101 - a mistake of ours
    attempt = attempt_at(before, _one_change(before, done.starts_on, done.during, repeated), terms)
    alternatives = find_alternatives(transaction, terms, attempt.wanted, attempt.claimant, present=before.during)
    return replace(done, refusal=replace(done.refusal, alternatives=tuple(alternatives)))
