"""The management API of a WebSocket API that is slow, fails, or does not know the connection."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from chalicelib.adapters import connections
from chalicelib.adapters.connections import Connections
from chalicelib.storage.outbox import LEASE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Generator

SLOW = 1.5


class _Answering(BaseHTTPRequestHandler):
    """Answers by what the connection is called."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", "0")))
        name = self.path.rpartition("/")[2]
        if name.startswith("slow"):
            time.sleep(SLOW)
        status = {"gone": 410, "fail": 500}.get(name[:4], 200)
        self.send_response(status)
        if status == 410:
            self.send_header("x-amzn-errortype", "GoneException")
        self.send_header("content-length", "0")
        self.end_headers()

    do_DELETE = do_POST  # noqa: N815 - the library's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def answering() -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ws"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Generator[Connections]:
    monkeypatch.setattr(connections, "TIMEOUT_SECONDS", 0.5)
    with answering() as address:
        for name, value in (
            ("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", address),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "x"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
        ):
            monkeypatch.setenv(name, value)
        yield Connections()


def test_each_connection_has_its_own_outcome(gateway: Connections) -> None:
    names = ["here", "gone", "fail", "slow"]
    found = gateway.send([(name, "{}") for name in names])
    assert found == {"here": "taken", "gone": "gone", "fail": "failed", "slow": "failed"}
    assert gateway.send([("here", "{}")]) == {"here": "taken"}


def test_a_slow_one_keeps_the_others_waiting_no_longer_than_itself(gateway: Connections) -> None:
    names = [f"slow{number}" for number in range(4)] + [f"here{number}" for number in range(40)]
    began = time.monotonic()
    found = gateway.send([(name, "{}") for name in names])
    assert time.monotonic() - began < 4 * SLOW
    assert list(found.values()) == ["failed"] * 4 + ["taken"] * 40


def test_closing_what_is_gone_or_does_not_answer_is_nobodys_problem(
    gateway: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("here", "gone", "fail", "slow"):
        gateway.close(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", "http://127.0.0.1:9/ws")
    Connections().close("here")
    assert Connections().send([("here", "{}")]) == {"here": "failed"}


def test_sixty_that_never_answer_take_no_longer_than_the_time_for_all(
    gateway: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(connections, "PATIENCE_SECONDS", 0.1)
    found = gateway.send([(f"slow{number}", "{}") for number in range(60)])
    assert set(found.values()) == {"failed", "left"}
    assert list(found.values()).count("failed") <= 2 * connections.AT_ONCE
    assert gateway.send([("here", "{}"), ("gone", "{}")]) == {"here": "taken", "gone": "gone"}


def test_an_attempt_ends_well_within_its_lease_whatever_peers_do() -> None:
    last_begun = 2 * connections.TIMEOUT_SECONDS * 2  # connects, waits, and once more
    assert 2 * (connections.PATIENCE_SECONDS + last_begun) < LEASE_SECONDS  # some are sent to, then some are closed
