"""What storage raises that is no refusal of the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from chalicelib.storage.transaction import Database


class TryAgainError(Exception):
    """Somebody was faster: roll back and run the work again from its first read."""


class DoFirstError(Exception):
    """Something else has to be done, in transactions of its own, before this work can be judged: then it runs again.

    `key` names it in `Transaction.done_first`, so that it is done once.
    """

    def __init__(self, key: Hashable, work: Callable[[Database], None]) -> None:
        super().__init__(key)
        self.key = key
        self.work = work


class StaleConnectionError(Exception):
    """A pooled connection turned out to be broken before anything was committed."""


class StaleStatementError(TryAgainError):
    """A prepared statement cannot be used any more. Its connection has forgotten all of its own, so it happens once."""


class LockWaitError(UnavailableError):
    """A row that this work needs stayed locked by another transaction for longer than lock_timeout."""
