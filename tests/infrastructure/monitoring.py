"""The alarms as infra/ has them, read so that tests can ask what they watch and when they go off."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from chalicelib.telemetry.definitions import ALL, Kind, Metric
from chalicelib.telemetry.emf import NAMESPACE
from tools.infrastructure import compose

if TYPE_CHECKING:
    from chalicelib.telemetry.metrics import Values

ALARM = "AWS::CloudWatch::Alarm"
METRICS_OF_CODE = {metric.name: metric for metric in ALL}
Reported = dict[tuple[Metric, str], "Values"]


@dataclass(frozen=True)
class Watched:
    """One metric that an alarm looks at; `dimensions` are its values by name, without the stack's own."""

    namespace: str
    name: str
    dimensions: Mapping[str, Any]
    statistic: str

    def value(self, reported: Reported) -> float:
        """What CloudWatch would make of what was reported within one period."""
        metric = METRICS_OF_CODE[self.name]
        wanted = self.dimensions.get(metric.dimension or "")
        found = [values for (one, value), values in reported.items() if one is metric and wanted in (None, value)]
        match metric.kind:
            case Kind.COUNTER:
                return sum(values.sum for values in found)
            case Kind.GAUGE:
                return max(values.sum for values in found)
            case Kind.DISTRIBUTION:
                each = sorted(seconds for values in found for seconds in values.each)
                return each[min(len(each) - 1, int(len(each) * float(self.statistic.removeprefix("p")) / 100))]


@dataclass(frozen=True)
class Alarm:
    name: str
    description: str
    threshold: float
    watched: Mapping[str, Watched]
    """By their ids in the expression; by "" without one."""
    expression: str | None

    def value(self, reported: Reported) -> float:
        """What is compared with the threshold."""
        return self.with_values(lambda watched: watched.value(reported))

    def with_values(self, value_of: Callable[[Watched], float]) -> float:
        """The same of values from elsewhere. The expression is CloudWatch's metric math, which reads as Python."""
        values = {name: value_of(one) for name, one in self.watched.items()}
        if self.expression is None:
            return values[""]
        filled: dict[str, Any] = {"__builtins__": {}, "FILL": _filled}
        lazy = re.sub(r"IF\((.*?), (.*), (.*?)\)$", r"(\2) if (\1) else (\3)", self.expression)
        return float(eval(lazy, filled, values))  # noqa: S307 - our own file


def _filled(value: float, otherwise: float) -> float:
    del otherwise  # what is counted is never missing here
    return value


def alarms() -> dict[str, Alarm]:
    """Every alarm, by name."""
    made = {name: one for name, one in compose("production")["Resources"].items() if one.get("Type") == ALARM}
    return {name: _alarm(name, one["Properties"]) for name, one in made.items()}


def _alarm(name: str, properties: dict[str, Any]) -> Alarm:
    """How long the condition has to hold is not played."""
    assert properties["ComparisonOperator"] == "GreaterThanOrEqualToThreshold", name
    expression, watched = None, dict[str, Watched]()
    for query in properties.get("Metrics", []):
        if "Expression" in query:
            expression = query["Expression"]
        else:
            watched[query["Id"]] = _watched(query["MetricStat"]["Metric"], query["MetricStat"]["Stat"])
    if expression is None:
        statistic = properties.get("Statistic") or properties["ExtendedStatistic"]
        watched[""] = _watched(properties, statistic)
    return Alarm(name, properties["AlarmDescription"], float(properties["Threshold"]), watched, expression)


def _watched(metric: dict[str, Any], statistic: str) -> Watched:
    dimensions: Any = metric["Dimensions"]
    if not isinstance(dimensions, list):  # of Aurora, or of an instance of RDS
        dimensions = dimensions["Fn::If"][1]
    named: dict[str, Any] = {one["Name"]: one["Value"] for one in cast("list[dict[str, Any]]", dimensions)}
    if metric["Namespace"] == NAMESPACE:
        assert named.pop("service") == {"Ref": "AWS::StackName"}
    return Watched(metric["Namespace"], metric["MetricName"], named, statistic)
