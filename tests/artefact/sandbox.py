"""A Lambda sandbox on this machine: AWS's own runtime interface client runs the handler, a small Runtime API feeds it.

Source: "Using the Lambda runtime API for custom runtimes" in the Lambda developer guide (API version 2018-06-01).
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

API = "/2018-06-01/runtime/"
FUNCTION_SECONDS = 29
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Outcome:
    """What the runtime reported: `kind` is `response`, `error` (of one invocation) or `init/error`."""

    kind: str
    payload: Any


class RuntimeApi(ThreadingHTTPServer):
    """One function's Runtime API: hands out invocations and takes their outcomes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Endpoints)
        self.invocations: SimpleQueue[tuple[str, bytes] | None] = SimpleQueue()
        self.outcomes: SimpleQueue[tuple[str, Outcome]] = SimpleQueue()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Endpoints(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _api(self) -> RuntimeApi:
        assert isinstance(self.server, RuntimeApi)
        return self.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass

    def do_GET(self) -> None:
        """`invocation/next`: wait for work."""
        invocation = self._api.invocations.get()
        if invocation is None:
            self.close_connection = True
            return
        request_id, event = invocation
        self._send(
            200,
            event,
            {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": request_id,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + FUNCTION_SECONDS) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:berth",
            },
        )

    def do_POST(self) -> None:
        """`invocation/{id}/response`, `invocation/{id}/error` or `init/error`."""
        payload = json.loads(b"".join(self._chunks()) or b"null")
        parts = self.path.removeprefix(API).split("/")
        request_id, kind = ("", "init/error") if parts == ["init", "error"] else (parts[1], parts[2])
        self._api.outcomes.put((request_id, Outcome(kind, payload)))
        self._send(202, b'{"status":"OK"}', {"Content-Type": "application/json"})

    def _chunks(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            yield self.rfile.read(int(self.headers.get("Content-Length", "0")))
            return
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Sandbox:
    """One container: `task` is the unpacked package, `runtime` what /var/runtime holds on Lambda."""

    def __init__(self, task: Path, runtime: Path, handler: str, environment: Mapping[str, str]) -> None:
        self._api = RuntimeApi()
        self._serving = threading.Thread(target=self._api.serve_forever, daemon=True)
        self._serving.start()
        self._process = subprocess.Popen(
            # -S and -s: the environment that runs the tests must not lend its packages.
            [sys.executable, "-S", "-s", "-m", "awslambdaric", handler],
            cwd=task,
            env={
                **environment,
                "AWS_LAMBDA_RUNTIME_API": self._api.address,
                "LAMBDA_TASK_ROOT": str(task),
                "PYTHONPATH": f"{task}:{runtime}",
                "PYTHONDONTWRITEBYTECODE": "1",
                "TZ": ":UTC",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._log: list[bytes] = []
        self._said = threading.Condition()
        self._reading = threading.Thread(target=self._read_log, daemon=True)
        self._reading.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reading.join()
        self._api.invocations.put(None)
        self._api.shutdown()
        self._serving.join()
        self._api.server_close()

    @property
    def log(self) -> str:
        """Everything that the function has written so far."""
        return b"".join(self._log).decode(errors="replace")

    def has_said(self, text: str) -> bool:
        """Whether the function writes this, or has: what it reports comes another way, and may be here first."""
        with self._said:
            return self._said.wait_for(lambda: text in self.log, PATIENCE_SECONDS)

    def invoke(self, event: object) -> Outcome:
        """Run one invocation."""
        request_id = str(uuid.uuid4())
        self._api.invocations.put((request_id, json.dumps(event).encode()))
        answered, outcome = self._next_outcome()
        assert answered in {request_id, ""}
        return outcome

    def init_error(self) -> Outcome:
        """What the runtime reports when the handler cannot be loaded."""
        return self._next_outcome()[1]

    def _next_outcome(self) -> tuple[str, Outcome]:
        ends_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            ended = self._process.poll() is not None
            try:
                return self._api.outcomes.get(timeout=0.1)
            except Empty:
                assert not ended, f"the function's process ended:\n{self.log}"
                assert time.monotonic() < ends_at, f"the function does not answer:\n{self.log}"

    def _read_log(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as log:
            for line in log:
                with self._said:
                    self._log.append(line)
                    self._said.notify_all()


def install_runtime(target: Path) -> None:
    """Copy awslambdaric and what it needs, and nothing else, from the installed distributions."""
    for name in ("awslambdaric", *_needs("awslambdaric")):
        distribution = importlib.metadata.distribution(name)
        for file in distribution.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                destination = target / file
                destination.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), destination)


def _needs(name: str) -> Iterator[str]:
    for requirement in importlib.metadata.requires(name) or ():
        if "extra ==" not in requirement:
            yield re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
