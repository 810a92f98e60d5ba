"""Metrics for CloudWatch: lines of the log in its embedded metric format, from which it makes metrics by itself.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
Nothing is sent and nothing is waited for. Each metric is there as a whole and by its dimension. What the log knows of
the call, such as its tenant, stands beside the values: it can be searched for, and makes no metric.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from chalicelib.telemetry.definitions import Kind
from chalicelib.telemetry.logs import call_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from chalicelib.telemetry.definitions import Metric
    from chalicelib.telemetry.metrics import Report, Values

NAMESPACE = "Berth"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class EmfReporter:
    """Writes reports to standard output, which Lambda takes for the log; `service` tells deployments apart."""

    def __init__(self, service: str, now: Callable[[], datetime]) -> None:
        self._service = service
        self._now = now

    def __call__(self, report: Report) -> None:
        """Write what has come together: for most calls one line."""
        lines = [_encode(document) for document in self.documents(report, int(self._now().timestamp() * 1000))]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()

    def documents(self, report: Report, at: int) -> Iterator[dict[str, Any]]:
        """The documents of a report, as few as can be; `at` is in milliseconds since 1970.

        A document has one value of each dimension, so that a second value of one needs another document.
        """
        groups: dict[tuple[str | None, str], list[tuple[Metric, Values]]] = {}
        for (metric, value), values in report.items():
            groups.setdefault((metric.dimension, value), []).append((metric, values))
        documents: list[dict[str | None, tuple[str, list[tuple[Metric, Values]]]]] = []
        for (dimension, value), members in groups.items():
            document = next((one for one in documents if dimension not in one), None)
            if document is None:
                documents.append(document := {})
            document[dimension] = (value, members)
        for document in documents:
            line: dict[str, Any] = {
                "_aws": {
                    "Timestamp": at,
                    "CloudWatchMetrics": [_directive(name, members) for name, (_, members) in document.items()],
                },
                **call_members(),
                "service": self._service,
            }
            for dimension, (value, members) in document.items():
                if dimension is not None:
                    line[dimension] = value
                line.update({metric.name: _value(metric, values) for metric, values in members})
            yield line


def _directive(dimension: str | None, members: list[tuple[Metric, Values]]) -> dict[str, Any]:
    """What CloudWatch is to make of some members: metrics by their dimension, and as a whole."""
    return {
        "Namespace": NAMESPACE,
        "Dimensions": [["service"]] if dimension is None else [["service", dimension], ["service"]],
        "Metrics": [{"Name": metric.name, "Unit": metric.unit} for metric, _ in members],
    }


def _value(metric: Metric, values: Values) -> float | list[float]:
    return [round(seconds, 6) for seconds in values.each] if metric.kind is Kind.DISTRIBUTION else values.sum
