"""CloudWatch's dashboard: a graph of each metric, in the order of their list, then what Lambda counts of functions."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.telemetry.definitions import ALL, Kind, Metric
from chalicelib.telemetry.emf import NAMESPACE

WIDTH, HEIGHT, COLUMNS = 8, 6, 3
"""Of a graph, in CloudWatch's grid of 24 columns."""
OF_LAMBDA = {
    "Errors": "Functions that ended with an error, or out of time",
    "Throttles": "Invocations that found no free environment",
}
STATISTICS = {Kind.COUNTER: ("Sum",), Kind.GAUGE: ("Maximum",), Kind.DISTRIBUTION: ("p50", "p99")}


def dashboard(functions: list[str]) -> dict[str, Any]:
    """Return its body for CloudFormation, which fills in the region, the stack's name and those of functions.

    `functions` are their logical ids.
    """
    graphs = [(metric.meaning, [_line(metric, statistic) for statistic in STATISTICS[metric.kind]]) for metric in ALL]
    graphs += [(title, [_of_lambda(metric, one) for one in functions]) for metric, title in OF_LAMBDA.items()]
    widgets = [
        {
            "type": "metric",
            "x": number % COLUMNS * WIDTH,
            "y": number // COLUMNS * HEIGHT,
            "width": WIDTH,
            "height": HEIGHT,
            "properties": {"title": title, "region": "${AWS::Region}", "period": 60, "metrics": lines},
        }
        for number, (title, lines) in enumerate(graphs)
    ]
    return {"Fn::Sub": json.dumps({"widgets": widgets})}


def _line(metric: Metric, statistic: str) -> list[Any]:
    """One line, or one for each value of the dimension: whichever there are at the moment."""
    if metric.dimension is None:
        return [NAMESPACE, metric.name, "service", "${AWS::StackName}", {"stat": statistic}]
    searched = f'{{{NAMESPACE},service,{metric.dimension}}} MetricName="{metric.name}" service="${{AWS::StackName}}"'
    label = f"{statistic} ${{!PROP('Dim.{metric.dimension}')}}"
    return [{"expression": f"SEARCH('{searched}', '{statistic}', 60)", "label": label}]


def _of_lambda(metric: str, function: str) -> list[Any]:
    """One line of what Lambda counts: by the name that the function has on AWS, labelled as in the template."""
    return ["AWS/Lambda", metric, "FunctionName", f"${{{function}}}", {"stat": "Sum", "label": function}]
