"""`./dev demo`: everything on this machine, served until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from local.audit import seal_all
from local.aws.queue import serve_queue
from local.aws.serve import BUCKET, serve_aws
from local.background import Background
from local.command_line import HOST, interrupt_once, port_number, positive_number
from local.data_directory import announced
from local.demo_data.pictures import keep_pictures
from local.demo_data.seed import seed
from local.demo_data.tenants import all_tenants
from local.environment import DEFAULT_PATH, Environment, open_environment
from local.gateway.serve import check_port, serve
from local.gateway.settings import SocketSettings
from local.people import OPERATOR, add_demo_people

if TYPE_CHECKING:
    from collections.abc import Sequence

WATCH_SECONDS = 1.0


def main(arguments: list[str]) -> int:
    """Start, say so, serve until told to stop, and leave nothing running."""
    options = _parser().parse_args(arguments)
    interrupt_once()
    check_port(HOST, options.port)
    try:
        with open_environment(options.data_dir, fresh=options.fresh) as environment:
            _say(f"PostgreSQL {environment.cluster.major}, data in {environment.directory.path}")
            if environment.directory.closed:
                _say(f"Closed to other users of this machine: {environment.directory.closed} files and folders")
            for name in environment.applied:
                _say(f"Migrated: {name}")
            _say(str(seed(environment.cluster.owner_dsn())))
            keep_pictures(environment.directory.path / "objects")
            tenants = [tenant.slug for tenant in all_tenants(datetime.now(UTC).date())]
            add_demo_people(environment.cluster.owner_dsn(), tenants, environment.directory.secrets.demo_password)
            _say(f"Events sealed: {seal_all(environment.cluster.jobs_dsn())}")
            _serve(environment, options.port, options.workers, tenants)
    except KeyboardInterrupt:
        _say("Stopped.")
    return 0


def _serve(environment: Environment, port: int, workers: int, tenants: Sequence[str]) -> NoReturn:
    """Serve until a signal interrupts, or something that it needs keeps ending. Raises `CommandError` then."""
    access_log = environment.directory.path / "access.log"
    password = environment.directory.secrets.demo_password
    letters = environment.directory.path / "letters"
    with (
        serve_aws(environment.directory.path) as aws,
        serve_queue(aws) as queue,
        serve(
            HOST,
            port,
            workers,
            functions := environment.functions() | aws | queue,
            access_log=access_log,
            images=environment.directory.path / "objects" / BUCKET / "images",
            sockets=SocketSettings("gateway", secrets.token_hex(32)),
        ) as gateway,
        Background(functions | environment.jobs() | gateway.variables) as background,
    ):
        gateway.wait_until_ready()
        address = gateway.address
        with announced(environment.directory, address):
            _say(
                f"Berth is ready at {address}\n"
                f"  API           {address}/api/v1\n"
                f"  reference     {address}/api/v1/docs\n"
                f"  access log    {access_log}\n"
                f"  letters       {letters} (what would be sent by e-mail)\n"
                "  sign in       {owner,manager,agent,viewer,host}@TENANT.example, "
                f"such as owner@{tenants[0]}.example,\n"
                f"                or {OPERATOR} (the platform's); all with the password {password}\n"
                f"  tenants       {', '.join(tenants)}\n"
                f"Try: curl {address}/api/v1/tenants/pine-cabins/resources\n"
                "Ctrl-C stops it; the data stays for the next start."
            )
            while True:
                environment.cluster.keep_running(WATCH_SECONDS, _say)
                gateway.check()
                background.check()


def _say(text: str) -> None:
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(prog="./dev demo", description="Start everything on this machine and serve.")
    parser.add_argument(
        "--port", type=port_number, default=8000, help=f"where to listen on {HOST} (8000; 0: any free port)"
    )
    parser.add_argument("--workers", type=positive_number, default=cores, help=f"processes (one per core: {cores})")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help="where everything is kept (.local)")
    parser.add_argument("--fresh", action="store_true", help="throw away what the data directory holds, and start anew")
    return parser
