"""Confirming by email, as requests and answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, RootModel, StringConstraints

from chalicelib.http.schema import Schema
from chalicelib.reservations.schemas.reservations import CreatedReservation
from chalicelib.reservations.schemas.series import CreatedSeries
from chalicelib.waiting.schemas.waitlist import JoinedEntry


class ConfirmRequest(
    Schema,
    extra="forbid",
    json_schema_extra={"examples": [{"token": "nDpYyS8mV1gkqzqcmnGbqj5FQXgIUKeWTUhEVQCuxRA"}]},
):
    """The token of a confirmation email."""

    token: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        description="What the link of the email has after `#` and the tenant's slug with its dot."
    )


class ConfirmedRequest(RootModel[CreatedReservation | CreatedSeries | JoinedEntry]):
    """What was requested: a reservation, a series or a waitlist entry, answered as without confirmation."""
