"""The base of everything that comes in or goes out as JSON."""

from __future__ import annotations

from pydantic import BaseModel


class Schema(BaseModel, defer_build=True):
    """What a request or an answer consists of.

    pydantic compiles it when it is used for the first time: a function compiles what its requests are made of, and a
    cold start nothing.
    """
