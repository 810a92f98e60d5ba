"""The functions' container, made of an environment that no other test finds."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from chalicelib.wiring import build_container

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping


@contextmanager
def container_of(environment: Mapping[str, str]) -> Generator[None]:
    """Let the functions of this process use a container of their own; afterwards the one before is used again."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        own = build_container.__wrapped__()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.http.container._builders", [lambda: own])
        try:
            yield
        finally:
            own.database.close()
