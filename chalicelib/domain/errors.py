"""Every refusal of Berth, each with its stable `code`. Texts may change; codes are contract (RFC 9457 problem details).

BerthError
├── InvalidInputError        400/422: the request itself is wrong; names its field
│   ├── InvalidRangeError
│   ├── LocalTimeGapError
│   ├── LocalTimeFoldError
│   ├── UnknownZoneError
│   ├── InvalidRecurrenceError
│   └── InvalidDocumentError
├── NotFoundError            404
├── ArchivedError            410: what was asked for lies in the archive
├── RuleViolationsError      422: every broken rule at once
├── ConflictError            409: the world is in the way
│   ├── NoCapacityError
│   ├── InvalidTransitionError
│   ├── PriceChangedError
│   ├── ReservationsInTheWayError
│   ├── ResourcesInTheWayError
│   ├── SeriesRefusedError
│   ├── EditLockedError
│   ├── EditLockLostError
│   └── IdempotencyInProgressError
├── IdempotencyMismatchError 422
├── AuthenticationError      401
├── ForbiddenError           403
│   └── TenantSuspendedError
├── ThrottledError           429: too many attempts
│   └── TenantBusyError      said by gateways
├── TooLargeError            413: the body is longer than the route takes
├── VersionMismatchError     412
├── VersionRequiredError     428
└── UnavailableError         503: try again later
    ├── ContentionError
    ├── DatabaseBusyError
    └── DatabaseUnavailableError
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.domain.edit_locks import EditLock
    from chalicelib.domain.pricing import Quote
    from chalicelib.domain.series import Occurrence


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule.

    `rule` is the registered name of the rule, `code` the stable reason within it, `field` the request field to change,
    `message` a sentence for people, `parameters` the rule's own settings and the offending values (JSON-ready).
    """

    rule: str
    code: str
    field: str
    message: str
    parameters: Mapping[str, Any]


class AlternativeKind(StrEnum):
    """In which respect an alternative differs from what was wanted."""

    OTHER_TIME = "other_time"
    OTHER_UNIT = "other_unit"
    OTHER_RESOURCE = "other_resource"
    SMALLER_QUANTITY = "smaller_quantity"


@dataclass(frozen=True, slots=True)
class Alternative:
    """Something near to what was wanted that can be had: checked with the functions that admission itself uses.

    The dates are those of a stay; `unit` is the number of the particular unit where one was asked for.
    """

    kind: AlternativeKind
    resource_id: UUID
    resource_slug: str
    resource_name: str
    starts_at: datetime
    ends_at: datetime
    check_in_on: date | None
    check_out_on: date | None
    quantity: int
    party_size: int
    unit: int | None


