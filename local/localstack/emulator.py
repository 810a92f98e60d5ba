"""LocalStack as a process on loopback: started, watched, asked, and gone at the end of the block with all it started.

    with run_emulator(installation, port=4566, log=Path("localstack.log")) as emulator:
        emulator.clients().client("sqs").create_queue(QueueName="a-queue")

Nothing is kept: each start begins empty.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

from local.errors import CommandError
from local.localstack.installation import ROOT

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from local.localstack.installation import Installation

HOST = "127.0.0.1"
REGION = "us-east-1"
START_SECONDS = 120.0
LOOK_SECONDS = 0.1
LAST_LINES = 15
PLUGIN = ROOT / "local" / "localstack" / "plugin"


@dataclass(frozen=True, slots=True)
class Emulator:
    """A LocalStack that answers at `address`, like http://127.0.0.1:4566, and what it writes down."""

    address: str
    log: Path
    folder: Path
    _process: subprocess.Popen[bytes]

    @property
    def process_id(self) -> int:
        """Of LocalStack itself; its functions have the same process group."""
        return self._process.pid

    def clients(self) -> Clients:
        """Return what makes clients for it."""
        return Clients(self.address)

    def check(self) -> None:
        """Raise `CommandError` when it has ended."""
        status = self._process.poll()
        if status is not None:
            message = f"LocalStack has ended, with status {status}. Its last words (all of them: {self.log}):\n"
            raise CommandError(message + last_lines(self.log))


class Clients:
    """Makes boto3's clients for the LocalStack at an address, whatever the shell says of AWS."""

    def __init__(self, address: str) -> None:
        # Here, as boto3 takes its time.
        from localstack_client.session import Session  # pyright: ignore[reportMissingTypeStubs]

        # It would let the shell's AWS_ENDPOINT_URL have the last word, and with it a real account.
        os.environ.pop("AWS_ENDPOINT_URL", None)
        host = address.removeprefix("http://")
        self._session: Any = Session("test", "test", region_name=REGION, localstack_host=host)

    def client(self, service: str, **options: object) -> Any:  # noqa: ANN401 - of any service
        """Make a client; `options` are boto3's."""
        return self._session.client(service, **options)


@contextmanager
def run_emulator(
    installation: Installation, port: int, log: Path, variables: Mapping[str, str] | None = None
) -> Generator[Emulator]:
    """Start LocalStack, wait until it answers, and end it with its functions at the end. Raises `CommandError`.

    `variables` are LocalStack's own, beside those that it needs to stay on this machine.
    """
    folder = Path(tempfile.mkdtemp(prefix="berth-localstack-"))
    try:
        with log.open("wb") as said:
            process = _start(installation, folder, port, said.fileno(), variables or {})
        try:
            emulator = Emulator(f"http://{HOST}:{port}", log, folder, process)
            _wait_until_ready(emulator)
            yield emulator
        finally:
            _end(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment_of(installation: Installation, address: str) -> dict[str, str]:
    """The variables of LocalStack and its parts, in a container, too."""
    return {
        "GATEWAY_LISTEN": address,
        "LOCALSTACK_HOST": address,
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "LAMBDA_PROCESS_PYTHON": installation.functions_python,
        "LAMBDA_PROCESS_VERSION": installation.functions_version,
        "LAMBDA_PROCESS_RUNTIME": str(installation.functions_runtime),
        "LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT": "90",  # seconds, for many that start together; the sandbox's is shorter
        "SQS_ENDPOINT_STRATEGY": "path",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(PLUGIN)]),
    }


def _start(
    installation: Installation, folder: Path, port: int, log: int, variables: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    places = {name: folder / name.lower() for name in ("HOME", "TMPDIR", "FILESYSTEM_ROOT")}
    for place in places.values():
        place.mkdir()
    return subprocess.Popen(
        [installation.localstack_python, "-m", "local.localstack.launcher", "--until-eof"],
        cwd=folder,
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            **{name: str(place) for name, place in places.items()},
            # In a container it would take itself for its own image, and write to /var/lib and /etc.
            "OVERRIDE_IN_DOCKER": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment_of(installation, f"{HOST}:{port}"),
            **variables,
        },
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _wait_until_ready(emulator: Emulator) -> None:
    until = time.monotonic() + START_SECONDS
    while not answers(emulator.address):
        emulator.check()
        if time.monotonic() > until:
            message = f"LocalStack does not answer after {START_SECONDS:g} seconds. What it said is in {emulator.log}."
            raise CommandError(message)
        time.sleep(LOOK_SECONDS)
    emulator.check()  # whoever answers may be another


def answers(address: str) -> bool:
    """Whether a LocalStack answers at an address."""
    try:
        with urllib.request.urlopen(f"{address}/_localstack/health", timeout=5) as answer:  # noqa: S310 - http
            return answer.status == 200
    except (URLError, OSError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill LocalStack and its functions: nothing is kept, and by itself it would take its time."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def last_lines(log: Path, count: int = LAST_LINES) -> str:
    """The last lines of a file."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
