"""`./dev demo`: everything on this machine, served until Ctrl-C."""

from __future__ import annotations

import argparse
import os
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from demo.image_files import keep_images
from demo.seed import seed
from demo.tenants import all_tenants
from local.environment import DEFAULT_PATH, open_environment, with_replica
from local.errors import CommandError
from local.gateway.serve import check_port
from local.postgres.standby import wait_until_streaming
from local.serve import serve_everything
from tools.command_line import HOST, interrupt_once, port_number, positive_number
from tools.people import OPERATOR, add_demo_people
from tools.seals import seal_all
from tools.web_build import DIST, built_beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.environment import Environment
    from local.serve import Runtime


def main(arguments: list[str]) -> int:
    """Start, say so, serve until told to stop, and leave nothing running."""
    options = _parser().parse_args(arguments)
    interrupt_once()
    if options.replica and os.environ.get("DATABASE_URL"):
        message = (
            "--replica copies the embedded database, but DATABASE_URL names a server of its own. Unset one of the two."
        )
        raise CommandError(message)
    check_port(HOST, options.port)
    try:
        with built_beside() as web_is_built, open_environment(options.data_dir, fresh=options.fresh) as environment:
            _say(f"PostgreSQL {environment.cluster.major}, data in {environment.directory.path}")
            if environment.directory.closed:
                _say(f"Closed to other users of this machine: {environment.directory.closed} files and folders")
            for name in environment.applied:
                _say(f"Migrated: {name}")
            _say(str(seed(environment.cluster.owner_dsn())))
            keep_images(environment.directory.path / "objects")
            tenants = [tenant.slug for tenant in all_tenants(datetime.now(UTC).date())]
            add_demo_people(environment.cluster.owner_dsn(), tenants, environment.directory.secrets.demo_password)
            _say(f"Events sealed: {seal_all(environment.cluster.jobs_dsn())}")
            with ExitStack() as running:
                if options.replica:
                    _say("Copying the database for a replica …")
                    environment = running.enter_context(with_replica(environment))
                served = serve_everything(environment, HOST, options.port, options.workers, DIST)
                runtime = running.enter_context(served)
                web_is_built()
                _say(_describe(runtime, environment, tenants))
                try:
                    runtime.watch(_say)
                except KeyboardInterrupt:
                    _say("Stopping …")  # requests that are under way end first
                    raise
    except KeyboardInterrupt:
        _say("Stopped.")
    return 0


def _describe(runtime: Runtime, environment: Environment, tenants: Sequence[str]) -> str:
    """Say where everything is and who can sign in."""
    address, replica = runtime.address, ""
    if environment.replica is not None and environment.replica.server is not None:
        state = wait_until_streaming(environment.cluster, environment.replica)
        replica = f"  replica       {HOST}:{environment.replica.server.port}, {state}; it answers what is only read\n"
    return (
        f"Berth is ready at {address}\n"
        f"  sites         {address}/t/{tenants[0]}\n"
        f"  work here     {address}/admin\n"
        f"  API           {address}/api/v1\n"
        f"  reference     {address}/api/v1/docs\n"
        f"  metrics       {runtime.metrics}\n"
        f"{replica}"
        f"  access log    {runtime.access_log}\n"
        f"  emails        {runtime.emails} (what would be sent)\n"
        "  sign in       {owner,manager,agent,viewer,host}@TENANT.example, "
        f"such as owner@{tenants[0]}.example,\n"
        f"                or {OPERATOR} (the platform's); all with the password "
        f"{environment.directory.secrets.demo_password}\n"
        f"  tenants       {', '.join(tenants)}\n"
        f"Try: curl {address}/api/v1/tenants/pine-cabins/resources\n"
        "Ctrl-C stops it; the data stays for the next start."
    )


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
    parser.add_argument(
        "--replica", action="store_true", help="let a streaming replica of the database answer what is only read"
    )
    parser.add_argument("--fresh", action="store_true", help="throw away what the data directory holds, and start over")
    return parser
