"""Confirming by email, as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, RootModel, StringConstraints

from chalicelib.api.schemas.reservations import CreatedReservation
from chalicelib.api.schemas.series import CreatedSeries
from chalicelib.api.schemas.waitlist import JoinedEntry


class AwaitsConfirmation(BaseModel):
    """What is nothing yet: the email to its guest has a link that confirms it."""

    id: UUID
    state: Literal["unconfirmed"] = "unconfirmed"
    email: str = Field(description="Where the link was sent.")
    expires_at: datetime = Field(description="After that, it has to be asked for again.")


class ConfirmRequest(
    BaseModel,
    extra="forbid",
    json_schema_extra={"examples": [{"token": "nDpYyS8mV1gkqzqcmnGbqj5FQXgIUKeWTUhEVQCuxRA"}]},
):
    """What the link of the email has after `#tenant.`."""

    token: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ConfirmedRequest(RootModel[CreatedReservation | CreatedSeries | JoinedEntry]):
    """What was asked for, as it is answered where no confirmation is wanted."""
