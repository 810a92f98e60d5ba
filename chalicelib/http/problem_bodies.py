"""Refusals as answers show them (RFC 9457). `api.problems` builds them; these models describe them to readers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from pydantic import Field

from chalicelib.http.prices import Money, Price
from chalicelib.http.schema import Schema
from chalicelib.http.texts import Id, ReservationCode, ResourceId, SlugShown
from chalicelib.http.times import CheckInOn, CheckOutOn, EndsAt, PartySize, Quantity, StartsAt

if TYPE_CHECKING:
    from chalicelib.core.errors import Violation


class ViolationBody(Schema):
    """A broken rule, or a flaw of the request."""

    rule: str = Field(
        description="Name of the policy's rule; `request` for a flaw of the request itself.", examples=["lead_time"]
    )
    code: str = Field(description="Stable reason within the rule.", examples=["too_soon"])
    field: str = Field(description="Member of the request to change, as a path.", examples=["check_in_on"])
    message: str = Field(
        description="What is wrong, as a sentence for people.",
        examples=["Please reserve at least 2 hours before it begins."],
    )
    parameters: dict[str, Any] = Field(
        description="Settings of the rule, and the values that broke it.", examples=[{"minimum_minutes": 120}]
    )


class AlternativeBody(Schema):
    """Something near to what was wanted, checked to be bookable when the answer was made."""

    kind: Literal["other_time", "other_unit", "other_resource", "smaller_quantity"] = Field(
        description="In what it differs from the request: another time, unit or resource, or fewer units."
    )
    resource_id: ResourceId
    resource_slug: str = Field(description="Short name of the resource for addresses.", examples=["lakeside-cabins"])
    resource_name: str = Field(description="What guests call the resource.", examples=["Lakeside cabins"])
    starts_at: StartsAt
    ends_at: EndsAt
    check_in_on: CheckInOn
    check_out_on: CheckOutOn
    quantity: Quantity
    party_size: PartySize
    unit: int | None = Field(
        description="Number of the particular unit; null where none was asked for.", examples=[None]
    )
    price: Money | None = Field(
        description="What it costs, all included, as `expected_price` takes it; null for a guest who is here and "
        "changes rooms, whose stay costs as a whole."
    )


class RefusedOccurrence(Schema):
    """What came of a date of a refused series."""

    on: date = Field(description="Date of the series, in the tenant's time zone.")
    refusal: str | None = Field(
        description="Error code of why it cannot be reserved; null where it can.", examples=["no_capacity"]
    )
    detail: str | None = Field(
        description="The reason as a sentence; null where it can be reserved.",
        examples=["1 wanted, 0 free for the whole time; blocked by reservations."],
    )
    violations: list[ViolationBody] = Field(description="Rules of the policy that refuse the date.")
    alternatives: list[AlternativeBody] = Field(
        description="What can be reserved instead; only for the first few dates that are refused."
    )


class ConflictingReservation(Schema):
    """A reservation that has units which the request would take away."""

    id: Id
    code: ReservationCode
    starts_at: StartsAt
    ends_at: EndsAt
    units: list[int] = Field(
        description="Numbers of the units that it blocks; empty while it waits for room.", examples=[[2]]
    )


class ConflictingResource(Schema):
    """A resource that draws from units, or needs units, which the request would take away."""

    id: Id
    slug: SlugShown
    archived: bool = Field(
        description="Whether it is archived; it has to be restored before it can draw from other units."
    )


class HolderBody(Schema):
    """The user who holds an edit lock."""

    id: UUID = Field(description="Id of the user.", examples=["0192f0c4-9d30-7d51-b6a2-51c07f6e2d13"])
    name: str = Field(description="Name of the user.", examples=["Grace Hopper"])


class EditLockBody(Schema):
    """A user's temporary claim on a resource and range; writes of the holder carry `fencing` as Edit-Lock."""

    id: Id
    resource_id: ResourceId
    starts_at: StartsAt
    ends_at: EndsAt
    holder: HolderBody = Field(description="The user who is working on the range.")
    fencing: int = Field(
        description="Number that the holder's writes carry in the header `Edit-Lock`; each new lock of a resource has "
        "a greater one.",
        examples=[17],
    )
    acquired_at: datetime = Field(description="When the user took the lock.")
    expires_at: datetime = Field(description="When the lock ends unless the holder renews it.")


class Problem(Schema):
    """Why a request was refused (RFC 9457). Members without meaning for the `code` are left out."""

    type: str = Field(examples=["about:blank"], description="Always `about:blank`: `code` says which problem it is.")
    title: str = Field(description="Meaning of the status, in words.", examples=["Conflict"])
    status: int = Field(description="HTTP status of the answer.", examples=[409])
    code: str = Field(
        description="Stable error code; the table of error codes says when it comes and what to do.",
        examples=["no_capacity"],
    )
    detail: str = Field(
        description="What happened, what was expected, and what to do next, for people. The text may change.",
        examples=["1 wanted, 0 free for the whole time; blocked by reservations."],
    )
    request_id: str | None = Field(
        None,
        description="Names the request in the logs; quote it when you ask for help.",
        examples=["3f0c2a7e-8a4e-4a51-9e0e-7a3c6f2b9d10"],
    )
    violations: list[ViolationBody] | None = Field(
        None, description="Every broken rule, or every flaw of the request, up to 50."
    )
    alternatives: list[AlternativeBody] | None = Field(
        None, description="Up to five things near to what was wanted, each checked to be bookable."
    )
    quote: Price | None = Field(default=None, description="What it costs now, where the request expects another price.")
    waitlist: str | None = Field(
        None,
        description="Where to POST the same request to wait for it; null where there is no waitlist.",
        examples=[None],
    )
    wanted: int | None = Field(default=None, description="Units that the request needs.", examples=[1])
    free: int | None = Field(default=None, description="Units that are free for the whole time.", examples=[0])
    blocked_by: list[str] | None = Field(
        None,
        description="What blocks the missing units: `reservations`, `closure` or `capacity`; never whose they are. "
        "Empty where there is room and only rules are broken.",
        examples=[["reservations"]],
    )
    state: str | None = Field(
        None, description="State of the reservation, which does not permit the action.", examples=["cancelled"]
    )
    allowed: list[str] | None = Field(default=None, description="Actions that the state permits.", examples=[[]])
    reservations: list[ConflictingReservation] | None = Field(
        None, description="Reservations that have what the request would take away, up to a hundred, by start."
    )
    resources: list[ConflictingResource] | None = Field(
        None, description="Resources that draw from the units or need them, up to a hundred."
    )
    occurrences: list[RefusedOccurrence] | None = Field(
        default=None, description="What came of each date of a refused series."
    )
    waited_for: str | None = Field(
        None, description="What the time was spent on: `lock`, `statement` or `connection`.", examples=["lock"]
    )
    kept_from: datetime | None = Field(default=None, description="Events before this instant are archived.")
    edit_lock: EditLockBody | None = Field(default=None, description="Lock of the user who is working on the range.")
    fencing: int | None = Field(
        None, description="Number of the edit lock that the caller does not hold any more.", examples=[17]
    )
    limit: int | None = Field(
        default=None, description="How many bytes the body of this endpoint may have.", examples=[16384]
    )


def violation_of(violation: Violation) -> ViolationBody:
    """The public form of one broken rule."""
    return ViolationBody.model_construct(
        rule=violation.rule,
        code=violation.code,
        field=violation.field,
        message=violation.message,
        parameters=dict(violation.parameters),
    )
