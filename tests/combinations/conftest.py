"""Without what: `./dev prove combinations` says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without", default=None, help="mends to take out in turn (commas), or `all`: each is found")
