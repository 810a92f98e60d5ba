from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from local.gateway.serve import GatewayStartError, PortTakenError, serve
from tests.eventually import eventually
from tests.gateway.sample import SAMPLE, serve_sample
from tests.platform.running import is_running

if TYPE_CHECKING:
    from tests.gateway.sample import WaitingRoom

ROOT = Path(__file__).parents[2]

PARENT = """
import json, sys, time
from local.gateway.serve import serve
from pathlib import Path
gateway = serve("127.0.0.1", 0, workers=2, environment=json.loads(sys.argv[2]), project=Path(sys.argv[1]))
gateway.wait_until_ready()
print(gateway.address, *gateway.process_ids, flush=True)
time.sleep(600)
"""


class Asking(threading.Thread):
    """One request in flight."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.response: httpx.Response | None = None
        self.start()

    def run(self) -> None:
        self.response = httpx.get(self._url, timeout=60)


def accepts_connections(address: str) -> bool:
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0)).close()
    except ConnectionRefusedError:
        return False
    return True


def test_stop_lets_requests_in_flight_finish_and_takes_no_more(waiting_room: WaitingRoom) -> None:
    with serve_sample(workers=2, environment=waiting_room.environment) as gateway:
        gateway.wait_until_ready()
        processes = gateway.process_ids
        asking = Asking(f"{gateway.address}/api/v1/wait/stop")
        waiting_room.await_arrival("stop")
        stopping = threading.Thread(target=gateway.stop)
        stopping.start()
        eventually(lambda: not accepts_connections(gateway.address))
        waiting_room.let_go("stop")
        asking.join()
        stopping.join()
        assert asking.response is not None
        assert (asking.response.status_code, asking.response.headers["connection"]) == (200, "close")
        assert not any(is_running(process) for process in processes)
        gateway.stop()  # again is harmless


def test_stop_is_bounded_even_if_a_function_never_ends(waiting_room: WaitingRoom) -> None:
    short = timedelta(seconds=0.2)
    with serve_sample(workers=1, stop_within=short, environment=waiting_room.environment) as gateway:
        gateway.wait_until_ready()
        processes = gateway.process_ids
        asking = Asking(f"{gateway.address}/api/v1/wait/forever")
        waiting_room.await_arrival("forever")
        gateway.stop()
        asking.join()
        assert asking.response is not None
        assert (asking.response.status_code, asking.response.json()["code"]) == (504, "stopped")
        assert not any(is_running(process) for process in processes)


def test_worker_that_dies_is_replaced_while_the_port_stays_open() -> None:
    with serve_sample(workers=2) as gateway:
        gateway.wait_until_ready()
        before = set(gateway.process_ids)
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{gateway.address}/api/v1/crash")
        for _ in range(20):
            assert httpx.get(f"{gateway.address}/api/v1/health").status_code == 200
        eventually(lambda: len(gateway.process_ids) == 2 and set(gateway.process_ids) != before)
        gateway.wait_until_ready()
        assert len(before & set(gateway.process_ids)) == 1


def test_worker_that_is_told_to_end_ends_and_is_replaced() -> None:
    with serve_sample(workers=1) as gateway:
        gateway.wait_until_ready()
        before = gateway.process_ids
        os.kill(before[0], signal.SIGTERM)
        eventually(lambda: gateway.process_ids not in {(), before})
        gateway.wait_until_ready()
        assert httpx.get(f"{gateway.address}/api/v1/health").json()["process"] not in before


def test_worker_whose_function_runs_on_after_its_deadline_is_replaced_and_the_others_finish(
    waiting_room: WaitingRoom, capfd: pytest.CaptureFixture[str]
) -> None:
    short = timedelta(seconds=0.5)
    environment = waiting_room.environment
    with serve_sample(workers=1, deadline=short, stuck_after=short, environment=environment) as gateway:
        gateway.wait_until_ready()
        before = gateway.process_ids
        response = httpx.get(f"{gateway.address}/api/v1/wait/endless")
        assert response.status_code == 504
        eventually(lambda: not is_running(before[0]))
        eventually(lambda: gateway.process_ids not in {(), before})
        gateway.wait_until_ready()
        assert httpx.get(f"{gateway.address}/api/v1/health").json()["process"] not in before
    said = capfd.readouterr().err
    assert f"Request {response.headers['x-amzn-requestid']}: its function runs on after its deadline" in said


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_finish_and_go_with_the_process_that_started_them(
    waiting_room: WaitingRoom, number: signal.Signals
) -> None:
    command = [sys.executable, "-c", PARENT, str(SAMPLE), json.dumps(waiting_room.environment)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout is not None
        address, *workers = parent.stdout.readline().split()
        asking = Asking(f"{address}/api/v1/wait/{number.name}")
        waiting_room.await_arrival(number.name)
        parent.send_signal(number)
        parent.wait()
    eventually(lambda: not accepts_connections(address))
    waiting_room.let_go(number.name)
    asking.join()
    assert asking.response is not None
    assert asking.response.status_code == 200
    eventually(lambda: not any(is_running(int(worker)) for worker in workers))


def test_taken_port_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError) as caught:
            serve("127.0.0.1", port, workers=1, environment={})
    text = str(caught.value)
    assert (
        text == f"Port {port} on 127.0.0.1 is taken by another program. Stop that one, or choose another with --port."
    )


def test_address_that_is_not_this_machines_is_refused() -> None:
    with pytest.raises(GatewayStartError, match=r"cannot listen on 192\.0\.2\.1, port 0: "):
        serve("192.0.2.1", 0, workers=1, environment={})


def test_ipv6_address_is_served() -> None:
    with serve("::1", 0, workers=1, environment={}, project=SAMPLE) as gateway:
        gateway.wait_until_ready()
        assert gateway.address.startswith("http://[::1]:")
        assert httpx.get(f"{gateway.address}/api/v1/health").status_code == 200


def test_functions_that_cannot_be_imported_are_reported_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import nothing_of_that_name\n")
    with (
        serve_sample(workers=2, project=tmp_path) as gateway,
        pytest.raises(GatewayStartError, match="ModuleNotFoundError: No module named 'nothing_of_that_name'"),
    ):
        gateway.wait_until_ready()
    assert gateway.process_ids == ()


def test_functions_that_end_the_process_at_import_are_reported(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import os; os._exit(7)\n")
    with serve_sample(workers=1, project=tmp_path) as gateway, pytest.raises(GatewayStartError, match="ended before"):
        gateway.wait_until_ready()


def test_gateway_that_is_not_ready_in_time_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import time; time.sleep(600)\n")
    with (
        serve_sample(workers=1, project=tmp_path, stop_within=timedelta(seconds=0.2)) as gateway,
        pytest.raises(GatewayStartError, match=r"not ready within 0\.2 seconds"),
    ):
        gateway.wait_until_ready(timedelta(seconds=0.2))
    assert gateway.process_ids == ()
