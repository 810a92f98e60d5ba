"""What is sent to other systems, as the `webhooks` of the reference describe it (OpenAPI 3.1, 4.8.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request that receivers get: by its name in the reference, with a description of each header."""

    name: str
    tag: str
    summary: str
    description: str
    headers: Mapping[str, str]
    body: type[BaseModel]


OUTGOING: list[Outgoing] = []
"""All of them: each capability adds its own."""
