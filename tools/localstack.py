"""`./dev localstack`: the package that Lambda gets, deployed on LocalStack without docker, with the demo's tenants.

LocalStack runs in host mode with an executor of ours (local/localstack), the database is the embedded one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from psycopg.conninfo import conninfo_to_dict

from demo.seed import seed
from demo.tenants import all_tenants
from local.data_directory import keep_passwords, read_data_directory
from local.environment import open_environment
from local.errors import CommandError
from local.folders import whole_folder
from local.gateway.serve import check_port, serve
from local.gateway.settings import SocketSettings
from local.localstack.emulator import REGION, Clients, answers, run_emulator
from local.localstack.installation import ROOT, TOOLS, install
from local.localstack.stack import (
    DeploymentError,
    Stack,
    check_functions,
    deploy,
    make_custom_resources,
    public_url,
    remove,
    secret,
)
from tools.cold_starts import HEAD, cold_starts
from tools.command_line import HOST, interrupt_once, port_number
from tools.lambda_package import LAMBDA_PYTHON, build_package, find_interpreter
from tools.people import OPERATOR, add_demo_people
from tools.seals import seal_all
from tools.smoke import Smoke
from tools.smoke_targets import OnLocalStack, OnThisMachine, Target

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from local.environment import Environment
    from local.gateway.serve import Gateway

STAGE = "localstack"
DEFAULT_PATH = Path(".local-localstack")
EDGE_PORT = 4566
MAIL_FROM = "berth@localhost"
OWNER_SECRET = "berth-owner"  # noqa: S105 - a name
SOCKETS = ROOT / "local" / "localstack" / "sockets"
PACKAGED = (
    "app.py",
    "chalicelib",
    ".chalice",
    "infra",
    "requirements.txt",
    "tools/lambda_package.py",
    "tools/infrastructure.py",
)
"""What the package is made of."""
WATCH_SECONDS = 1.0
STOPPING = "Ctrl-C stops it; the database stays for the next start, what is in LocalStack does not."
NO_SOCKETS = (
    "LocalStack's free edition has no WebSocket API: the embedded gateway stands in for it, and calls the deployed "
    "functions."
)


def main(arguments: list[str]) -> int:
    """Start everything, say so, and serve until told to stop."""
    options = _parser().parse_args(arguments)
    interrupt_once()
    if options.at:
        return _try_demo(options.at, options.data_dir)
    _check_port(options.port)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    try:
        with serve_localstack(options.data_dir, options.port, say, fresh=options.fresh) as deployed:
            if options.test:
                Smoke(Target(deployed.address, deployed.password, OnLocalStack(deployed.emulator)), say).run()
                print(HEAD, *cold_starts(deployed.stack), sep="\n", flush=True)
                say("Everything answers as it should. Stopping.")
                return 0
            print(
                described(deployed.emulator, deployed.password),
                f"What LocalStack says is in {deployed.log}.",
                STOPPING,
                sep="\n",
                flush=True,
            )
            deployed.watch()
    except KeyboardInterrupt:
        print("Stopped.", flush=True)
    return 0


def _try_demo(address: str, data: Path) -> int:
    """Take the steps of the test at the address of a running demo."""
    password = read_data_directory(data).secrets.demo_password
    Smoke(Target(address.rstrip("/"), password, OnThisMachine(data, address.rstrip("/"))), print).run()
    return 0


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is served: the API's address, and where LocalStack itself answers."""

    address: str
    emulator: str
    password: str
    log: Path
    stack: Stack
    _checks: tuple[Callable[[], None], ...]

    def watch(self) -> None:
        """Look that all of it runs, until a signal. Raises `CommandError` when something has ended."""
        while True:
            time.sleep(WATCH_SECONDS)
            for check in self._checks:
                check()


def described(emulator: str, password: str) -> str:
    """Say where everything is and who can sign in."""
    address = public_url(emulator)
    return (
        f"Berth is ready on LocalStack at {address}/api/v1\n"
        f"  LocalStack    {emulator} (clients: localstack_client.session, or --endpoint-url)\n"
        f"  emails        {emulator}/_aws/ses (by SES v1; there is no v2: its SendEmail goes there)\n"
        f"  sign in       owner@pine-cabins.example and the like, or {OPERATOR}; password {password}\n"
        f"{NO_SOCKETS}\n"
        f"Try: curl {address}/api/v1/tenants/pine-cabins/resources"
    )


@contextmanager
def serve_localstack(
    data_dir: Path, port: int, say: Callable[[str], None], *, fresh: bool = False
) -> Generator[Deployed]:
    """Run Postgres, LocalStack and the sockets, and deploy the package, until the end. Raises `CommandError`."""
    python = find_interpreter(LAMBDA_PYTHON) or sys.executable
    version = LAMBDA_PYTHON if python != sys.executable else f"{sys.version_info.major}.{sys.version_info.minor}"
    installation = install(python, version, say)
    package = packaged(version, say)
    with ExitStack() as running:
        environment = running.enter_context(open_environment(data_dir, fresh=fresh))
        say(f"PostgreSQL {environment.cluster.major}, data in {environment.directory.path}")
        fill(environment, say)
        log = environment.directory.path / "localstack.log"
        emulator = running.enter_context(run_emulator(installation, port, log))
        say(f"LocalStack answers at {emulator.address}")
        key = make_key()
        gateway = running.enter_context(serve_sockets(emulator.address, key, (HOST, 0), log.with_name("sockets.log")))
        gateway.wait_until_ready()
        say("Deploying by CloudFormation …")
        try:
            told = socket_parameters(gateway.address, gateway.address, key)
            stack = deploy_all(environment, (emulator.address, emulator.address), package, told, say)
        except DeploymentError as error:
            message = f"{error}\nWhat was made has been removed. What LocalStack and the functions said is in {log}."
            raise DeploymentError(message) from error
        checks = (environment.cluster.check, emulator.check, gateway.check)
        password = environment.directory.secrets.demo_password
        yield Deployed(public_url(emulator.address), emulator.address, password, log, stack, checks)


