"""Images as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chalicelib.api.schemas.tenants import Image
from chalicelib.api.schemas.texts import ONE_LINE

Alt = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    ONE_LINE,
    Field(description="What the picture shows, for those who do not see it."),
]


class AskToUpload(BaseModel, extra="forbid", json_schema_extra={"examples": [{"media_type": "image/jpeg"}]}):
    """What kind of file is going to be uploaded."""

    media_type: Literal["image/jpeg", "image/png", "image/webp"]


class UploadBody(BaseModel):
    """Where to send the file.

    POST it as multipart/form-data to `url`: all `fields` as they are, then the file as `file`. Then complete the image.
    """

    id: UUID
    url: str
    fields: dict[str, str]
    most_bytes: int
    expires_at: datetime


class CompleteImage(
    BaseModel, extra="forbid", json_schema_extra={"examples": [{"alt": "The cabin from the lake, in June"}]}
):
    """What an image that was uploaded shows."""

    alt: Alt


class ChangeImage(BaseModel, extra="forbid", json_schema_extra={"examples": [{"position": 0}]}):
    """Another text or place; what is left out stays."""

    alt: Alt | None = None
    position: Annotated[int, Field(ge=0, le=100, description="How many images come before it.")] | None = None


class ImageList(BaseModel):
    """The images of a resource, in the order in which they are shown."""

    items: list[Image]
    next_cursor: str | None
