"""`./dev watch` beside `./dev demo`, as somebody at a terminal has it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.platform.conftest import demo
from tests.platform.running import running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.platform.conftest import FirstDemo, ServedDemo

pytestmark = pytest.mark.timeout(300)
WATCH = [sys.executable, "-m", "tools", "watch"]
TENANT = "team-rooms"


def complaint(*arguments: str) -> str:
    """What it says instead of watching."""
    done = subprocess.run([*WATCH, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_it_joins_the_demo_shows_what_happens_and_ends_with_ctrl_c(served_demo: ServedDemo, folder: Path) -> None:
    address, data = served_demo.address, f"--data-dir={served_demo.data}"
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


def test_where_no_demo_runs_it_says_so(first_demo: FirstDemo, folder: Path) -> None:
    assert "Start ./dev demo first" in complaint(TENANT, f"--data-dir={folder / 'data'}")
    assert "No demo is running" in complaint(TENANT, f"--data-dir={first_demo.data}")


def test_a_demo_that_was_killed_is_not_taken_for_a_running_one(stopped: Path) -> None:
    with demo(stopped) as started:
        started.wait_for("^Berth is ready")
        started.stop(signal.SIGKILL)
    assert (stopped / "data" / "gateway.json").exists()
    assert "No demo is running" in complaint(TENANT, f"--data-dir={stopped / 'data'}")


@pytest.mark.parametrize("argument", ["--topic=everything", "--url=localhost", "--role=guest"])
def test_arguments_that_make_no_sense_are_refused(argument: str) -> None:
    done = subprocess.run([*WATCH, TENANT, argument], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert argument.split("=")[0] in done.stderr
    assert "Traceback" not in done.stderr


def change_something(address: str, data: str) -> str:
    """Give a resource another name, as an owner; return its slug."""
    token = subprocess.run(
        [sys.executable, "-m", "tools", "token", TENANT, data], capture_output=True, text=True, check=True
    ).stdout.strip()
    resources = f"{address}/api/v1/tenants/{TENANT}/resources"
    resource = httpx.get(resources).raise_for_status().json()["items"][0]
    headers = {"Authorization": f"Bearer {token}", "If-Match": "*"}
    answer = httpx.patch(f"{resources}/{resource['id']}", json={"name": "Another name"}, headers=headers)
    assert answer.status_code == 200, answer.text
    return resource["slug"]
