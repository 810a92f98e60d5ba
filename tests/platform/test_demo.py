"""`./dev demo`: it serves, it explains why it cannot, and whatever ends it leaves no process behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from local.postgres.server import free_port
from tests.eventually import eventually
from tests.platform.conftest import DEMO, demo
from tests.platform.running import is_running, processes_with
from tests.realtime.client import Client

if TYPE_CHECKING:
    from tests.platform.conftest import FirstDemo, ServedDemo
    from tests.platform.running import Command

pytestmark = pytest.mark.timeout(300)
TELLS_OF_CHILDREN = pytest.mark.skipif(sys.platform != "linux", reason="Processes are found in /proc.")


def test_it_starts_from_nothing_and_serves_until_ctrl_c(first_demo: FirstDemo) -> None:
    assert first_demo.resources
    assert "Migrated: 0001_foundation\n" in first_demo.said
    assert first_demo.status == 0
    assert first_demo.said.endswith("for the next start.\nStopping …\nStopped.\n")


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGHUP])
def test_it_serves_until_it_is_told_to_stop(stopped: Path, signal_number: int) -> None:
    port = free_port()
    with demo(stopped, port) as started:
        started.wait_for(f"^Berth is ready at http://127.0.0.1:{port}$")
        assert httpx.get(f"http://127.0.0.1:{port}/api/v1/health").status_code == 200
        assert started.stop(signal_number) == 0
        assert started.said().endswith("for the next start.\nStopping …\nStopped.\n")


def test_the_curl_line_that_it_prints_works_and_a_second_start_finds_the_data(
    first_demo: FirstDemo, served_demo: ServedDemo
) -> None:
    assert served_demo.resources == first_demo.resources != []
    assert "Migrated: " not in served_demo.command.said()


def test_the_sign_in_that_it_prints_works(served_demo: ServedDemo) -> None:
    started, address = served_demo.command, served_demo.address
    email = started.wait_for(r"such as (\S+@\S+\.example),")[1]
    operator, password = started.wait_for(r"or (\S+) .* password (\S+)$").groups()
    for name in (email, email.replace("owner", "host"), operator):
        answer = httpx.post(f"{address}/api/v1/auth/login", json={"email": name, "password": password})
        assert answer.status_code == 200, answer.text


def test_a_second_ctrl_c_does_not_disturb_the_stopping(stopped: Path) -> None:
    with demo(stopped) as started:
        started.wait_for("^Berth is ready")
        started.process.send_signal(signal.SIGINT)
        started.process.send_signal(signal.SIGINT)
        assert started.stop(signal.SIGTERM) == 0


def test_ctrl_c_while_it_starts_leaves_nothing_running(folder: Path) -> None:
    """At several moments: at once, making the cluster, migrating, seeding."""
    for reached in MOMENTS:
        with demo(folder) as started:
            eventually(lambda reached=reached, started=started: reached(folder / "data", started))
            code = started.stop(signal.SIGINT)
            # Python itself, interrupted before the first line of ours, calls it an error.
            assert code in {0, -signal.SIGINT, 130} or "init_import_site" in started.said(), started.said()
            assert "Berth is ready" not in started.said()
        assert processes_with(str(folder)) == []
    with demo(folder) as started:
        started.wait_for("^Berth is ready")


def makes_the_cluster(data: Path, _started: Command) -> bool:
    return (data / "postgres" / "data.new").exists()


def runs_the_server(data: Path, _started: Command) -> bool:
    return (data / "postgres" / "data" / "postmaster.pid").exists()


def has_migrated(_data: Path, started: Command) -> bool:
    """It seeds now."""
    return "Migrated: " in started.said()


def has_begun(_data: Path, _started: Command) -> bool:
    return True


MOMENTS = (
    has_begun,
    makes_the_cluster,
    runs_the_server,
    has_migrated,
)


@TELLS_OF_CHILDREN
def test_killed_it_takes_everything_along(stopped: Path) -> None:
    with demo(stopped) as started:
        started.wait_for("^Berth is ready")
        children = [
            int(pid)
            for pid in Path(f"/proc/{started.process.pid}/task/{started.process.pid}/children").read_text().split()
        ]
        started.process.kill()
        eventually(lambda: not any(map(is_running, children)) and processes_with(str(stopped)) == [])
    with demo(stopped) as started:
        started.wait_for("^Berth is ready")


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def child(of: int, name: str) -> int:
    """The child process with that module in its command line; 0 while there is none."""
    children = (path.read_text().split() for path in Path(f"/proc/{of}/task").glob("*/children"))
    found = (int(pid) for some in children for pid in some if name in Path(f"/proc/{pid}/cmdline").read_text())
    return next(found, 0)


@TELLS_OF_CHILDREN
def test_what_is_killed_is_started_again_and_ready_tells_the_truth_meanwhile(stopped: Path) -> None:
    with demo(stopped) as started:
        address = started.wait_for(r"^Berth is ready at (\S+)$")[1] + "/api/v1"
        resources = f"{address}/tenants/pine-cabins/resources"
        started.process.send_signal(signal.SIGSTOP)  # so that nothing is started again before we have looked
        os.kill(postmaster(stopped), signal.SIGKILL)
        for path in (f"{address}/ready", resources):
            refused = httpx.get(path, timeout=20)
            assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
            assert int(refused.headers["retry-after"]) > 0
        assert httpx.get(f"{address}/health").status_code == 200
        started.process.send_signal(signal.SIGCONT)
        started.wait_for(r"^Postgres ended with status -9; starting it again\.$")
        started.wait_for(r"^Postgres is back\.$")
        eventually(lambda: httpx.get(f"{address}/ready", timeout=20).status_code == 200)
        assert httpx.get(resources).status_code == 200
        for name, line in (
            ("local.background", r"^The background process ended with status -9; starting another\.$"),
            ("local.gateway.worker", r"^Gateway worker \d+ ended with status -9; starting another\.$"),
        ):
            os.kill(before := child(started.process.pid, name), signal.SIGKILL)
            started.wait_for(line)
            eventually(lambda name=name: bool(child(started.process.pid, name)))
            assert child(started.process.pid, name) != before
        eventually(lambda: _answers(f"{address}/ready"))


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=20).status_code == 200
    except httpx.TransportError:
        return False


def test_postgres_that_keeps_ending_ends_the_demo_with_the_reason(stopped: Path) -> None:
    with demo(stopped) as started:
        started.wait_for("^Berth is ready")
        for restarts in range(1, 7):
            os.kill(postmaster(stopped), signal.SIGKILL)
            eventually(
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


def test_data_that_is_in_use_is_refused_and_stays_in_use(served_demo: ServedDemo, folder: Path) -> None:
    (folder / "data").symlink_to(served_demo.data)
    with demo(folder) as second:
        assert second.process.wait(60) == 1
        assert second.said().splitlines()[-1].endswith("choose another place with --data-dir.")
    assert httpx.get(f"{served_demo.address}/api/v1/health").status_code == 200


def test_two_demos_on_their_own_data_do_not_collide(served_demo: ServedDemo, stopped: Path) -> None:
    with demo(stopped) as other:
        address = other.wait_for(r"^Berth is ready at (\S+)$")[1]
        assert address != served_demo.address
        for one in (address, served_demo.address):
            assert httpx.get(f"{one}/api/v1/ready", timeout=20).status_code == 200


def test_a_folder_that_is_not_berths_is_refused(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "thesis.txt").touch()
    with demo(folder) as started:
        assert started.process.wait(60) == 1
        assert "exists and Berth did not make it" in started.said()


def test_on_any_free_port_everything_says_where_it_is(served_demo: ServedDemo) -> None:
    started, address = served_demo.command, served_demo.address
    assert started.wait_for(r"^Try: curl (\S+)$")[1].startswith(f"{address}/api/v1/")
    email = started.wait_for(r"such as (\S+@\S+\.example),")[1]
    password = started.wait_for(r"all with the password (\S+)$")[1]
    metrics = started.wait_for(r"(http://127\.0\.0\.1:\d+)/metrics")[1]
    others = [one for one in re.findall(r"http://[^/\s]+", started.said()) if one != metrics]
    assert set(others) == {address}
    assert httpx.get(f"{metrics}/metrics").text.startswith("# HELP berth_")
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
