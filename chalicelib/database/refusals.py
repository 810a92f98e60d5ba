"""What to raise instead of the driver's errors, and what to count."""

from __future__ import annotations

import re

import psycopg
from psycopg import errors as sqlstate

from chalicelib.core.errors import (
    ContentionError,
    DatabaseUnavailableError,
)
from chalicelib.database import constraints
from chalicelib.database.errors import (
    LockWaitError,
    OutOfTimeError,
    StaleConnectionError,
    UnansweredError,
)
from chalicelib.telemetry.definitions import (
    DATABASE_CONTENTION,
    DATABASE_DEADLOCKS,
    DATABASE_IDLE_TIMEOUTS,
    DATABASE_STATEMENT_TIMEOUTS,
    DATABASE_UNANSWERED,
    DATABASE_UNKNOWN_COMMITS,
)
from chalicelib.telemetry.metrics import METRICS

LOCKED_RELATION = re.compile(r'in relation "([^"]+)"')


def refusal_of(error: psycopg.Error, *, storing: bool, reading: bool) -> Exception:
    """Return what to raise instead of the driver's error; the error itself where it is told as it is.

    `storing`: the COMMIT was on its way; `reading`: a read-only transaction, in which writing is a mistake of ours.
    """
    match error:
        case sqlstate.SerializationFailure():
            return error
        case sqlstate.DeadlockDetected():
            METRICS.count(DATABASE_DEADLOCKS)
            return error
        case psycopg.IntegrityError():
            return constraints.refusal_of(error)
        case sqlstate.LockNotAvailable():
            found = LOCKED_RELATION.search(error.diag.context or "")
            return LockWaitError(found[1] if found else "")
        case sqlstate.QueryCanceled():
            METRICS.count(DATABASE_STATEMENT_TIMEOUTS)
            return OutOfTimeError()
        case sqlstate.IdleInTransactionSessionTimeout() | sqlstate.TransactionTimeout():
            METRICS.count(DATABASE_IDLE_TIMEOUTS)
            return StaleConnectionError()
        case sqlstate.ReadOnlySqlTransaction() if not reading:  # the server has become a standby
            return StaleConnectionError()
        case UnansweredError() if not storing:
            METRICS.count(DATABASE_UNANSWERED)
            return unavailable()
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return unknown_outcome() if storing else StaleConnectionError()
        case _:
            return error


def contention() -> ContentionError:
    """Retries did not help."""
    METRICS.count(DATABASE_CONTENTION)
    return ContentionError("Too many others are changing the same thing. Nothing was stored; please try again.")


def unknown_outcome() -> DatabaseUnavailableError:
    """The connection broke during COMMIT."""
    METRICS.count(DATABASE_UNKNOWN_COMMITS)
    return DatabaseUnavailableError(
        "The connection broke while the change was being stored, so its outcome is unknown. "
        "Repeat the request with the same Idempotency-Key: it takes effect once."
    )


def unavailable() -> DatabaseUnavailableError:
    """There is no server, or it does not answer."""
    return DatabaseUnavailableError(
        "The database cannot be reached at the moment. Nothing was stored; please try again.", retry_after=2
    )
