"""Reservations: their states and the one table of transitions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from chalicelib.core.days import Days
from chalicelib.core.errors import InvalidTransitionError, RuleViolationsError, Violation
from chalicelib.core.money import Quote
from chalicelib.core.time_ranges import Stay, TimeRange, instant_text
from chalicelib.core.units import UnitSet
from chalicelib.core.wording import at_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.policies.model.policies import Confirmation, Policy


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
    EXTEND_HOLD = "extend_hold"
    REQUEST_CHANGE = "request_change"
    """What is wanted instead waits for room or for approval, and the reservation keeps its place."""
    REJECT_CHANGE = "reject_change"
    """There was no room for it in time, or staff turned it down."""
    WITHDRAW_CHANGE = "withdraw_change"
    """It is not wanted any more."""
    MOVE_TO_HOLD = "move_to_hold"
    """Its guest moves it to where a reservation is held at first."""
    MOVE_TO_WAIT = "move_to_wait"
    """Its guest moves a held one to where a reservation waits at first."""
    COMPLETE = "complete"
    """Its time is over."""
    UNDO = "undo"
    """Take back a mistaken check-in, check-out or no-show."""


class WaitsFor(StrEnum):
    """What a pending reservation waits for."""

    ROOM = "room"
    """It is promoted, the oldest first, where nothing that counts overlaps."""
    APPROVAL = "approval"
    """Staff confirm or reject it."""


INITIAL_STATES: Mapping[str, State] = MappingProxyType(
    {"instant": State.CONFIRMED, "hold": State.HELD, "pending": State.PENDING, "approval": State.PENDING}
)
"""The state in which a reservation begins, by its policy's kind of confirmation."""

WAITING: Mapping[str, WaitsFor] = MappingProxyType({"pending": WaitsFor.ROOM, "approval": WaitsFor.APPROVAL})
"""What a reservation waits for that begins as a pending one, by its policy's kind of confirmation."""

BLOCKING_STATES = frozenset({State.HELD, State.CONFIRMED, State.CHECKED_IN})
"""A reservation blocks units exactly while it is in one of these."""

NOT_ASKED_FOR = frozenset(
    {
        Action.EXPIRE,
        Action.COMPLETE,
        Action.REQUEST_CHANGE,
        Action.REJECT_CHANGE,
        Action.WITHDRAW_CHANGE,
        Action.MOVE_TO_HOLD,
        Action.MOVE_TO_WAIT,
    }
)
"""What the clock does, or what follows from something else that was asked for."""
_CHANGES = (Action.MOVE, Action.EXTEND, Action.SHORTEN, Action.UPDATE)

TRANSITIONS: Mapping[tuple[State, Action], State] = MappingProxyType(
    {
        (State.PENDING, Action.CONFIRM): State.CONFIRMED,
        (State.PENDING, Action.REJECT): State.REJECTED,
        (State.PENDING, Action.CANCEL): State.CANCELLED,
        (State.HELD, Action.CONFIRM): State.CONFIRMED,
        (State.HELD, Action.REJECT): State.REJECTED,
        (State.HELD, Action.EXPIRE): State.EXPIRED,
        (State.HELD, Action.CANCEL): State.CANCELLED,
        (State.HELD, Action.EXTEND_HOLD): State.HELD,
        (State.HELD, Action.MOVE_TO_WAIT): State.PENDING,
        (State.PENDING, Action.MOVE_TO_HOLD): State.HELD,
        (State.CONFIRMED, Action.MOVE_TO_HOLD): State.HELD,
        (State.EXPIRED, Action.CONFIRM): State.CONFIRMED,
        (State.CONFIRMED, Action.CANCEL): State.CANCELLED,
        (State.CONFIRMED, Action.CHECK_IN): State.CHECKED_IN,
        (State.CONFIRMED, Action.NO_SHOW): State.NO_SHOW,
        (State.CONFIRMED, Action.COMPLETE): State.COMPLETED,
        (State.CHECKED_IN, Action.CHECK_OUT): State.COMPLETED,
        (State.CHECKED_IN, Action.COMPLETE): State.COMPLETED,
        (State.CHECKED_IN, Action.UNDO): State.CONFIRMED,
        (State.NO_SHOW, Action.UNDO): State.CONFIRMED,
        (State.COMPLETED, Action.UNDO): State.CHECKED_IN,
    }
    | {
        (state, change): state
        for state in (State.PENDING, State.HELD, State.CONFIRMED, State.CHECKED_IN)
        for change in _CHANGES
    }
    | {
        (state, change): state
        for state in (State.CONFIRMED, State.CHECKED_IN)
        for change in (Action.REQUEST_CHANGE, Action.REJECT_CHANGE, Action.WITHDRAW_CHANGE)
    }
)
"""Every step that is possible, and where it leads. A state that no step leaves is final.

Three ways lead back: who confirms an expired hold gets it again where it is still free, and a no-show or a check-out
that was a mistake is undone within the tenant's grace.
"""


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
class WaitingChange:
    """A change of a confirmed reservation that waits for room or approval; until then the reservation keeps its place.

    `unit` is one that was asked for by its number. It is given up at `due_at`. The policy and its version are those of
    where it goes, as they were when it was asked for; None of what was asked for before they were kept.
    """

    id: UUID
    action: Action
    resource_id: UUID
    during: TimeRange
    stay: Stay | None
    quantity: int
    party_size: int
    unit: int | None
    overridden: Overridden | None
    waits_for: WaitsFor
    due_at: datetime
    created_at: datetime
    policy_id: UUID | None = None
    policy_version: int | None = None


