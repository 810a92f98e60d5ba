"""Reservations as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chalicelib.availability.schemas.refunds import RefundStepBody, refund_step_bodies
from chalicelib.core.unit_sets import numbers_of
from chalicelib.http.prices import ExpectedPriceMembers, Money, Price, money, price_of
from chalicelib.http.problem_bodies import ViolationBody
from chalicelib.http.schema import Schema
from chalicelib.http.texts import (
    MANY_LINES,
    ONE_LINE,
    PERSON_NAME,
    Email,
    Id,
    ManageToken,
    Name,
    NextCursor,
    ReservationCode,
    ResourceId,
    Version,
)
from chalicelib.http.times import (
    CheckInOn,
    CheckOutOn,
    Count,
    CreatedAt,
    Day,
    EndsAt,
    FoldChoice,
    Moment,
    PartySize,
    PartySizeWanted,
    Quantity,
    QuantityWanted,
    StartsAt,
    UpdatedAt,
    WantedTimes,
    Zone,
    ZoneName,
)
from chalicelib.policies.model.rules import RULES
from chalicelib.reservations.model.dues import due
from chalicelib.reservations.model.reservations import Action, State, WaitsFor

if TYPE_CHECKING:
    from chalicelib.reservations.model.reservations import Overridden, Reservation, WaitingChange
    from chalicelib.reservations.preview_cancellation import CancellationPreview

Phone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40), PERSON_NAME]
Notes = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), MANY_LINES]
UnitNumber = Annotated[int, Field(ge=1, le=100_000, description="Number of one particular unit; it is promised then.")]


def _rule(name: str) -> str:
    if name not in RULES:
        message = f"must be one of {', '.join(sorted(RULES))}"
        raise ValueError(message)
    return name


RuleName = Annotated[str, AfterValidator(_rule)]
ADA = {"name": "Ada Lovelace", "email": "ada@example.org"}
NIGHTS = {"check_in_on": "2027-05-14", "check_out_on": "2027-05-16"}


class GuestBody(Schema, extra="forbid"):
    """The guest for whom to reserve."""

    name: Name = Field(description="Name by which staff and emails address the guest.", examples=["Ada Lovelace"])
    email: Email = Field(description="Where emails about the reservation go. It distinguishes guests.")
    phone: Phone | None = Field(
        None, description="Telephone number for questions; null where there is none.", examples=["+1 604 555 0199"]
    )


class GuestShown(Schema):
    """The guest of a reservation, series or waitlist entry."""

    name: str = Field(description="Name by which staff and emails address the guest.", examples=["Ada Lovelace"])
    email: str = Field(description="Where emails about the reservation go.", examples=["ada@example.org"])
    phone: str | None = Field(
        description="Telephone number for questions; null where there is none.", examples=["+1 604 555 0199"]
    )


class OverrideBody(Schema, extra="forbid"):
    """Rules to waive, and why; both are recorded."""

    rules: Annotated[list[RuleName], Field(min_length=1, max_length=len(RULES))] = Field(
        description="Names of the rules to waive, as in the policy.", examples=[["lead_time"]]
    )
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), ONE_LINE] = Field(
        description="Why they are waived; staff read it in the history.",
        examples=["Returning guest, agreed by telephone"],
    )


Waiver = Annotated[
    OverrideBody | None,
    Field(
        description="Rules of the policy to waive this time, and why. For managers and owners, and for agents where "
        "the tenant's settings say so."
    ),
]


class CreateReservation(
    ExpectedPriceMembers,
    WantedTimes,
    extra="forbid",
    json_schema_extra={
        "examples": [{"resource_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11", **NIGHTS, "party_size": 2, "guest": ADA}]
    },
):
    """What to reserve, when, and for whom."""

    resource_id: UUID = Field(description="The resource to reserve, by id.")
    quantity: QuantityWanted = 1
    party_size: PartySizeWanted = 1
    guest: GuestBody = Field(description="Who reserves; gets emails about it and a link to it.")
    notes: Notes = Field(default="", description="Wishes or remarks for the staff.")
    unit: UnitNumber | None = Field(
        None, description="Number of one particular unit, where the guest wants that one; it is promised then."
    )
    override: Waiver = None


class PreviewReservation(
    CreateReservation,
    extra="forbid",
    json_schema_extra={"examples": [{"resource_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11", **NIGHTS}]},
):
    """What would be reserved, when, and for whom, if that is known yet."""

    guest: GuestBody | None = Field(  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]
        default=None, description="Who would reserve; left out, it is judged as for a new guest."
    )


class MoveReservation(ExpectedPriceMembers, WantedTimes, extra="forbid", json_schema_extra={"examples": [NIGHTS]}):
    """What to change about a reservation; members that are left out stay as they are."""

    resource_id: UUID | None = Field(default=None, description="The resource to move to, by id.")
    quantity: Count | None = Field(default=None, description="Units to take instead.")
    party_size: Count | None = Field(default=None, description="How many people come instead.")
    unit: UnitNumber | None = Field(
        default=None, description="Number of one particular unit to move to; it is promised then."
    )
    override: Waiver = None


class NewEnd(ExpectedPriceMembers, extra="forbid", json_schema_extra={"examples": [{"check_out_on": "2027-05-17"}]}):
    """The new end: `check_out_on` where nights are reserved, `ends_at` otherwise."""

    ends_at: Moment | None = Field(default=None, description="The new end, where slots or intervals are reserved.")
    check_out_on: Day | None = Field(default=None, description="The new date of departure, where nights are reserved.")
    fold: FoldChoice | None = None
    timezone: ZoneName | None = None
    override: Waiver = None


class UpdateReservation(Schema, extra="forbid", json_schema_extra={"examples": [{"notes": "We come by train."}]}):
    """Details to correct; members that are left out stay as they are."""

    guest: GuestBody | None = Field(
        None, description="Corrected details; they replace name, email and telephone number together."
    )
    notes: Notes | None = Field(default=None, description="The new notes, in place of the present ones.")


class OverriddenBody(Schema):
    """Rules that were waived, and why."""

    rules: list[str] = Field(description="Names of the rules that were waived.", examples=[["lead_time"]])
    reason: str = Field(description="Why they were waived.", examples=["Returning guest, agreed by telephone"])


class PendingChange(Schema):
    """A change that waits for room or approval."""

    id: Id
    action: Action = Field(description="What was asked for: `move` or `extend`.", examples=["move"])
    waits_for: WaitsFor = Field(
        description="`room`: made as soon as units are free. `approval`: staff decide.", examples=["approval"]
    )
    resource_id: UUID = Field(description="The resource that is wanted, which may be the present one.")
    starts_at: StartsAt
    ends_at: EndsAt
    check_in_on: CheckInOn
    check_out_on: CheckOutOn
    quantity: Quantity
    party_size: PartySize
    pending_until: datetime = Field(description="When it is given up; the reservation stays as it was then.")
    created_at: datetime = Field(description="When it was asked for (UTC).")


class ChangeBody(PendingChange):
    """A change that had to wait for room or approval, with its outcome."""

    state: Literal["waiting", "promoted", "rejected", "replaced", "withdrawn"] = Field(
        description="`waiting` at first; then `promoted` when it was made, `rejected`, `replaced` by a later change, "
        "or `withdrawn`.",
    )
    decided_at: datetime | None = Field(description="When it stopped waiting; null while it waits.")


class Changes(Schema):
    """The changes of a reservation that had to wait."""

    items: list[ChangeBody] = Field(description="The changes, the oldest first.")
    next_cursor: NextCursor


class ProcessedPending(Schema):
    """What became of the reservations and changes that waited for room."""

    promoted: int = Field(description="Reservations and changes that got room.", examples=[2])
    rejected: int = Field(
        description="Reservations and changes that had waited too long and were given up.", examples=[0]
    )


class EarlierRoomBody(Schema):
    """Where the guest was before changing rooms."""

    resource_id: UUID = Field(description="The resource where the guest was.")
    starts_at: StartsAt
    ends_at: EndsAt
    units: list[int] = Field(description="Numbers of the units that it took there.", examples=[[4]])


class ReservationBody(Schema):
    """A reservation, as its guest and the tenant's staff see it."""

    id: Id
    code: ReservationCode
    tenant: str = Field(description="Slug of the tenant.", examples=["pine-cabins"])
    resource_id: ResourceId
    state: State = Field(
        description="Where it stands. `pending` blocks nothing yet, `held` blocks units until `hold_expires_at`. "
        "`completed`, `cancelled`, `rejected`, `expired` and `no_show` are over.",
        examples=["confirmed"],
    )
    starts_at: StartsAt
    ends_at: EndsAt
    timezone: Zone
    check_in_on: CheckInOn
    check_out_on: CheckOutOn
    quantity: Quantity
    party_size: PartySize
    units: list[int] = Field(
        description="Numbers of the units that it has now; empty while it blocks none.", examples=[[3]]
    )
    units_promised: bool = Field(
        description="Whether the guest keeps exactly these units. Otherwise they may be exchanged before check-in, to "
        "make room.",
        examples=[False],
    )
    guest: GuestShown = Field(description="The guest who reserved.")
    notes: str = Field(
        description="Wishes or remarks for the staff; empty where there are none.", examples=["We come by train."]
    )
    price: Price = Field(description="What it costs, by the version of the policy that it was made under.")
    due: Money = Field(
        description="Amount owed now: the price once it is confirmed, and what is retained of what was given up."
    )
    refund: Money | None = Field(
        description="Amount that the step answered here gave back; null where the reservation was only read.",
        examples=[None],
    )
    retained: Money = Field(description="Part of `due` that is owed for what was given up.")
    policy_version: int = Field(
        description="Version of the policy that it was made under; rules, price and cancellation follow it.",
        examples=[1],
    )
    hold_expires_at: datetime | None = Field(
        description="When the hold ends unless it is confirmed before; null unless it is held.", examples=[None]
    )
    hold_seconds_left: int | None = Field(
        description="Seconds until the hold ends, by Berth's clock at the time of the answer; null unless it is held.",
        examples=[None],
    )
    hold_extendable: bool = Field(description="Whether `extend-hold` is possible, which it is once.", examples=[False])
    waits_for: WaitsFor | None = Field(
        description="What a pending reservation waits for: `room` or `approval`; null in other states.", examples=[None]
    )
    pending_until: datetime | None = Field(
        description="When a pending reservation is rejected unless it got what it waits for; null in other states.",
        examples=[None],
    )
    pending_change: PendingChange | None = Field(
        description="Change that waits for room or approval; until it is made, everything else here stays as agreed. "
        "Null: none waits.",
        examples=[None],
    )
    checked_out_at: datetime | None = Field(
        description="When the guest was checked out; null before. If that was early, the units are free from then on, "
        "after the buffer.",
        examples=[None],
    )
    earlier_rooms: list[EarlierRoomBody] = Field(
        description="Where the guest was before changing rooms during the stay; `resource_id` and `units` are the "
        "present ones.",
        examples=[[]],
    )
    overridden: OverriddenBody | None = Field(
        description="Rules that were waived for it. Shown to staff; null for guests, and where none were waived.",
        examples=[None],
    )
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class CreatedReservation(ReservationBody):
    """A reservation that was just made, with the guest's manage token."""

    manage_token: ManageToken


