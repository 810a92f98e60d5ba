"""Guests as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema, model_validator

from chalicelib.api.schemas.lists import PageQuery
from chalicelib.api.schemas.reservation_search import EventBody, SearchText, event_body
from chalicelib.api.schemas.reservations import Email, Name, Phone, ReservationBody, body_of

if TYPE_CHECKING:
    from chalicelib.services.manage_guests import Dossier
    from chalicelib.storage.guests import GuestEntry


class GuestQuery(PageQuery, extra="forbid", json_schema_extra={"examples": [{"text": "ada"}]}):
    """Which guests to find."""

    text: SearchText | None = None


class GuestDetailsBody(BaseModel):
    """A guest, and how often they reserved and did not come."""

    id: UUID
    name: str
    email: str
    phone: str | None
    version: int
    anonymized_at: datetime | None = Field(description="Since when nobody knows who it was; null: it is known.")
    created_at: datetime
    reservations: int
    no_shows: int


class GuestPage(BaseModel):
    """Guests, the latest first."""

    items: list[GuestDetailsBody]
    next_cursor: str | None


class ChangeGuest(BaseModel, extra="forbid", json_schema_extra={"examples": [{"phone": "+44 20 7946 0000"}]}):
    """What to correct; members that are left out stay, null removes the telephone number."""

    name: Name | None = None
    email: Email | None = None
    phone: Phone | None = None

    @model_validator(mode="after")
    def _kept(self) -> ChangeGuest:
        for name in sorted(self.model_fields_set - {"phone"}):
            if getattr(self, name) is None:
                message = f"{name} cannot be removed"
                raise ValueError(message)
        return self


class MergeGuests(
    BaseModel, extra="forbid", json_schema_extra={"examples": [{"other_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11"}]}
):
    """Whose reservations to take over; that guest is gone then."""

    other_id: UUID


def _meant(given: bool) -> bool:  # noqa: FBT001 - a validator's argument
    if not given:
        message = "must be true: there is no way back"
        raise ValueError(message)
    return given


class AnonymizeGuest(BaseModel, extra="forbid", json_schema_extra={"examples": [{"irrevocably": True}]}):
    """That it is meant: there is no way back."""

    irrevocably: Annotated[bool, AfterValidator(_meant), WithJsonSchema({"const": True})]


class DossierBody(BaseModel):
    """Everything that is known of a person."""

    exported_at: datetime
    guests: list[GuestDetailsBody]
    reservations: list[ReservationBody]
    events: list[EventBody]


def guest_body(entry: GuestEntry) -> GuestDetailsBody:
    """The public form of a guest."""
    return GuestDetailsBody.model_validate(entry, from_attributes=True)


def dossier_body(dossier: Dossier, tenant: str) -> DossierBody:
    """The public form of all that is known."""
    reservations: list[Any] = [
        ReservationBody.model_construct(None, **body_of(one, tenant)) for one in dossier.reservations
    ]
    return DossierBody.model_construct(
        exported_at=dossier.at,
        guests=[guest_body(entry) for entry in dossier.guests],
        reservations=reservations,
        events=[event_body(event) for event in dossier.events],
    )