@dataclass(frozen=True, slots=True)
class EarlierRoom:
    """Where a guest was before they changed rooms, and how many units that took.

    Nights from `from_on` to before `until_on` were spent there, which may be none; both are None without nights.
    """

    resource_id: UUID
    next_resource_id: UUID
    during: TimeRange
    from_on: date | None
    until_on: date | None
    taken: int
    units: UnitSet


@dataclass(frozen=True, slots=True)
class Reservation:
    """The commitment between a guest and a tenant.

    `stay` holds the local dates where nights are reserved; `during` is the same in instants, without buffers. `units`
    are those that it blocks now (none when it blocks nothing), `units_promised` whether it must keep them. It keeps the
    policy version it was made under. `hold_expires_at` is set exactly while it is held, `held_since` then at least,
    and `waits_for` exactly while it is pending. `due_at` is when the clock takes it further, None where only people
    do. `overridden` is the last time that rules were not insisted on. `change` is what is wanted instead and waits
    for room or approval. `retained` and `nonrefundable` are those of `dues`, and `refund` is what the step that
    just made it so gave back, None where it was only read. `checked_out_at` is when the guest was checked out,
    which may be before the end. `earlier_rooms` are where they were before they changed rooms, the first one first.
    `read_at` is the time by the database's clock when all this was so.
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
    due_at: datetime | None = None
    waits_for: WaitsFor | None = None
    held_since: datetime | None = None
    hold_extended: bool = False
    wanted_unit: int | None = None
    change: WaitingChange | None = None
    retained: int = 0
    nonrefundable: int = 0
    refund: int | None = None
    checked_out_at: datetime | None = None
    read_at: datetime | None = None
    earlier_rooms: tuple[EarlierRoom, ...] = ()

    @property
    def here_from(self) -> datetime:
        """From when on its guest has the present room."""
        return self.earlier_rooms[-1].during.ends_at if self.earlier_rooms else self.during.starts_at

    def as_before(self, instant: datetime) -> Reservation:
        """Return it with the room that its guest had last before an instant."""
        for room in self.earlier_rooms:
            if instant <= room.during.ends_at:
                return replace(self, resource_id=room.resource_id, units=room.units)
        return self

    @property
    def left_early_at(self) -> datetime | None:
        """When its guest was checked out before the end; None where that was not so."""
        at = self.checked_out_at
        return at if at is not None and at < self.during.ends_at else None

    @property
    def left_at(self) -> datetime:
        """When its guest leaves, or left: its end, or an earlier check-out."""
        return self.left_early_at or self.during.ends_at

    @property
    def hold_left(self) -> timedelta | None:
        """How much of a hold was left when it was read; None where nothing is held."""
        if self.hold_expires_at is None or self.read_at is None:
            return None
        return max(self.hold_expires_at - self.read_at, timedelta(0))


def due_at(
    state: State, policy: Policy, during: TimeRange, now: datetime, confirmation: Confirmation | None = None
) -> datetime | None:
    """Return when the clock takes a reservation further that enters a state at `now`, None where only people do.

    A hold ends, and what waits for room is given up after the grace; what waits for approval, when it would begin.
    Who has not come is a no-show after the policy's time; where no policy says so, the reservation is completed like a
    checked-in one when it ends. `confirmation` is another than the policy's own.
    """
    confirmation = confirmation or policy.confirmation
    if state is State.HELD:
        return None if confirmation.hold_minutes is None else now + timedelta(minutes=confirmation.hold_minutes)
    if state is State.PENDING:
        wait = confirmation.grace_minutes
        return during.starts_at if wait is None else now + timedelta(minutes=wait)
    if state is State.CONFIRMED and policy.no_show_after_minutes is not None:
        missed_at = during.starts_at + timedelta(minutes=policy.no_show_after_minutes)
        return missed_at if missed_at > now else during.ends_at  # what has passed by then does not count again
    return during.ends_at if state in {State.CONFIRMED, State.CHECKED_IN} else None


def next_state(state: State, action: Action) -> State:
    """Return the state that an action leads to. Raises `InvalidTransitionError` where the table has no such step."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise InvalidTransitionError(state=state, action=action, allowed=allowed_actions(state))
    return after


