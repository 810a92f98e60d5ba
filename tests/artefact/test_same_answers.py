"""What Lambda runs is what is tested everywhere else: the package under AWS's runtime answers as the gateway does."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from local.gateway.results import to_answer
from local.gateway.serve import serve
from tests.artefact.requests import Request
from tests.artefact.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.databases import Database

# What differs between any two requests.
CHANGING_HEADERS = {"content-length", "date", "x-amzn-requestid", "x-request-id"}
CHANGING_VALUES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|\+00:00)"  # the present instant, which alone has fractions
)


@pytest.fixture(scope="module")
def environment(module_database: Database) -> dict[str, str]:
    return {"DATABASE_URL": module_database.app, "BERTH_SIGNING_KEYS": f"test:{'s' * 32}"}


@pytest.fixture(scope="module")
def gateway(environment: dict[str, str]) -> Generator[httpx.Client]:
    with serve("127.0.0.1", 0, workers=1, environment=environment) as running:
        running.wait_until_ready()
        with httpx.Client(base_url=f"{running.address}/api") as client:
            yield client


@pytest.fixture(scope="module")
def function(task: Path, runtime: Path, environment: dict[str, str]) -> Generator[Sandbox]:
    with Sandbox(task, runtime, "app.app", environment) as sandbox:
        yield sandbox


def over_http(gateway: httpx.Client, request: Request) -> tuple[int, dict[str, str], str]:
    response = gateway.request(request.method, request.path, content=request.content, headers=request.all_headers)
    return response.status_code, dict(response.headers), response.text


def on_lambda(function: Sandbox, request: Request) -> tuple[int, dict[str, str], str]:
    outcome = function.invoke(request.event())
    assert outcome.kind == "response", outcome
    answer = to_answer(outcome.payload)
    return answer.status, {name.decode(): value.decode() for name, value in answer.headers}, answer.body.decode()


def comparable(answer: tuple[int, dict[str, str], str]) -> tuple[int, dict[str, str], Any]:
    status, headers, body = answer
    kept = {name: value for name, value in headers.items() if name not in CHANGING_HEADERS}
    return status, kept, json.loads(CHANGING_VALUES.sub("…", body))


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/v1/health"),
        Request("GET", "/v1/ready"),
        Request("GET", "/v1/health?unknown=1"),
    ],
    ids=lambda request: f"{request.method} {request.path}",
)
def test_lambda_answers_as_the_gateway_does(gateway: httpx.Client, function: Sandbox, request_: Request) -> None:
    assert comparable(on_lambda(function, request_)) == comparable(over_http(gateway, request_))
