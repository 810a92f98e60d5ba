"""What happens without anybody asking: every scheduled function, how often it runs, and what it does.

app.py declares them, the embedded cron runs what app.py declares, and `./dev jobs` lists and runs these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.services.budget import Budget
from chalicelib.services.promote_pending import promote_pending
from chalicelib.services.refresh_statistics import refresh_all_statistics
from chalicelib.services.seal_events import seal_all_events
from chalicelib.services.sweep_reservations import complete_stays, expire_holds, mark_no_shows
from chalicelib.storage.transaction import Database


@dataclass(frozen=True, slots=True)
class Job:
    """A use case on a schedule. `work` returns how many things it changed; `schedule` is EventBridge's expression."""

    name: str
    schedule: str
    work: Callable[[Database, Budget], int]


JOBS: Mapping[str, Job] = {
    job.name: job
    for job in (
        Job("expire_holds", "rate(1 minute)", expire_holds),
        Job("promote_pending", "rate(1 minute)", promote_pending),
        Job("mark_no_shows", "rate(5 minutes)", mark_no_shows),
        Job("complete_stays", "rate(15 minutes)", complete_stays),
        Job("refresh_statistics", "rate(5 minutes)", refresh_all_statistics),
        Job("seal_events", "rate(15 minutes)", seal_all_events),
    )
}