def has_ended(reservation: Reservation, now: datetime) -> bool:
    """Whether it was held and its hold is over at `now`, though the clock's sweep has not come by yet."""
    return reservation.hold_expires_at is not None and reservation.hold_expires_at <= now


def state_at(reservation: Reservation, now: datetime) -> State:
    """Return the state that decides at `now`: a hold that is over counts as expired before the sweep comes."""
    return State.EXPIRED if has_ended(reservation, now) else reservation.state


def allowed_actions(state: State) -> tuple[Action, ...]:
    """Return what may be asked for in a state, in the order of the table; nothing in a final one."""
    return tuple(action for before, action in TRANSITIONS if before is state and action not in NOT_ASKED_FOR)


BEFORE_THE_END = frozenset({Action.CONFIRM, Action.CHECK_IN, Action.CANCEL, Action.MOVE, Action.EXTEND, Action.SHORTEN})
"""What is too late once its time is over, whether or not the clock has completed it by then."""


def possible_actions(reservation: Reservation, now: datetime) -> tuple[Action, ...]:
    """Return what may be asked for of a reservation at `now`, as far as its state and its end decide that."""
    over = now >= reservation.during.ends_at
    return tuple(
        action for action in allowed_actions(state_at(reservation, now)) if not (over and action in BEFORE_THE_END)
    )


def check_in_from(reservation: Reservation, early_minutes: int, zone: ZoneInfo) -> datetime:
    """Return from when on a guest can be checked in: some minutes early, and to a stay all day long."""
    from_at = reservation.during.starts_at - timedelta(minutes=early_minutes)
    return from_at if reservation.stay is None else min(from_at, Days(zone).begins_at(reservation.stay.check_in_on))


def check_timing(
    action: Action, reservation: Reservation, now: datetime, zone: ZoneInfo, early_minutes: int = 0
) -> None:
    """Refuse what cannot be true yet or any more, at `now`. Raises `RuleViolationsError`.

    A guest may come `early_minutes` before the start (`check_in_from`), and not after the end. Nobody has
    failed to come before the start. What has ended cannot be cancelled or changed: it was used, or it was a no-show.
    """
    during = reservation.during
    if action is Action.CHECK_IN and now < (from_at := check_in_from(reservation, early_minutes, zone)):
        message = (
            f"Guests can be checked in from {at_text(from_at, zone)} on. Wait until then, or move the reservation."
        )
        raise _timing("too_early", message, during)
    if action is Action.NO_SHOW and now < during.starts_at:
        raise _timing(
            "too_early", "The reservation has not begun, so the guest may still come. Wait until it begins.", during
        )
    if action in BEFORE_THE_END and now >= during.ends_at:
        raise _timing("too_late", f"The reservation has ended; it is too late to {action.replace('_', ' ')}.", during)


def _timing(code: str, message: str, during: TimeRange) -> RuleViolationsError:
    parameters = {"starts_at": instant_text(during.starts_at), "ends_at": instant_text(during.ends_at)}
    return RuleViolationsError([Violation("timing", code, "action", message, parameters)])


def waiting_change(document: Mapping[str, Any]) -> WaitingChange:
    """Read a row of reservation_changes in its JSON form."""
    stay = None
    if document["check_in_on"] is not None:
        stay = Stay(date.fromisoformat(document["check_in_on"]), date.fromisoformat(document["check_out_on"]))
    return WaitingChange(
        id=UUID(document["id"]),
        action=Action(document["action"]),
        resource_id=UUID(document["resource_id"]),
        during=TimeRange(instant_of_text(document["starts_at"]), instant_of_text(document["ends_at"])),
        stay=stay,
        quantity=document["quantity"],
        party_size=document["party_size"],
        unit=document["unit"],
        overridden=None if document["overridden"] is None else overridden_of(document["overridden"]),
        waits_for=WaitsFor(document["waits_for"]),
        due_at=instant_of_text(document["due_at"]),
        created_at=instant_of_text(document["created_at"]),
        policy_id=None if document["policy_id"] is None else UUID(document["policy_id"]),
        policy_version=document["policy_version"],
    )


def instant_of_text(text: str) -> datetime:
    """Read an instant of a JSON document."""
    return datetime.fromisoformat(text).astimezone(UTC)


def overridden_of(document: Mapping[str, Any]) -> Overridden:
    """Read which rules were not insisted on."""
    return Overridden(tuple(document["rules"]), document["reason"])
