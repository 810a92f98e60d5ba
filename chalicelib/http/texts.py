"""Members that many requests and answers have, each with its bounds and its description, which is written once, here.

Checks of texts follow the bounds: `Annotated[str, StringConstraints(…), ONE_LINE]`.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chalicelib.adapters.addresses import canonical_email
from chalicelib.core.text import check_line, check_name, check_text

ONE_LINE = AfterValidator(check_line)
PERSON_NAME = AfterValidator(check_name)
MANY_LINES = AfterValidator(check_text)
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), PERSON_NAME]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=EMAIL, max_length=254),
    AfterValidator(canonical_email),
    Field(examples=["ada@example.org"]),
]

EXAMPLE_ID = "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11"
Id = Annotated[
    UUID,
    Field(
        description="Unique id, by which addresses name it; it never changes.",
        examples=["0192f0c4-8a6d-7e10-9f3b-6c2a91d7e4f5"],
    ),
]
ResourceId = Annotated[UUID, Field(description="Id of the resource that it belongs to.", examples=[EXAMPLE_ID])]
SlugShown = Annotated[
    str, Field(description="Short name for addresses, in place of the id.", examples=["lakeside-cabins"])
]
ResourceName = Annotated[str, Field(description="What guests call the resource.", examples=["Lakeside cabins"])]
KindShown = Annotated[
    str, Field(description="What kind of thing the resource is, in the tenant's words.", examples=["cabin"])
]
ReservationCode = Annotated[
    str, Field(description="Short code of the reservation, for emails and the telephone.", examples=["K7MX2QPD"])
]
ManageToken = Annotated[
    str,
    Field(
        description="The guest's key: sent as `Authorization: Bearer …`, it reads, changes and cancels what was just "
        "made. It is returned once and is part of the link in emails.",
        examples=["eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJtYW5hZ2UifQ.c2ln"],
    ),
]
Version = Annotated[
    int, Field(description="Grows by one with each change, from 1; If-Match compares it.", examples=[3])
]
NextCursor = Annotated[
    str | None,
    Field(description="Send it as `cursor` to get the next page; null on the last page.", examples=[None]),
]
