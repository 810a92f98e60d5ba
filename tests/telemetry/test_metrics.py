"""Metrics: one list of them, counted where things happen, and written so that CloudWatch understands them."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import jsonschema

from chalicelib.telemetry import definitions
from chalicelib.telemetry.definitions import (
    ADMISSIONS,
    ALL,
    DATABASE_DEADLOCKS,
    DATABASE_RETRIES,
    OUTBOX_AGE,
    REQUEST_DURATION,
)
from chalicelib.telemetry.emf import EmfReporter
from chalicelib.telemetry.metrics import MOST_VALUES, Metrics, Report
from tests.artefact.requests import Request
from tests.offers import STAY, Offer, add_tenant, policy
from tests.telemetry.on_lambda import SCHEDULED, call_functions, environment_of, http, json_lines
from tests.telemetry.test_logs import TENANT, create

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from tests.databases import Database

ROOT = Path(__file__).parents[2]
EMF = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "properties": {
                "Timestamp": {"type": "integer"},
                "CloudWatchMetrics": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "additionalProperties": False,
                        "properties": {
                            "Namespace": {"type": "string", "minLength": 1, "maxLength": 1024},
                            "Dimensions": {
                                "type": "array",
                                "minItems": 1,
                                "items": {"type": "array", "minItems": 1, "maxItems": 30, "items": {"type": "string"}},
                            },
                            "Metrics": {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": 100,
                                "items": {
                                    "type": "object",
                                    "required": ["Name"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "Name": {"type": "string", "minLength": 1, "maxLength": 1024},
                                        "Unit": {"enum": ["Count", "Seconds"]},
                                    },
                                },
                            },
                        },
                    },
                },
            },
        }
    },
}
"""As the specification has it, but for units, which are those that there are here."""


def assert_emf(document: dict[str, Any]) -> None:
    """Each document is valid, and has what it names: values at its root, numbers or up to a hundred of them."""
    jsonschema.validate(document, EMF)
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for name in (name for dimensions in directive["Dimensions"] for name in dimensions):
            assert isinstance(document[name], str)
            assert 1 <= len(document[name]) <= 1024
        for metric in directive["Metrics"]:
            value = document[metric["Name"]]
            values = cast("list[Any]", value) if isinstance(value, list) else [value]
            assert 1 <= len(values) <= 100
            assert all(isinstance(one, int | float) for one in values)


def reported(lines: list[str]) -> dict[tuple[str, str], Any]:
    """What a log reports, by metric and the value of its dimension."""
    found: dict[tuple[str, str], Any] = {}
    dimensions = {metric.name: metric.dimension for metric in ALL}
    for document in (line for line in json_lines(lines) if "_aws" in line):
        assert_emf(document)
        for metric in (one for directive in document["_aws"]["CloudWatchMetrics"] for one in directive["Metrics"]):
            name, dimension = metric["Name"], dimensions[metric["Name"]]
            found[name, document[dimension] if dimension else ""] = document[name]
    return found


def test_what_a_request_and_a_job_report_is_in_the_embedded_metric_format(database: Database) -> None:
    rule = {"rule": "horizon", "maximum_days": 90}
    room = add_tenant(database.owner, TENANT, [Offer(slug="room", document=policy(STAY, rule))])["room"]
    calls = [http(create(room, "Ada")), http(create(room, "Ada")), http(create(room, "Ada", 300))]
    calls += [http(Request("GET", f"/v1/tenants/{TENANT}/resources")), ("expire_holds", SCHEDULED)]
    _, lines = call_functions(calls, environment_of(database))
    found = reported(lines)
    route = "POST /v1/tenants/{tenant}/reservations"
    assert found["admissions", "admitted"] == found["admissions", "no_capacity"] == 1
    assert found["admissions", "rule_violations"] == found["rule_refusals", "horizon"] == 1
    assert found["responses", "4xx"] == 1
    assert 0 < found["request_duration", route][0] < 10
    assert 0 < found["job_duration", "expire_holds"][0] < 10
    assert found["job_changes", "expire_holds"] == 0
    (admitted,) = [line for line in json_lines(lines) if line.get("outcome") == "admitted"]
    assert (admitted["tenant"], admitted["actor"], admitted["service"]) == (TENANT, "guest", "berth-test")
    assert [directive["Dimensions"] for directive in admitted["_aws"]["CloudWatchMetrics"]] == [
        [["service", "outcome"], ["service"]],
        [["service", "route"], ["service"]],
        [["service", "status"], ["service"]],
    ]
    assert admitted["request_id"] == calls[0][1]["requestContext"]["requestId"]


def test_without_a_name_for_it_nothing_is_reported(database: Database) -> None:
    environment = environment_of(database, BERTH_METRICS_SERVICE="")
    _, lines = call_functions([http(Request("GET", "/v1/health"))], environment)
    assert lines == []


def test_what_comes_together_is_handed_over_once() -> None:
    metrics, reports = Metrics(), list[Report]()
    metrics.count(ADMISSIONS, "admitted")  # before anybody wants it
    metrics.report_to(reports.append)
    for _ in range(3):
        metrics.count(ADMISSIONS, "admitted")
    metrics.set(OUTBOX_AGE, 5)
    metrics.set(OUTBOX_AGE, 2)
    for _ in range(MOST_VALUES + 5):
        metrics.observe(REQUEST_DURATION, 0.01, "GET /")
    metrics.report()
    metrics.report()
    (report,) = reports
    assert report[ADMISSIONS, "admitted"].sum == 3
    assert report[OUTBOX_AGE, ""].sum == 2
    assert len(report[REQUEST_DURATION, "GET /"].each) == MOST_VALUES
    assert metrics.total(ADMISSIONS) == 4
    metrics.count(ADMISSIONS, "no_capacity", 2)
    metrics.report()
    report |= reports[1]
    documents = list(EmfReporter("berth", lambda: datetime.now(UTC)).documents(report, 1))
    assert [document["admissions"] for document in documents] == [3, 2]
    for document in documents:
        assert_emf(document)


def test_trouble_is_a_line_of_the_log_too_and_a_storm_of_it_is_few(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics, lines = Metrics(), list[str]()
    monkeypatch.setattr("chalicelib.telemetry.metrics.SECONDS_BETWEEN_LINES", 3600.0)

    def note(text: str, *values: object) -> None:
        lines.append(text % values)

    monkeypatch.setattr("chalicelib.telemetry.metrics.logger.warning", note)
    for _ in range(50):
        metrics.count(DATABASE_RETRIES, "DeadlockDetected")
    metrics.count(DATABASE_DEADLOCKS)
    metrics.count(ADMISSIONS, "admitted")
    assert lines == ["database_retries: 1 (DeadlockDetected)", "database_deadlocks: 1"]


def uses() -> Iterator[str]:
    """The names of metrics that modules report."""
    for path in (ROOT / "chalicelib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="METRICS"), attr="count" | "set" | "observe"),
                    args=[ast.Name(id=name), *_],
                ):
                    yield name
                case _:
                    pass


def test_every_metric_of_the_list_is_reported_somewhere() -> None:
    listed = {name for name, value in vars(definitions).items() if value in ALL}
    assert len(listed) == len(ALL) > 20
    assert set(uses()) == listed
    assert len({metric.name for metric in ALL}) == len(ALL)


def test_no_dimension_has_a_value_for_each_tenant_or_person() -> None:
    """CloudWatch charges each combination as a metric of its own: routes are the most there are of anything."""
    assert {metric.dimension for metric in ALL} == {None, "route", "status", "outcome", "rule", "because", "job"}
