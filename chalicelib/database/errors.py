"""What storage raises that is no refusal of the domain."""

from __future__ import annotations

import psycopg

from chalicelib.core.errors import DatabaseBusyError

LOCKED = {
    "reservations": "the same reservation",
    "allocations": "the same units",
    "resources": "the same resource",
    "guests": "the same guest",
    "series": "the same series",
    "waitlist": "the same waitlist",
    "edit_locks": "the same edit lock",
    "idempotency": "what has the same Idempotency-Key",
    "tenants": "the same tenant",
    "users": "the same account",
}
"""What a locked row is to the caller, by how the names of its table and their indexes begin."""


class TryAgainError(Exception):
    """Somebody was faster: roll back and run the work again from its first read."""


class StaleConnectionError(Exception):
    """A pooled connection turned out to be broken before anything was committed."""


class StaleStatementError(TryAgainError):
    """A prepared statement cannot be used any more. Its connection has forgotten all of its own, so it happens once."""


class PrimaryNeededError(Exception):
    """What a replica is asked for needs a change first, or to see one: the primary has to do it."""


class NotAnsweredError(Exception):
    """No replica answers this: the primary has to."""


class LockWaitError(DatabaseBusyError):
    """What this work needs stayed locked by another transaction for longer than lock_timeout.

    `relation` is the table or index in which it waited, as far as Postgres says.
    """

    def __init__(self, relation: str) -> None:
        subject = next((words for prefix, words in LOCKED.items() if relation.startswith(prefix)), "the same thing")
        message = f"Another request is changing {subject} and takes long. Nothing was stored; please try again."
        super().__init__(message, waited_for="lock")
        self.relation = relation


class OutOfTimeError(DatabaseBusyError):
    """The time of the request, or of a statement, is over."""

    def __init__(self) -> None:
        super().__init__("The database took too long. Nothing was stored; please try again.", waited_for="statement")


class UnansweredError(psycopg.OperationalError):
    """The server says nothing, not even that a statement took too long. Its connection is closed."""
