"""CloudWatch's dashboard, made from the list of metrics: a graph of each, in the list's order."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.telemetry.definitions import ALL, Kind, Metric
from chalicelib.telemetry.emf import NAMESPACE

WIDTH, HEIGHT, COLUMNS = 8, 6, 3
"""Of a graph, in CloudWatch's grid of 24 columns."""
STATISTICS = {Kind.COUNTER: ("Sum",), Kind.GAUGE: ("Maximum",), Kind.DISTRIBUTION: ("p50", "p99")}


def dashboard() -> dict[str, Any]:
    """Return its body for CloudFormation, which fills in the region and the stack's name."""
    widgets = [
        {
            "type": "metric",
            "x": number % COLUMNS * WIDTH,
            "y": number // COLUMNS * HEIGHT,
            "width": WIDTH,
            "height": HEIGHT,
            "properties": {
                "title": metric.meaning,
                "region": "${AWS::Region}",
                "period": 60,
                "metrics": [_line(metric, statistic) for statistic in STATISTICS[metric.kind]],
            },
        }
        for number, metric in enumerate(ALL)
    ]
    return {"Fn::Sub": json.dumps({"widgets": widgets})}


def _line(metric: Metric, statistic: str) -> list[Any]:
    """One line, or one for each value of the dimension: whichever there are at the moment."""
    if metric.dimension is None:
        return [NAMESPACE, metric.name, "service", "${AWS::StackName}", {"stat": statistic}]
    searched = f'{{{NAMESPACE},service,{metric.dimension}}} MetricName="{metric.name}" service="${{AWS::StackName}}"'
    label = f"{statistic} ${{!PROP('Dim.{metric.dimension}')}}"
    return [{"expression": f"SEARCH('{searched}', '{statistic}', 60)", "label": label}]
