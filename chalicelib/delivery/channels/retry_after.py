"""Retry-After, as receivers send it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WISH_SECONDS = 24 * 3600
"""That is honoured."""


def seconds_wished(retry_after: str | None, now: datetime) -> float:
    """Return after how many seconds a receiver asks to be tried again (RFC 9110, 10.2.3): 0, or a day at most."""
    if retry_after is None:
        return 0
    try:
        seconds = float(retry_after) if retry_after.isdecimal() else _until(retry_after, now)
    except ValueError:
        return 0
    return max(0, min(seconds, LONGEST_WISH_SECONDS))


def _until(date: str, now: datetime) -> float:
    at = parsedate_to_datetime(date)
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
