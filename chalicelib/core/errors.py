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
├── ConflictError            409: what there is conflicts
│   ├── NoCapacityError
│   ├── InvalidTransitionError
│   ├── PriceChangedError
│   ├── ConflictingReservationsError
│   ├── ConflictingResourcesError
│   ├── SeriesRefusedError (reservations.model.series)
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
├── InternalError            500: a fault of ours
└── UnavailableError         503: try again later
    ├── ContentionError
    ├── DatabaseBusyError
    └── DatabaseUnavailableError
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID


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

    The dates are those of a stay; `unit` is the number of the particular unit where one was asked for. `price` is what
    it would cost, in minor units of `currency`; None where it is a part of something that costs as a whole.
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
    price: int | None
    currency: str


class BerthError(Exception):
    """Base of all refusals. `code` is stable, `detail` is for people.

    The reference has a row for each code (`http/error_codes.py`): the first line of the docstring says when it comes,
    `advice` what a caller does then.
    """

    code: ClassVar[str] = "error"
    advice: ClassVar[str]

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidInputError(BerthError):
    """A member, parameter or header has a wrong form or value.

    `field` says where.
    """

    code = "invalid_input"
    advice = "Correct what `violations` names."

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class InvalidRangeError(InvalidInputError):
    """The range is empty or reversed, too long, or outside the years 2000 to 2199."""

    code = "invalid_range"
    advice = "Send an end after the start, or a shorter range."


class LocalTimeGapError(InvalidInputError):
    """The local time does not exist, since clocks are put forward."""

    code = "local_time_gap"
    advice = "Choose another time, or send an offset."


class LocalTimeFoldError(InvalidInputError):
    """The local time happens twice, since clocks are put back."""

    code = "local_time_fold"
    advice = "Say with `fold` which one is meant, or send an offset."


class UnknownZoneError(InvalidInputError):
    """The `timezone` is not the name of an IANA time zone."""

    code = "unknown_zone"
    advice = "Send a name such as `Europe/Berlin`, or leave it out."


class InvalidRecurrenceError(InvalidInputError):
    """The recurrence rule is not understood, has no end, no dates or too many."""

    code = "invalid_rrule"
    advice = "Send a rule of RFC 5545 with COUNT or UNTIL: up to 200 dates in two years."


class InvalidDocumentError(InvalidInputError):
    """The policy document is invalid.

    `findings`: each JSON path (RFC 9535) and what is wrong there.
    """

    code = "invalid_policy"
    advice = "Correct the JSON paths that `violations` names; `validate` checks a draft without storing it."

    def __init__(self, findings: Sequence[tuple[str, str]]) -> None:
        self.findings = tuple(findings)
        super().__init__(self.findings[0][0], "; ".join(f"{path} {text}" for path, text in self.findings) + ".")


class NotFoundError(BerthError):
    """There is no such thing, or the caller may not see it."""

    code = "not_found"
    advice = "Check the id or slug, and that the credential belongs to this tenant."


class ArchivedError(BerthError):
    """Events from before `kept_from` are archived, and the API does not read the archive."""

    code = "archived"
    advice = "Ask for `kept_from` or a later instant, or let an operator read the archive."

    def __init__(self, kept_from: datetime) -> None:
        instant = f"{kept_from.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        super().__init__(
            f"What happened before {instant} is archived. Ask for that instant or a later one, or have an operator read"
            " the archive."
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
    """The policy refuses the request; `violations` lists every broken rule.

    `room`: what there would be, where room is needed as well.
    """

    code = "rule_violations"
    advice = "Correct the fields that `violations` names, or offer one of the `alternatives`."

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
    """The present state does not permit the change; `detail` says why."""

    code = "conflict"
    advice = "Read the present state, and decide again."


class NoCapacityError(ConflictError):
    """Not enough units are free for the whole time.

    `blocked_by` says what blocks (never whose): `reservations`, `closure` or `capacity`. `alternatives` are near to
    what was wanted, and each was checked to be bookable.
    """

    code = "no_capacity"
    advice = "Offer one of the `alternatives`, or POST the same to the address in `waitlist`."

    def __init__(
        self, *, wanted: int, free: int, blocked_by: Sequence[str], alternatives: Sequence[Alternative] = ()
    ) -> None:
        self.room = Room(wanted, free, tuple(blocked_by))
        super().__init__(self.room.detail)
        self.may_wait = False
        """Whether the tenant keeps a waitlist; `waitlist` is where."""
        self.waitlist: str | None = None
        self.alternatives = tuple(alternatives)


class InvalidTransitionError(ConflictError):
    """The state of the reservation does not permit the action.

    `allowed` lists the actions that are possible now.
    """

    code = "invalid_transition"
    advice = "Choose one of the actions in `allowed`."

    def __init__(self, *, state: str, action: str, allowed: Sequence[str]) -> None:
        possible = f"Possible now: {', '.join(allowed)}." if allowed else "Nothing is possible any more: it is final."
        super().__init__(f"A reservation that is {state} cannot {action.replace('_', ' ')}. {possible}")
        self.state = state
        self.action = action
        self.allowed = tuple(allowed)


