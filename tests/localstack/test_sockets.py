"""What stands in for the WebSocket API hands each event to the function that is deployed for it."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.eventually import eventually
from tools.localstack import make_key, serve_sockets

if TYPE_CHECKING:
    from collections.abc import Generator

FOUND = (
    '<DescribeStackResourceResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">'
    "<DescribeStackResourceResult><StackResourceDetail><PhysicalResourceId>{}</PhysicalResourceId>"
    "</StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>"
)


class Emulator(ThreadingHTTPServer):
    """As much of LocalStack as is asked: names of functions, and invocations, of which it keeps the events."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.events: list[tuple[str, dict[str, Any]]] = []


class Handler(BaseHTTPRequestHandler):
    server: Emulator  # pyright: ignore[reportIncompatibleVariableOverride] - it is no other

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/2015-03-31/functions/"):
            self.server.events.append((self.path.split("/")[3], json.loads(body)))
            answer = json.dumps({"statusCode": self.server.status}).encode()
        else:
            answer = FOUND.format(f"deployed-{parse_qs(body.decode())['LogicalResourceId'][0]}").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


@pytest.fixture
def emulator() -> Generator[Emulator]:
    with Emulator() as server:
        Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield server
        server.shutdown()


def test_events_of_a_connection_reach_the_functions_that_are_deployed(emulator: Emulator) -> None:
    with serve_sockets(f"http://127.0.0.1:{emulator.server_port}", make_key(), ("127.0.0.1", 0)) as gateway:
        gateway.wait_until_ready()
        with connect(gateway.address.replace("http", "ws") + "/ws?ticket=one", proxy=None) as client:
            client.send('{"action": "ping"}')
            eventually(lambda: len(emulator.events) >= 2, "the message has reached its function")
        eventually(lambda: len(emulator.events) >= 3, "the end has reached its function")
    names = [name for name, _ in emulator.events]
    assert names == ["deployed-WebsocketConnect", "deployed-WebsocketMessage", "deployed-WebsocketDisconnect"]
    assert emulator.events[0][1]["queryStringParameters"] == {"ticket": "one"}
    assert emulator.events[1][1]["body"] == '{"action": "ping"}'
    assert len({event["requestContext"]["connectionId"] for _, event in emulator.events}) == 1


def test_what_the_function_refuses_is_refused(emulator: Emulator) -> None:
    emulator.status = 401
    with serve_sockets(f"http://127.0.0.1:{emulator.server_port}", make_key(), ("127.0.0.1", 0)) as gateway:
        gateway.wait_until_ready()
        with pytest.raises(InvalidStatus, match="401"):
            connect(gateway.address.replace("http", "ws") + "/ws", proxy=None)
