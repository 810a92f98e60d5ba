"""Reservations as requests and answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from chalicelib.adapters.addresses import canonical_email
from chalicelib.api.schemas.prices import ExpectedPriceMembers, Price, price_of
from chalicelib.api.schemas.texts import MANY_LINES, ONE_LINE, PERSON_NAME
from chalicelib.api.schemas.times import Count, Day, FoldChoice, Moment, WantedTimes, ZoneName
from chalicelib.domain.dues import due
from chalicelib.domain.reservations import Action, State, WaitsFor
from chalicelib.domain.rules import RULES

if TYPE_CHECKING:
    from chalicelib.domain.reservations import Overridden, Reservation, WaitingChange

EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), PERSON_NAME]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=EMAIL, max_length=254),
    AfterValidator(canonical_email),
    Field(examples=["ada@example.org"]),
]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40), PERSON_NAME]
Notes = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), MANY_LINES]
UnitNumber = Annotated[
    int, Field(ge=1, le=100_000, description="One particular unit, by its number; it is promised then.")
]


def _rule(name: str) -> str:
    if name not in RULES:
        message = f"must be one of {', '.join(sorted(RULES))}"
        raise ValueError(message)
    return name


RuleName = Annotated[str, AfterValidator(_rule)]
ADA = {"name": "Ada Lovelace", "email": "ada@example.org"}
NIGHTS = {"check_in_on": "2027-05-14", "check_out_on": "2027-05-16"}


class GuestBody(BaseModel, extra="forbid"):
    """Who reserves."""

    name: Name = Field(examples=["Ada Lovelace"])
    email: Email
    phone: Phone | None = None


class GuestShown(BaseModel):
    """Who reserved."""

    name: str
    email: str
    phone: str | None


class OverrideBody(BaseModel, extra="forbid"):
    """Rules not to insist on this time, and why; both are recorded. For managers and owners."""

    rules: Annotated[list[RuleName], Field(min_length=1, max_length=len(RULES))]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), ONE_LINE]


class CreateReservation(
    ExpectedPriceMembers,
    WantedTimes,
    extra="forbid",
    json_schema_extra={
        "examples": [{"resource_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11", **NIGHTS, "party_size": 2, "guest": ADA}]
    },
):
    """What to reserve, when, and for whom."""

    resource_id: UUID
    quantity: Count = 1
    party_size: Count = 1
    guest: GuestBody
    notes: Notes = ""
    unit: UnitNumber | None = None
    override: OverrideBody | None = None


class MoveReservation(ExpectedPriceMembers, WantedTimes, extra="forbid", json_schema_extra={"examples": [NIGHTS]}):
    """What should be different; what is left out stays as it is."""

    resource_id: UUID | None = None
    quantity: Count | None = None
    party_size: Count | None = None
    unit: UnitNumber | None = None
    override: OverrideBody | None = None


class NewEnd(ExpectedPriceMembers, extra="forbid", json_schema_extra={"examples": [{"check_out_on": "2027-05-17"}]}):
    """The new end: `check_out_on` where nights are reserved, `ends_at` otherwise."""

    ends_at: Moment | None = None
    check_out_on: Day | None = None
    fold: FoldChoice | None = None
    timezone: ZoneName | None = None
    override: OverrideBody | None = None


class UpdateReservation(BaseModel, extra="forbid", json_schema_extra={"examples": [{"notes": "We come by train."}]}):
    """Details that take nothing from anybody; what is left out stays as it is."""

    guest: GuestBody | None = None
    notes: Notes | None = None


class OverriddenBody(BaseModel):
    """Rules that were broken and not insisted on, and why."""

    rules: list[str]
    reason: str


class PendingChange(BaseModel):
    """A change that waits for room or for approval, and when it is given up."""

    id: UUID
    action: Action
    waits_for: WaitsFor
    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
    check_in_on: date | None
    check_out_on: date | None
    quantity: int
    party_size: int
    pending_until: datetime
    created_at: datetime


class ChangeBody(PendingChange):
    """A change that waited for room or for approval, and what became of it."""

    state: Literal["waiting", "promoted", "rejected", "replaced", "withdrawn"]
    decided_at: datetime | None


class Changes(BaseModel):
    """Every change that waited for room or for approval, the oldest first."""

    items: list[ChangeBody]
    next_cursor: str | None


class ProcessedPending(BaseModel):
    """How many got what they waited for, and how many were given up."""

    promoted: int
    rejected: int


class EarlierRoomBody(BaseModel):
    """Where a guest was before they changed rooms."""

    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
    units: list[int]


class ReservationBody(BaseModel):
    """A reservation as its guest and the tenant's staff see it."""

    id: UUID
    code: str
    tenant: str
    resource_id: UUID
    state: State
    starts_at: datetime
    ends_at: datetime
    timezone: str
    check_in_on: date | None
    check_out_on: date | None
    quantity: int
    party_size: int
    units: list[int]
    units_promised: bool
    guest: GuestShown
    notes: str
    price: Price
    due: int = Field(
        description="What is owed now, in minor units: the price once it is confirmed, and what was retained of what "
        "was given up."
    )
    refund: int | None = Field(
        description="What the step that is answered here gave back, in minor units; null where it was only read."
    )
    retained: int = Field(description="The part of `due` that is owed for what was given up, in minor units.")
    policy_version: int
    hold_expires_at: datetime | None
    hold_seconds_left: int | None = Field(
        description="The countdown of a hold by Berth's clock, when this was answered."
    )
    hold_extendable: bool = Field(description="Whether the hold can be made longer, which it can be once.")
    waits_for: WaitsFor | None = Field(description="What a pending reservation waits for.")
    pending_until: datetime | None = Field(description="When a pending reservation is given up.")
    pending_change: PendingChange | None = Field(
        description="What is wanted instead and waits for room or approval; until then everything else here holds."
    )
    checked_out_at: datetime | None = Field(
        description="When the guest was checked out. Before the end: the units are free from then on, after the buffer."
    )
    earlier_rooms: list[EarlierRoomBody] = Field(
        description="Where its guest was before they changed rooms; `resource_id` and `units` are where they are now."
    )
    overridden: OverriddenBody | None = Field(
        description="Rules that were not insisted on; told to those who work here."
    )
    version: int
    created_at: datetime
    updated_at: datetime


