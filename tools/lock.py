"""`./dev lock`: compiles the requirements files from pyproject.toml, with hashes, for every platform."""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
COMPILE = ["uv", "pip", "compile", "-q", "--universal", "--python-version=3.11", "--generate-hashes"]
LOCKS = {
    "requirements-dev.txt": ["pyproject.toml", "--group=dev"],
    # What Lambda gets: the same versions that everything was tested with.
    "requirements.txt": ["pyproject.toml", "--constraints=requirements-dev.txt"],
    # What installs all of it: ./dev brings it with pip, by its hash.
    "requirements-uv.txt": ["--group=uv"],
    # LocalStack, apart: it has older versions of what we have.
    "requirements-localstack.txt": ["--group=localstack", f"--overrides={ROOT / 'local/localstack/overrides.txt'}"],
    "requirements-functions.txt": ["--group=functions", "--constraints=requirements-dev.txt"],
}


def main(arguments: list[str]) -> int:
    """Compile; versions stay as they are unless pyproject.toml or --upgrade asks for others."""
    parser = argparse.ArgumentParser(prog="./dev lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")
    options = parser.parse_args(arguments)
    compile_locks(ROOT, ["--upgrade"] if options.upgrade else [])
    print(f"Written: {', '.join(LOCKS)}. The next ./dev command installs them.")
    return 0


def compile_locks(folder: Path, options: Sequence[str] = ()) -> None:
    """Compile all files in a folder that holds pyproject.toml. Raises `CommandError` with what uv says."""
    for lock, arguments in LOCKS.items():
        command = [*COMPILE, "--no-header", *arguments, *options, f"--output-file={lock}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            message = f"{lock} could not be compiled:\n{done.stderr.strip()}"
            raise CommandError(message)
