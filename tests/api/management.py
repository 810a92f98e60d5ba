"""The management API of a WebSocket API, as far as functions use it: keeps what is sent to which connection."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Generator


class Management(ThreadingHTTPServer):
    """What was sent, by connection; `gone` are connections that it does not know, `closed` those it was told to end."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.sent: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.gone: set[str] = set()
        self.closed: list[str] = []

    @property
    def address(self) -> str:
        """Where boto3 finds it."""
        return f"http://127.0.0.1:{self.server_port}/ws"


class _Request(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self._known().sent[self._connection()].append(json.loads(body))
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._known().closed.append(self._connection())
        self._answer()

    def _known(self) -> Management:
        return cast("Management", self.server)

    def _connection(self) -> str:
        return unquote(self.path).rpartition("/")[2]

    def _answer(self) -> None:
        gone = self._connection() in self._known().gone
        self.send_response(410 if gone else 200)
        if gone:
            self.send_header("x-amzn-errortype", "GoneException")
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def running_management() -> Generator[Management]:
    """Serve until the end of the block."""
    server = Management()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
