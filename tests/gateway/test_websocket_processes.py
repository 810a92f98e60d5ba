"""WebSockets and the life of the worker processes."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from local.gateway.socket_events import worker_of
from tests.eventually import eventually
from tests.gateway.sample import SAMPLE, serve_sample
from tests.gateway.sockets import SETTINGS, Events, management, refused
from tests.gateway.test_processes import ROOT, is_running

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.gateway.sample import WaitingRoom

GONE = (410, "GoneException")

PARENT = """
import json, sys, time
from local.gateway.serve import serve
from local.gateway.settings import SocketSettings
from pathlib import Path
project, environment, sockets = sys.argv[1:]
gateway = serve(
    "127.0.0.1", 0, workers=2, environment=json.loads(environment), project=Path(project),
    sockets=SocketSettings(**json.loads(sockets)),
)
gateway.wait_until_ready()
print(gateway.address, *gateway.process_ids, flush=True)
time.sleep(600)
"""


class Address:
    """A gateway of another process."""

    def __init__(self, address: str) -> None:
        self.address = address


def meeting_places(directory: Path) -> list[Path]:
    return list(directory.glob("berth-gateway-*"))


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """Where the gateway makes its directory; shorter than `tmp_path`, since the path of a Unix socket is."""
    with TemporaryDirectory() as name:
        monkeypatch.setattr("tempfile.tempdir", name)
        yield Path(name)


def test_graceful_stop_disconnects_everybody_and_leaves_nothing(socket_events: Events, temporary: Path) -> None:
    with serve_sample(workers=2, environment=socket_events.environment, sockets=SETTINGS) as gateway:
        gateway.wait_until_ready()
        (meeting,) = meeting_places(temporary)
        assert stat.S_IMODE(meeting.stat().st_mode) == 0o700
        assert len(list(meeting.iterdir())) == 2
        processes = gateway.process_ids
        with ExitStack() as stack:
            opened = [stack.enter_context(socket_events.open(gateway)) for _ in range(20)]
            gateway.stop()
            for connection, identity in opened:
                with pytest.raises(ConnectionClosed) as caught:
                    connection.recv(10)
                assert caught.value.rcvd is not None
                assert caught.value.rcvd.code == 1001
                # At once, not some time later: the process is gone.
                (*_, last) = socket_events.of(identity)
                assert last["requestContext"]["disconnectStatusCode"] == 1001
        assert not any(is_running(process) for process in processes)
    assert meeting_places(temporary) == []


def test_stop_lets_a_message_finish_before_it_disconnects(socket_events: Events, waiting_room: WaitingRoom) -> None:
    name = uuid4().hex
    environment = {**waiting_room.environment, **socket_events.environment}
    with serve_sample(workers=1, environment=environment, sockets=SETTINGS) as gateway:
        gateway.wait_until_ready()
        with socket_events.open(gateway) as (opened, identity):
            opened.send(f"wait {name}")
            opened.send("behind it")
            waiting_room.await_arrival(name)
            stopping = threading.Thread(target=gateway.stop)
            stopping.start()
            with pytest.raises(ConnectionClosed):
                opened.recv(10)
            assert len(socket_events.of(identity)) == 2
            waiting_room.let_go(name)
            stopping.join()
    kinds = [event["requestContext"]["eventType"] for event in socket_events.of(identity)]
    assert kinds == ["CONNECT", "MESSAGE", "MESSAGE", "DISCONNECT"]


def test_stop_is_bounded_even_if_a_function_never_ends(socket_events: Events, waiting_room: WaitingRoom) -> None:
    name = uuid4().hex
    environment = {**waiting_room.environment, **socket_events.environment}
    short = timedelta(seconds=0.2)
    with serve_sample(workers=1, environment=environment, sockets=SETTINGS, stop_within=short) as gateway:
        gateway.wait_until_ready()
        (process,) = gateway.process_ids
        with socket_events.open(gateway) as (opened, _):
            opened.send(f"wait {name}")
            waiting_room.await_arrival(name)
            gateway.stop()
        assert not is_running(process)


def test_connections_of_a_worker_that_died_are_gone_and_the_others_stay(socket_events: Events, temporary: Path) -> None:
    with serve_sample(workers=2, environment=socket_events.environment, sockets=SETTINGS) as gateway:
        gateway.wait_until_ready()
        client = management(gateway)
        with ExitStack() as stack:
            of_worker: dict[str, str] = {}
            while len(of_worker) < 2:
                _, identity = stack.enter_context(socket_events.open(gateway))
                of_worker[worker_of(identity) or ""] = identity
            with pytest.raises(httpx.RemoteProtocolError):
                httpx.get(f"{gateway.address}/api/v1/crash")
            (meeting,) = meeting_places(temporary)
            eventually(lambda: not set(of_worker) <= {path.name for path in meeting.iterdir()})
            (alive,) = set(of_worker) & {path.name for path in meeting.iterdir()}
            dead = of_worker.pop((set(of_worker) - {alive}).pop())
            eventually(lambda: len(list(meeting.iterdir())) == 2)
            for _ in range(10):
                assert refused(lambda: client.post_to_connection(ConnectionId=dead, Data=b"x")) == GONE
                client.post_to_connection(ConnectionId=of_worker[alive], Data=b"x")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_disconnect_and_go_with_the_process_that_started_them(
    socket_events: Events, temporary: Path, number: signal.Signals
) -> None:
    sockets = json.dumps(asdict(SETTINGS))
    command = [sys.executable, "-c", PARENT, str(SAMPLE), json.dumps(socket_events.environment), sockets]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with (
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as parent,
        ExitStack() as stack,
    ):
        assert parent.stdout is not None
        address, *workers = parent.stdout.readline().split()
        ids = [stack.enter_context(socket_events.open(Address(address)))[1] for _ in range(4)]
        assert len(meeting_places(temporary)) == 1
        parent.send_signal(number)
        parent.wait()
        for identity in ids:
            event = socket_events.await_event(identity, "DISCONNECT")
            assert event["requestContext"]["disconnectStatusCode"] == 1001
        eventually(lambda: not any(is_running(int(worker)) for worker in workers))
    assert meeting_places(temporary) == []
