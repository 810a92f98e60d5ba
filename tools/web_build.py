"""Builds web/ into web/dist, which the gateway serves and `./dev deploy` uploads.

Built again only where a file of web/ has changed; once built, neither Node.js nor a network is needed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import TYPE_CHECKING

from local.errors import CommandError
from tools.node import Node, find_node, install

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
DIST = WEB / "dist"
MODULES = WEB / "node_modules"
VITE = MODULES / "vite" / "bin" / "vite.js"
SURFACES = ("public", "admin", "embed", "worker")
"""Each is built by itself: guests load nothing of what administrators load. The worker keeps what was built before."""
_BUILT = "built.json"
"""In `DIST`: the inputs that it was made of."""
_INSTALLED = MODULES / ".berth-lock"
"""The lock that `MODULES` was made of."""
_MADE = ("node_modules", "dist", ".lock")
"""What is in web/ and is made of the rest; `dist.*` are builds under way."""


def build(say: Callable[[str], None]) -> None:
    """Build what is not built yet; at most one process does. Raises `CommandError`, `OSError`."""
    wanted = inputs()
    if _built() == wanted:
        return
    with _only_one_at_a_time():
        if _built() == wanted:
            return
        say("Building the web (once for each change; less than a minute) …")
        began = time.monotonic()
        node = prepare()
        fresh, old = WEB / "dist.new", WEB / "dist.old"
        for folder in (fresh, old):
            shutil.rmtree(folder, ignore_errors=True)
        for surface in SURFACES:
            run(
                node,
                [
                    str(VITE),
                    "build",
                    f"--mode={surface}",
                    "--logLevel=warn",
                    f"--outDir={fresh}",
                    "--emptyOutDir=false",
                ],
            )
        (fresh / _BUILT).write_text(json.dumps({"inputs": wanted}))
        with suppress(FileNotFoundError):
            DIST.rename(old)
        fresh.rename(DIST)
        shutil.rmtree(old, ignore_errors=True)
        say(f"Web built in {time.monotonic() - began:.0f} s")


def prepare_alone() -> Node:
    """As `prepare`, while no other process builds."""
    with _only_one_at_a_time():
        return prepare()


def prepare() -> Node:
    """Bring what the lock names, where it is not there; return the Node.js. Raises `CommandError`."""
    node = find_node()
    wanted = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if not (_INSTALLED.is_file() and _INSTALLED.read_text() == wanted):
        install(node, WEB)
        _INSTALLED.write_text(wanted)
    return node


def run(node: Node, arguments: list[str]) -> str:
    """Run a program of `MODULES` in web/, given as Node's arguments; return what it says.

    Raises `CommandError` with that where it fails.
    """
    done = subprocess.run(
        [node.program, *arguments],
        cwd=WEB,
        env=node.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise CommandError(done.stdout.strip())
    return done.stdout


def inputs() -> str:
    """Return a hash of the names and contents of everything that the build reads."""
    digest = hashlib.sha256()
    for path in sorted(_files(WEB)):
        digest.update(f"{path.relative_to(WEB)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@contextmanager
def built_beside() -> Generator[Callable[[], None]]:
    """Build in a process of its own, which says what it does; wait for it by calling what is yielded.

    A build that fails says why, and nothing else ends with it.
    """
    if _built() == inputs():
        yield lambda: None
        return
    process = subprocess.Popen([sys.executable, "-m", "tools", "web", "--build"], cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        yield lambda: _ended(process)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.wait()


def _built() -> str | None:
    """Return the inputs of what is built; None where nothing is."""
    try:
        return json.loads((DIST / _BUILT).read_text())["inputs"]
    except (OSError, ValueError, KeyError):
        return None


def _files(folder: Path) -> Generator[Path]:
    for path in folder.iterdir():
        if folder == WEB and (path.name in _MADE or path.name.startswith("dist.")):
            continue
        if path.is_dir():
            yield from _files(path)
        elif ".test." not in path.name:
            yield path


@contextmanager
def _only_one_at_a_time() -> Generator[None]:
    with (WEB / ".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield
