"""The scheduled functions: what each does and when. app.py makes a Lambda function and an EventBridge rule of each.

What one of them does is imported when that one is asked for: each is a function of its own, and starts sooner without
what only others need.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from chalicelib.database.transaction import Database
    from chalicelib.jobs.budget import Budget

RATE = re.compile(r"rate\((\d+) (minute|hour)s?\)")
SECONDS_OF = {"minute": 60, "hour": 60 * 60}

Work = Callable[["Database", "Budget"], int]
"""Does what is due, within a budget, and returns how much it changed."""


class Job(NamedTuple):
    """A scheduled function.

    `schedule` is an expression of EventBridge, in UTC; `description` is what the rule says of itself in AWS; `use_case`
    is the module below `chalicelib` and its function.
    """

    schedule: str
    description: str
    use_case: str

    @property
    def interval_seconds(self) -> int:
        """How long after one run the next one is due; of a cron expression, which is never for less: a day."""
        rate = RATE.fullmatch(self.schedule)
        return 24 * 60 * 60 if rate is None else int(rate[1]) * SECONDS_OF[rate[2]]

    @property
    def work(self) -> Work:
        """The use case itself, imported."""
        return imported(self.use_case)


def imported(name: str) -> Callable[..., Any]:
    """Import a function that is named as `folder.module:function`, below `chalicelib`."""
    module, _, function = name.partition(":")
    return getattr(import_module(f"chalicelib.{module}"), function)


EACH_MINUTE = "rate(1 minute)"
"""Somebody waits for what comes free, or was told a time."""
JOBS: Mapping[str, Job] = {
    "expire_holds": Job(
        EACH_MINUTE,
        "Let go of what was held and not confirmed in time",
        "reservations.sweep_reservations:expire_holds",
    ),
    "promote_pending": Job(
        EACH_MINUTE,
        "Promote what waits for room, the oldest first",
        "waiting.promote_pending:promote_pending",
    ),
    "mark_no_shows": Job(
        EACH_MINUTE,
        "Mark who has not come by the time of the policy",
        "reservations.sweep_reservations:mark_no_shows",
    ),
    "complete_stays": Job(
        "rate(5 minutes)",
        "Complete stays that are over",
        "reservations.sweep_reservations:complete_stays",
    ),
    "offer_waitlist_places": Job(
        EACH_MINUTE,
        "Offer places that have come free to the waitlist",
        "waiting.offer_waitlist_places:offer_waitlist_places",
    ),
    # Often, so that what admission reads stays small.
    "remove_past_allocations": Job(
        "rate(15 minutes)",
        "Remove allocations whose time is over",
        "jobs.retention:remove_past_allocations",
    ),
    "remove_old_records": Job(
        "rate(1 hour)",
        "Remove keys, sessions and tokens after their time",
        "jobs.retention:remove_old_records",
    ),
    "seal_events": Job(
        "rate(1 hour)",
        "Seal the events into each tenant's chain",
        "reporting.seal_events:seal_all_events",
    ),
    # In an hour when few write: it has something to do once a month.
    "make_partitions": Job(
        "cron(30 3 * * ? *)",
        "Make the months to come of events",
        "jobs.make_partitions:make_configured_partitions",
    ),
    "refresh_statistics": Job(
        "rate(10 minutes)",
        "Bring statistics up to date",
        "reporting.refresh_statistics:refresh_all_statistics",
    ),
    # Each domain once a day; each hour, so that a run is short, and an outage of the DNS costs an hour.
    "recheck_domains": Job(
        "rate(1 hour)",
        "Look again whether domains of tenants are still proven",
        "tenants.recheck_domains:recheck_domains",
    ),
    "sweep_events": Job(
        EACH_MINUTE,
        "Deliver what a lost notification left in the outbox",
        "consume_queue:sweep_events",
    ),
    # Most end sooner, when the queue's consumer comes by after their connection has ended.
    "expire_edit_locks": Job(
        EACH_MINUTE,
        "End edit locks that nobody renewed in time",
        "edit_locks.manage_edit_locks:expire_edit_locks",
    ),
    "reap_connections": Job(
        EACH_MINUTE,
        "Close connections that are dead, or not allowed any more",
        "realtime.reap_dead_connections:reap_dead_connections",
    ),
}
"""By the names of their Lambda functions."""
