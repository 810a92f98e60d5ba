"""Asking for the link to a reservation, as a request."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from chalicelib.api.schemas.reservations import Email


class SendLink(
    BaseModel, extra="forbid", json_schema_extra={"examples": [{"code": "K7MX2QPD", "email": "ada@example.org"}]}
):
    """Which reservation, and whose: `code` as it stands in every email about it."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[0-9A-Za-z]{8}$")]
    email: Email
