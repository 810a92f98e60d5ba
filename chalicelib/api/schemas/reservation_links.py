"""Asking for the link to a reservation, as a request."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from chalicelib.api.schemas.reservations import Email


class SendLink(
    BaseModel, extra="forbid", json_schema_extra={"examples": [{"code": "K7MX2QPD", "email": "ada@example.org"}]}
):
    """Which reservation, and whose: `code` as it stands in every email about it."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[0-9A-Za-z]{8}$")]
    email: Email


class RenewedLink(BaseModel):
    """What holds from now on; staff are not given the token, which is the guest's."""

    manage_token: str | None = Field(description="For the guest alone: goes into `Authorization: Bearer …`.")