@dataclass(frozen=True, slots=True)
class ConflictingReservation:
    """A reservation that has what somebody wants to take away; `units` are the numbers of all units it blocks."""

    id: UUID
    code: str
    starts_at: datetime
    ends_at: datetime
    units: tuple[int, ...]


class ConflictingReservationsError(ConflictError):
    """Reservations have units that the change would take away: `reservations`.

    `reservations` are up to a hundred of them, by start. `used`: some have had the units until now, for which they are
    wanted, too.
    """

    code = "conflicting_reservations"
    advice = "Move or cancel those reservations first."

    def __init__(self, reservations: Sequence[ConflictingReservation], *, used: bool = False) -> None:
        codes = ", ".join(one.code for one in reservations[:5]) + (" …" if len(reservations) > 5 else "")
        named = f": {codes}" if codes else ", of resources that you do not work with"
        past = " What was in use until now cannot be closed afterwards: close it from now on." if used else ""
        super().__init__(f"Reservations conflict with this{named}. Move or cancel them first.{past}")
        self.reservations = tuple(reservations)


@dataclass(frozen=True, slots=True)
class ConflictingResource:
    """A resource that draws from units, or needs some, which somebody wants to take away."""

    id: UUID
    slug: str
    archived: bool


class ConflictingResourcesError(ConflictError):
    """Resources draw from the units or need them: `resources`.

    `units` is a phrase for people; `resources` are up to a hundred of them.
    """

    code = "conflicting_resources"
    advice = "Let those resources draw from other units first."

    def __init__(self, units: str, resources: Sequence[ConflictingResource]) -> None:
        named = [f"{one.slug} (archived)" if one.archived else one.slug for one in resources[:5]]
        slugs = ", ".join(named) + (" …" if len(resources) > 5 else "")
        restore = " What is archived has to be restored for that." if any(one.archived for one in resources) else ""
        super().__init__(f"Resources draw from {units}: {slugs}. Let them draw from other units first.{restore}")
        self.resources = tuple(resources)


class IdempotencyInProgressError(ConflictError):
    """Another request with the same Idempotency-Key is still being worked on."""

    code = "idempotency_in_progress"
    advice = "Repeat the same request after `Retry-After` seconds: it gets the answer of the first one."
    retry_after = 1


class IdempotencyMismatchError(BerthError):
    """The Idempotency-Key was used before with another request, or from another network address."""

    code = "idempotency_mismatch"
    advice = "Use a new key for a new request."


class AuthenticationError(BerthError):
    """There is no credential, or it is invalid or expired."""

    code = "unauthenticated"
    advice = "Sign in, refresh the session, or use another key or manage token."


class ForbiddenError(BerthError):
    """The caller is known, but may not do this."""

    code = "forbidden"
    advice = "Use an account with one of the endpoint's roles, or a key with its scope."


class TenantSuspendedError(ForbiddenError):
    """The tenant is suspended by the platform's operator; `detail` says why."""

    code = "tenant_suspended"
    advice = "Try again when the tenant has been resumed; the operator decides that."


class ThrottledError(BerthError):
    """There were too many attempts from this network, for this account or for this email address.

    The next attempt counts after `retry_after` seconds.
    """

    code = "too_many_attempts"
    advice = "Repeat after `Retry-After` seconds."

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class TenantBusyError(ThrottledError):
    """As many requests to the tenant are being answered as it may have at once; the gateway says so."""

    code = "tenant_busy"
    advice = "Repeat after `Retry-After` seconds, with fewer requests at a time."


class TooLargeError(BerthError):
    """The body is longer than the endpoint takes."""

    code = "body_too_large"
    advice = "Send at most `limit` bytes."

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body exceeds {limit} bytes, the most that this route takes.")
        self.limit = limit


class VersionMismatchError(BerthError):
    """If-Match names another version than the present one: it was changed meanwhile."""

    code = "version_mismatch"
    advice = "Read it again, apply the change to what you read, and repeat."


class VersionRequiredError(BerthError):
    """The change needs If-Match and came without it."""

    code = "version_required"
    advice = "Read it, and send its ETag as If-Match."


class InternalError(BerthError):
    """Something failed inside of Berth, and was logged."""

    code = "internal_error"
    advice = "Repeat the request with the same Idempotency-Key; if it fails again, report the `request_id`."


class UnavailableError(BerthError):
    """A system that the request needs does not answer; nothing was stored."""

    code = "unavailable"
    advice = "Repeat after `Retry-After` seconds, with the same Idempotency-Key."

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class ContentionError(UnavailableError):
    """Others kept changing the same thing until the deadline; nothing was stored."""

    code = "contention"


class DatabaseBusyError(UnavailableError):
    """The time of the request was spent waiting for the database: `waited_for` says for what. Nothing was stored."""

    code = "database_busy"

    def __init__(self, detail: str, *, waited_for: str, retry_after: int = 1) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.waited_for = waited_for


class DatabaseUnavailableError(UnavailableError):
    """The database does not answer."""

    code = "database_unavailable"