class BerthError(Exception):
    """Base of all refusals. `code` is stable, `detail` is for people."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidInputError(BerthError):
    """The request cannot mean anything; `field` says where."""

    code = "invalid_input"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class InvalidRangeError(InvalidInputError):
    """A range that is empty, reversed or outside the years that Berth keeps."""

    code = "invalid_range"


class LocalTimeGapError(InvalidInputError):
    """A wall-clock time that the zone skips (daylight saving starts)."""

    code = "local_time_gap"


class LocalTimeFoldError(InvalidInputError):
    """A wall-clock time that happens twice (daylight saving ends) and the caller did not say which."""

    code = "local_time_fold"


class UnknownZoneError(InvalidInputError):
    """Not the name of an IANA time zone."""

    code = "unknown_zone"


class InvalidRecurrenceError(InvalidInputError):
    """A recurrence rule that is not understood, has no end, no dates or too many."""

    code = "invalid_rrule"


class InvalidDocumentError(InvalidInputError):
    """A document that cannot be what it should; `findings`: each JSON path (RFC 9535) and what is wrong there."""

    code = "invalid_policy"

    def __init__(self, findings: Sequence[tuple[str, str]]) -> None:
        self.findings = tuple(findings)
        super().__init__(self.findings[0][0], "; ".join(f"{path} {text}" for path, text in self.findings) + ".")


class NotFoundError(BerthError):
    """No such thing, or not yours: both answer the same."""

    code = "not_found"


class ArchivedError(BerthError):
    """What happened before an instant lies in the archive, which the application does not read."""

    code = "archived"

    def __init__(self, kept_from: datetime) -> None:
        super().__init__(
            f"What happened before {kept_from.isoformat()} is archived. Ask for that instant or a later one, or have an"
            " operator read the archive."
        )
        self.kept_from = kept_from


@dataclass(frozen=True, slots=True)
class Room:
    """How much there is of what was wanted; `blocked_by` says what blocks (never whose), nothing where it would fit."""

    wanted: int
    free: int
    blocked_by: tuple[str, ...]

    @property
    def detail(self) -> str:
        """A sentence for people."""
        reasons = " and ".join(self.blocked_by) or "capacity"
        return f"{self.wanted} wanted, {self.free} free for the whole time; blocked by {reasons}."


class RuleViolationsError(BerthError):
    """The policy refuses; all broken rules are listed. `room`: what there would be, where room is needed as well."""

    code = "rule_violations"

    def __init__(self, violations: Sequence[Violation], alternatives: Sequence[Alternative] = ()) -> None:
        super().__init__(" ".join(violation.message for violation in violations))
        self.violations = tuple(violations)
        self.alternatives = tuple(alternatives)
        self.room: Room | None = None

    def judge_room(self, room: Room) -> None:
        """Say as well how much room there is, so that a request with other times is not refused again."""
        self.room = room
        if room.blocked_by:
            self.detail = f"{self.detail} Besides, {room.detail}"


class ConflictError(BerthError):
    """The request is fine, the present state is in the way."""

    code = "conflict"


class NoCapacityError(ConflictError):
    """Not enough units for the whole range.

    `blocked_by` says what blocks (never whose): `reservations`, `closure` or `capacity`. `alternatives` are near to
    what was wanted, and each was checked to be bookable.
    """

    code = "no_capacity"

    def __init__(
        self, *, wanted: int, free: int, blocked_by: Sequence[str], alternatives: Sequence[Alternative] = ()
    ) -> None:
        self.room = Room(wanted, free, tuple(blocked_by))
        super().__init__(self.room.detail)
        self.waitlist: str | None = None
        self.alternatives = tuple(alternatives)


class PriceChangedError(ConflictError):
    """It costs something else than the request expects; `price` is what it costs now."""

    code = "price_changed"

    def __init__(self, detail: str, price: Quote) -> None:
        super().__init__(detail)
        self.price = price


class SeriesRefusedError(ConflictError):
    """Some dates cannot be had, and all were wanted; or none can. `occurrences` says of each date what came of it."""

    code = "series_refused"

    def __init__(self, occurrences: Sequence[Occurrence]) -> None:
        refused = [one for one in occurrences if one.refusal is not None]
        dates = ", ".join(f"{one.on_date:%Y-%m-%d}" for one in refused[:5]) + (" …" if len(refused) > 5 else "")
        super().__init__(f"{len(refused)} of {len(occurrences)} dates cannot be had: {dates}. Nothing was stored.")
        self.occurrences = tuple(occurrences)


class InvalidTransitionError(ConflictError):
    """The transition table has no such step; `allowed` lists the actions that are possible now."""

    code = "invalid_transition"

    def __init__(self, *, state: str, action: str, allowed: Sequence[str]) -> None:
        possible = f"Possible now: {', '.join(allowed)}." if allowed else "Nothing is possible any more: it is final."
        super().__init__(f"A reservation that is {state} cannot {action.replace('_', ' ')}. {possible}")
        self.state = state
        self.action = action
        self.allowed = tuple(allowed)


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A reservation that has what somebody wants to take away; `units` are the numbers of all units it blocks."""

    id: UUID
    code: str
    starts_at: datetime
    ends_at: datetime
    units: tuple[int, ...]


