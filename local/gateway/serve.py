"""Starts, watches and stops the gateway's worker processes.

    with serve("127.0.0.1", 8000, workers=2, environment={...}) as gateway:
        gateway.wait_until_ready()
        httpx.get(f"{gateway.address}/api/v1/health")

The listening socket is opened here and inherited by every worker, so the port is never closed while one is replaced.
"""

from __future__ import annotations

import errno
import logging
import math
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from local.errors import CommandError
from local.gateway.settings import READY, WorkerSettings
from local.supervision import Restarts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.gateway.settings import SocketSettings

ROOT = Path(__file__).resolve().parents[2]

logger = logging.getLogger("berth.gateway")


class PortTakenError(CommandError):
    """Another program listens on the port."""


class GatewayStartError(CommandError):
    """The gateway cannot start; the text says why."""


@dataclass(frozen=True, slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    channel: socket.socket
    name: str


def serve(
    host: str,
    port: int,
    workers: int,
    environment: Mapping[str, str],
    *,
    threads: int = 16,
    queue_limit: int = 1024,
    deadline: timedelta = timedelta(seconds=29),
    stuck_after: timedelta = timedelta(seconds=5),
    stop_within: timedelta = timedelta(seconds=10),
    access_log: Path | None = None,
    project: Path = ROOT,
    images: Path | None = None,
    web: Path | None = None,
    sockets: SocketSettings | None = None,
) -> Gateway:
    """Start the gateway and return at once; `Gateway.wait_until_ready` waits for it.

    `port` 0 lets the system choose one. `environment` is all that the functions see, as on Lambda, with BERTH_POOL_SIZE
    added: a worker's functions may open as many database connections as it has threads. So are `Gateway.variables`,
    unless it says so itself. `threads` and `queue_limit` are totals over all workers. `deadline` bounds each step of a
    request: its head and its body must arrive within it (408) and its function must answer within it (504). A worker
    whose function still runs `stuck_after` its deadline is replaced, as nothing else ends it. At a stop, and then,
    requests in flight get `stop_within` to finish. `access_log` None is standard error; `project` is the directory of
    app.py; `images` is where images are kept, `web` where the pages are built. `sockets` None is a gateway without
    WebSockets; with them, the app's handlers are served at `/ws`.
    Raises `PortTakenError`, `GatewayStartError`.
    """
    listener = _listen(host, port)
    threads_each = math.ceil(threads / workers)
    socket_threads = math.ceil(sockets.threads / workers) if sockets else 0
    settings = WorkerSettings(
        listener=listener.fileno(),
        parent=-1,
        project=str(project),
        threads=threads_each,
        queue_limit=math.ceil(queue_limit / workers),
        deadline_seconds=deadline.total_seconds(),
        stuck_seconds=stuck_after.total_seconds(),
        stop_seconds=stop_within.total_seconds(),
        access_log=str(access_log) if access_log else "",
        images=str(images) if images else "",
        web=str(web) if web else "",
        meeting=tempfile.mkdtemp(prefix="berth-gateway-") if sockets else "",
        socket_threads=socket_threads,
        sockets=sockets,
    )
    page = {"BERTH_PAGE": str(web / "public.html")} if web else {}
    functions = {"TZ": "UTC", **page, **environment, "BERTH_POOL_SIZE": str(threads_each + socket_threads)}
    return Gateway(listener, settings, functions, workers)


class Gateway:
    """A running gateway: a context manager, or call `stop`. If this process dies, the workers stop by themselves."""

    def __init__(
        self, listener: socket.socket, settings: WorkerSettings, environment: Mapping[str, str], workers: int
    ) -> None:
        host, port = listener.getsockname()[:2]
        self.address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._listener = listener
        self._settings = settings
        self._environment = self.variables | dict(environment)
        self._settings = replace(settings, public_url=self._environment["BERTH_PUBLIC_URL"])
        self._running: dict[int, _Worker] = {}
        self._ready: set[int] = set()
        self._failure: str | None = None
        self._started = False
        self._stopping = False
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._supervise, args=(slot,), name=f"gateway-worker-{slot}", daemon=True)
            for slot in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def variables(self) -> dict[str, str]:
        """What leads clients here, and functions, also those that run elsewhere, to the connections."""
        variables = {"BERTH_PUBLIC_URL": self.address}
        sockets = self._settings.sockets
        if sockets is None:
            return variables
        return variables | {
            "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": f"{self.address}/ws",
            "BERTH_CONNECTIONS_KEY": f"{sockets.access_key}:{sockets.secret_key}",
            "BERTH_WEBSOCKET_URL": f"{self.address.replace('http', 'ws', 1)}/ws",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The present worker processes."""
        with self._changed:
            return tuple(worker.process.pid for worker in self._running.values())

    def wait_until_ready(self, timeout: timedelta = timedelta(seconds=30)) -> None:
        """Return when every worker accepts connections. Raises `GatewayStartError`; then everything is stopped."""
        with self._changed:
            self._changed.wait_for(self._all_ready_or_failed, timeout.total_seconds())
            ready, failure = self._all_ready(), self._failure
            self._started = self._started or ready
        if not ready:
            self.stop()
            seconds = timeout.total_seconds()
            raise GatewayStartError(failure or f"The gateway's workers were not ready within {seconds:g} seconds.")

    def check(self) -> None:
        """Raise `GatewayStartError` when a worker cannot be replaced any more."""
        with self._changed:
            failure = self._failure
        if failure is not None:
            raise GatewayStartError(failure)

    def stop(self) -> None:
        """Take no new connections, let requests in flight finish within `stop_within`, end the workers. Repeatable."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            self._listener.close()
            for worker in self._running.values():
                worker.process.send_signal(signal.SIGTERM)
        # A worker bounds its own stop; the second on top is for its way out.
        ends_at = time.monotonic() + math.ceil(self._settings.stop_seconds) + 1
        for thread in self._threads:
            thread.join(max(0.0, ends_at - time.monotonic()))
        with self._changed:
            for worker in self._running.values():
                worker.process.kill()
        for thread in self._threads:
            thread.join()
        if self._settings.meeting:
            shutil.rmtree(self._settings.meeting, ignore_errors=True)

    def _supervise(self, slot: int) -> None:
        """Keep one worker alive until the gateway stops."""
        restarts = Restarts()
        while (worker := self._start(slot)) is not None:
            report = _report(worker.channel)
            with self._changed:
                if report == READY:
                    restarts = Restarts()  # it has served: what ended it is not that it cannot start
                    self._ready.add(slot)
                elif not self._started and not self._stopping:
                    self._failure = self._failure or _start_failure(report)
                self._changed.notify_all()
            status = worker.process.wait()
            worker.channel.close()
            if self._settings.meeting:  # a worker that was killed leaves its socket behind
                Path(self._settings.meeting, worker.name).unlink(missing_ok=True)
            with self._changed:
                self._ready.discard(slot)
                del self._running[slot]
                if self._stopping or self._failure is not None:
                    return
                pause = restarts.ended()
                if pause is None:
                    self._failure = f"The gateway's workers keep ending. {_start_failure(report)}"
                    return
                logger.warning("Gateway worker %d ended with status %d; starting another.", worker.process.pid, status)
                self._changed.wait_for(lambda: self._stopping, pause)

    def _start(self, slot: int) -> _Worker | None:
        ours, theirs = socket.socketpair()
        settings = replace(self._settings, parent=theirs.fileno(), name=secrets.token_hex(3))
        with self._changed, theirs:
            if self._stopping:
                ours.close()
                return None
            process = subprocess.Popen(
                [sys.executable, "-m", "local.gateway.worker", str(settings.parent)],
                cwd=ROOT,
                env=self._environment,
                pass_fds=(settings.listener, settings.parent),
                stdin=subprocess.DEVNULL,
                # Ctrl-C reaches the whole foreground group; only the starting process decides what it means.
                start_new_session=True,
            )
            with suppress(BrokenPipeError, ConnectionResetError):  # it has ended already, which is noticed below
                settings.send(ours)
            self._running[slot] = _Worker(process, ours, settings.name)
            return self._running[slot]

    def _all_ready(self) -> bool:
        return len(self._ready) == len(self._threads)

    def _all_ready_or_failed(self) -> bool:
        return self._all_ready() or self._failure is not None


def _report(channel: socket.socket) -> bytes:
    """The first line that a worker says; nothing where it ended first, maybe without having heard its settings."""
    with suppress(ConnectionResetError), channel.makefile("rb") as lines:
        return lines.readline()
    return b""


def _start_failure(report: bytes) -> str:
    if not report:
        return "A gateway worker ended before it could serve; its reason stands above."
    return f"The functions in app.py cannot be loaded: {report.decode(errors='replace').strip()}"


def check_port(host: str, port: int) -> None:
    """Notice before anything else is started that a port is taken. Raises `PortTakenError`, `GatewayStartError`."""
    if port:
        _listen(host, port).close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = (
                f"Port {port} on {host} is taken by another program. Stop that one, or choose another with --port."
            )
            raise PortTakenError(message) from None
        message = f"The gateway cannot listen on {host}, port {port}: {error.strerror}."
        raise GatewayStartError(message) from None
