"""What the queries of all lists have in common."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.http.schema import Schema
from chalicelib.http.times import MOST

LONGEST_PAGE = 200
_DIGITS = re.compile(r"[1-9]\d{0,8}", re.ASCII)


def counted(most: int) -> PlainValidator:
    """A whole number from 1 in a query, written in digits alone (pydantic would read `5.0`, `1_0` and ` 5` as well)."""

    def read(value: object) -> int:
        if isinstance(value, str) and _DIGITS.fullmatch(value) and int(value) <= most:
            return int(value)
        raise PydanticCustomError("invalid_number", "Must be a whole number from 1 to {most}.", {"most": most})

    return PlainValidator(read)


QueryCount = Annotated[
    int, counted(MOST), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST, "examples": [2]})
]
QueryQuantity = Annotated[QueryCount, Field(description="How many units are wanted.")]
QueryPartySize = Annotated[QueryCount, Field(description="How many people come.")]
Limit = Annotated[
    int,
    counted(LONGEST_PAGE),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": 50}),
]
Cursor = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    Field(description="`next_cursor` of the page before; the first page where left out."),
]


class PageQuery(Schema, extra="forbid"):
    """Which page of a list."""

    limit: Limit = Field(default=50, description="How many items a page has at most.", examples=[50])
    cursor: Cursor | None = None
