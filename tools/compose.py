"""`./dev compose PART`: what the containers of localstack-compose.yml run, beside Postgres and LocalStack.

deploy    migrate, deploy and seed, then end
sockets   serve WebSockets in front of the functions that are deployed, until told to stop
"""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path

from local.environment import open_environment
from local.errors import CommandError
from local.localstack.emulator import answers
from local.localstack.installation import install_runtime
from local.private_files import write_file
from tools.command_line import interrupt_once, port_number
from tools.lambda_package import LAMBDA_PYTHON
from tools.localstack import deploy_all, described, fill, make_key, packaged, serve_sockets, socket_parameters

WATCH_SECONDS = 1.0
LOOK_SECONDS = 0.5
START_SECONDS = 120.0
KEY = "sockets.key"
INSTALLED = "berth-installed"
say = partial(print, flush=True)


def main(arguments: list[str]) -> int:
    """Run one part."""
    options = _parser().parse_args(arguments)
    interrupt_once()
    try:
        options.run(options)
    except KeyboardInterrupt:
        say("Stopped.")
    return 0


def deploy(options: argparse.Namespace) -> None:
    """Migrate DATABASE_URL's database, deploy to LocalStack, and say where it answers. Raises `CommandError`."""
    _wait_for(options.emulator)
    installed = options.runtime / INSTALLED
    if not installed.exists():  # written last, so that half an installation is made again
        install_runtime(options.runtime, options.python)
        installed.touch()
    package = packaged(options.python, say)
    with open_environment(options.data_dir) as environment:
        fill(environment, say)
        key = make_key()
        write_file(environment.directory.path / KEY, key.encode())
        told = socket_parameters(options.sockets, options.sockets_public, key)
        deploy_all(environment, (options.emulator, options.public), package, told, say)
        say(described(options.public, environment.directory.secrets.demo_password))


def sockets(options: argparse.Namespace) -> None:
    """Serve until a signal. Raises `CommandError`."""
    key = (options.data_dir / KEY).read_text(encoding="utf-8")
    with serve_sockets(options.emulator, key, (options.host, options.port)) as gateway:
        gateway.wait_until_ready()
        say(f"WebSockets at {gateway.address}/ws")
        while True:
            time.sleep(WATCH_SECONDS)
            gateway.check()


def _wait_for(address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while not answers(address):
        if time.monotonic() > until:
            message = f"LocalStack does not answer at {address}. Look at the log of its container."
            raise CommandError(message)
        time.sleep(LOOK_SECONDS)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev compose", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    both = argparse.ArgumentParser(add_help=False)
    both.add_argument("--emulator", required=True, help="where LocalStack answers, as http://localstack:4566")
    both.add_argument("--data-dir", type=Path, required=True, help="the demo's password and the key of the sockets")
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")

    part = parts.add_parser("deploy", parents=[both], help="migrate, deploy and seed, then end")
    part.add_argument("--sockets", required=True, help="where the functions reach the sockets")
    part.add_argument("--sockets-public", required=True, help="where clients do")
    part.add_argument(
        "--runtime", type=Path, required=True, help="the folder in which LocalStack's executor finds awslambdaric"
    )
    part.add_argument("--public", default="http://127.0.0.1:4566", help="where clients reach LocalStack")
    part.add_argument("--python", default=LAMBDA_PYTHON, help=f"that of LocalStack's image ({LAMBDA_PYTHON})")
    part.set_defaults(run=deploy)

    part = parts.add_parser("sockets", parents=[both], help="serve WebSockets until told to stop")
    part.add_argument("--host", default="127.0.0.1", help="where to listen")
    part.add_argument("--port", type=port_number, default=4510, help="where to listen (4510)")
    part.set_defaults(run=sockets)
    return parser
