"""What storage raises that is no refusal of the domain."""

from __future__ import annotations

from chalicelib.domain.errors import UnavailableError


class TryAgainError(Exception):
    """Somebody was faster: roll back and run the work again from its first read."""


class StaleConnectionError(Exception):
    """A pooled connection turned out to be broken before anything was committed."""


class StaleStatementError(TryAgainError):
    """A prepared statement cannot be used any more. Its connection has forgotten all of its own, so it happens once."""


class LockWaitError(UnavailableError):
    """A row that this work needs stayed locked by another transaction for longer than lock_timeout."""
