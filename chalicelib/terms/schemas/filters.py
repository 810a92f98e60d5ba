"""Filters of the catalogue."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

MOST_AMENITIES = 20


LONGEST_AMENITY = 63


def _amenities(value: object) -> tuple[str, ...]:
    names = tuple(str(value).split(","))
    if len(names) > MOST_AMENITIES or not all(0 < len(name) <= LONGEST_AMENITY for name in names):
        raise PydanticCustomError(
            "invalid_list", "Must be up to {most} names separated by commas.", {"most": MOST_AMENITIES}
        )
    return names


ModeName = Literal["stay", "slot", "interval"]
ModeShown = Annotated[
    ModeName,
    Field(
        description="How it is reserved: `stay` by nights, `slot` by slots of fixed length, `interval` from a free "
        "start to a free end on a grid."
    ),
]


Kind = Annotated[
    str,
    StringConstraints(min_length=1, max_length=63),
    Field(examples=["cabin"], description="Only resources of this kind."),
]


Amenities = Annotated[
    tuple[str, ...],
    PlainValidator(_amenities),
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_AMENITY, "pattern": "^[^,]+$"},
            "minItems": 1,
            "maxItems": MOST_AMENITIES,
            "description": "Only what has all of these, separated by commas.",
            "examples": [["wifi", "sea_view"]],
        }
    ),
]
