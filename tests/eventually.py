"""Waiting for what happens in another thread or process: as long as it takes, and no longer than a bound."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
PATIENCE_SECONDS = 60
"""Long, because a busy machine makes everything slow and nothing wrong; only what never happens takes so long."""
LOOK_SECONDS = 0.01
IN_TRANSACTION = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid != pg_backend_pid() AND xact_start IS NOT NULL
"""


def eventually(condition: Callable[[], T], what: str = "what was awaited", seconds: float = PATIENCE_SECONDS) -> T:
    """Look until a condition gives something true, and return that. Fails where it has not after so long."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > until:
            pytest.fail(f"After {seconds:g} seconds still not: {what}.")
        time.sleep(LOOK_SECONDS)  # the only one between two looks in all tests
    return found


def all_transactions_end(owner_dsn: str) -> None:
    """Wait until nobody is in a transaction: of a connection that broke off, the server hears a moment later."""
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        eventually(lambda: owner.execute(IN_TRANSACTION).fetchone() == (0,), "all transactions have ended")