class PreviewedReservation(ReservationBody):
    """A reservation as it would be after what was asked for; nothing is stored."""

    id: UUID | None = Field(description="Id of the reservation; null of what would be new.")  # pyright: ignore[reportIncompatibleVariableOverride]
    code: str | None = Field(  # pyright: ignore[reportIncompatibleVariableOverride]
        description="Code of the reservation; null of what would be new.", examples=["QK7M4TXD"]
    )
    guest: GuestShown | None = Field(  # pyright: ignore[reportIncompatibleVariableOverride]
        description="The guest who reserved or would; null where none was named."
    )
    new_price: Price = Field(
        description="What it costs once all is made that was asked for: other than `price` where a change would wait "
        "for room or approval, as `pending_change`."
    )
    price_change: Money = Field(
        description="How much more it costs then than now; negative where it is less. The whole price of what would "
        "be new."
    )
    confirms_by_email: bool = Field(
        description="Whether the guest has to confirm it by email before it is made.", examples=[False]
    )


class ActionBody(Schema):
    """Something that may be done with a reservation in its present state."""

    action: str = Field(
        description="The last word of its address, with `_` for `-`; `update` is `PATCH` of the reservation.",
        examples=["check_in"],
    )
    possible: bool = Field(
        description="Whether state and time let it be done at `at`. Whether there is room, and what the "
        "rules say, is answered by its preview.",
        examples=[False],
    )
    reason: str | None = Field(
        description="Why it is not, as a sentence for people; null where it is.",
        examples=["Guests can be checked in from Fri 14 May 2027, 00:00 on. Wait until then, or move the reservation."],
    )
    violation: ViolationBody | None = Field(
        description="The same as a violation, by whose code and parameters it is said in another language.",
        examples=[
            {
                "rule": "timing",
                "code": "too_early",
                "field": "action",
                "message": "Guests can be checked in from Fri 14 May 2027, 00:00 on. Wait until then, or move the "
                "reservation.",
                "parameters": {"starts_at": "2027-05-14T13:00:00Z", "ends_at": "2027-05-16T09:00:00Z"},
            }
        ],
    )
    available_from: datetime | None = Field(
        description="From when on it is possible (UTC); null where that has no limit.",
        examples=["2027-05-14T00:00:00Z"],
    )
    available_until: datetime | None = Field(
        description="Until when it is possible (UTC); null where that has no limit.", examples=["2027-05-16T09:00:00Z"]
    )


