"""Refusals as answers show them (RFC 9457). `api.problems` builds them; these models describe them to readers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chalicelib.api.schemas.prices import Price

if TYPE_CHECKING:
    from chalicelib.domain.errors import Violation


class ViolationBody(BaseModel):
    """One broken rule, or one flaw of the request."""

    rule: str = Field(description="Name of the policy's rule; `request` for a flaw of the request itself.")
    code: str = Field(description="Stable reason within the rule.")
    field: str = Field(description="Field of the request to change.")
    message: str = Field(description="A sentence for people.")
    parameters: dict[str, Any] = Field(description="The rule's settings and the values that broke it.")


class AlternativeBody(BaseModel):
    """Something near to what was wanted, checked to be bookable when the answer was made."""

    kind: Literal["other_time", "other_unit", "other_resource", "smaller_quantity"]
    resource_id: UUID
    resource_slug: str
    resource_name: str
    starts_at: datetime
    ends_at: datetime
    check_in_on: date | None
    check_out_on: date | None
    quantity: int
    party_size: int
    unit: int | None = Field(description="Number of the particular unit, where one was asked for.")


class RefusedOccurrence(BaseModel):
    """A date of a series; `refusal` is the code of why it cannot be had, null where it could."""

    on: date
    refusal: str | None
    detail: str | None
    violations: list[ViolationBody]
    alternatives: list[AlternativeBody] = Field(description="For the first few dates that cannot be had.")


class InTheWay(BaseModel):
    """A reservation that has what somebody wants to take away."""

    id: UUID
    code: str
    starts_at: datetime
    ends_at: datetime
    units: list[int] = Field(description="Numbers of the units it blocks; none while it waits for room.")


class ResourceInTheWay(BaseModel):
    """A resource that draws from units which somebody wants to take away."""

    id: UUID
    slug: str
    archived: bool


class HolderBody(BaseModel):
    """Who works on something."""

    id: UUID
    name: str


class EditLockBody(BaseModel):
    """Somebody's temporary claim on a resource and a range. Their writes carry `fencing` in the header Edit-Lock."""

    id: UUID
    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
    holder: HolderBody
    fencing: int
    acquired_at: datetime
    expires_at: datetime = Field(description="Unless it is renewed.")


class Problem(BaseModel):
    """Why a request was refused. `code` is stable, texts are not; members without meaning for the code are left out."""

    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    code: str = Field(examples=["no_capacity"])
    detail: str = Field(description="What happened, what was expected, and what to do next.")
    request_id: str | None = None
    violations: list[ViolationBody] | None = None
    alternatives: list[AlternativeBody] | None = None
    quote: Price | None = Field(None, description="What it costs now, where the request expects another price.")
    waitlist: str | None = Field(None, description="Where to POST the same to wait for it, if that can be done.")
    wanted: int | None = Field(None, description="Units that are needed; said of every refusal of a time.")
    free: int | None = Field(None, description="Units that are free for the whole time.")
    blocked_by: list[str] | None = Field(
        None, description="What blocks, never whose it is; nothing where there is room and only rules are broken."
    )
    state: str | None = None
    allowed: list[str] | None = Field(None, description="Actions that are possible now.")
    reservations: list[InTheWay] | None = None
    resources: list[ResourceInTheWay] | None = None
    occurrences: list[RefusedOccurrence] | None = None
    waited_for: str | None = Field(
        None, description="What the time was spent on: `lock`, `statement` or `connection`.", examples=["lock"]
    )
    kept_from: datetime | None = Field(None, description="What happened before it is archived.")
    edit_lock: EditLockBody | None = Field(None, description="Who is working on it, and until when.")
    fencing: int | None = Field(None, description="The number that is not the caller's any more.")


def violation_of(violation: Violation) -> ViolationBody:
    """The public form of one broken rule."""
    return ViolationBody.model_construct(
        rule=violation.rule,
        code=violation.code,
        field=violation.field,
        message=violation.message,
        parameters=dict(violation.parameters),
    )
