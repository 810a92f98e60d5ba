"""The base of everything that comes in or goes out as JSON."""

from __future__ import annotations

from functools import cache
from typing import Any, Self

from pydantic import BaseModel


class Schema(BaseModel, defer_build=True):
    """What a request or an answer consists of.

    pydantic compiles it when it is used for the first time: a function compiles what its requests are made of, and a
    cold start nothing.
    """

    @classmethod
    def made_of(cls, **members: Any) -> Self:  # noqa: ANN401 - each field has its own type
        """Make one of ours, which is valid: all fields that have no default, in any order.

        `model_construct` looks at aliases and defaults of each field and takes five times as long.
        """
        made = cls.__new__(cls)
        object.__setattr__(made, "__dict__", {**_defaults(cls), **members})
        object.__setattr__(made, "__pydantic_fields_set__", set(members))
        object.__setattr__(made, "__pydantic_extra__", None)
        object.__setattr__(made, "__pydantic_private__", None)
        return made


@cache
def _defaults(schema: type[Schema]) -> dict[str, Any]:
    """All fields in their order, which is that of the JSON, with their defaults."""
    return {name: field.get_default() for name, field in schema.model_fields.items()}
