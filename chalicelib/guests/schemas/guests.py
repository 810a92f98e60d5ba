"""Guests as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from chalicelib.http.lists import PageQuery
from chalicelib.http.schema import Schema
from chalicelib.http.texts import Email, Id, Name, NextCursor, Version
from chalicelib.reservations.schemas.reservation_search import EventBody, SearchText, event_body
from chalicelib.reservations.schemas.reservations import Phone, ReservationBody, body_of

if TYPE_CHECKING:
    from chalicelib.guests.manage_guests import Dossier
    from chalicelib.guests.model.guests import GuestEntry


class GuestQuery(PageQuery, extra="forbid", json_schema_extra={"examples": [{"text": "ada"}]}):
    """Which guests to find."""

    text: SearchText | None = None


class GuestDetailsBody(Schema):
    """A guest, with the number of their reservations and no-shows."""

    id: Id
    name: str = Field(description="Name by which staff and emails address the guest.", examples=["Ada Lovelace"])
    email: str = Field(description="Email address; it distinguishes guests.", examples=["ada@example.org"])
    phone: str | None = Field(description="Telephone number; null where there is none.", examples=["+1 604 555 0199"])
    version: Version
    anonymized_at: datetime | None = Field(
        description="When the personal data was erased (UTC); null: it is stored.", examples=[None]
    )
    created_at: datetime = Field(description="When the guest was stored first (UTC).")
    reservations: int = Field(description="How many reservations the guest has made.", examples=[4])
    no_shows: int = Field(description="How many of them were no-shows.", examples=[0])


class GuestPage(Schema):
    """A page of guests."""

    items: list[GuestDetailsBody] = Field(description="The guests of this page, the latest first.")
    next_cursor: NextCursor


class ChangeGuest(Schema, extra="forbid", json_schema_extra={"examples": [{"phone": "+44 20 7946 0000"}]}):
    """What to correct about a guest; members that are left out stay as they are."""

    name: Name | None = Field(default=None, description="The corrected name.")
    email: Email | None = Field(default=None, description="The corrected email address.")
    phone: Phone | None = Field(default=None, description="The corrected telephone number; null removes it.")

    @model_validator(mode="after")
    def _kept(self) -> ChangeGuest:
        for name in sorted(self.model_fields_set - {"phone"}):
            if getattr(self, name) is None:
                message = f"{name} cannot be removed"
                raise ValueError(message)
        return self


class MergeGuests(
    Schema, extra="forbid", json_schema_extra={"examples": [{"other_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11"}]}
):
    """The guest to merge into this one."""

    other_id: UUID = Field(description="The guest whose reservations are moved to this one; it is deleted.")


def _meant(given: bool) -> bool:  # noqa: FBT001 - a validator's argument
    if not given:
        message = "must be true: there is no way back"
        raise ValueError(message)
    return given


class AnonymizeGuest(Schema, extra="forbid", json_schema_extra={"examples": [{"irrevocably": True}]}):
    """A confirmation that the erasure is meant."""

    irrevocably: Annotated[bool, AfterValidator(_meant), WithJsonSchema({"const": True})] = Field(
        description="Has to be true: the data cannot be restored."
    )


class DossierBody(Schema):
    """Everything that is stored about a person."""

    exported_at: datetime = Field(description="When the export was made (UTC).")
    guests: list[GuestDetailsBody] = Field(description="All guests with this email address.")
    reservations: list[ReservationBody] = Field(description="All their reservations, by start.")
    events: list[EventBody] = Field(description="What happened to the guests and their reservations.")


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
