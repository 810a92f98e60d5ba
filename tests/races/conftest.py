from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.races.arena import Arena

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.databases import Database


@pytest.fixture(scope="session")
def rivals() -> Generator[ProcessPoolExecutor]:
    """The other process of all races; a fresh interpreter, as a forked one would share our threads' locks."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor


@pytest.fixture
def arena(database: Database, rivals: ProcessPoolExecutor) -> Arena:
    return Arena(database, rivals)
