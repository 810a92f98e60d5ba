"""Starts `./dev` commands as somebody at a terminal would, and looks at what they leave behind."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.eventually import eventually
from tools.__main__ import main

if TYPE_CHECKING:
    import pwd
    from collections.abc import Generator, Sequence

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Command:
    """A running command and the file that takes all it says."""

    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        return self.output.read_text()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until a line of the output matches; fail when the command ends or takes too long."""

        def said() -> re.Match[str] | bool | None:
            ended = self.process.poll() is not None
            return re.search(pattern, self.said(), re.MULTILINE) or ended

        found = eventually(said, f"{pattern!r} is said", START_SECONDS)
        if not isinstance(found, re.Match):
            pytest.fail(f"{pattern!r} was never said:\n{self.said()}")
        return found

    def stop(self, signal_number: int) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(60)


@contextmanager
def running(
    command: Sequence[str | Path],
    output: Path,
    *,
    cwd: Path = ROOT,
    environment: dict[str, str] | None = None,
    user: pwd.struct_passwd | None = None,
) -> Generator[Command]:
    """Run a command in a session of its own; whatever the test does, it is gone at the end of the block."""
    identity = user if os.geteuid() == 0 else None
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            user=identity and identity.pw_uid,
            group=identity and identity.pw_gid,
            extra_groups=[] if identity else None,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Command(process, output)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def dev(capsys: pytest.CaptureFixture[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of `./dev` in this process: half a second of imports less than in one of its own."""
    capsys.readouterr()
    try:
        code = main(list(arguments))
    except SystemExit as left:  # argparse, of wrong arguments
        code = int(left.code or 0)
    said = capsys.readouterr()
    return subprocess.CompletedProcess(arguments, code, said.out, said.err)


def is_running(pid: int) -> bool:
    """Whether the process is there and more than a zombie that nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def processes_with(marker: str) -> list[str]:
    """Command lines and folders of the processes that have to do with a path, our own process left out."""
    found: list[str] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid() or not is_running(int(entry.name)):
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            folder = str((entry / "cwd").readlink())
        except OSError:
            continue
        if marker in line or marker in folder:
            found.append(f"{entry.name} in {folder}: {line}")
    return found
