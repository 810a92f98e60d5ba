"""One execution environment of a Lambda function: a process that runs its handler, one invocation after the other.

    sandbox = Sandbox(FunctionCode(python, runtime, task, "app.app"), variables, timeout_seconds=29)
    sandbox.start()                      # raises InitError
    outcome = sandbox.invoke(request_id, function_arn, b"{}")
    sandbox.stop()

A process that ends or takes too long is replaced at the next invocation, as on Lambda.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import weakref
from dataclasses import dataclass
from fcntl import F_SETFL, fcntl
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING

from local.localstack.runtime_api import Invocation, Report, RuntimeApi

if TYPE_CHECKING:
    from collections.abc import Mapping

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
INIT_SECONDS = 60.0
"""On Lambda it is 10; a machine that starts eighteen functions at once takes longer than a container of its own."""
KEPT_LOG = 1024 * 1024
"""Bytes of a log that was passed on already, before its file is emptied."""


class InitError(Exception):
    """The handler cannot be loaded; `payload` is the error as Lambda has it, `log` what was printed meanwhile."""

    def __init__(self, payload: bytes, log: str) -> None:
        super().__init__(payload.decode(errors="replace"))
        self.payload = payload
        self.log = log


@dataclass(frozen=True, slots=True)
class FunctionCode:
    """What is run: `runtime` holds awslambdaric and what it needs, `task` the unpacked package."""

    python: str
    runtime: Path
    task: Path
    handler: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an invocation came to; `log` is what was printed, within the lines that Lambda puts around it."""

    payload: bytes
    is_error: bool
    log: str


class Sandbox:
    """An execution environment. One thread invokes; any thread may stop."""

    def __init__(
        self, code: FunctionCode, variables: Mapping[str, str], *, timeout_seconds: float, memory_mb: int = 128
    ) -> None:
        """`memory_mb` stands in the log; nothing keeps a function within it."""
        self._code = code
        self._variables = dict(variables)
        self._timeout_seconds = timeout_seconds
        self._memory_mb = memory_mb
        self._log = _Log()
        self._process: _Process | None = None
        self._changing = threading.Lock()
        self._stopped = False
        self._init_ms: float | None = None

    @property
    def process_id(self) -> int | None:
        """Of the present process."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process and wait until its handler is loaded. Raises `InitError`."""
        began = time.monotonic()
        with self._changing:
            if self._stopped:
                raise InitError(_error("Sandbox.Stopped", "The environment was stopped."), "")
            self._process = process = _Process(self._code, self._variables, self._log)
        report = process.next_report(INIT_SECONDS)
        if report is None:
            report = Report("init/error", _error("Sandbox.Timedout", f"The start took over {INIT_SECONDS:g} seconds."))
        if report.kind != "ready":
            self._process = None
            process.end()
            raise InitError(report.payload, self._log.since_last_time())
        self._init_ms = _milliseconds_since(began)

    def invoke(self, request_id: str, function_arn: str, payload: bytes, trace_id: str = "") -> Outcome:
        """Run the handler once; what goes wrong is an outcome, too. Raises `InitError` where it has to start again."""
        if self._process is not None and self._process.has_ended:  # while nothing was asked of it
            self._process.end()
            self._process = None
        if self._process is None:
            self.start()
        process = self._process
        if process is None:  # stopped meanwhile
            return Outcome(_error("Sandbox.Stopped", "The environment was stopped."), is_error=True, log="")
        before = self._log.since_last_time()
        began = time.monotonic()
        deadline_ms = int((time.time() + self._timeout_seconds) * 1000)
        process.hand_out(Invocation(request_id, function_arn, payload, deadline_ms, trace_id))
        report = process.next_report(self._timeout_seconds)
        took_ms, peak_mb = _milliseconds_since(began), process.peak_mb()
        if report is None:
            said = f"Task timed out after {self._timeout_seconds:.2f} seconds"
            report = Report("exit", _error("Sandbox.Timedout", said))
        failure = ""
        if report.kind == "exit":
            self._process = None
            process.end()
            error = json.loads(report.payload)
            error["errorMessage"] = f"RequestId: {request_id} Error: {error['errorMessage']}"
            report = Report("exit", json.dumps(error).encode())
            failure = f"{error['errorMessage']}\n"
        lines = f"{before}START RequestId: {request_id} Version: $LATEST\n{self._log.since_last_time()}{failure}"
        lines += f"END RequestId: {request_id}\n{self._report_line(request_id, took_ms, peak_mb)}"
        return Outcome(report.payload, report.kind != "response", lines)

    def stop(self) -> None:
        """End the process, whatever it does. Repeatable."""
        with self._changing:
            self._stopped = True
            process, self._process = self._process, None
        if process is not None:
            process.end()

    def _report_line(self, request_id: str, took_ms: float, peak_mb: int) -> str:
        fields = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {took_ms:.2f} ms",
            f"Billed Duration: {int(took_ms) + 1} ms",
            f"Memory Size: {self._memory_mb} MB",
            f"Max Memory Used: {peak_mb} MB",
        ]
        if self._init_ms is not None:  # of the first invocation alone
            fields.append(f"Init Duration: {self._init_ms:.2f} ms")
            self._init_ms = None
        return "\t".join(fields) + "\n"


