"""What the service counts and measures, for the one who reports it: CloudWatch's log on Lambda, `/metrics` embedded.

Counting costs a few additions. What has come together is handed over at the end of each call of a function
(`Metrics.report`), and kept in memory only if there is a reporter.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.telemetry.definitions import Kind, Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECONDS_BETWEEN_LINES = 1.0
MOST_VALUES = 100
"""Of one distribution, as CloudWatch takes no more at once; what comes after them is not reported."""
logger = logging.getLogger("berth.metrics")


@dataclass(slots=True)
class Values:
    """What has come together of one metric under one value of its dimension.

    `sum` of a counter or the latest value of a gauge; `each` value of a distribution.
    """

    sum: float = 0.0
    each: list[float] = field(default_factory=list[float])


Report = dict[tuple[Metric, str], Values]
"""By metric and the value of its dimension, "" without one."""


class Metrics:
    """The values of a process, from all of its threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._totals: defaultdict[tuple[Metric, str], float] = defaultdict(float)
        self._fresh: Report = {}
        self._reporter: Callable[[Report], None] | None = None
        self._unlogged: defaultdict[Metric, int] = defaultdict(int)
        self._logged_at: dict[Metric, float] = {}

    def report_to(self, reporter: Callable[[Report], None] | None) -> None:
        """From now on, hand over what comes together; None: to no reporter."""
        with self._lock:
            self._reporter = reporter
            self._fresh = {}

    def count(self, metric: Metric, value: str = "", amount: int = 1, *, detail: str = "") -> None:
        """Add to a counter; `value` is that of its dimension, `detail` a word for the log, without personal data."""
        with self._lock:
            self._totals[metric, value] += amount
            if self._reporter is not None:
                self._values(metric, value).sum += amount
        if metric.warns:
            self._warn(metric, amount, detail or value)

    def set(self, metric: Metric, level: float, value: str = "") -> None:
        """Say how something stands now; `value` as in `count`."""
        with self._lock:
            self._totals[metric, value] = level
            if self._reporter is not None:
                self._values(metric, value).sum = level

    def observe(self, metric: Metric, seconds: float, value: str = "") -> None:
        """Add one duration; `value` as in `count`."""
        with self._lock:
            self._totals[metric, value] += 1
            if self._reporter is not None and len(each := self._values(metric, value).each) < MOST_VALUES:
                each.append(seconds)

    def report(self) -> None:
        """Hand over what has come together since the last time."""
        reporter = self._reporter
        if reporter is None or not self._fresh:
            return
        with self._lock:
            fresh, self._fresh = self._fresh, {}
        if fresh:
            reporter(fresh)

    def totals(self) -> Mapping[tuple[Metric, str], float]:
        """Since the process started: sums of counters, latest values of gauges, numbers of durations."""
        with self._lock:
            return dict(self._totals)

    def total(self, metric: Metric) -> float:
        """The same of one metric, over all values of its dimension; the highest one of a gauge."""
        found = [total for (one, _), total in self.totals().items() if one is metric]
        return max(found, default=0.0) if metric.kind is Kind.GAUGE else sum(found)

    def _values(self, metric: Metric, value: str) -> Values:
        values = self._fresh.get((metric, value))
        if values is None:
            values = self._fresh[metric, value] = Values()
        return values

    def _warn(self, metric: Metric, amount: int, detail: str) -> None:
        """A storm of retries is one line a second with a large number, not a storm of lines."""
        now = time.monotonic()
        with self._lock:
            self._unlogged[metric] += amount
            if now - self._logged_at.get(metric, now - SECONDS_BETWEEN_LINES) < SECONDS_BETWEEN_LINES:
                return
            self._logged_at[metric] = now
            fresh = self._unlogged.pop(metric)
        logger.warning("%s: %d%s", metric.name, fresh, f" ({detail})" if detail else "")


METRICS = Metrics()