class Actions(Schema):
    """What the caller may do with a reservation, now or later."""

    at: datetime = Field(description="The instant for which this is so (UTC).", examples=["2027-05-01T09:00:00Z"])
    timezone: Zone
    version: Version
    items: list[ActionBody] = Field(description="The actions that its present state has for the caller's role.")


class CancellationBody(Schema):
    """What cancelling a reservation would give back at the time of the answer, and later."""

    at: datetime = Field(description="The instant for which this is so (UTC).", examples=["2027-05-01T09:00:00Z"])
    timezone: Zone
    possible: bool = Field(description="Whether its state and the time let it be cancelled.", examples=[True])
    reason: str | None = Field(
        description="Why it cannot be cancelled, as a sentence for people; null where it can.", examples=[None]
    )
    refund: Money | None = Field(
        description="Amount that cancelling it now gives back: nothing of what is not owed yet, as while it is held or "
        "pending. Null where it cannot be cancelled."
    )
    retained: Money | None = Field(
        description="Amount that stays owed where it is cancelled now; null where it cannot be cancelled."
    )
    refund_steps: list[RefundStepBody] = Field(
        description="What cancelling gives back, and until when, of a reservation that is held or pending once it is "
        "confirmed; by time, those that are over as well. Exactly one is current; none are there where it cannot be "
        "cancelled."
    )


