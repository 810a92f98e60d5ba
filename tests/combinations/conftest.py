"""How long, from which seed on and without what: `./dev prove combinations` says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--minutes", type=int, default=0, help="how long to go on; 0: once, as in every run")
    parser.addoption("--seed", type=int, default=None, help="the first seed; the next ones follow")
    parser.addoption("--without", default=None, help="mends to take out in turn (commas), or `all`: each is found")
