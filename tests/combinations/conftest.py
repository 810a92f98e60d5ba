"""How long and from which seed on: `./dev prove combinations` says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--minutes", type=int, default=0, help="how long to go on; 0: once, as in every run")
    parser.addoption("--seed", type=int, default=None, help="the first seed; the next ones follow")
