"""The management API of a WebSocket API that is slow, fails, or does not know the connection."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, cast

import pytest

from chalicelib.adapters import connections
from chalicelib.adapters.connections import AT_ONCE, Connections
from tests.silence import silent

if TYPE_CHECKING:
    from collections.abc import Generator

OTHERS = 40


class _Server(ThreadingHTTPServer):
    """Answers the slow ones once all others are answered, or at the end."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.answered = itertools.count(1)
        self.let_go = threading.Event()


class _Answering(BaseHTTPRequestHandler):
    """Answers by what the connection is called."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", "0")))
        name = self.path.rpartition("/")[2]
        server = cast("_Server", self.server)
        if name.startswith("slow"):
            server.let_go.wait()
        status = {"gone": 410, "fail": 500}.get(name[:4], 200)
        self.send_response(status)
        if status == 410:
            self.send_header("x-amzn-errortype", "GoneException")
        self.send_header("content-length", "0")
        self.end_headers()
        if next(server.answered) == OTHERS:
            server.let_go.set()

    do_DELETE = do_POST  # noqa: N815 - the library's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def answering() -> Generator[str]:
    server = _Server()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ws"
    finally:
        server.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Generator[Connections]:
    monkeypatch.setattr(connections, "READ_SECONDS", 0.5)
    with answering() as address:
        lead_to(monkeypatch, address)
        yield Connections()


def lead_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for name, value in (
        ("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", address),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ):
        monkeypatch.setenv(name, value)


def test_each_connection_has_its_own_outcome(gateway: Connections) -> None:
    names = ["here", "gone", "fail", "slow"]
    found = gateway.send([(name, "{}") for name in names])
    assert found == {"here": "taken", "gone": "gone", "fail": "failed", "slow": "failed"}
    assert gateway.send([("here", "{}")]) == {"here": "taken"}


def test_slow_ones_do_not_keep_the_others_waiting(gateway: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that come first are answered after all others: where these waited for them, none would be taken."""
    monkeypatch.setattr(connections, "READ_SECONDS", 60)
    names = [f"slow{number}" for number in range(4)] + [f"here{number}" for number in range(OTHERS)]
    found = gateway.send([(name, "{}") for name in names], time.monotonic() + 90)
    assert found == dict.fromkeys(names, "taken")


def test_closing_what_is_gone_or_does_not_answer_is_nobodys_problem(
    gateway: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("here", "gone", "fail", "slow"):
        gateway.close(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", "http://127.0.0.1:9/ws")
    Connections().close("here")
    assert Connections().send([("here", "{}")]) == {"here": "failed"}


@pytest.mark.parametrize("count", [1, 2])
def test_what_might_last_too_long_is_not_begun(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    names = [f"c{number}" for number in range(count)]
    with silent() as peer:
        lead_to(monkeypatch, f"http://{peer.address}/ws")
        gateway = Connections()
        until = time.monotonic() + gateway.call_seconds - 0.01
        assert gateway.send([(name, "{}") for name in names], until) == dict.fromkeys(names, "left")
        assert gateway.close_all(names, until) == dict.fromkeys(names, "left")
        assert peer.asked == 0


def test_of_sixty_that_never_answer_as_many_are_asked_as_there_is_time_for_and_each_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(connections, "READ_SECONDS", 1.0)
    names = [f"c{number}" for number in range(60)]
    with silent() as peer:
        lead_to(monkeypatch, f"http://{peer.address}/ws")
        gateway = Connections()
        gateway.send([])  # makes its client, which takes a moment
        until = time.monotonic() + gateway.call_seconds + 0.8  # those after the first would end after it
        found = gateway.send([(name, "{}") for name in names], until)
        assert set(found.values()) == {"failed", "left"}
        assert list(found.values()).count("failed") == peer.asked <= AT_ONCE


def test_a_call_that_fails_at_once_is_made_again(gateway: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def note(request: _Answering, *said: object) -> None:
        del said
        if request.path.endswith("/fail"):  # slow answers of a test before may come only now
            asked.append(request.path)

    monkeypatch.setattr(_Answering, "log_request", note)
    assert gateway.send([("fail", "{}")]) == {"fail": "failed"}
    assert len(asked) == 2
    assert gateway.close_all(["here", "gone", "fail"]) == {"here": "taken", "gone": "gone", "fail": "failed"}
