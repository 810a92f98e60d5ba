"""`/metrics`: what the functions of all processes have reported, in OpenMetrics, for Prometheus or whoever asks.

Each process writes its values into files of its own, in a directory that all share, and they are added up when somebody
asks: the multiprocess mode of prometheus-client. Those of a process that has ended stay, so that sums only grow.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.telemetry.definitions import ALL, Kind, Metric, Unit
from chalicelib.telemetry.metrics import METRICS
from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Generator

    from prometheus_client import Counter, Gauge, Histogram

    from chalicelib.telemetry.metrics import Report

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus-client finds the directory; a process without it reports nothing."""
HOST = "127.0.0.1"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Upper bounds of durations, in seconds: from a read of the catalogue to a function's timeout."""


@dataclass(frozen=True, slots=True)
class ServedMetrics:
    """Where they are served, and the variables of the processes that report."""

    address: str
    variables: dict[str, str]


@contextmanager
def serve_metrics(port: int) -> Generator[ServedMetrics]:
    """Serve them on loopback, on any free port if it is 0, until the block ends. Raises `CommandError`."""
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    directory = tempfile.mkdtemp(prefix="berth-metrics-")
    try:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=directory)
        try:
            server, thread = start_http_server(port, HOST, registry)
        except OSError as error:
            message = (
                f"Metrics cannot be served on {HOST}, port {port}: {error.strerror}. "
                "Set BERTH_METRICS_PORT to another port, or to 0 for any free one."
            )
            raise CommandError(message) from error
        try:
            yield ServedMetrics(f"http://{HOST}:{server.server_port}/metrics", {DIRECTORY: directory})
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def report_if_wanted() -> None:
    """Let this process report, where the one that started it serves metrics."""
    if os.environ.get(DIRECTORY):
        METRICS.report_to(PrometheusReporter())


class PrometheusReporter:
    """Adds reports to the values of this process."""

    def __init__(self) -> None:
        self._counters = {metric: _counter(metric) for metric in ALL if metric.kind is Kind.COUNTER}
        self._gauges = {metric: _gauge(metric) for metric in ALL if metric.kind is Kind.GAUGE}
        self._distributions = {metric: _histogram(metric) for metric in ALL if metric.kind is Kind.DISTRIBUTION}

    def __call__(self, report: Report) -> None:
        """Add what has come together."""
        for (metric, value), values in report.items():
            labels = {} if metric.dimension is None else {metric.dimension: value}
            match metric.kind:
                case Kind.COUNTER:
                    counter = self._counters[metric]
                    (counter.labels(**labels) if labels else counter).inc(values.sum)
                case Kind.GAUGE:
                    gauge = self._gauges[metric]
                    (gauge.labels(**labels) if labels else gauge).set(values.sum)
                case Kind.DISTRIBUTION:
                    histogram = self._distributions[metric]
                    child = histogram.labels(**labels) if labels else histogram
                    for seconds in values.each:
                        child.observe(seconds)


def name_of(metric: Metric) -> str:
    """What a metric is called here, without the endings `_total`, `_count` and the like."""
    return f"berth_{metric.name}{'_seconds' if metric.unit is Unit.SECONDS else ''}"


def _labels(metric: Metric) -> tuple[str, ...]:
    return () if metric.dimension is None else (metric.dimension,)


def _counter(metric: Metric) -> Counter:
    from prometheus_client import Counter

    return Counter(name_of(metric), metric.meaning, _labels(metric), registry=None)


def _gauge(metric: Metric) -> Gauge:
    from prometheus_client import Gauge

    return Gauge(name_of(metric), metric.meaning, _labels(metric), registry=None, multiprocess_mode="mostrecent")


def _histogram(metric: Metric) -> Histogram:
    from prometheus_client import Histogram

    return Histogram(name_of(metric), metric.meaning, _labels(metric), registry=None, buckets=BUCKETS)
