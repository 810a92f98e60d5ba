"""`./dev demo`: it serves, it explains why it cannot, and whatever ends it leaves no process behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.platform.running import Command, free_port, is_running, processes_with, running, wait_until
from tests.realtime.client import Client

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.timeout(300)
DEMO = [sys.executable, "-m", "local", "demo", "--workers=1"]


@pytest.fixture
def folder() -> Generator[Path]:
    """A folder for data directories; the service user gets there too, and nothing runs in it when the test ends."""
    with TemporaryDirectory(prefix="berth-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path
        assert processes_with(name) == []


@contextmanager
def demo(folder: Path, port: int) -> Generator[Command]:
    command = [*DEMO, f"--port={port}", f"--data-dir={folder / 'data'}"]
    with running(command, folder / f"output-{time.monotonic_ns()}") as started:
        yield started


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_serves_until_it_is_told_to_stop(folder: Path, signal_number: int) -> None:
    port = free_port()
    with demo(folder, port) as started:
        started.wait_for(f"^Berth is ready at http://127.0.0.1:{port}$")
        assert httpx.get(f"http://127.0.0.1:{port}/api/v1/health").status_code == 200
        assert started.stop(signal_number) == 0
        assert started.said().endswith("Stopped.\n")


def test_the_curl_line_that_it_prints_works_and_a_second_start_finds_the_data(folder: Path) -> None:
    answers: list[object] = []
    for _ in range(2):
        with demo(folder, free_port()) as started:
            curl = started.wait_for(r"^Try: curl (\S+)$")
            answers.append(httpx.get(curl[1]).raise_for_status().json()["items"])
    assert answers[0] == answers[1] != []


def test_the_sign_in_that_it_prints_works(folder: Path) -> None:
    with demo(folder, free_port()) as started:
        address = started.wait_for(r"^Berth is ready at (\S+)$")[1]
        email = started.wait_for(r"such as (\S+@\S+\.example),")[1]
        operator, password = started.wait_for(r"or (\S+) .* password (\S+)$").groups()
        for name in (email, email.replace("owner", "host"), operator):
            answer = httpx.post(f"{address}/api/v1/auth/login", json={"email": name, "password": password})
            assert answer.status_code == 200, answer.text


def test_a_second_ctrl_c_does_not_disturb_the_stopping(folder: Path) -> None:
    with demo(folder, free_port()) as started:
        started.wait_for("^Berth is ready")
        started.process.send_signal(signal.SIGINT)
        started.process.send_signal(signal.SIGINT)
        assert started.stop(signal.SIGTERM) == 0


def test_ctrl_c_while_it_starts_leaves_nothing_running(folder: Path) -> None:
    """At several moments: while importing, making the cluster, migrating, seeding."""
    for seconds in (0.3, 0.8, 1.2, 1.6):
        with demo(folder, free_port()) as started:
            time.sleep(seconds)
            assert started.stop(signal.SIGINT) in {0, -signal.SIGINT, 130}, started.said()
        assert processes_with(str(folder)) == []
    with demo(folder, free_port()) as started:
        started.wait_for("^Berth is ready")


def test_killed_it_takes_everything_along(folder: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("Only Linux tells a process that its parent ended.")
    with demo(folder, free_port()) as started:
        started.wait_for("^Berth is ready")
        children = [
            int(pid)
            for pid in Path(f"/proc/{started.process.pid}/task/{started.process.pid}/children").read_text().split()
        ]
        started.process.kill()
        wait_until(lambda: not any(map(is_running, children)) and processes_with(str(folder)) == [])
    with demo(folder, free_port()) as started:
        started.wait_for("^Berth is ready")


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def child(of: int, name: str) -> int:
    """The child process with that module in its command line; 0 while there is none."""
    children = (path.read_text().split() for path in Path(f"/proc/{of}/task").glob("*/children"))
    found = (int(pid) for some in children for pid in some if name in Path(f"/proc/{pid}/cmdline").read_text())
    return next(found, 0)


def test_what_is_killed_is_started_again_and_ready_tells_the_truth_meanwhile(folder: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("Processes are found in /proc.")
    with demo(folder, free_port()) as started:
        address = started.wait_for(r"^Berth is ready at (\S+)$")[1] + "/api/v1"
        resources = f"{address}/tenants/pine-cabins/resources"
        started.process.send_signal(signal.SIGSTOP)  # so that nothing is started again before we have looked
        os.kill(postmaster(folder), signal.SIGKILL)
        for path in (f"{address}/ready", resources):
            refused = httpx.get(path, timeout=20)
            assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
            assert int(refused.headers["retry-after"]) > 0
        assert httpx.get(f"{address}/health").status_code == 200
        started.process.send_signal(signal.SIGCONT)
        started.wait_for(r"^Postgres ended with status -9; starting it again\.$")
        started.wait_for(r"^Postgres is back\.$")
        wait_until(lambda: httpx.get(f"{address}/ready", timeout=20).status_code == 200)
        assert httpx.get(resources).status_code == 200
        for name, line in (
            ("local.background", r"^The background process ended with status -9; starting another\.$"),
            ("local.gateway.worker", r"^Gateway worker \d+ ended with status -9; starting another\.$"),
        ):
            os.kill(before := child(started.process.pid, name), signal.SIGKILL)
            started.wait_for(line)
            wait_until(lambda name=name: bool(child(started.process.pid, name)))
            assert child(started.process.pid, name) != before
        wait_until(lambda: _answers(f"{address}/ready"))


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=20).status_code == 200
    except httpx.TransportError:
        return False


def test_postgres_that_keeps_ending_ends_the_demo_with_the_reason(folder: Path) -> None:
    with demo(folder, free_port()) as started:
        started.wait_for("^Berth is ready")
        for restarts in range(1, 7):
            os.kill(postmaster(folder), signal.SIGKILL)
            wait_until(
                lambda restarts=restarts: (
                    started.process.poll() is not None or started.said().count("Postgres is back.") == restarts
                )
            )
        assert started.process.wait(60) == 1
        assert "Postgres keeps ending. Its last words:" in started.said()
        assert "database system" in started.said()


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, demo(folder, port := other.getsockname()[1]) as started:
        assert started.process.wait(60) == 1
        last = started.said().splitlines()[-1]
        assert f"Port {port} " in last
        assert "choose another with --port" in last
    assert not (folder / "data").exists()  # noticed before anything was made


def test_data_that_is_in_use_is_refused_and_stays_in_use(folder: Path) -> None:
    with demo(folder, port := free_port()) as first:
        first.wait_for("^Berth is ready")
        with demo(folder, free_port()) as second:
            assert second.process.wait(60) == 1
            assert second.said().splitlines()[-1].endswith("choose another place with --data-dir.")
        assert httpx.get(f"http://127.0.0.1:{port}/api/v1/health").status_code == 200


def test_two_demos_on_their_own_data_do_not_collide(folder: Path) -> None:
    (folder / "one").mkdir()
    (folder / "other").mkdir()
    with demo(folder / "one", free_port()) as one, demo(folder / "other", free_port()) as other:
        one.wait_for("^Berth is ready")
        other.wait_for("^Berth is ready")


def test_a_folder_that_is_not_berths_is_refused(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "thesis.txt").touch()
    with demo(folder, free_port()) as started:
        assert started.process.wait(60) == 1
        assert "exists and Berth did not make it" in started.said()


def test_on_any_free_port_everything_says_where_it_is(folder: Path) -> None:
    with demo(folder, 0) as started:
        address = started.wait_for(r"^Berth is ready at (http://127\.0\.0\.1:[1-9]\d+)$")[1]
        assert started.wait_for(r"^Try: curl (\S+)$")[1].startswith(f"{address}/api/v1/")
        email = started.wait_for(r"such as (\S+@\S+\.example),")[1]
        password = started.wait_for(r"all with the password (\S+)$")[1]
        assert re.findall(r"http://[^/\s]+", started.said()) == [address] * 4
        with httpx.Client(base_url=f"{address}/api/v1") as client:
            assert client.get("/openapi.json").json()["servers"] == [{"url": f"{address}/api"}]
            signed_in = client.post("/auth/login", json={"email": email, "password": password}).json()
            tenant = signed_in["memberships"][0]["tenant"]
            headers = {"Authorization": f"Bearer {signed_in['access_token']}"}
            ticket = client.post("/auth/ws-tickets", json={"tenant": tenant}, headers=headers).json()
        assert ticket["url"].startswith(address.replace("http", "ws", 1) + "/ws?")
        with Client(ticket["url"], origin=address) as socket:
            assert socket.ask("ping")["type"] == "pong"


@pytest.mark.parametrize("port", ["65536", "-1", "http", "", "8_000"])
def test_what_is_no_port_is_refused_with_what_would_be_one(port: str) -> None:
    done = subprocess.run([*DEMO, f"--port={port}"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(
        f"argument --port: {port!r} is no port. It is a number from 1 to 65535, or 0 for any free one."
    )


@pytest.mark.parametrize("argument", ["--workers=0", "--no-such-option"])
def test_arguments_that_make_no_sense_are_refused(argument: str) -> None:
    done = subprocess.run([*DEMO, argument], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert argument.split("=")[0] in done.stderr
    assert "Traceback" not in done.stderr
