"""Every metric that the service reports: the one list, which all that shows or watches metrics is made of.

What CloudWatch gets, `/metrics` of the embedded runtime and the dashboard are made from it; the alarms of infra/ and
docs/METRICS.md are held against it. A metric has one dimension at most, and that has few values: none is a tenant, a
reservation or a person. CloudWatch keeps and charges each combination as a metric of its own, and tenants come without
end. Whose request it was stands in the log, beside the same figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a value means, and so how those of several containers come together."""

    COUNTER = "counter"
    """How often something happened: they are added up."""
    GAUGE = "gauge"
    """How something stands: the latest is what counts."""
    DISTRIBUTION = "distribution"
    """How long something took: percentiles can be asked for."""


class Unit(StrEnum):
    """In CloudWatch's words."""

    COUNT = "Count"
    SECONDS = "Seconds"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `dimension` is what its values are told apart by, None where they are not.

    `warns`: each count is a line of the log, too, once a second at most: it is trouble.
    """

    name: str
    kind: Kind
    unit: Unit
    meaning: str
    dimension: str | None = None
    warns: bool = False


def _counter(name: str, meaning: str, dimension: str | None = None) -> Metric:
    return Metric(name, Kind.COUNTER, Unit.COUNT, meaning, dimension)


def _trouble(name: str, meaning: str, dimension: str | None = None) -> Metric:
    return Metric(name, Kind.COUNTER, Unit.COUNT, meaning, dimension, warns=True)


def _gauge(name: str, unit: Unit, meaning: str, dimension: str | None = None) -> Metric:
    return Metric(name, Kind.GAUGE, unit, meaning, dimension)


def _distribution(name: str, meaning: str, dimension: str) -> Metric:
    return Metric(name, Kind.DISTRIBUTION, Unit.SECONDS, meaning, dimension)


REQUEST_DURATION = _distribution("request_duration", "How long a request took, by its method and path", "route")
RESPONSES = _counter("responses", "Answers to requests, by the class of their status: `2xx` to `5xx`", "status")

ADMISSIONS = _counter(
    "admissions",
    "Requests for units: `admitted`, `unconfirmed` until an email is confirmed, `replayed` under a key, or the"
    " refusal's code",
    "outcome",
)
RULE_REFUSALS = _counter("rule_refusals", "Rules of policies that such requests broke", "rule")

DATABASE_RETRIES = _trouble(
    "database_retries",
    "Transactions that were run again: `SerializationFailure`, `DeadlockDetected`, or `TryAgainError`, where another"
    " transaction took the units between the look and the write",
    "because",
)
DATABASE_CONTENTION = _trouble("database_contention", "Requests given up after retries that did not help (503)")
DATABASE_DEADLOCKS = _trouble("database_deadlocks", "Transactions that PostgreSQL ended to break a deadlock")
DATABASE_LOCK_TIMEOUTS = _trouble("database_lock_timeouts", "Waits for a lock that were given up (503)")
DATABASE_UNKNOWN_COMMITS = _trouble(
    "database_unknown_commits", "Connections that broke during COMMIT, so that the outcome was unknown (503)"
)
DATABASE_STALE_CONNECTIONS = _trouble("database_stale_connections", "Pooled connections that turned out to be broken")
DATABASE_CONNECTION_TIMEOUTS = _trouble("database_connection_timeouts", "Waits for a free connection given up (503)")
DATABASE_STATEMENT_TIMEOUTS = _trouble("database_statement_timeouts", "Statements ended for taking too long (503)")
DATABASE_IDLE_TIMEOUTS = _trouble("database_idle_timeouts", "Transactions that the server ended as they did nothing")
DATABASE_OUT_OF_TIME = _trouble("database_out_of_time", "Transactions whose time was over between two statements (503)")
DATABASE_UNANSWERED = _trouble("database_unanswered", "Transactions in which the server said nothing any more (503)")
DATABASE_ROLLBACK_FAILURES = _trouble("database_rollback_failures", "Connections that could not be rolled back")
DATABASE_FAILURES_AFTER_FAILURES = _trouble(
    "database_failures_after_failures", "Errors of what was still queued when a transaction had failed already"
)
REPLICA_LEFT_OUT = _trouble(
    "replica_left_out", "Reads that the primary answered as the replica was gone or too old", "because"
)
REPLICA_CONFLICTS = _trouble("replica_conflicts", "Reads that failed on the replica and were asked again", "because")
REPLICA_BEHIND = _trouble("replica_behind", "Reads that the primary answered as the replica had not come so far yet")
LOCK_WAITS = _gauge("lock_waits", Unit.COUNT, "Transactions that wait for a lock at the moment")
LOCK_WAIT_AGE = _gauge("lock_wait_age", Unit.SECONDS, "How long the one has waited that waits longest")

OUTBOX_EVENTS = _gauge("outbox_events", Unit.COUNT, "Events that wait in the outbox")
OUTBOX_AGE = _gauge("outbox_age", Unit.SECONDS, "How long the oldest of them has waited")
DEAD_DELIVERIES = _gauge(
    "dead_deliveries", Unit.COUNT, "Deliveries given up after all attempts, until an operator deals with them"
)
DELIVERIES = _counter(
    "deliveries",
    "Attempts to deliver an event: `delivered`, `skipped` and `superseded` where there was nothing to send, `left` for"
    " want of time, `failed` and to be tried again, `undelivered` where a webhook"
    " did not take it for three days, or `dead`",
    "outcome",
)
WEBSOCKET_SENDS = _counter(
    "websocket_sends", "Messages to connections: `taken`, `gone` (410), `failed`, or `left` for want of time", "outcome"
)

WEBHOOK_REQUESTS = _counter(
    "webhook_requests",
    "Requests to webhooks: `taken` (2xx), `refused` (another status), or why there was no answer: `no_public_address`,"
    " `not_connected`, `tls_failed`, `timed_out`, `broken_answer`",
    "outcome",
)
WEBHOOK_DURATION = _distribution("webhook_duration", "How long a request to a webhook took", "outcome")
PUSH_REQUESTS = _counter(
    "push_requests",
    "Notifications to push services: `taken` (2xx), `gone` (the browser has ended its subscription), `refused` (another"
    " status), `invalid_keys`, or why there was no answer, as of webhooks",
    "outcome",
)

JOB_DURATION = _distribution("job_duration", "How long a run of a scheduled function took", "job")
JOB_CHANGES = _counter("job_changes", "What runs of a scheduled function changed", "job")
JOB_FAILURES = _counter("job_failures", "Runs of a scheduled function that ended with an error", "job")
ITEM_FAILURES = _counter("item_failures", "Items that failed in a run while all others were done", "job")
JOB_LAG = _gauge("job_lag", Unit.SECONDS, "How overdue the next good run of a scheduled function is", "job")

ALL: tuple[Metric, ...] = tuple(value for value in globals().values() if isinstance(value, Metric))
"""In this order."""