def cancellation_body(preview: CancellationPreview) -> CancellationBody:
    """The public form of what cancelling would give back."""
    currency, cancelled = preview.reservation.price.currency, preview.cancelled
    return CancellationBody.model_construct(
        at=preview.at,
        timezone=preview.reservation.zone.key,
        possible=cancelled is not None,
        reason=preview.reason,
        refund=None if cancelled is None else money(cancelled.refund or 0, currency),
        retained=None if cancelled is None else money(cancelled.retained, currency),
        refund_steps=refund_step_bodies(preview.steps, currency),
    )


def _overridden_body(overridden: Overridden) -> OverriddenBody:
    return OverriddenBody.made_of(rules=list(overridden.rules), reason=overridden.reason)


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
    currency = reservation.price.currency
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
        "units": numbers_of(reservation.units),
        "units_promised": reservation.units_promised,
        "guest": GuestShown.made_of(name=guest.name, email=guest.email, phone=guest.phone),
        "notes": reservation.notes,
        "price": price_of(reservation.price),
        "due": money(due(reservation), currency),
        "refund": None if reservation.refund is None else money(reservation.refund, currency),
        "retained": money(reservation.retained, currency),
        "policy_version": reservation.policy_version,
        "hold_expires_at": reservation.hold_expires_at,
        "hold_seconds_left": None if hold_left is None else int(hold_left.total_seconds()),
        "hold_extendable": bool(hold_left) and not reservation.hold_extended,
        "waits_for": reservation.waits_for,
        "pending_until": reservation.due_at if reservation.state is State.PENDING else None,
        "pending_change": None if change is None else PendingChange.made_of(**change_members(change)),
        "checked_out_at": reservation.checked_out_at,
        "earlier_rooms": [
            EarlierRoomBody.made_of(
                resource_id=room.resource_id,
                starts_at=room.during.starts_at,
                ends_at=room.during.ends_at,
                units=numbers_of(room.units),
            )
            for room in reservation.earlier_rooms
        ],
        "overridden": None if reservation.overridden is None else _overridden_body(reservation.overridden),
        "version": reservation.version,
        "created_at": reservation.created_at,
        "updated_at": reservation.updated_at,
    }