class ReservationsInTheWayError(ConflictError):
    """Reservations have what somebody wants to take away; `reservations` are up to a hundred of them, by start."""

    code = "reservations_in_the_way"

    def __init__(self, reservations: Sequence[InTheWay]) -> None:
        codes = ", ".join(one.code for one in reservations[:5]) + (" …" if len(reservations) > 5 else "")
        named = f": {codes}" if codes else ", of resources that you do not work with"
        super().__init__(f"Reservations are in the way{named}. Move or cancel them first.")
        self.reservations = tuple(reservations)


@dataclass(frozen=True, slots=True)
class ResourceInTheWay:
    """A resource that draws from units, or needs some, which somebody wants to take away."""

    id: UUID
    slug: str
    archived: bool


class ResourcesInTheWayError(ConflictError):
    """Resources draw from `units`, a phrase for people, or need some; `resources` are up to a hundred of them."""

    code = "resources_in_the_way"

    def __init__(self, units: str, resources: Sequence[ResourceInTheWay]) -> None:
        named = [f"{one.slug} (archived)" if one.archived else one.slug for one in resources[:5]]
        slugs = ", ".join(named) + (" …" if len(resources) > 5 else "")
        restore = " What is archived has to be restored for that." if any(one.archived for one in resources) else ""
        super().__init__(f"Resources draw from {units}: {slugs}. Let them draw from other units first.{restore}")
        self.resources = tuple(resources)


class EditLockedError(ConflictError):
    """Somebody else is working on it: who, and until when unless they go on."""

    code = "edit_locked"

    def __init__(self, lock: EditLock) -> None:
        until = f"{lock.expires_at:%H:%M:%S} UTC"
        super().__init__(
            f"{lock.holder_name} is working on this, until {until} unless they go on. "
            "Wait, or ask an owner to take over."
        )
        self.lock = lock


class EditLockLostError(ConflictError):
    """A write carries the number of an edit lock that its bearer does not hold any more: others may have written."""

    code = "edit_lock_lost"

    def __init__(self, fencing: int) -> None:
        super().__init__(
            f"The edit lock {fencing} is not yours any more. Somebody may have changed what you see: read it again, "
            "take a new lock, and repeat the change."
        )
        self.fencing = fencing


class IdempotencyInProgressError(ConflictError):
    """Another request with the same Idempotency-Key is still being worked on."""

    code = "idempotency_in_progress"
    retry_after = 1


class IdempotencyMismatchError(BerthError):
    """The Idempotency-Key was used before with another body, or by a guest at another address."""

    code = "idempotency_mismatch"


class AuthenticationError(BerthError):
    """No credential, or one that does not hold."""

    code = "unauthenticated"


class ForbiddenError(BerthError):
    """Known, but not allowed."""

    code = "forbidden"


class TenantSuspendedError(ForbiddenError):
    """The platform's operator has suspended the tenant; the detail says why."""

    code = "tenant_suspended"


class ThrottledError(BerthError):
    """Too many attempts; the next one counts after `retry_after` seconds."""

    code = "too_many_attempts"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class TenantBusyError(ThrottledError):
    """As many requests to the tenant are being answered as it may have at once: gateways say so, not the function."""

    code = "tenant_busy"


class TooLargeError(BerthError):
    """The body is longer than what this route takes."""

    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body exceeds {limit} bytes, the most that this route takes.")
        self.limit = limit


class VersionMismatchError(BerthError):
    """If-Match names another version than the present one."""

    code = "version_mismatch"


class VersionRequiredError(BerthError):
    """A change that needs If-Match came without it."""

    code = "version_required"


class UnavailableError(BerthError):
    """Nothing was stored; the same request may succeed after `retry_after` seconds."""

    code = "unavailable"

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class ContentionError(UnavailableError):
    """Too many others changed the same thing until the deadline."""

    code = "contention"


class DatabaseBusyError(UnavailableError):
    """The request's time was spent in waiting for the database; `waited_for`: `lock`, `statement` or `connection`."""

    code = "database_busy"

    def __init__(self, detail: str, *, waited_for: str, retry_after: int = 1) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.waited_for = waited_for


class DatabaseUnavailableError(UnavailableError):
    """The database does not answer."""

    code = "database_unavailable"
