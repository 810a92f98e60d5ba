"""`/metrics` of the embedded runtime: the sums of all of its processes, whoever answered and whoever has ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import httpx
import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families,  # pyright: ignore[reportUnknownVariableType] - it says nothing of its argument
)

from chalicelib.telemetry.definitions import ALL, Kind
from local.errors import CommandError
from local.gateway.serve import serve
from local.metrics import name_of, serve_metrics
from tests.eventually import eventually

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prometheus_client import Metric

ROOT = Path(__file__).parents[2]
OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}
FUNCTIONS = {"DATABASE_URL": "postgresql://berth_app@127.0.0.1:1/berth", "BERTH_SIGNING_KEYS": f"test:{'s' * 32}"}
HEALTH = {"route": "GET /v1/health"}
REPORT_ALL = """
from chalicelib.telemetry.definitions import ALL, Kind
from chalicelib.telemetry.metrics import METRICS
from local.metrics import report_if_wanted
report_if_wanted()
for metric in ALL:
    value = "" if metric.dimension is None else "one"
    match metric.kind:
        case Kind.COUNTER: METRICS.count(metric, value, 2)
        case Kind.GAUGE: METRICS.set(metric, 7, value)
        case Kind.DISTRIBUTION: METRICS.observe(metric, 0.3, value)
METRICS.report()
"""


def scrape(address: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels, read as OpenMetrics."""
    answer = httpx.get(address, headers=OPENMETRICS)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    families = cast("Iterable[Metric]", text_string_to_metric_families(answer.text))
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def sample(address: str, name: str, labels: Mapping[str, str]) -> float:
    return scrape(address).get((name, frozenset(labels.items())), 0.0)


def test_workers_are_added_up_also_those_that_have_ended(tmp_path: Path) -> None:
    with serve_metrics(0) as metrics:
        functions = FUNCTIONS | metrics.variables

        def ask(times: int) -> None:
            for _ in range(times):  # a connection each, so that the workers share them
                answer = httpx.get(f"{gateway.address}/api/v1/health", timeout=60)
                assert answer.status_code == httpx.codes.OK

        def count() -> float:
            return sample(metrics.address, "berth_request_duration_seconds_count", HEALTH)

        def reporting() -> int:
            return len(list(Path(metrics.variables["PROMETHEUS_MULTIPROC_DIR"]).glob("histogram_*.db")))

        with serve("127.0.0.1", 0, 3, functions, access_log=tmp_path / "access.log") as gateway:
            gateway.wait_until_ready(timedelta(minutes=1))
            asked = 0
            while reporting() < 2:
                ask(20)
                asked += 20
                assert asked < 2000, "one worker answers everything"
            eventually(lambda: count() == asked, "all requests are counted")
            ended = set(gateway.process_ids)
            for process_id in ended:
                os.kill(process_id, signal.SIGKILL)
            eventually(lambda: len(set(gateway.process_ids) - ended) == 3, "others have taken their place")
            gateway.wait_until_ready(timedelta(minutes=1))
            ask(10)
            eventually(lambda: count() == asked + 10, "what came before is still counted")
            assert sample(metrics.address, "berth_responses_total", {"status": "2xx"}) == asked + 10


def test_every_metric_of_the_list_is_shown_by_its_name_and_kind() -> None:
    with serve_metrics(0) as metrics:
        for _ in range(2):
            subprocess.run([sys.executable, "-c", REPORT_ALL], cwd=ROOT, env=metrics.variables, check=True)
        shown = scrape(metrics.address)
        for metric in ALL:
            labels = frozenset({(metric.dimension, "one")} if metric.dimension else ())
            match metric.kind:
                case Kind.COUNTER:
                    assert shown[f"{name_of(metric)}_total", labels] == 4, metric
                case Kind.GAUGE:
                    assert shown[name_of(metric), labels] == 7, metric  # how it stands is not added up
                case Kind.DISTRIBUTION:
                    assert shown[f"{name_of(metric)}_count", labels] == 2, metric
                    assert shown[f"{name_of(metric)}_bucket", labels | {("le", "0.25")}] == 0
                    assert shown[f"{name_of(metric)}_bucket", labels | {("le", "0.5")}] == 2
        assert httpx.get(metrics.address).headers["content-type"].startswith("text/plain")


def test_they_are_served_on_loopback_alone_and_leave_nothing_behind() -> None:
    with serve_metrics(0) as metrics:
        directory = Path(metrics.variables["PROMETHEUS_MULTIPROC_DIR"])
        assert directory.stat().st_mode & 0o077 == 0
        assert metrics.address.startswith("http://127.0.0.1:")
        port = httpx.URL(metrics.address).port or 0
        with pytest.raises(CommandError, match=f"port {port}: .*Set BERTH_METRICS_PORT"), serve_metrics(port):
            pass
    assert not directory.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
