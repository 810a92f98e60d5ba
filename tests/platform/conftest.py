"""The demo, started once from nothing and once for all tests that can share it; the others begin with a copy."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.folders import folder_for_clusters
from tests.platform.running import Command, processes_with, running

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

DEMO = [sys.executable, "-m", "tools", "demo", "--workers=1"]


@contextmanager
def demo(folder: Path, port: int = 0, *switches: str) -> Generator[Command]:
    """`./dev demo` with the data in `folder`, which it makes where there are none."""
    count = len(list(folder.glob("output-*")))
    command = [*DEMO, f"--port={port}", f"--data-dir={folder / 'data'}", *switches]
    with running(command, folder / f"output-{count}") as started:
        yield started


@contextmanager
def folder_for_data() -> Generator[Path]:
    """A folder where the service user gets to, too; nothing runs in it when the block ends."""
    with folder_for_clusters() as path:
        yield path
        assert processes_with(str(path)) == []


@dataclass(frozen=True, slots=True)
class FirstDemo:
    """A demo that was started from nothing and told to stop: what it left, said and offered."""

    data: Path
    status: int
    said: str
    resources: object


@dataclass(frozen=True, slots=True)
class ServedDemo:
    """A demo that serves as long as the session: where, with which data, and what it offered at first."""

    command: Command
    address: str
    data: Path
    resources: object


@pytest.fixture
def folder() -> Generator[Path]:
    """A folder for data directories of one test."""
    with folder_for_data() as path:
        yield path


@pytest.fixture(scope="session")
def first_demo() -> Generator[FirstDemo]:
    """The first start on a machine, and its end by Ctrl-C. Its data stay as they are."""
    with folder_for_data() as folder, demo(folder) as started:
        resources = offered(started)
        status = started.stop(signal.SIGINT)
        yield FirstDemo(folder / "data", status, started.said(), resources)


@pytest.fixture(scope="session")
def copy_of_demo(first_demo: FirstDemo) -> Callable[[Path], None]:
    """Copy the first demo's data into a folder: the next start finds them, in half of a first start's time."""

    def copy(folder: Path) -> None:
        # Owners and modes are what a start looks at; `cp` keeps them, `shutil` does not.
        subprocess.run(["cp", "-a", first_demo.data, folder / "data"], check=True)

    return copy


@pytest.fixture
def stopped(folder: Path, copy_of_demo: Callable[[Path], None]) -> Path:
    """A folder with the data of a demo that was stopped."""
    copy_of_demo(folder)
    return folder


@pytest.fixture(scope="session")
def served_demo(copy_of_demo: Callable[[Path], None]) -> Generator[ServedDemo]:
    """A demo for all tests that leave it running; what they change there is their own."""
    with folder_for_data() as folder:
        copy_of_demo(folder)
        with demo(folder) as started:
            resources = offered(started)
            address = started.wait_for(r"^Berth is ready at (http://127\.0\.0\.1:[1-9]\d+)$")[1]
            yield ServedDemo(started, address, folder / "data", resources)


def offered(started: Command) -> object:
    """What the printed curl line is answered."""
    curl = started.wait_for(r"^Try: curl (\S+)$")[1]
    return httpx.get(curl).raise_for_status().json()["items"]