class CreatedReservation(ReservationBody):
    """With the token that lets its guest come back to it."""

    manage_token: str


def _overridden_body(overridden: Overridden) -> OverriddenBody:
    return OverriddenBody.model_construct(rules=list(overridden.rules), reason=overridden.reason)


def change_members(change: WaitingChange) -> dict[str, Any]:
    """The members of a change that waits, or waited."""
    return {
        "id": change.id,
        "action": change.action,
        "waits_for": change.waits_for,
        "resource_id": change.resource_id,
        "starts_at": change.during.starts_at,
        "ends_at": change.during.ends_at,
        "check_in_on": None if change.stay is None else change.stay.check_in_on,
        "check_out_on": None if change.stay is None else change.stay.check_out_on,
        "quantity": change.quantity,
        "party_size": change.party_size,
        "pending_until": change.due_at,
        "created_at": change.created_at,
    }


def body_of(reservation: Reservation, tenant: str) -> dict[str, object]:
    """The members that every answer about a reservation has."""
    guest, hold_left, change = reservation.guest, reservation.hold_left, reservation.change
    return {
        "id": reservation.id,
        "code": reservation.code,
        "tenant": tenant,
        "resource_id": reservation.resource_id,
        "state": reservation.state,
        "starts_at": reservation.during.starts_at,
        "ends_at": reservation.during.ends_at,
        "timezone": reservation.zone.key,
        "check_in_on": None if reservation.stay is None else reservation.stay.check_in_on,
        "check_out_on": None if reservation.stay is None else reservation.stay.check_out_on,
        "quantity": reservation.quantity,
        "party_size": reservation.party_size,
        "units": list(reservation.units),
        "units_promised": reservation.units_promised,
        "guest": GuestShown.model_construct(name=guest.name, email=guest.email, phone=guest.phone),
        "notes": reservation.notes,
        "price": price_of(reservation.price),
        "due": due(reservation),
        "refund": reservation.refund,
        "retained": reservation.retained,
        "policy_version": reservation.policy_version,
        "hold_expires_at": reservation.hold_expires_at,
        "hold_seconds_left": None if hold_left is None else int(hold_left.total_seconds()),
        "hold_extendable": bool(hold_left) and not reservation.hold_extended,
        "waits_for": reservation.waits_for,
        "pending_until": reservation.due_at if reservation.state is State.PENDING else None,
        "pending_change": None if change is None else PendingChange.model_construct(**change_members(change)),
        "checked_out_at": reservation.checked_out_at,
        "earlier_rooms": [
            EarlierRoomBody.model_construct(
                resource_id=room.resource_id,
                starts_at=room.during.starts_at,
                ends_at=room.during.ends_at,
                units=list(room.units),
            )
            for room in reservation.earlier_rooms
        ],
        "overridden": None if reservation.overridden is None else _overridden_body(reservation.overridden),
        "version": reservation.version,
        "created_at": reservation.created_at,
        "updated_at": reservation.updated_at,
    }
