"""Reservations: their states, the one table of transitions, and what a cancellation gives back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from chalicelib.domain.errors import InvalidTransitionError, RuleViolationsError, Violation
from chalicelib.domain.pricing import Quote
from chalicelib.domain.time_ranges import Stay, TimeRange, local_date
from chalicelib.domain.units import UnitSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.domain.policies import CancellationTier


class State(StrEnum):
    """Where a reservation stands."""

    PENDING = "pending"
    HELD = "held"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    NO_SHOW = "no_show"


class Action(StrEnum):
    """What may be done to a reservation."""

    CONFIRM = "confirm"
    REJECT = "reject"
    EXPIRE = "expire"
    CANCEL = "cancel"
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    NO_SHOW = "no_show"
    MOVE = "move"
    EXTEND = "extend"
    SHORTEN = "shorten"
    UPDATE = "update"
    """Correct details that take no units."""


INITIAL_STATES: Mapping[str, State] = MappingProxyType(
    {"instant": State.CONFIRMED, "hold": State.HELD, "pending": State.PENDING}
)
"""The state in which a reservation begins, by its policy's kind of confirmation."""

BLOCKING_STATES = frozenset({State.HELD, State.CONFIRMED, State.CHECKED_IN})
"""A reservation blocks units exactly while it is in one of these."""

_CHANGES = (Action.MOVE, Action.EXTEND, Action.SHORTEN, Action.UPDATE)

TRANSITIONS: Mapping[tuple[State, Action], State] = MappingProxyType(
    {
        (State.PENDING, Action.CONFIRM): State.CONFIRMED,
        (State.PENDING, Action.REJECT): State.REJECTED,
        (State.PENDING, Action.EXPIRE): State.EXPIRED,
        (State.PENDING, Action.CANCEL): State.CANCELLED,
        (State.HELD, Action.CONFIRM): State.CONFIRMED,
        (State.HELD, Action.REJECT): State.REJECTED,
        (State.HELD, Action.EXPIRE): State.EXPIRED,
        (State.HELD, Action.CANCEL): State.CANCELLED,
        (State.CONFIRMED, Action.CANCEL): State.CANCELLED,
        (State.CONFIRMED, Action.CHECK_IN): State.CHECKED_IN,
        (State.CONFIRMED, Action.NO_SHOW): State.NO_SHOW,
        (State.CHECKED_IN, Action.CHECK_OUT): State.COMPLETED,
    }
    | {
        (state, change): state
        for state in (State.PENDING, State.HELD, State.CONFIRMED, State.CHECKED_IN)
        for change in _CHANGES
    }
)
"""Every step that is possible, and where it leads. A state that no step leaves is final."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Who reserves. The only personal data that Berth keeps of a guest."""

    id: UUID
    name: str
    email: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class Overridden:
    """Rules that a reservation broke when it was made or changed, which somebody did not insist on, and why."""

    rules: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Reservation:
    """The commitment between a guest and a tenant.

    `stay` holds the local dates where nights are reserved; `during` is the same in instants, without buffers. `units`
    are those that it blocks now (none when it blocks nothing), `units_promised` whether it must keep them. It keeps the
    policy version it was made under. `hold_expires_at` is set exactly while it is held. `overridden` is the last time
    that rules were not insisted on.
    """

    id: UUID
    code: str
    resource_id: UUID
    guest: Guest
    state: State
    during: TimeRange
    stay: Stay | None
    quantity: int
    party_size: int
    units: UnitSet
    units_promised: bool
    notes: str
    price: Quote
    zone: ZoneInfo
    policy_id: UUID
    policy_version: int
    hold_expires_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
    overridden: Overridden | None = None


def next_state(state: State, action: Action) -> State:
    """Return the state that an action leads to. Raises `InvalidTransitionError` where the table has no such step."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise InvalidTransitionError(state=state, action=action, allowed=allowed_actions(state))
    return after


def allowed_actions(state: State) -> tuple[Action, ...]:
    """Return what may be done in a state, in the order of the table; nothing in a final one."""
    return tuple(action for before, action in TRANSITIONS if before is state)


def check_timing(action: Action, reservation: Reservation, now: datetime, zone: ZoneInfo) -> None:
    """Refuse what cannot be true yet or any more, at `now`. Raises `RuleViolationsError`.

    A guest may come early on the local day of the start, but not on an earlier day, and not after the end. Nobody has
    failed to come before the start. What has ended cannot be cancelled: it was used, or it was a no-show.
    """
    during = reservation.during
    if action is Action.CHECK_IN and local_date(now, zone) < local_date(during.starts_at, zone):
        raise _timing("too_early", "Guests can be checked in from the day on which their reservation begins.", during)
    if action is Action.NO_SHOW and now < during.starts_at:
        raise _timing("too_early", "Nobody can have failed to come before the reservation begins.", during)
    if action in {Action.CHECK_IN, Action.CANCEL} and now >= during.ends_at:
        raise _timing("too_late", f"The reservation has ended; it is too late to {action.replace('_', ' ')}.", during)


def _timing(code: str, message: str, during: TimeRange) -> RuleViolationsError:
    parameters = {"starts_at": during.starts_at.isoformat(), "ends_at": during.ends_at.isoformat()}
    return RuleViolationsError([Violation("timing", code, "action", message, parameters)])


def refund(tiers: Iterable[CancellationTier], price_total: int, starts_at: datetime, now: datetime) -> int:
    """Return what a cancellation at `now` gives back of a price: minor units, half a unit rounded up.

    A tier counts until its minutes before the start, that instant included; of several the most generous one does, so
    that waiting never pays. Nothing is given back where none counts.
    """
    percents = (
        tier.refund_percent for tier in tiers if now <= starts_at - timedelta(minutes=tier.until_minutes_before)
    )
    return (price_total * max(percents, default=0) + 50) // 100
