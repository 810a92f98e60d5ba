"""Ids in paths: a text that is no id is answered like an id that does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.core.errors import NotFoundError

if TYPE_CHECKING:
    from chalicelib.http.endpoint import Call

NAMES = {"api_key": "API key", "window": "availability window"}


def identifier(call: Call[Any, Any], parameter: str) -> UUID:
    """Return the id in the path. Raises `NotFoundError`."""
    try:
        return UUID(call.path[parameter])
    except ValueError as error:
        message = f"There is no such {NAMES.get(parameter, parameter)}."
        raise NotFoundError(message) from error