def fill(environment: Environment, say: Callable[[str], None]) -> None:
    """Write the demo's tenants and people."""
    owner = environment.cluster.owner_dsn()
    say(str(seed(owner)))
    tenants = [tenant.slug for tenant in all_tenants(datetime.now(UTC).date())]
    add_demo_people(owner, tenants, environment.directory.secrets.demo_password)
    seal_all(environment.cluster.jobs_dsn())


def deploy_all(
    environment: Environment,
    addresses: tuple[str, str],
    package: Path,
    sockets: Mapping[str, str],
    say: Callable[[str], None],
) -> Stack:
    """Deploy, and call each function. Raises `DeploymentError`; then nothing of the stack is left.

    `addresses` are LocalStack's, as it is found from here and by clients; functions find it like clients.
    """
    address, public = addresses
    clients = Clients(address)
    clients.client("ses").verify_email_identity(EmailAddress=MAIL_FROM)
    parameters = database_parameters(environment, clients) | dict(sockets)
    parameters |= {"PublicUrl": public_url(public), "MailUrl": public, "MailFrom": f"Berth <{MAIL_FROM}>"}
    stack = deploy(clients, package, parameters, say)
    try:
        make_custom_resources(stack, package, say)
        # The function `migrate` has given them to the roles.
        app_password, jobs_password = secret(stack, "AppSecretArn"), secret(stack, "JobsSecretArn")
        keep_passwords(environment.directory, app_password=app_password, jobs_password=jobs_password)
        check_functions(stack, say)
    except BaseException:
        with suppress(BotoCoreError, ClientError):  # where LocalStack has ended, nothing is left, and that is no reason
            remove(clients)
        raise
    return stack


def database_parameters(environment: Environment, clients: Clients) -> dict[str, str]:
    """Where the functions find the database, and the secret by which `migrate` signs in."""
    parts = {name: str(value) for name, value in conninfo_to_dict(environment.cluster.owner_dsn()).items()}
    owner = json.dumps({"username": parts["user"], "password": parts["password"]})
    store = clients.client("secretsmanager")
    try:
        arn = store.create_secret(Name=OWNER_SECRET, SecretString=owner)["ARN"]
    except store.exceptions.ResourceExistsException:  # of an earlier try
        arn = store.put_secret_value(SecretId=OWNER_SECRET, SecretString=owner)["ARN"]
    address = {
        "DatabaseHost": parts["host"],
        "DatabasePort": parts.get("port", "5432"),
        "DatabaseName": parts["dbname"],
    }
    return {**address, "OwnerSecret": arn}


def make_key() -> str:
    """Make what the functions sign with at `@connections`."""
    return f"sockets:{secrets.token_hex(32)}"


def serve_sockets(emulator: str, key: str, address: tuple[str, int], log: Path | None = None) -> Gateway:
    """Serve WebSockets in front of the functions that are deployed on an emulator; `log` None: standard error."""
    host, port = address
    access_key, _, secret_key = key.partition(":")
    settings = SocketSettings(access_key, secret_key)
    # Chalice wants a region, also where its own client is not used.
    variables = {"LOCALSTACK_ADDRESS": emulator, "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}
    return serve(host, port, 1, variables, project=SOCKETS, sockets=settings, access_log=log)


def socket_parameters(address: str, public: str, key: str) -> dict[str, str]:
    """What the functions are told of the sockets: their address for functions, and for clients."""
    return {
        "WebsocketUrl": f"{public}/ws".replace("http", "ws", 1),
        "ConnectionsUrl": f"{address}/ws",
        "ConnectionsKey": key,
    }


def packaged(python: str, say: Callable[[str], None]) -> Path:
    """The folder of the package for a Python like "3.11"; it is built where what it is made of has changed."""
    digest = hashlib.sha256(python.encode())
    for name in PACKAGED:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".pyc":
                digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    folder = TOOLS / f"package-{digest.hexdigest()[:16]}"
    if folder.is_dir():
        say("The package is unchanged since the last time")
        return folder
    say(f"Packaging for Python {python} …")
    with whole_folder(folder, replaces="package-*") as unfinished:
        say(str(build_package(unfinished, stage=STAGE, python=python)))
    return folder


def _check_port(port: int) -> None:
    if answers(f"http://{HOST}:{port}"):
        message = f"A LocalStack answers on port {port} already. Stop that one, or choose another with --port."
        raise CommandError(message)
    check_port(HOST, port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev localstack", description=__doc__)
    parser.add_argument("--port", type=port_number, default=EDGE_PORT, help=f"of LocalStack on {HOST} ({EDGE_PORT})")
    parser.add_argument(
        "--data-dir", type=Path, default=DEFAULT_PATH, help=f"where the database is kept ({DEFAULT_PATH})"
    )
    parser.add_argument(
        "--test", action="store_true", help="try everything from outside, print how long it took, and end"
    )
    parser.add_argument(
        "--at",
        metavar="ADDRESS",
        help="take the steps of --test at a running ./dev demo, whose --data-dir is named, too",
    )
    parser.add_argument("--fresh", action="store_true", help="throw away what the data directory holds, and start over")
    return parser
