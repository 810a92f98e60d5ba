"""Alarms watch what is reported, each has its runbook, and the dashboard shows every metric."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from chalicelib.telemetry.definitions import ALL, Kind
from tests.infrastructure.monitoring import METRICS_OF_CODE, NAMESPACE, Alarm, alarms
from tests.platform.test_papers import OPERATIONS, rows_of
from tools.dashboard import dashboard
from tools.infrastructure import functions

ALARMS = alarms()
OF_AWS = {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    ("AWS/Lambda", "Errors"),
    ("AWS/Lambda", "Throttles"),
    ("AWS/RDS", "DatabaseConnections"),
    ("AWS/RDS", "CPUUtilization"),
}
STATISTICS = {Kind.COUNTER: {"Sum"}, Kind.GAUGE: {"Maximum"}, Kind.DISTRIBUTION: {"p99"}}
LISTED = Path(__file__).parents[2] / "docs" / "METRICS.md"


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=list(ALARMS))
def test_an_alarm_watches_a_metric_that_is_reported(alarm: Alarm) -> None:
    for watched in alarm.watched.values():
        if watched.namespace != NAMESPACE:
            assert (watched.namespace, watched.name) in OF_AWS
            continue
        metric = METRICS_OF_CODE[watched.name]
        assert set(watched.dimensions) <= {metric.dimension}
        assert watched.statistic in STATISTICS[metric.kind]


def test_every_alarm_has_its_runbook_and_every_runbook_an_alarm() -> None:
    runbooks = [row[0].strip("`") for row in rows_of(OPERATIONS, "Alarms")]
    assert runbooks == list(ALARMS)
    for alarm in ALARMS.values():
        assert alarm.description.endswith(f" See docs/OPERATIONS.md, {alarm.name}.")
    for name, *said in rows_of(OPERATIONS, "Alarms"):
        assert len(said) == 3, name
        assert all(len(cell) > 20 for cell in said), f"{name}: what it means, where to look, what to do"


def test_the_most_important_metrics_have_alarms() -> None:
    named = {(watched.namespace, watched.name) for alarm in ALARMS.values() for watched in alarm.watched.values()}
    ours = {"admissions", "database_deadlocks", "database_retries", "dead_deliveries", "outbox_age", "responses"}
    assert {(NAMESPACE, name) for name in ours} | OF_AWS <= named


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_an_alarm_watches_each_function_for_what_lambda_counts(metric: str) -> None:
    watched = [
        one.dimensions["FunctionName"]["Ref"]
        for alarm in ALARMS.values()
        for one in alarm.watched.values()
        if (one.namespace, one.name) == ("AWS/Lambda", metric)
    ]
    assert sorted(watched) == sorted(functions())


def test_no_alarm_watches_more_than_cloudwatch_adds_up() -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html: it cannot be raised."""
    assert {name: len(alarm.watched) for name, alarm in ALARMS.items() if len(alarm.watched) > 10} == {}
    summed = ALARMS["SweepErrors"]
    assert summed.expression is not None
    assert re.findall(r"FILL\((\w+), 0\)", summed.expression) == list(summed.watched)


def test_the_dashboard_shows_every_metric_and_every_function() -> None:
    widgets = json.loads(dashboard(list(functions()))["Fn::Sub"])["widgets"]
    *ours, errors, throttles = widgets
    assert [widget["properties"]["title"] for widget in ours] == [metric.meaning for metric in ALL]
    for widget, metric in zip(ours, ALL, strict=True):
        assert f'"{metric.name}"' in json.dumps(widget).replace("\\", "")
        assert widget["x"] + widget["width"] <= 24
    for widget, metric in ((errors, "Errors"), (throttles, "Throttles")):
        named = [line[:4] for line in widget["properties"]["metrics"]]
        assert named == [["AWS/Lambda", metric, "FunctionName", f"${{{name}}}"] for name in functions()]
    places = {(widget["x"], widget["y"]) for widget in widgets}
    assert len(places) == len(ALL) + 2


def test_the_page_of_metrics_has_each_of_the_list_with_its_words() -> None:
    rows = rows_of(LISTED.read_text(encoding="utf-8"), "All of them")
    assert [tuple(row) for row in rows] == [
        (
            f"`{metric.name}`",
            metric.kind,
            metric.unit,
            f"`{metric.dimension}`" if metric.dimension else "",
            metric.meaning,
        )
        for metric in ALL
    ]
