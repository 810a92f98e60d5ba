"""Images as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chalicelib.http.schema import Schema
from chalicelib.http.texts import ONE_LINE, Id, NextCursor
from chalicelib.tenants.schemas.tenants import Image

Alt = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    ONE_LINE,
    Field(description="What the image shows, for those who do not see it."),
]


class AskToUpload(Schema, extra="forbid", json_schema_extra={"examples": [{"media_type": "image/jpeg"}]}):
    """The file that will be uploaded."""

    media_type: Literal["image/jpeg", "image/png", "image/webp"] = Field(
        description="Type of the file that will be uploaded."
    )


class UploadBody(Schema):
    """Where to upload a file.

    POST it to `url` as multipart/form-data: all `fields` as they are, then the file as `file`. Then complete the
    image.
    """

    id: Id
    url: str = Field(description="Address to send the file to, by POST.", examples=["https://images.berth.example/"])
    fields: dict[str, str] = Field(
        description="Form fields to send before the file, as they are.",
        examples=[{"key": "uploads/0192f0c4", "policy": "eyJleHBpcmF0aW9u"}],
    )
    most_bytes: int = Field(description="Bytes that the file may have.", examples=[10485760])
    expires_at: datetime = Field(description="Until when the upload is accepted (UTC).")


class CompleteImage(
    Schema, extra="forbid", json_schema_extra={"examples": [{"alt": "The cabin from the lake, in June"}]}
):
    """What an uploaded image shows."""

    alt: Alt


class ChangeImage(Schema, extra="forbid", json_schema_extra={"examples": [{"position": 0}]}):
    """What to change about an image; members that are left out stay as they are."""

    alt: Alt | None = Field(default=None, description="What the image shows, for people who do not see it.")
    position: Annotated[int, Field(ge=0, le=100, description="How many images come before it.")] | None = Field(
        None, description="How many images come before it."
    )


class ImageList(Schema):
    """The images of a resource."""

    items: list[Image] = Field(description="The images, in the order in which they are shown.")
    next_cursor: NextCursor
