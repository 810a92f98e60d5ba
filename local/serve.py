"""Everything of the runtime at once: what stands in for AWS, the gateway and the background, watched while they run."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from local.aws.queue import serve_queue
from local.aws.serve import BUCKET, serve_aws
from local.background import Background
from local.data_directory import announced
from local.environment import Environment
from local.gateway.serve import Gateway, serve
from local.gateway.settings import SocketSettings
from local.metrics import serve_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

WATCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Runtime:
    """What is served at `address`, like http://127.0.0.1:8000, its metrics, and where it leaves what it writes down."""

    address: str
    metrics: str
    access_log: Path
    emails: Path
    _environment: Environment
    _gateway: Gateway
    _background: Background

    def watch(self, say: Callable[[str], None]) -> NoReturn:
        """Start again what ends, until a signal interrupts. Raises `CommandError` when something keeps ending."""
        while True:
            self._environment.keep_running(WATCH_SECONDS, say)
            self._gateway.check()
            self._background.check()


@contextmanager
def serve_everything(
    environment: Environment, host: str, port: int, workers: int, web: Path | None = None
) -> Generator[Runtime]:
    """Serve the API and run what is scheduled; whoever opens the data directory finds the address in it.

    `web` is the folder of the built pages; what is built there later is served from then on.
    """
    directory = environment.directory
    access_log = directory.path / "access.log"
    with (
        serve_aws(directory.path) as aws,
        serve_queue(aws) as queue,
        serve_metrics(environment.metrics_port()) as metrics,
        serve(
            host,
            port,
            workers,
            functions := environment.functions() | aws | queue | metrics.variables,
            access_log=access_log,
            images=directory.path / "objects" / BUCKET / "images",
            web=web,
            sockets=SocketSettings("gateway", secrets.token_hex(32)),
        ) as gateway,
        Background(functions | environment.jobs() | gateway.variables) as background,
    ):
        gateway.wait_until_ready()
        with announced(directory, gateway.address):
            emails = directory.path / "emails"
            yield Runtime(gateway.address, metrics.address, access_log, emails, environment, gateway, background)
