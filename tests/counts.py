"""What the service has counted in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from chalicelib.telemetry.definitions import Metric


def counted(metric: Metric) -> int:
    """How often, over all values of its dimension."""
    return int(METRICS.total(metric))
