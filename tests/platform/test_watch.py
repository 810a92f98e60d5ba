"""`./dev watch` beside `./dev demo`, as somebody at a terminal has it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.platform.running import free_port, running

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.timeout(300)
DEMO = [sys.executable, "-m", "local", "demo", "--workers=1"]
WATCH = [sys.executable, "-m", "local", "watch"]
TENANT = "team-rooms"


@pytest.fixture
def folder() -> Generator[Path]:
    """A folder for data; the service user gets there too."""
    with TemporaryDirectory(prefix="berth-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


def complaint(*arguments: str) -> str:
    """What it says instead of watching."""
    done = subprocess.run([*WATCH, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_it_joins_the_demo_shows_what_happens_and_ends_with_ctrl_c(folder: Path) -> None:
    data = f"--data-dir={folder / 'data'}"
    assert "Start ./dev demo first" in complaint(TENANT, data)
    with running([*DEMO, f"--port={free_port()}", data], folder / "demo") as demo:
        address = demo.wait_for(r"^Berth is ready at (\S+)$")[1]
        assert complaint("no-such-tenant", data).startswith("There is no tenant 'no-such-tenant'.")
        nothing = complaint(TENANT, data, f"--url={address}", "--topic=resource:00000000-0000-0000-0000-000000000000")
        assert nothing == "There is no such resource.\n"
        with (
            running([*WATCH, TENANT, data], folder / "lines") as lines,
            running([*WATCH, TENANT, data, "--json", "--role=viewer"], folder / "messages") as messages,
        ):
            for watch in (lines, messages):
                watch.wait_for("^Connected to ")
            slug = change_something(address, data)
            lines.wait_for(rf"resource\.updated +{slug} .* by Owner \(staff\)$")
            message = json.loads(messages.wait_for(r"^\{.*\}$")[0])
            assert (message["type"], message["data"]["by"]["kind"]) == ("resource.updated", "staff")
            assert lines.stop(signal.SIGINT) == messages.stop(signal.SIGTERM) == 0
            assert "Traceback" not in lines.said() + messages.said()
        assert demo.stop(signal.SIGINT) == 0
    assert "No demo is running" in complaint(TENANT, data)


def test_a_demo_that_was_killed_is_not_taken_for_a_running_one(folder: Path) -> None:
    data = f"--data-dir={folder / 'data'}"
    with running([*DEMO, f"--port={free_port()}", data], folder / "demo") as demo:
        demo.wait_for("^Berth is ready")
        demo.stop(signal.SIGKILL)
    assert (folder / "data" / "gateway.json").exists()
    assert "No demo is running" in complaint(TENANT, data)


@pytest.mark.parametrize("argument", ["--topic=everything", "--url=localhost", "--role=guest"])
def test_arguments_that_make_no_sense_are_refused(argument: str) -> None:
    done = subprocess.run([*WATCH, TENANT, argument], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert argument.split("=")[0] in done.stderr
    assert "Traceback" not in done.stderr


def change_something(address: str, data: str) -> str:
    """Give a resource another name, as an owner; return its slug."""
    token = subprocess.run(
        [sys.executable, "-m", "local", "token", TENANT, data], capture_output=True, text=True, check=True
    ).stdout.strip()
    resources = f"{address}/api/v1/tenants/{TENANT}/resources"
    resource = httpx.get(resources).raise_for_status().json()["items"][0]
    headers = {"Authorization": f"Bearer {token}", "If-Match": "*"}
    answer = httpx.patch(f"{resources}/{resource['id']}", json={"name": "Another name"}, headers=headers)
    assert answer.status_code == 200, answer.text
    return resource["slug"]