class _Process:
    """One process and its Runtime API."""

    def __init__(self, code: FunctionCode, variables: Mapping[str, str], log: _Log) -> None:
        self._api = RuntimeApi()
        theirs, self._ours = os.pipe()
        try:
            self._process = subprocess.Popen(
                # -S and -s: no packages but those of the runtime and the function; -P: and not the bootstrap's folder.
                [code.python, "-S", "-s", "-P", str(BOOTSTRAP), str(theirs), code.handler],
                cwd=code.task,
                env={
                    "PATH": os.environ.get("PATH", os.defpath),
                    "HOME": tempfile.gettempdir(),
                    "LANG": "en_US.UTF-8",
                    **variables,
                    "LAMBDA_TASK_ROOT": str(code.task),
                    "AWS_LAMBDA_RUNTIME_API": self._api.address,
                    "PYTHONPATH": os.pathsep.join([str(code.task), str(code.runtime)]),
                    "PYTHONDONTWRITEBYTECODE": "1",  # its folder is for all, and cannot be written on Lambda
                    "PYTHONUNBUFFERED": "1",
                },
                stdin=subprocess.DEVNULL,
                stdout=log.descriptor,
                stderr=log.descriptor,
                pass_fds=[theirs],
            )
        except OSError:
            os.close(self._ours)
            self._api.close()
            raise
        finally:
            os.close(theirs)
        self._ended = threading.Lock()
        threading.Thread(target=self._watch, name="function-watch", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Ask the system: while `_watch` waits, `poll` does not, and `_watch` is a moment late."""
        try:
            ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # `_watch` has taken note of it
            return True
        return ended is not None

    def hand_out(self, invocation: Invocation) -> None:
        self._api.invocations.put(invocation)

    def next_report(self, seconds: float) -> Report | None:
        """What is reported next; None when time is up."""
        try:
            return self._api.reports.get(timeout=seconds)
        except Empty:
            return None

    def peak_mb(self) -> int:
        """The most memory that the process has had, in MiB; 0 where the system does not say."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        except OSError:
            return 0
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024 if "VmHWM:" in status else 0

    def end(self) -> None:
        """Kill the process and close its Runtime API. Repeatable."""
        with self._ended:
            if self._ours < 0:
                return
            self._process.kill()
            self._process.wait()
            os.close(self._ours)
            self._ours = -1
        self._api.close()

    def _watch(self) -> None:
        status = self._process.wait()
        said = f"signal: {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        self._api.reports.put(Report("exit", _error("Runtime.ExitError", f"Runtime exited with error: {said}")))


class _Log:
    """A file without a name that processes append to."""

    def __init__(self) -> None:
        self.descriptor, name = tempfile.mkstemp()
        Path(name).unlink()
        fcntl(self.descriptor, F_SETFL, os.O_APPEND)
        # Anyone who still reads holds it: it is closed with the last one.
        weakref.finalize(self, os.close, self.descriptor)
        self._passed_on = 0

    def since_last_time(self) -> str:
        """What has been printed since this was asked last."""
        printed = os.pread(self.descriptor, os.fstat(self.descriptor).st_size - self._passed_on, self._passed_on)
        self._passed_on += len(printed)
        if self._passed_on > KEPT_LOG:
            os.truncate(self.descriptor, 0)
            self._passed_on = 0
        return printed.decode(errors="replace")


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def _milliseconds_since(instant: float) -> float:
    return (time.monotonic() - instant) * 1000
