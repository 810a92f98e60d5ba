"""One worker process of the gateway: `python -m local.gateway.worker <descriptor>`; started by serve.py only."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import logging
import math
import os
import resource
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import uvicorn

from local.gateway.access_log import AccessLog
from local.gateway.asgi import GatewayApplication
from local.gateway.connections import Connections, websocket_functions
from local.gateway.page_requests import PageRequests
from local.gateway.peers import Peers
from local.gateway.pool import FunctionPool
from local.gateway.protocol import BoundedHttpProtocol
from local.gateway.routes import Routes
from local.gateway.settings import READY, WorkerSettings
from local.gateway.site import PublicSite
from local.gateway.web_files import WebFiles
from local.metrics import report_if_wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalice.app import Chalice

    from local.gateway.management import Management

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 75
"""Longer than clients keep idle connections, so that they close first and no request meets a closing socket."""


class _Server(uvicorn.Server):
    """Tells the starting process when the worker accepts connections, and is there for the other workers meanwhile."""

    def __init__(self, config: uvicorn.Config, parent: socket.socket, peers: Peers | None) -> None:
        super().__init__(config)
        self._parent = parent
        self._peers = peers

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._peers is not None:
            await self._peers.start()
        await super().startup(sockets)
        self._parent.sendall(READY)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self._peers is not None:
            self._peers.stop()


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM, or until the process that started this one is gone."""
    parent = socket.socket(fileno=int(arguments[0]))
    settings = WorkerSettings.received(parent)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # its warnings are clients' mistakes
    listener = socket.socket(fileno=settings.listener)
    threading.Thread(target=_watch, args=(parent, settings), name="parent-watch", daemon=True).start()
    try:
        application = build(settings, _end)
        report_if_wanted()
    except Exception as error:  # anything at all may be wrong with the functions' module
        traceback.print_exc()
        parent.sendall(f"{type(error).__name__}: {error}".replace("\n", " ").encode() + b"\n")
        return 1
    # What is loaded now stays: keep it out of every later garbage collection.
    gc.collect()
    gc.freeze()
    management = application.management
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http=type(
            "WorkerProtocol",
            (BoundedHttpProtocol,),
            {"head_seconds": settings.deadline_seconds, "sockets": management and management.peers.connections},
        ),
        ws="none",  # protocol.py takes handshakes itself
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds),
    )
    _Server(config, parent, management and management.peers).run(sockets=[listener])
    return 0


def build(settings: WorkerSettings, on_stuck: Callable[[str], None]) -> GatewayApplication:
    """Import the functions and put the gateway in front of them; `on_stuck` is `FunctionPool`'s."""
    app = load_app(Path(settings.project))
    access_log = AccessLog(Path(settings.access_log) if settings.access_log else None)
    tenant_threads, tenant_limit = settings.tenant_share
    return GatewayApplication(
        app,
        Routes(app.routes),
        FunctionPool(
            app,
            threads=settings.threads,
            queue_limit=settings.queue_limit,
            tenant_threads=tenant_threads,
            tenant_limit=tenant_limit,
            deadline_seconds=settings.deadline_seconds,
            stuck_seconds=settings.stuck_seconds,
            on_stuck=on_stuck,
        ),
        PublicSite(
            Path(settings.images) if settings.images else None, WebFiles(Path(settings.web)) if settings.web else None
        ),
        PageRequests(urlsplit(settings.public_url).hostname or ""),
        access_log,
        body_seconds=settings.deadline_seconds,
        management=_build_management(app, settings, access_log, on_stuck),
    )


def _build_management(
    app: Chalice, settings: WorkerSettings, access_log: AccessLog, on_stuck: Callable[[str], None]
) -> Management | None:
    """Make what WebSockets need; None where they are not wanted or the app has no handlers for them."""
    functions = websocket_functions(app)
    if settings.sockets is None or not functions:
        return None
    from local.gateway.management import Management  # of botocore, which HTTP alone does not need

    _allow_open_files()
    connections = Connections(
        functions,
        settings.sockets,
        settings.name,
        threads=settings.socket_threads,
        deadline_seconds=settings.deadline_seconds,
        stuck_seconds=settings.stuck_seconds,
        on_stuck=on_stuck,
        access_log=access_log,
    )
    return Management(settings.sockets, Peers(Path(settings.meeting), settings.name, connections))


def _allow_open_files() -> None:
    """Raise the soft limit, which is often 1,024, as far as this user may: each connection is an open file."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def load_app(project: Path) -> Chalice:
    """Import `app` of the project's app.py, as Lambda does.

    The import path stays as it is where it leads there already: coverage answers each change of it by taking modules
    back that were imported since, in whichever thread, so that another thread's import fails half done.
    """
    if str(project) not in sys.path:
        sys.path.insert(0, str(project))
    return importlib.import_module("app").app


def _end(request_id: str) -> None:
    """Let the other requests finish and go: the one that started this process starts another."""
    logger.error(
        "Request %s: its function runs on after its deadline. This worker ends, and the function with it; "
        "another takes its place.",
        request_id,
    )
    os.kill(os.getpid(), signal.SIGTERM)


def _leave(_number: int, _frame: object) -> None:
    """Before uvicorn takes over the signals, and again when it hands them back after a graceful stop."""
    sys.exit(0)


def _watch(parent: socket.socket, settings: WorkerSettings) -> None:
    """End this process when the starting one is gone, however it went: its end of the socket closes with it."""
    while parent.recv(64):
        pass
    if settings.meeting:  # nobody else is left to remove it; the last worker finds it empty
        atexit.register(_remove_if_empty, Path(settings.meeting))
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(settings.stop_seconds + 1)
    os._exit(1)


def _remove_if_empty(directory: Path) -> None:
    with contextlib.suppress(OSError):
        directory.rmdir()


if __name__ == "__main__":
    status = main(sys.argv[1:])
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # already leaving
    sys.exit(status)
