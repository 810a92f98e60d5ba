from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.eventually import eventually
from tests.gateway.sample import serve_sample

if TYPE_CHECKING:
    import pytest


def line_of(path: Path, response: httpx.Response) -> dict[str, Any]:
    """The line of a response; it is written after the response was sent, so it may be a moment late."""
    (request_id,) = response.headers.get_list("x-amzn-requestid")

    def written() -> list[str]:
        return [line for line in path.read_text().splitlines(keepends=True) if request_id in line and line[-1] == "\n"]

    (line,) = eventually(written, f"the line of request {request_id} is written")
    return json.loads(line)


def test_every_request_has_one_line_of_json(client: httpx.Client, access_log: Path) -> None:
    line = line_of(access_log, client.get("/api/v1/things/caf%C3%A9?ticket=secret"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("at"))
    assert 0 < line.pop("duration_ms") < 30_000
    del line["request_id"]
    assert line == {
        "source_ip": "127.0.0.1",
        "method": "GET",
        "path": "/api/v1/things/caf%C3%A9",
        "status": 200,
        "bytes": len('{"thing":"caf\\u00e9"}'),
    }


def test_refusals_and_pages_are_logged_too(client: httpx.Client, access_log: Path) -> None:
    assert line_of(access_log, client.get("/nothing"))["status"] == 404
    head = line_of(access_log, client.head("/"))
    assert (head["method"], head["status"], head["bytes"]) == ("HEAD", 200, 0)


def test_log_goes_to_standard_error_without_a_file(capfd: pytest.CaptureFixture[str]) -> None:
    with serve_sample(workers=1) as gateway:
        gateway.wait_until_ready()
        response = httpx.get(f"{gateway.address}/api/v1/health")
    (line,) = [json.loads(text) for text in capfd.readouterr().err.splitlines() if text.startswith("{")]
    assert line["request_id"] == response.headers["x-amzn-requestid"]


def test_log_that_cannot_be_written_does_not_stop_requests(capfd: pytest.CaptureFixture[str]) -> None:
    with serve_sample(workers=1, access_log=Path("/dev/full")) as gateway:
        gateway.wait_until_ready()
        statuses = [httpx.get(f"{gateway.address}/api/v1/health").status_code for _ in range(3)]
    assert statuses == [200, 200, 200]
    assert capfd.readouterr().err.count("The access log cannot be written (No space left on device)") == 1
