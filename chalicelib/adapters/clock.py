"""This process's clock: for expiry of tokens only. Reservations live by the database's clock."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant (UTC)."""
    return datetime.now(UTC)
