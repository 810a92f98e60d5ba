"""LocalStack in an environment of its own, and what the functions find beside their package.

Both are made of hashed requirements and kept in `.tools/`, below the name of what they were made of.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import TYPE_CHECKING

from local.errors import DISK_FULL, CommandError, says_full
from local.folders import whole_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
LOCALSTACK = ROOT / "requirements-localstack.txt"
FUNCTIONS = ROOT / "requirements-functions.txt"


@dataclass(frozen=True, slots=True)
class Installation:
    """Interpreters and folders: LocalStack's own, and those of the functions."""

    localstack_python: Path
    functions_python: str
    functions_version: str
    """Like "3.11"."""
    functions_runtime: Path
    """The folder with awslambdaric, as /var/runtime on Lambda."""


def install(functions_python: str, functions_version: str, say: Callable[[str], None]) -> Installation:
    """Make what is missing, which takes a network and about 15 seconds. Raises `CommandError`.

    The interpreter of the functions has to be of that version, like "3.11".
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    with _only_one_at_a_time():
        localstack = _folder("localstack", LOCALSTACK, version)
        if not localstack.is_dir():
            say("Installing LocalStack 4.13.1 into .tools/ (once; 350 MB) …")
            with whole_folder(localstack, replaces=f"localstack-{version}-*") as folder:
                _install_localstack(folder)
        runtime = _folder("lambda-runtime", FUNCTIONS, functions_version)
        if not runtime.is_dir():
            say("Installing AWS's runtime interface client for the functions …")
            with whole_folder(runtime, replaces=f"lambda-runtime-{functions_version}-*") as folder:
                install_runtime(folder, functions_version)
    return Installation(localstack / "bin" / "python", functions_python, functions_version, runtime)


def install_runtime(folder: Path, version: str) -> None:
    """Install awslambdaric and what it needs into a folder, for a Python like "3.11". Raises `CommandError`."""
    target = ["--target", str(folder), "--python-version", version, "--only-binary=:all:", "--no-deps"]
    _uv("pip", "install", "--require-hashes", *target, "--requirement", str(FUNCTIONS))


def _install_localstack(folder: Path) -> None:
    # LocalStack's environment names itself in its scripts, which are not used.
    _uv("venv", "--no-project", "--python", sys.executable, "--allow-existing", str(folder))
    python = str(folder / "bin" / "python")
    _uv("pip", "sync", "--require-hashes", "--python", python, str(LOCALSTACK))


def _folder(name: str, requirements: Path, version: str) -> Path:
    key = hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]
    return TOOLS / f"{name}-{version}-{key}"


def _uv(*arguments: str) -> None:
    done = subprocess.run(["uv", *_quietly(arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        if says_full(done.stderr):
            raise CommandError(DISK_FULL)
        message = (
            f"LocalStack could not be installed: uv {arguments[0]} failed.\n{done.stderr.strip()}\n"
            "It needs the package index once; try again when that can be reached."
        )
        raise CommandError(message)


def _quietly(arguments: Sequence[str]) -> list[str]:
    return [*arguments, "--quiet"]


@contextmanager
def _only_one_at_a_time() -> Generator[None]:
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "localstack.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield
