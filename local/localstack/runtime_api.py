"""Lambda's Runtime API, through which a function's process asks for work and reports what came of it.

Source: "Using the Lambda runtime API for custom runtimes" in the Lambda developer guide (API version 2018-06-01).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = "/2018-06-01/runtime/"
OUTCOMES = frozenset({"response", "error"})


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a function is to do; `deadline_ms` is in milliseconds since 1970."""

    request_id: str
    function_arn: str
    payload: bytes
    deadline_ms: int
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a function's process said of an invocation: `response` or `error`; or `init/error`, of its start.

    `ready` is no request of its own: the process has asked for its first invocation. `exit` is said by who watches it.
    """

    kind: str
    payload: bytes = b""


class RuntimeApi(ThreadingHTTPServer):
    """The Runtime API of one process, on a port of loopback that the system gives."""

    daemon_threads = True
    block_on_close = False  # a process that waits for work keeps its thread until its connection ends

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Endpoints)
        self.reports: SimpleQueue[Report] = SimpleQueue()
        self.invocations: SimpleQueue[Invocation | None] = SimpleQueue()
        """None lets the process that waits for work go."""
        self.was_asked = Event()
        self.present = ""
        """The id of the invocation that was handed out last; only of that may be reported."""
        Thread(target=self.serve_forever, args=[0.05], name="runtime-api", daemon=True).start()

    @property
    def address(self) -> str:
        """Host and port, as AWS_LAMBDA_RUNTIME_API has them."""
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a process that was ended breaks its connection off."""

    def close(self) -> None:
        """Let the process go and listen no more."""
        self.invocations.put(None)
        self.shutdown()
        self.server_close()


class _Endpoints(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The head and the body of an answer leave together: apart, the second waits for the first to be acknowledged.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer `invocation/next` as soon as there is one."""
        if self.path != f"{VERSION}invocation/next":
            self._answer(404, b"{}")
            return
        api = cast("RuntimeApi", self.server)
        if not api.was_asked.is_set():
            api.was_asked.set()
            api.reports.put(Report("ready"))
        invocation = api.invocations.get()
        if invocation is None:
            self.close_connection = True
            return
        api.present = invocation.request_id
        self._answer(
            200,
            invocation.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                "Lambda-Runtime-Trace-Id": invocation.trace_id,
            },
        )

    def do_POST(self) -> None:
        """Take `invocation/{id}/response`, `invocation/{id}/error` and `init/error`."""
        api = cast("RuntimeApi", self.server)
        body = self._body()
        match self.path.removeprefix(VERSION).split("/"):
            case ["init", "error"]:
                report = Report("init/error", body)
            case ["invocation", request_id, kind] if kind in OUTCOMES and request_id == api.present:
                report = Report(kind, body)
            case _:
                error = {"errorType": "InvalidRequestID", "errorMessage": "There is no such invocation."}
                self._answer(400, json.dumps(error).encode())
                return
        self._answer(202, b'{"status":"OK"}')
        api.reports.put(report)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        chunks: list[bytes] = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
