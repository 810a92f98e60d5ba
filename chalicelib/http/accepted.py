"""Answers with 202: the request was accepted and takes effect later."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from chalicelib.http.schema import Schema
from chalicelib.http.texts import Id


class AwaitsConfirmation(Schema):
    """A request that waits until its guest confirms it by email."""

    id: Id
    state: Literal["unconfirmed"] = Field(
        default="unconfirmed",
        description="Always `unconfirmed`: nothing is stored or taken until the link of the email is opened.",
    )
    email: str = Field(description="Where the email with the link was sent.", examples=["ada@example.org"])
    expires_at: datetime = Field(description="When the request lapses; it has to be made again after that.")
