"""Asking for the link to a reservation, as a request."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from chalicelib.http.schema import Schema
from chalicelib.http.texts import Email


class SendLink(
    Schema, extra="forbid", json_schema_extra={"examples": [{"code": "K7MX2QPD", "email": "ada@example.org"}]}
):
    """The reservation whose link to send, and the guest's email address."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[0-9A-Za-z]{8}$")] = Field(
        description="Code of the reservation, as every email about it names it."
    )
    email: Email = Field(description="Email address that the reservation was made with.")


class RenewedLink(Schema):
    """The new manage token."""

    manage_token: str | None = Field(
        description="The new manage token, for the guest alone; null where staff asked.",
        examples=["eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJtYW5hZ2UifQ.c2ln"],
    )
